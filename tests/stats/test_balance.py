import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from borging.stats import balance
from borging.stats.samples import SampleError
from tests.reference import published
from tests.stats.tables import Floats, read_columns, read_table

COVARIATES = ("age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75")


def with_mean_and_sd(mean: float, sd: float) -> list[float]:
    return [mean - sd / math.sqrt(2), mean + sd / math.sqrt(2)]


def lalonde(name: str) -> tuple[Floats, Floats]:
    treat, *covariates = read_columns(name, "treat", *COVARIATES)
    table = np.column_stack(covariates)
    return table[treat == 1], table[treat == 0]


def test_a_difference_is_standardised_by_the_average_variance_of_both_groups() -> None:
    expected, tolerance = published("hake_gain")["effect_size_equal_weight"]
    found = balance.standardised_difference(
        treated=with_mean_and_sd(0.48, 0.14), comparison=with_mean_and_sd(0.23, 0.04)
    )
    assert found.smd == pytest.approx(expected, abs=tolerance)
    assert found.variance_ratio == pytest.approx((0.14 / 0.04) ** 2)


def test_the_population_survey_is_flagged_as_unlike_the_trained_and_the_lottery_is_not() -> None:
    drawn, surveyed = lalonde("lalonde_nsw_dw"), lalonde("lalonde_cps1")
    gaps = [
        [
            abs(balance.standardised_difference(treated=mine, comparison=theirs).smd)
            for mine, theirs in zip(treated.T, comparison.T, strict=True)
        ]
        for treated, comparison in (drawn, surveyed)
    ]
    assert max(gaps[0]) < 0.35  # the dropouts: nodegree differs by .31 even here
    assert sum(gap > 0.25 for gap in gaps[1]) >= 6
    assert balance.overlap(treated=drawn[0], comparison=drawn[1]).share_treated_inside > 0.9
    found = balance.overlap(treated=surveyed[0], comparison=surveyed[1])
    assert found.share_treated_inside < 0.5
    assert found.effective_comparison < 0.05 * len(surveyed[1])


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=9), st.lists(st.integers(-9, 9), min_size=2, max_size=9))
def test_swapping_the_groups_turns_the_sign_of_the_difference(some: list[int], others: list[int]) -> None:
    there = balance.standardised_difference(treated=some, comparison=others)
    back = balance.standardised_difference(treated=others, comparison=some)
    assert back.smd == pytest.approx(-there.smd)


def test_groups_that_do_not_vary_are_equal_or_infinitely_apart() -> None:
    apart = balance.standardised_difference(treated=[1, 1], comparison=[0, 0])
    assert apart.smd == math.inf
    assert apart.variance_ratio is None
    assert balance.standardised_difference(treated=[1, 1], comparison=[1, 1]).smd == 0


def test_groups_that_a_characteristic_separates_have_no_overlap() -> None:
    far = np.arange(10.0)[:, None]
    found = balance.overlap(treated=far + 100, comparison=far)
    assert (found.share_treated_inside, found.share_comparison_inside) == (0, 0)


def test_small_groups_drawn_from_the_same_people_mostly_overlap() -> None:
    rng = np.random.default_rng(1)
    shares = [
        balance.overlap(treated=rng.normal(size=(12, 3)), comparison=rng.normal(size=(12, 3))).share_treated_inside
        for _ in range(60)
    ]
    assert np.mean(np.array(shares) < 0.8) < 0.2


def test_a_characteristic_that_nobody_differs_in_says_nothing_about_overlap() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(30, 2)), rng.normal(size=(30, 2))
    plain = balance.overlap(treated=x, comparison=y)
    found = balance.overlap(treated=np.c_[x, np.ones(30)], comparison=np.c_[y, np.ones(30)])
    assert found.share_treated_inside == plain.share_treated_inside
    assert found.effective_comparison == pytest.approx(plain.effective_comparison)


def test_groups_with_other_characteristics_are_refused() -> None:
    with pytest.raises(SampleError, match="characteristics"):
        balance.overlap(treated=np.ones((3, 2)), comparison=np.ones((3, 1)))


def test_the_e_values_of_vanderweele_and_ding_come_out() -> None:
    ratio, low, high = (float(value) for value in read_table("evalue_examples")[0])
    found = balance.e_value(ratio=ratio, low=low, high=high)
    for key, value in {"evalue": found.estimate, "evalue_ci": found.limit}.items():
        expected, tolerance = published("evalue_examples")[key]
        assert value == pytest.approx(expected, abs=tolerance)


def test_an_e_value_is_the_same_for_half_and_double() -> None:
    up, down = balance.e_value(ratio=2, low=1.5, high=3), balance.e_value(ratio=1 / 2, low=1 / 3, high=1 / 1.5)
    assert (up.estimate, up.limit) == pytest.approx((down.estimate, down.limit))


def test_an_interval_around_one_needs_nothing_unmeasured() -> None:
    assert balance.e_value(ratio=2, low=0.9, high=3).limit == 1
    assert balance.e_value(ratio=0.8, low=0.5, high=1.1).limit == 1
    assert balance.e_value(ratio=2).limit is None
    assert balance.e_value_of_difference(d=0.1, se=0.2).limit == 1
    with pytest.raises(SampleError):
        balance.e_value(ratio=2, low=2.5)


def test_a_standardised_difference_has_the_e_value_of_its_ratio() -> None:
    found = balance.e_value_of_difference(d=0.5, se=0.1)
    assert found.estimate == balance.e_value(ratio=math.exp(0.455)).estimate
    assert found.limit == pytest.approx(balance.e_value(ratio=math.exp(0.455 - 0.178)).estimate)


def test_the_constructed_lee_bounds_come_out() -> None:
    treat, y = read_columns("lee_bounds_constructed", "treat", "y")
    seen = ~np.isnan(y)
    found = balance.lee_bounds(
        treated=y[seen & (treat == 1)],
        comparison=y[seen & (treat == 0)],
        n_treated=int((treat == 1).sum()),
        n_comparison=int((treat == 0).sum()),
    )
    for key, value in {"trim_share": found.trim_share, "lower": found.low, "upper": found.high}.items():
        expected, tolerance = published("lee_bounds_constructed")[key]
        assert value == pytest.approx(expected, abs=tolerance)
    assert found.trimmed == "treated"


def test_lee_bounds_mirror_when_the_comparison_is_better_observed() -> None:
    x, y = np.arange(8.0), np.arange(10.0)
    found = balance.lee_bounds(treated=x, comparison=y, n_treated=10, n_comparison=10)
    mirrored = balance.lee_bounds(treated=y, comparison=x, n_treated=10, n_comparison=10)
    assert (found.low, found.high) == pytest.approx((-mirrored.high, -mirrored.low))
    assert found.trimmed == "comparison"


def test_without_attrition_all_bounds_are_the_difference() -> None:
    x, y = [1.0, 2, 3], [1.0, 1, 1]
    lee = balance.lee_bounds(treated=x, comparison=y, n_treated=3, n_comparison=3)
    manski = balance.manski_bounds(treated=x, comparison=y, n_treated=3, n_comparison=3, lowest=0, highest=5)
    assert (lee.low, lee.high, manski.low, manski.high) == pytest.approx((1, 1, 1, 1))
    assert lee.trimmed == "none"


def test_a_part_of_a_person_is_trimmed_where_the_surplus_is_no_whole_number() -> None:
    found = balance.lee_bounds(treated=[1.0, 2, 3], comparison=[0.0, 0], n_treated=4, n_comparison=4)
    assert (found.low, found.high) == pytest.approx((1.5, 2.5))
    half = balance.lee_bounds(treated=[1.0, 2, 3], comparison=[0.0] * 5, n_treated=4, n_comparison=8)
    assert half.trim_share == pytest.approx(1 / 6)
    assert half.low == pytest.approx((1 + 2 + 3 * 0.5) / 2.5)


def test_the_worst_case_gives_the_missing_the_ends_of_the_scale() -> None:
    found = balance.manski_bounds(
        treated=[4.0, 4], comparison=[3.0, 3, 3, 3], n_treated=4, n_comparison=4, lowest=1, highest=5
    )
    assert (found.low, found.high) == pytest.approx((2.5 - 3, 4.5 - 3))
    with pytest.raises(SampleError, match="scale"):
        balance.manski_bounds(treated=[6.0], comparison=[3.0], n_treated=1, n_comparison=1, lowest=1, highest=5)


def test_more_measured_than_assigned_is_refused() -> None:
    with pytest.raises(SampleError, match="assigned"):
        balance.lee_bounds(treated=[1.0, 2], comparison=[1.0], n_treated=1, n_comparison=1)


def test_equivalence_is_shown_only_when_the_whole_interval_lies_inside_the_margin() -> None:
    inside = balance.equivalence(estimate=0.1, se=0.1, df=math.inf, margin=0.1 + 1.6449 * 0.1)
    assert inside == pytest.approx(0.05, abs=1e-5)
    assert balance.equivalence(estimate=-0.1, se=0.1, df=math.inf, margin=0.1 + 1.6449 * 0.1) == pytest.approx(inside)
    assert balance.equivalence(estimate=0, se=1, df=20, margin=0.5) > 0.3
    with pytest.raises(SampleError):
        balance.equivalence(estimate=0, se=0, df=20, margin=0.5)
