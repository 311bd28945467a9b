import math

import pytest

from borging.measure import power
from borging.stats import power as exact


@pytest.mark.parametrize("people", [5, 6, 9, 13, 22, 47, 150, 2_000])
def test_what_a_cohort_can_show_is_what_the_exact_computation_says(people: int) -> None:
    alone, beside = power.before_and_after(people), power.compared(people, people + 3)
    spread = power.SPREAD * math.sqrt(2 * (1 - power.ALIKE))
    assert alone
    assert beside
    assert alone.smallest == pytest.approx(exact.smallest_change(n=people, sd_change=spread), rel=2e-3)
    wanted = exact.smallest_effect(n_treated=people, n_comparison=people + 3, sd=power.SPREAD, correlation=power.ALIKE)
    assert beside.smallest == pytest.approx(wanted, rel=2e-3)


def test_a_group_too_small_to_be_shown_proves_nothing() -> None:
    assert power.before_and_after(4) is None
    assert power.compared(20, 4) is None


@pytest.mark.parametrize("change", [0.8, 1.5, 2.5])
def test_the_people_needed_are_the_fewest_that_show_the_change(change: float) -> None:
    needed = power.people_needed(change)
    assert needed
    now, one_less = power.before_and_after(needed), power.before_and_after(needed - 1)
    assert now
    assert now.smallest <= change
    assert one_less is None or one_less.smallest > change


def test_no_number_of_people_shows_next_to_nothing() -> None:
    assert power.people_needed(0.01) is None
    assert power.people_needed(1.5, with_comparison=True, most=10) is None
