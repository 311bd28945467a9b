import math

import pytest
from scipy.special import nctdtr, stdtrit

from borging.stats import power
from borging.stats.samples import SampleError
from tests.reference import published
from tests.stats.tables import read_table


def test_the_numbers_of_people_that_cohen_and_r_give_come_out() -> None:
    d, alpha, wanted = (float(value) for value in read_table("power_anchor")[0])
    answers = {
        "n_per_group": power.group_needed(effect=d, alpha=alpha, power=wanted),
        "n_pairs": power.pairs_needed(effect=d, alpha=alpha, power=wanted),
        "mde_multiplier_large_df": power.multiplier(df=1e6, alpha=alpha, power=wanted),
        "n_per_group_cluster_m12_icc05": power.group_needed(effect=d, icc=0.05, cluster_size=12),
    }
    for key, value in answers.items():
        expected, tolerance = published("power_anchor")[key]
        assert value == pytest.approx(expected, abs=tolerance), key


@pytest.mark.parametrize("n", [4, 12, 60, 500])
def test_the_smallest_effect_is_found_with_just_that_power(n: int) -> None:
    effect = power.smallest_effect(n_treated=n, n_comparison=2 * n, sd=3)
    df = 3 * n - 2
    noncentrality = effect / (3 * math.sqrt(1 / n + 1 / (2 * n)))
    assert 1 - nctdtr(df, noncentrality, stdtrit(df, 0.975)) == pytest.approx(0.8, abs=1e-6)


def test_needed_numbers_and_smallest_effects_are_each_others_inverse() -> None:
    n = power.group_needed(effect=2, sd=5)
    assert power.smallest_effect(n_treated=n, n_comparison=n, sd=5) == pytest.approx(2, rel=1e-6)
    pairs = power.pairs_needed(effect=2, sd_change=5)
    assert power.smallest_change(n=pairs, sd_change=5) == pytest.approx(2, rel=1e-6)


def test_a_baseline_makes_smaller_effects_visible_and_teams_hide_them() -> None:
    plain = power.smallest_effect(n_treated=60, n_comparison=60)
    baseline = power.smallest_effect(n_treated=60, n_comparison=60, correlation=0.7)
    teams = power.smallest_effect(n_treated=60, n_comparison=60, icc=0.1, cluster_size=10)
    assert baseline == pytest.approx(plain * math.sqrt(1 - 0.49), rel=0.01)
    assert teams > plain * math.sqrt(1.9)  # and few degrees of freedom on top


def test_few_teams_cost_more_than_the_design_effect() -> None:
    few = power.smallest_effect(n_treated=30, n_comparison=30, icc=0.1, cluster_size=10)
    assert few == pytest.approx(power.multiplier(df=4) * math.sqrt(1.9 * 2 / 30))


def test_a_huge_effect_still_needs_two_people_a_group() -> None:
    assert power.group_needed(effect=1000) == 2


@pytest.mark.parametrize(
    "wrong", [{"power": 0.01}, {"alpha": 0}, {"icc": 2}, {"correlation": 1}, {"cluster_size": 0.5}, {"n_treated": 1}]
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SampleError):
        power.smallest_effect(**{"n_treated": 1, "n_comparison": 1} | wrong)


def test_less_than_one_degree_of_freedom_is_refused() -> None:
    with pytest.raises(SampleError, match="degrees of freedom"):
        power.multiplier(df=0.5)
    with pytest.raises(SampleError, match="too few"):
        power.smallest_effect(n_treated=10, n_comparison=10, correlation=0.5, icc=0.1, cluster_size=6)


def test_a_test_too_strict_to_compute_is_refused_and_a_strict_one_is_not() -> None:
    with pytest.raises(SampleError, match="beyond"):
        power.multiplier(df=1, alpha=1e-6)
    assert power.multiplier(df=5, alpha=1e-6) > 20


def test_an_effect_of_zero_is_never_found() -> None:
    with pytest.raises(SampleError, match="never found"):
        power.group_needed(effect=0)
    with pytest.raises(SampleError, match="two people"):
        power.smallest_change(n=1)
