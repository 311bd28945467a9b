from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from borging.stats import pairs
from borging.stats.samples import SampleError
from tests.reference import published
from tests.stats.tables import read_columns

scores = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=12)


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("t", "t_paired"),
        ("d_z", "d_z"),
        ("d_av", "d_av"),
        ("g_av", "g_av"),
        ("r", "r"),
        ("common_language", "CL_paired"),
    ],
)
def test_the_effect_sizes_of_lakens_come_out(field: str, key: str) -> None:
    movie1, movie2 = read_columns("lakens_movies", "movie1", "movie2")
    expected, tolerance = published("lakens_movies")[key]
    assert getattr(pairs.change(before=movie2, after=movie1), field) == pytest.approx(expected, abs=tolerance)


def test_the_paired_t_test_of_student_comes_out() -> None:
    extra, group = read_columns("sleep_paired", "extra", "group")
    found = pairs.change(before=extra[group == 2], after=extra[group == 1])
    for key, value in {"t": found.t, "p": found.p, "mean_diff": found.difference}.items():
        expected, tolerance = published("sleep_paired")[key]
        assert value == pytest.approx(expected, abs=tolerance)
    assert (found.low, found.high) == pytest.approx((-2.4598858, -0.7001142), abs=1e-7)  # printed by R's t.test


@given(scores, st.floats(0.1, 10), st.floats(-100, 100))
def test_another_unit_stretches_a_change_and_its_margin_alike(
    people: list[tuple[int, int]], scale: float, shift: float
) -> None:
    before, after = np.array(people, dtype=float).T
    one = pairs.change(before=before, after=after)
    other = pairs.change(before=before * scale + shift, after=after * scale + shift)
    stretched = [one.difference * scale, one.low * scale, one.high * scale, one.d_av, one.r, one.p]
    assert [other.difference, other.low, other.high, other.d_av, other.r, other.p] == pytest.approx(
        stretched, rel=1e-6, abs=1e-6, nan_ok=True
    )


@given(scores)
def test_swapping_before_and_after_only_turns_the_sign(people: list[tuple[int, int]]) -> None:
    before, after = np.array(people, dtype=float).T
    there, back = pairs.change(before=before, after=after), pairs.change(before=after, after=before)
    assert (back.difference, back.low, back.high) == pytest.approx((-there.difference, -there.high, -there.low))
    assert back.p == pytest.approx(there.p, nan_ok=True)


def test_without_any_spread_nothing_is_tested() -> None:
    found = pairs.change(before=[0.1, 0.2, 0.3], after=[0.4, 0.5, 0.6])
    assert (found.se, found.low, found.high) == pytest.approx((0, 0.3, 0.3))
    assert np.isnan([found.t, found.p, found.d_z]).all()


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ([1.0], [2.0], "2 are needed"),
        ([1.0, np.nan], [1.0, 2.0], "missing"),
        ([1.0, 2.0, 3.0], [1.0, 2.0], "pairs need both"),
    ],
)
def test_a_change_says_what_it_misses(before: list[float], after: list[float], reason: str) -> None:
    with pytest.raises(SampleError, match=reason):
        pairs.change(before=before, after=after)


@pytest.mark.parametrize("steps", [[3, -1, 4, 1, -5, 9, 2], [1, 1, -1, 2, 2, 2, 3], [0, 0, 5, -2, 2]])
def test_signed_ranks_count_every_assignment_of_signs_ties_included(steps: list[int]) -> None:
    found = pairs.signed_rank(before=np.zeros(len(steps)), after=steps)
    sizes = np.abs([step for step in steps if step])
    ranks = np.array([np.mean(np.flatnonzero(np.sort(sizes) == size)) + 1 for size in sizes])
    sums = np.array([np.dot(signs, ranks) for signs in product([-1, 1], repeat=len(ranks))])
    observed = abs(found.rank_sum_up - found.rank_sum_down)
    assert found.p == pytest.approx(np.mean(np.abs(sums) >= observed - 1e-9))
    assert found.changed == len(sizes)


def test_many_signed_ranks_use_the_normal_curve_and_it_agrees_with_counting() -> None:
    steps = np.random.default_rng(1).normal(0.25, 1, 51)
    approximate = pairs.signed_rank(before=np.zeros(51), after=steps)
    assert not approximate.exact
    ranks = pairs._rank(np.abs(steps))
    exact = pairs._exact_signed_rank(ranks, up=float(ranks[steps > 0].sum()))
    assert approximate.p == pytest.approx(exact, abs=0.002)


def test_signed_ranks_of_people_who_did_not_change_are_refused() -> None:
    with pytest.raises(SampleError, match="nobody changed"):
        pairs.signed_rank(before=[0.1 + 0.2, 1], after=[0.3, 1])


def test_the_mcnemar_test_of_agresti_comes_out() -> None:
    found = pairs.mcnemar(gained=86, lost=150)
    for key, value in {"chi2_uncorrected": found.chi2, "chi2_corrected": found.chi2_corrected}.items():
        expected, tolerance = published("mcnemar_approval")[key]
        assert value == pytest.approx(expected, abs=tolerance)
    assert found.p_exact == pytest.approx(3.716e-5, rel=1e-3)


def test_four_of_four_gained_is_two_in_sixteen_by_chance() -> None:
    assert pairs.mcnemar(gained=4, lost=0).p_exact == pytest.approx(2 / 16)
    assert pairs.mcnemar(gained=3, lost=3).p_exact == 1


def test_a_share_that_nobody_changed_still_has_a_margin() -> None:
    found = pairs.share_change(gained=0, lost=0, n=20)
    assert found.difference == 0
    assert found.low == pytest.approx(-found.high)
    assert found.high > 0.05


def test_a_change_of_share_lies_near_the_plain_interval_in_a_large_sample() -> None:
    found = pairs.share_change(gained=86, lost=150, n=1600)
    assert (found.low, found.high) == pytest.approx((-0.0588, -0.0212), abs=2e-4)  # plain Wald, to 1 / n


def test_counts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(SampleError):
        pairs.share_change(gained=5, lost=6, n=10)
    with pytest.raises(SampleError):
        pairs.mcnemar(gained=0, lost=0)


def test_people_selected_on_a_low_score_rise_by_themselves() -> None:
    rise = pairs.expected_regression(mean_population=7, mean_selected=5, rho=0.7)
    assert rise == pytest.approx(0.6)
    assert pairs.expected_regression(mean_population=7, mean_selected=5, rho=1) == 0
    with pytest.raises(SampleError, match="correlation"):
        pairs.expected_regression(mean_population=7, mean_selected=5, rho=1.2)


def test_a_mean_has_the_margin_of_its_own_spread() -> None:
    found = pairs.mean_with_margin([1.0, 2, 3, 4, 5])
    assert (found.mean, found.low, found.high) == pytest.approx((3, 1.036757, 4.963243), abs=1e-6)
