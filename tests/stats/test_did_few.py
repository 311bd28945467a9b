"""Few teams: what the margin rests on then, and when no p-value may be given."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from borging.stats import did
from tests.stats.staggered import Floats, draw_people

PERIODS = np.array([1, 2])


def draw_teams(*, seed: int, treated: int, never: int, size: int = 5) -> tuple[Floats, Floats, Floats]:
    """Two moments: change score of every team (C,), values (N, 2) and start (N,)."""
    random = np.random.default_rng(seed)
    team = np.repeat(np.arange(treated + never), size)
    values = random.standard_normal((len(team), 2)) + random.standard_normal((treated + never, 2))[team]
    change = np.array([np.diff(values[team == one].mean(axis=0))[0] for one in np.unique(team)])
    return change, values, np.where(team < treated, 2.0, np.inf)


@pytest.mark.parametrize(("treated", "never"), [(2, 6), (3, 3), (10, 10)])
def test_two_groups_of_teams_are_compared_by_a_t_test_on_their_change_scores(treated: int, never: int) -> None:
    change, values, start = draw_teams(seed=treated, treated=treated, never=never)
    teams = np.repeat(np.arange(treated + never), 5)
    found = did.estimate(did.summarise(values=values, periods=PERIODS, start=start, clusters=teams))
    expected = stats.ttest_ind(change[:treated], change[treated:])
    assert found.df == pytest.approx(treated + never - 2)
    assert found.att[0] / found.se[0] == pytest.approx(expected.statistic)
    low, high = expected.confidence_interval(0.95)
    width = did.critical(did.aggregate(found)).value * found.se[0]
    assert (found.att[0] - width, found.att[0] + width) == pytest.approx((low, high))


def test_the_test_before_the_start_is_hotellings_for_two_groups_of_teams() -> None:
    random = np.random.default_rng(3)
    values, start = random.standard_normal((14, 4)), np.repeat([4.0, np.inf], 7)
    moments = did.summarise(values=values, periods=np.arange(1, 5), start=start, clusters=np.arange(14))
    found = did.pretest(did.estimate(moments))
    changes = np.diff(values, axis=1)[:, :2]
    gap = changes[:7].mean(axis=0) - changes[7:].mean(axis=0)
    spread = (6 * np.cov(changes[:7].T) + 6 * np.cov(changes[7:].T)) / 12
    t2 = gap @ np.linalg.solve(spread, gap) * 7 * 7 / 14
    assert found is not None
    assert found.chi2 == pytest.approx(t2)
    assert found.p == pytest.approx(stats.f.sf(t2 * 11 / (12 * 2), 2, 11))


def test_with_more_cells_before_the_start_than_teams_there_is_no_test() -> None:
    random = np.random.default_rng(4)
    moments = did.summarise(
        values=random.standard_normal((6, 12)),
        periods=np.arange(1, 13),
        start=np.repeat([11.0, np.inf], 3),
        clusters=np.arange(6),
    )
    assert did.pretest(did.estimate(moments)) is None


def test_enough_teams_or_people_keep_the_published_variance() -> None:
    random = np.random.default_rng(5)
    values, start = random.standard_normal((210, 2)), np.repeat([2.0, np.inf], 105)
    people = did.summarise(values=values, periods=PERIODS, start=start)
    teams = did.summarise(values=values, periods=PERIODS, start=start, clusters=np.arange(210) // 5)
    assert did.estimate(people).df is None
    assert did.estimate(people, variance="pooled").df == pytest.approx(208)
    assert did.estimate(teams).df == pytest.approx(40)
    assert did.critical(did.estimate(people)).value == pytest.approx(1.959964)
    assert did.critical(did.estimate(teams), level=0.9).value == pytest.approx(stats.t.ppf(0.95, 40))


def test_a_t_band_is_wider_than_a_normal_band() -> None:
    moments = draw_people(seed=31).moments(by_team=True)
    robust, pooled = (
        did.aggregate(did.estimate(moments, variance=variance), kind="dynamic") for variance in ("robust", "pooled")
    )
    assert pooled.df is not None
    assert did.simultaneous(pooled) > did.simultaneous(robust)
    assert did.simultaneous(pooled) > did.critical(pooled).value


def test_teams_shared_by_cohorts_lean_on_the_smaller_arm() -> None:
    people = draw_people(seed=32, mixed=True)
    moments = people.moments(by_team=True)
    found = did.estimate(moments)
    teams = len(np.unique(people.clusters))
    assert not moments.nested
    assert int(moments.cluster_counts.sum()) == teams
    assert found.clusters_treated <= teams
    assert found.df == min(found.clusters_treated, found.clusters_comparison) - 1
    robust = did.estimate(moments, variance="robust")
    np.testing.assert_allclose(found.se, robust.se * np.sqrt(teams / (teams - 1)))


def test_a_panel_with_gaps_pools_close_to_the_whole_panel() -> None:
    whole, gappy = draw_people(seed=33), draw_people(seed=33, gaps=0.02)
    one = did.aggregate(did.estimate(whole.moments(by_team=True)))
    two = did.aggregate(did.estimate(gappy.moments(by_team=True)))
    assert two.overall_se == pytest.approx(one.overall_se, rel=0.1)
    assert two.df == pytest.approx(one.df or 0.0)


def test_cohorts_of_a_single_team_give_no_margin() -> None:
    moments = did.summarise(
        values=np.random.default_rng(1).standard_normal((10, 2)),
        periods=PERIODS,
        start=np.repeat([2.0, np.inf], 5),
        clusters=np.repeat([0, 1], 5),
    )
    with pytest.raises(did.NothingToCompareError, match="single cluster"):
        did.estimate(moments)


@pytest.mark.parametrize(
    ("treated", "never", "assignments", "refusal"),
    [(1, 9, 10.0, "clusters"), (3, 3, 20.0, "assignments"), (5, 5, 252.0, "assignments"), (3, 17, 1140.0, None)],
)
def test_no_p_value_without_enough_ways_to_assign_the_teams(
    treated: int, never: int, assignments: float, refusal: str | None
) -> None:
    _, values, start = draw_teams(seed=1, treated=treated, never=never)
    teams = np.repeat(np.arange(treated + never), 5)
    found = did.estimate(did.summarise(values=values, periods=PERIODS, start=start, clusters=teams))
    assert did.count_assignments(found) == assignments
    assert did.refuse(found) == refusal
    assert did.refuse(found, alpha=0.5) == ("clusters" if treated == 1 else "assignments" if assignments < 40 else None)


def test_assignments_of_many_people_are_beyond_counting() -> None:
    found = did.estimate(draw_people(seed=34).moments())
    assert did.count_assignments(found) == np.inf
    assert did.refuse(found) is None
