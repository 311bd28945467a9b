from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from borging.stats import groups
from borging.stats.samples import SampleError
from tests.reference import published
from tests.stats.tables import read_columns, read_rows

values = st.lists(st.integers(-50, 50), min_size=3, max_size=12)


@pytest.mark.parametrize(
    ("field", "key"), [("t", "t_independent"), ("d_s", "d_s"), ("g_s", "g_s"), ("common_language", "CL_independent")]
)
def test_the_effect_sizes_of_lakens_come_out(field: str, key: str) -> None:
    movie1, movie2 = read_columns("lakens_movies", "movie1", "movie2")
    expected, tolerance = published("lakens_movies")[key]
    assert getattr(groups.difference(treated=movie1, comparison=movie2), field) == pytest.approx(
        expected, abs=tolerance
    )


def test_the_randomised_effect_of_lalonde_comes_out() -> None:
    treat, earned = read_columns("lalonde_nsw_dw", "treat", "re78")
    found = groups.difference(treated=earned[treat == 1], comparison=earned[treat == 0])
    answers = {
        "att": found.difference,
        "se_classical": found.se,
        "n_treated": found.n_treated,
        "n_control": found.n_comparison,
        "mean_treated": found.mean_treated,
        "mean_control": found.mean_comparison,
    }
    for key, value in answers.items():
        expected, tolerance = published("lalonde_nsw_dw")[key]
        assert value == pytest.approx(expected, abs=tolerance), key
    assert found.equal_variances


def test_the_naive_difference_with_the_population_survey_is_as_wrong_as_published() -> None:
    treat, earned = read_columns("lalonde_cps1", "treat", "re78")
    found = groups.difference(treated=earned[treat == 1], comparison=earned[treat == 0], equal_variances=True)
    answers = {"naive_diff": found.difference, "se_classical": found.se, "n_control": found.n_comparison}
    for key, value in answers.items():
        expected, tolerance = published("lalonde_cps1")[key]
        assert value == pytest.approx(expected, abs=tolerance), key


def test_the_share_of_leavers_comes_out() -> None:
    left = np.array([row["Attrition"] == "Yes" for row in read_rows("hr_attrition")], dtype=float)
    for key, value in {"n": len(left), "leavers": left.sum(), "attrition_rate": left.mean()}.items():
        expected, tolerance = published("hr_attrition")[key]
        assert value == pytest.approx(expected, abs=tolerance), key


def test_absence_collapses_to_one_mean_per_person() -> None:
    person, hours = read_columns("absenteeism_uci", "ID", "Absenteeism time in hours")
    means, sizes, labels = groups.cluster_means(values=hours, clusters=person)
    answers = {"rows": sizes.sum(), "employees": len(labels), "mean_hours": means @ sizes / sizes.sum()}
    for key, value in answers.items():
        expected, tolerance = published("absenteeism_uci")[key]
        assert value == pytest.approx(expected, abs=tolerance), key
    assert means[labels == 11][0] == pytest.approx(hours[person == 11].mean())


def test_unequal_groups_are_compared_without_assuming_equal_spread() -> None:
    rng = np.random.default_rng(1)
    few, many = rng.normal(0, 3, 6), rng.normal(0, 1, 20)
    assert groups.difference(treated=few, comparison=many[:9]).equal_variances
    found = groups.difference(treated=few, comparison=many)
    assert not found.equal_variances
    a, b = few.var(ddof=1) / 6, many.var(ddof=1) / 20
    assert found.se == pytest.approx(np.sqrt(a + b))
    assert found.df == pytest.approx((a + b) ** 2 / (a**2 / 5 + b**2 / 19))


@given(values, values)
def test_swapping_the_groups_only_turns_the_sign(some: list[int], others: list[int]) -> None:
    there = groups.difference(treated=some, comparison=others)
    back = groups.difference(treated=others, comparison=some)
    assert (back.difference, back.low, back.high, back.g_s) == pytest.approx(
        (-there.difference, -there.high, -there.low, -there.g_s), nan_ok=True
    )


@given(values, values, st.floats(0.1, 10), st.floats(-100, 100))
def test_another_unit_changes_the_difference_but_not_the_evidence(
    some: list[int], others: list[int], scale: float, shift: float
) -> None:
    x, y = np.array(some, dtype=float), np.array(others, dtype=float)
    one = groups.difference(treated=x, comparison=y)
    other = groups.difference(treated=x * scale + shift, comparison=y * scale + shift)
    assert (other.difference, other.high, other.p, other.d_s) == pytest.approx(
        (one.difference * scale, one.high * scale, one.p, one.d_s), rel=1e-6, abs=1e-6, nan_ok=True
    )


def test_groups_without_any_spread_are_not_tested() -> None:
    found = groups.difference(treated=[1.0, 1, 1], comparison=[0.0, 0, 0])
    assert (found.difference, found.se) == (1, 0)
    assert np.isnan([found.p, found.d_s, found.g_s]).all()


def with_baseline(seed: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    before, before_other = rng.normal(size=30), rng.normal(size=40)
    after, after_other = 0.6 * before + rng.normal(0.5, 1, 30), 0.6 * before_other + rng.normal(size=40)
    return after, after_other, before, before_other


def test_the_adjusted_difference_is_the_one_between_people_with_equal_baselines() -> None:
    after, after_other, before, before_other = with_baseline()
    found = groups.adjusted(
        treated=after, comparison=after_other, treated_before=before, comparison_before=before_other
    )
    raw = after.mean() - after_other.mean()
    assert found.effect == pytest.approx(raw - found.slope * (before.mean() - before_other.mean()))
    within = np.concatenate([after - after.mean(), after_other - after_other.mean()])
    within_before = np.concatenate([before - before.mean(), before_other - before_other.mean()])
    assert found.correlation == pytest.approx(np.corrcoef(within, within_before)[0, 1])
    assert found.slope == pytest.approx(within @ within_before / (within_before @ within_before))
    assert found.df == 67
    assert found.se_robust == pytest.approx(found.se, rel=0.2)


def test_a_baseline_that_goes_the_other_way_has_a_negative_correlation() -> None:
    after, after_other, before, before_other = with_baseline()
    found = groups.adjusted(
        treated=after, comparison=after_other, treated_before=-before, comparison_before=-before_other
    )
    assert found.correlation < -0.3
    assert found.slope < 0


def test_a_baseline_that_is_the_same_for_everyone_changes_nothing() -> None:
    after, after_other, before, before_other = with_baseline()
    plain = groups.difference(treated=after, comparison=after_other)
    found = groups.adjusted(
        treated=after, comparison=after_other, treated_before=0 * before, comparison_before=0 * before_other
    )
    assert (found.effect, found.se, found.df) == pytest.approx((plain.difference, plain.se, plain.df))
    assert (found.slope, found.correlation) == pytest.approx((0, 0), abs=1e-7)


def test_several_baselines_are_adjusted_for_at_once() -> None:
    after, after_other, before, before_other = with_baseline()
    one = groups.adjusted(treated=after, comparison=after_other, treated_before=before, comparison_before=before_other)
    both = groups.adjusted(
        treated=after,
        comparison=after_other,
        treated_before=np.column_stack([before, np.arange(30.0)]),
        comparison_before=np.column_stack([before_other, np.arange(40.0)]),
    )
    assert len(both.slopes) == 2
    assert both.r_squared > one.r_squared
    assert both.df == one.df - 1


def test_a_baseline_that_is_the_group_itself_is_refused() -> None:
    with pytest.raises(SampleError, match="cannot be separated"):
        groups.adjusted(
            treated=[1.0, 2, 3], comparison=[1.0, 2, 4], treated_before=[1, 1, 1], comparison_before=[0, 0, 0]
        )


def test_drawing_again_counts_every_way_the_lots_could_fall() -> None:
    treated, comparison = [7.0, 9, 8], [1.0, 5, 6, 8]
    everyone = np.array(treated + comparison)
    gaps = [
        abs(everyone[list(order[:3])].mean() - everyone[list(order[3:])].mean()) for order in permutations(range(7))
    ]
    found = groups.randomisation_p(treated=treated, comparison=comparison)
    observed = abs(np.mean(treated) - np.mean(comparison))
    assert found.exact
    assert found.assignments == 35
    assert found.p == pytest.approx(np.mean(np.array(gaps) >= observed - 1e-9))


def test_drawing_again_by_chance_agrees_with_counting_and_is_never_zero() -> None:
    rng = np.random.default_rng(2)
    treated, comparison = rng.normal(0.8, 1, 12), rng.normal(size=12)
    found = groups.randomisation_p(treated=treated, comparison=comparison, draws=2000)
    assert not found.exact
    assert found.p == pytest.approx(groups.difference(treated=treated, comparison=comparison).p, abs=0.02)
    apart = groups.randomisation_p(treated=treated + 100, comparison=comparison, draws=99)
    assert apart.p == 1 / 100


def test_equal_values_are_never_evidence() -> None:
    assert groups.randomisation_p(treated=[0.1] * 4, comparison=[0.1] * 4).p == 1


def test_twenty_ways_to_draw_cannot_reach_five_percent() -> None:
    assert groups.assignments(3, 6) == 20
    assert not groups.can_reach(assignments=20)
    assert groups.can_reach(assignments=groups.assignments(6, 12))


def test_team_means_come_in_the_order_of_their_labels() -> None:
    means, sizes, labels = groups.cluster_means(values=[1.0, 2, 3, 10], clusters=np.array(["b", "a", "b", "a"]))
    assert labels.tolist() == ["a", "b"]
    assert means.tolist() == [6, 2]
    assert sizes.tolist() == [2, 2]
    with pytest.raises(SampleError, match="cluster labels"):
        groups.cluster_means(values=[1.0, 2], clusters=np.array([1]))
