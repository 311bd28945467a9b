"""With covariates: the eight published designs of the county employment data, and what must not be answered."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from borging.stats import did, did_rows
from borging.stats.did.averages import Kind
from borging.stats.did.effects import Control
from borging.stats.did_rows import Method
from tests.reference import reference
from tests.stats.staggered import Floats, draw_people, read_mpdta
from tests.stats.tables import read_rows

NAMES = {"never": "nevertreated", "notyet": "notyettreated", "regression": "reg", "doubly_robust": "dr"}


def read_population() -> Floats:
    """Log population of each county, in the order of `read_mpdta`."""
    known = {row["countyreal"]: float(row["lpop"]) for row in read_rows("mpdta")}
    return np.array([[known[county]] for county in sorted(known)])


@pytest.mark.parametrize("method", ["regression", "doubly_robust"])
@pytest.mark.parametrize("control", ["never", "notyet"])
@pytest.mark.parametrize("covariate", ["nocov", "lpop"])
def test_the_eight_designs_equal_their_exact_values(covariate: str, control: Control, method: Method) -> None:
    people, population = read_mpdta(), read_population()
    found = did_rows.estimate(
        values=people.values,
        periods=people.periods,
        start=people.start,
        covariates=population if covariate == "lpop" else population[:, :0],
        method=method,
        control=control,
    )
    designs: dict[str, Any] = json.loads(reference("mpdta_exact.json").read_text())
    exact = designs[f"{covariate}|{NAMES[control]}|{NAMES[method]}"]
    expected = np.array([exact["att"][f"{g:.0f},{t}"] for g, t in zip(found.group, found.time, strict=True)])
    np.testing.assert_allclose(found.att, expected[:, 0], rtol=0, atol=1e-11)
    np.testing.assert_allclose(found.se, expected[:, 1], rtol=1e-9)
    kinds: tuple[Kind, ...] = ("simple", "dynamic", "group", "calendar")
    for kind in kinds:
        average = did.aggregate(found, kind=kind)
        at, att, se = exact["agg"][kind]["egt"] or ([], [], [])
        np.testing.assert_array_equal(average.at, at)
        np.testing.assert_allclose(
            [*average.att, average.overall], [*att, exact["agg"][kind]["overall"][0]], atol=1e-11
        )
        np.testing.assert_allclose(
            [*average.se, average.overall_se], [*se, exact["agg"][kind]["overall"][1]], rtol=1e-9
        )


@pytest.mark.parametrize("mixed", [False, True])
def test_without_covariates_rows_and_sums_agree_per_team(mixed: bool) -> None:
    people = draw_people(seed=21, mixed=mixed)
    rows = did_rows.estimate(
        values=people.values,
        periods=people.periods,
        start=people.start,
        covariates=np.empty((len(people.start), 0)),
        clusters=people.clusters,
        base="universal",
    )
    sums = did.estimate(people.moments(by_team=True), base="universal", variance="robust")
    teams = len(np.unique(people.clusters))
    np.testing.assert_allclose(rows.att, sums.att, rtol=0, atol=1e-9)
    assert rows.df == teams - 4
    np.testing.assert_allclose(rows.se, sums.se * np.sqrt(teams / (teams - 4)), rtol=1e-8, atol=1e-12)


def test_a_trend_that_follows_a_covariate_is_not_taken_for_an_effect() -> None:
    random = np.random.default_rng(5)
    age = random.standard_normal(400)
    start = np.where(random.random(400) < 1 / (1 + np.exp(-age)), 4.0, np.inf)
    periods = np.arange(1, 7)
    values = 0.4 * age[:, None] * periods + random.standard_normal((400, 6)) + 1.0 * (periods >= start[:, None])
    moments = did.summarise(values=values, periods=periods, start=start)
    plain = did.aggregate(did.estimate(moments))
    assert abs(plain.overall - 1.0) > 4 * plain.overall_se
    methods: tuple[Method, ...] = ("regression", "doubly_robust")
    for method in methods:
        adjusted = did.aggregate(
            did_rows.estimate(values=values, periods=periods, start=start, covariates=age[:, None], method=method)
        )
        assert adjusted.overall == pytest.approx(1.0, abs=3 * adjusted.overall_se)


def test_people_with_an_unknown_covariate_are_left_out() -> None:
    people = draw_people(seed=22)
    age = np.linspace(20, 60, len(people.start))[:, None]
    known = np.arange(len(age)) % 7 > 0
    gappy = np.where(known[:, None], age, np.nan)
    some = did_rows.estimate(values=people.values, periods=people.periods, start=people.start, covariates=gappy)
    rest = did_rows.estimate(
        values=people.values[known], periods=people.periods, start=people.start[known], covariates=age[known]
    )
    np.testing.assert_array_equal(some.att, rest.att)
    np.testing.assert_array_equal(some.n_treated, rest.n_treated)


def test_groups_without_overlap_are_not_compared() -> None:
    people = draw_people(seed=23)
    trained = np.isfinite(people.start)[:, None].astype(float)
    with pytest.raises(did_rows.NoOverlapError):
        did_rows.estimate(values=people.values, periods=people.periods, start=people.start, covariates=trained)
    with pytest.raises(did_rows.NoOverlapError, match="separate"):
        did_rows.estimate(
            values=people.values,
            periods=people.periods,
            start=people.start,
            covariates=trained + 0.001 * np.arange(len(trained))[:, None] / len(trained),
            control="never",
        )
