"""Staggered difference-in-differences against published values and a plain implementation, person by person."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from borging.stats import did
from borging.stats.did.averages import Kind
from borging.stats.did.effects import Base, Control
from tests.reference import published, reference
from tests.stats.staggered import Floats, Integers, People, draw_people, read_mpdta, read_panel
from tests.stats.tables import read_rows

KINDS: tuple[Kind, ...] = ("simple", "dynamic", "group", "calendar")


@pytest.fixture(scope="module")
def mpdta() -> People:
    return read_mpdta()


def exact(control: str) -> dict[str, Any]:
    name = {"never": "nevertreated", "notyet": "notyettreated"}[control]
    design: dict[str, Any] = json.loads(reference("mpdta_exact.json").read_text())[f"nocov|{name}|reg"]
    return design


@dataclass(frozen=True, kw_only=True)
class Plain:
    """ATT(g, t) by its definition: cell (g, t), estimate and influence of every person."""

    group: Floats
    time: Integers
    att: Floats
    influence: Floats


def estimate_plainly(people: People, *, control: Control, base: Base, anticipation: int) -> Plain:
    """Means of whoever was measured; a person influences a mean by their deviation from it, over its size."""
    cells, seen = [], ~np.isnan(people.values)
    values, periods, start = np.nan_to_num(people.values), people.periods, people.start
    for g in np.unique(start[np.isfinite(start)]):
        if g - anticipation <= periods[0]:
            continue
        fixed = int(np.flatnonzero(periods < g - anticipation)[-1])
        for t in range(1 if base == "varying" else 0, len(periods)):
            b = t - 1 if base == "varying" and periods[t] < g - anticipation else fixed
            never = start > periods[-1] + anticipation
            later = (start > periods[max(t, b)] + anticipation) & (start != g)
            others = never if control == "never" else later
            att, influence = 0.0, np.zeros(len(start))
            for column, sign in ((t, 1.0), (b, -1.0)):
                for group, side in ((start == g, 1.0), (others, -1.0)):
                    who = group & seen[:, column]
                    mean = values[who, column].mean()
                    att += sign * side * mean
                    influence += sign * side * np.where(who, values[:, column] - mean, 0.0) / who.sum()
            cells.append((g, periods[t], att, influence))
    columns = [np.array(column) for column in zip(*cells, strict=True)]
    return Plain(group=columns[0], time=columns[1], att=columns[2], influence=columns[3])


def average_plainly(plain: Plain, start: Floats, cells: NDArray[np.bool_]) -> tuple[float, Floats]:
    """Weighted by cohort size, with the influence of estimated shares written out as in R `did` (its `wif`)."""
    n = len(start)
    member = (start[None, :] == plain.group[cells][:, None]).astype(float)
    share = member.mean(axis=1)
    weights = share / share.sum()
    moved = (member - share[:, None]) / share.sum()
    moved -= np.outer(share, (member - share[:, None]).sum(axis=0)) / share.sum() ** 2
    influence = weights @ plain.influence[cells] + plain.att[cells] @ moved / n
    return float(weights @ plain.att[cells]), influence


def spread(influence: Floats, clusters: Integers) -> float:
    sums = np.zeros(clusters.max() + 1)
    np.add.at(sums, clusters, influence)
    return float(np.sqrt(np.sum(sums**2)))


@pytest.mark.parametrize("control", ["never", "notyet"])
def test_effects_equal_the_exact_values_of_the_county_employment_data(mpdta: People, control: Control) -> None:
    found = did.estimate(mpdta.moments(), control=control)
    expected = np.array([exact(control)["att"][f"{g:.0f},{t}"] for g, t in zip(found.group, found.time, strict=True)])
    assert len(found.att) == len(exact(control)["att"]) == 12
    np.testing.assert_allclose(found.att, expected[:, 0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.se, expected[:, 1], rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("control", ["never", "notyet"])
def test_averages_equal_the_exact_values_of_the_county_employment_data(
    mpdta: People, control: Control, kind: Kind
) -> None:
    found = did.aggregate(did.estimate(mpdta.moments(), control=control), kind=kind)
    expected = exact(control)["agg"][kind]
    assert found.overall == pytest.approx(expected["overall"][0], abs=1e-12)
    assert found.overall_se == pytest.approx(expected["overall"][1], rel=1e-9)
    at, att, se = expected["egt"] or ([], [], [])
    np.testing.assert_array_equal(found.at, at)
    np.testing.assert_allclose(found.att, att, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.se, se, rtol=1e-9)


def test_the_printed_values_of_the_r_package_are_met(mpdta: People) -> None:
    found = did.estimate(mpdta.moments(), control="never")
    pretest = did.pretest(found)
    assert pretest is not None
    values = {f"att_g{g:.0f}_t{t}": att for g, t, att in zip(found.group, found.time, found.att, strict=True)}
    dynamic, group = did.aggregate(found, kind="dynamic"), did.aggregate(found, kind="group")
    values |= {f"dynamic_e{at:.0f}": att for at, att in zip(dynamic.at, dynamic.att, strict=True)}
    values |= {f"group_{at:.0f}": att for at, att in zip(group.at, group.att, strict=True)}
    values |= {
        "dynamic_overall": dynamic.overall,
        "group_overall": group.overall,
        "pretest_p_wald": pretest.p,
    }
    for key, (expected, tolerance) in published("mpdta").items():
        assert values[key] == pytest.approx(expected, abs=tolerance), key


@dataclass(frozen=True, kw_only=True)
class Question:
    control: Control
    base: Base
    anticipation: int


QUESTIONS = tuple(
    Question(control=control, base=base, anticipation=anticipation)
    for control in get_args(Control)
    for base in get_args(Base)
    for anticipation in (0, 1)
)


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
@pytest.mark.parametrize("gaps", [0.0, 0.2])
@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("by_team", [False, True])
def test_effects_equal_the_plain_sum_of_everyones_influence(
    question: Question, gaps: float, mixed: bool, by_team: bool
) -> None:
    control, base, anticipation = question.control, question.base, question.anticipation
    people = draw_people(seed=7, gaps=gaps, mixed=mixed)
    clusters = people.clusters if by_team else np.arange(len(people.start))
    found = did.estimate(
        people.moments(by_team=by_team), control=control, base=base, anticipation=anticipation, variance="robust"
    )
    plain = estimate_plainly(people, control=control, base=base, anticipation=anticipation)
    np.testing.assert_array_equal(found.group, plain.group)
    np.testing.assert_array_equal(found.time, plain.time)
    np.testing.assert_allclose(found.att, plain.att, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.se, [spread(one, clusters) for one in plain.influence], rtol=1e-9, atol=1e-12)
    simple, influence = average_plainly(plain, people.start, plain.time >= plain.group)
    average = did.aggregate(found)
    assert average.overall == pytest.approx(simple, abs=1e-9)
    assert average.overall_se == pytest.approx(spread(influence, clusters), rel=1e-9)
    for at, att, se in zip(*points(did.aggregate(found, kind="dynamic")), strict=True):
        expected, influence = average_plainly(plain, people.start, plain.time - plain.group == at)
        assert att == pytest.approx(expected, abs=1e-9)
        assert se == pytest.approx(spread(influence, clusters), rel=1e-9, abs=1e-12)


def points(average: did.Aggregate) -> tuple[Floats, Floats, Floats]:
    return average.at, average.att, average.se


def test_a_balanced_panel_gives_the_same_in_the_form_for_panels_with_gaps() -> None:
    people = draw_people(seed=3)
    spare = np.full((1, 7), np.nan)
    spare[0, 0] = people.values.mean()
    # one more person, who starts too early to count, was measured once: the form with gaps is used for everyone
    gappy = did.summarise(
        values=np.vstack([people.values, spare]), periods=people.periods, start=np.append(people.start, 0.0)
    )
    assert people.moments().balanced
    assert not gappy.balanced
    lean, full = did.estimate(people.moments()), did.estimate(gappy)
    np.testing.assert_allclose(lean.att, full.att, rtol=0, atol=1e-10)
    np.testing.assert_allclose(lean.covariance, full.covariance, rtol=0, atol=1e-12)
    for kind in KINDS:
        assert did.aggregate(lean, kind=kind).overall_se == pytest.approx(did.aggregate(full, kind=kind).overall_se)


def test_a_salary_loses_no_digits_to_its_size() -> None:
    people = draw_people(seed=5)
    small = did.summarise(values=people.values - 50_000, periods=people.periods, start=people.start)
    large = did.summarise(values=people.values + 1e7, periods=people.periods, start=people.start)
    np.testing.assert_allclose(did.estimate(large).se, did.estimate(small).se, rtol=1e-8)


def test_someone_without_any_value_does_not_count() -> None:
    people = draw_people(seed=6)
    nobody = np.vstack([people.values, np.full((2, 7), np.nan)])
    moments = did.summarise(values=nobody, periods=people.periods, start=np.append(people.start, [3.0, np.inf]))
    np.testing.assert_array_equal(moments.persons, people.moments().persons)


def test_without_untreated_people_the_latest_cohort_is_only_compared_with() -> None:
    people = draw_people(seed=8, never=False)
    found = did.estimate(people.moments(), control="notyet")
    assert set(found.group) == {3.0, 4.0, 6.0}
    assert found.time.max() == 6
    with pytest.raises(did.NothingToCompareError):
        did.estimate(people.moments(), control="never")


def test_a_start_after_the_latest_period_counts_as_untreated_so_far() -> None:
    people = draw_people(seed=9)
    later = np.where(np.isinf(people.start), 99.0, people.start)
    one = did.estimate(people.moments(), control="never")
    two = did.estimate(did.summarise(values=people.values, periods=people.periods, start=later), control="never")
    np.testing.assert_array_equal(one.att, two.att)


def test_the_reference_of_a_universal_base_is_zero_without_a_margin() -> None:
    found = did.aggregate(did.estimate(draw_people(seed=1).moments(), base="universal"), kind="dynamic")
    reference_point = np.flatnonzero(found.at == -1)[0]
    assert (found.att[reference_point], found.se[reference_point]) == (0.0, 0.0)


def test_a_window_keeps_to_the_periods_asked_for() -> None:
    effects = did.estimate(draw_people(seed=1).moments())
    whole, part = did.aggregate(effects, kind="dynamic"), did.aggregate(effects, kind="dynamic", window=(-1, 1))
    np.testing.assert_array_equal(part.at, [-1.0, 0.0, 1.0])
    np.testing.assert_allclose(part.att, whole.att[(whole.at >= -1) & (whole.at <= 1)])
    assert part.overall == pytest.approx(part.att[1:].mean())


def test_leaving_a_cohort_out_equals_a_panel_without_its_people() -> None:
    people = draw_people(seed=2, mixed=True)
    for cohort, average in did.leave_one_cohort_out(people.moments(by_team=True)):
        rest = people.start != cohort
        again = did.summarise(
            values=people.values[rest],
            periods=people.periods,
            start=people.start[rest],
            clusters=people.clusters[rest],
        )
        expected = did.aggregate(did.estimate(again))
        assert average.overall == pytest.approx(expected.overall)
        assert average.overall_se == pytest.approx(expected.overall_se)


def test_the_placebo_is_near_zero_where_nothing_happened_before_and_shows_a_drift() -> None:
    people = draw_people(seed=4)
    value, se = did.pre_average(did.estimate(people.moments(), base="universal"))
    assert abs(value) < 3 * se
    drifting = people.values + np.where(np.isfinite(people.start), 2.0, 0.0)[:, None] * people.periods
    moments = did.summarise(values=drifting, periods=people.periods, start=people.start)
    value, se = did.pre_average(did.estimate(moments, control="never"))
    assert value == pytest.approx(2.0, abs=3 * se)


def test_the_simultaneous_band_lies_between_one_interval_and_bonferroni(mpdta: People) -> None:
    dynamic = did.aggregate(did.estimate(mpdta.moments()), kind="dynamic")
    band = did.simultaneous(dynamic)
    assert 1.96 < band < 2.69  # Bonferroni for seven points: 2.690
    assert band == did.simultaneous(dynamic)
    alone = did.aggregate(did.estimate(mpdta.moments()), kind="dynamic", window=(0, 0))
    assert did.simultaneous(alone) == pytest.approx(1.96, abs=0.03)


def test_castle_laws_give_a_sane_answer() -> None:
    rows = read_rows("castle")
    start = {row["sid"]: np.inf for row in rows}
    for row in sorted(rows, key=lambda row: -int(row["year"])):
        if float(row["post"]) > 0:
            start[row["sid"]] = float(row["year"])
    people = read_panel("castle", person="sid", time="year", value="l_homicide", start=start)
    moments = people.moments()
    assert int(moments.persons[moments.cohorts <= 2010].sum()) == 21
    found = did.estimate(moments, control="never")
    assert np.linalg.eigvalsh(found.covariance).min() > -1e-12
    average = did.aggregate(found)
    assert 0.0 < average.overall < 0.2  # the published regressions give .069 to .077
    assert 0.01 < average.overall_se < 0.1
