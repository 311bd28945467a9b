"""From Parquet to sums: what the engine reads, lays out and adds up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from borging.lake import engine, panels
from borging.lake.schema import OUTCOMES, PARTICIPANTS, StudyTables, TimeScale
from borging.stats import did
from tests.reference import published
from tests.stats.tables import read_rows

Row = dict[str, object]


def write_tables(folder: Path, *, people: list[Row], values: list[Row]) -> StudyTables:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(people, schema=PARTICIPANTS), folder / "participants.parquet")
    pq.write_table(pa.Table.from_pylist(values, schema=OUTCOMES), folder / "outcomes.parquet")
    return StudyTables(
        participants=folder / "participants.parquet",
        outcomes=folder / "outcomes.parquet",
        scale=TimeScale(unit="month"),
    )


@pytest.fixture(scope="module")
def lake() -> Iterator[engine.Engine]:
    with engine.connect(memory_limit="500MB", threads=1) as opened:
        yield opened


@pytest.fixture
def small(tmp_path: Path) -> StudyTables:
    """Anna starts in period 3, Bert never; Carla has no values; an outsider is not a participant."""
    people: list[Row] = [
        {"person": "anna", "start": 3, "team": "north", "arm": "training"},
        {"person": "bert", "start": None, "team": None, "arm": None},
        {"person": "carla", "start": 2, "team": "north", "arm": "training"},
    ]
    series: dict[str, list[float | None]] = {
        "anna": [1.0, 2.0, 5.0, 8.0],
        "bert": [4.0, None, 6.0, 9.0],
        "outsider": [70.0, 70.0, 70.0, 70.0],
    }
    values: list[Row] = [
        {"person": person, "outcome": "errors", "time": time, "value": value}
        for person, row in series.items()
        for time, value in enumerate(row, start=1)
        if value is not None
    ]
    values.append({"person": "anna", "outcome": "absence", "time": 9, "value": 0.5})
    return write_tables(tmp_path / "small", people=people, values=values)


def draw_tables(folder: Path, *, seed: int, gaps: bool) -> tuple[StudyTables, did.Moments, did.Moments]:
    """Tables in random order, and their moments by person and by team straight from the arrays."""
    rng = np.random.default_rng(seed)
    periods = np.array([10, 11, 14, 15, 18])
    team = rng.integers(0, 6, 40)
    start = rng.choice([11.0, 14.0, 15.0, np.inf], 40)
    values = rng.standard_normal((40, 5)) + 3 * rng.standard_normal((40, 1))
    values[rng.random(values.shape) < (0.2 if gaps else 0.0)] = np.nan
    names = [f"p{number:02d}" for number in rng.permutation(40)]
    people: list[Row] = [
        {"person": name, "start": int(s) if np.isfinite(s) else None, "team": f"team {t}", "arm": None}
        for name, s, t in zip(names, start, team, strict=True)
    ]
    rows: list[Row] = [
        {"person": names[i], "outcome": "score", "time": int(periods[t]), "value": values[i, t]}
        for i, t in rng.permutation(np.argwhere(~np.isnan(values)))
    ]
    tables = write_tables(folder, people=people, values=rows)
    by_person = did.summarise(values=values, periods=periods, start=start)
    return tables, by_person, did.summarise(values=values, periods=periods, start=start, clusters=team)


def test_outcomes_are_listed_with_their_extent(lake: engine.Engine, small: StudyTables) -> None:
    assert lake.outcomes(small) == (
        engine.Contents(outcome="absence", rows=1, persons=1, first=9, latest=9),
        engine.Contents(outcome="errors", rows=11, persons=3, first=1, latest=4),
    )
    assert lake.periods(small, outcome="errors") == [1, 2, 3, 4]
    assert lake.periods(small, outcome="errors", window=(2, 3)) == [2, 3]


def test_everyone_has_a_mean_before_and_from_their_own_start_on(lake: engine.Engine, small: StudyTables) -> None:
    anna, bert, carla = lake.per_person(small, outcome="errors", cut=4).to_pylist()
    assert anna == {
        "person": "anna",
        "team": "north",
        "arm": "training",
        "start": 3,
        "cut": 3,
        "before": 1.5,
        "after": 6.5,
        "n_before": 2,
        "n_after": 2,
        "latest_before": 2.0,
        "first_after": 5.0,
    }
    assert (bert["cut"], bert["before"], bert["after"], bert["n_before"], bert["n_after"]) == (4, 5.0, 9.0, 2, 1)
    assert (carla["before"], carla["after"], carla["n_before"], carla["n_after"]) == (None, None, 0, 0)


def test_one_cut_can_hold_for_everyone(lake: engine.Engine, small: StudyTables) -> None:
    anna, bert, _ = lake.per_person(small, outcome="errors", cut=2, own_start=False).to_pylist()
    assert (anna["before"], anna["after"]) == (1.0, 5.0)
    assert (bert["before"], bert["first_after"]) == (4.0, 6.0)


def test_without_a_cut_everything_of_the_untrained_lies_before(lake: engine.Engine, small: StudyTables) -> None:
    bert = lake.per_person(small, outcome="errors").to_pylist()[1]
    assert (bert["n_before"], bert["n_after"], bert["after"]) == (3, 0, None)


def test_cohorts_are_counted_per_period(lake: engine.Engine, small: StudyTables) -> None:
    rows = lake.cohorts(small, outcome="errors").to_pylist()
    assert [(row["start"], row["time"], row["n"], row["mean"]) for row in rows if row["start"] == 3] == [
        (3, 1, 1, 1.0),
        (3, 2, 1, 2.0),
        (3, 3, 1, 5.0),
        (3, 4, 1, 8.0),
    ]
    assert [row["time"] for row in rows if row["start"] is None] == [1, 3, 4]


Ways = Literal["here", "in portions", "inside"]


@pytest.mark.parametrize("way", ["here", "in portions", "inside"])
@pytest.mark.parametrize("gaps", [False, True])
def test_sums_are_equal_laid_out_at_once_in_portions_or_added_up_in_the_database(
    lake: engine.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gaps: bool, way: Ways
) -> None:
    tables, by_person, by_team = draw_tables(tmp_path, seed=11, gaps=gaps)
    if way == "in portions":
        monkeypatch.setattr(engine, "CELLS_AT_ONCE", 60)
    levels: tuple[tuple[did.Moments, did.Level], ...] = ((by_person, "person"), (by_team, "team"))
    for expected, cluster in levels:
        found = lake.moments(tables, outcome="score", cluster=cluster, inside=way == "inside")
        assert found.level == expected.level
        assert found.balanced is not gaps
        np.testing.assert_array_equal(found.cohorts, expected.cohorts)
        np.testing.assert_array_equal(found.n, expected.n)
        np.testing.assert_array_equal(found.persons, expected.persons)
        np.testing.assert_array_equal(found.memberships, expected.memberships)
        np.testing.assert_array_equal(found.cluster_counts, expected.cluster_counts)
        np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-12)
        np.testing.assert_allclose(found.sums.within, expected.sums.within, atol=1e-9)
        assert found.sums.between.keys() == expected.sums.between.keys()
        for pair, sums in expected.sums.between.items():
            np.testing.assert_allclose(found.sums.between[pair], sums, atol=1e-9)


def test_complete_rows_only_make_a_balanced_panel(lake: engine.Engine, tmp_path: Path) -> None:
    tables, everyone, _ = draw_tables(tmp_path, seed=12, gaps=True)
    complete = lake.moments(tables, outcome="score", complete=True)
    assert complete.balanced
    assert complete.persons.sum() < everyone.persons.sum()


def test_people_without_a_team_stand_alone(lake: engine.Engine, small: StudyTables) -> None:
    moments = lake.moments(small, outcome="errors", cluster="team")
    np.testing.assert_array_equal(moments.cluster_counts, [1, 1])
    assert moments.nested


def test_an_outcome_without_values_says_so(lake: engine.Engine, small: StudyTables) -> None:
    with pytest.raises(engine.NoValuesError, match="unknown"):
        lake.moments(small, outcome="unknown")


def test_the_county_employment_data_goes_from_parquet_to_the_printed_effects(
    lake: engine.Engine, tmp_path: Path
) -> None:
    rows = read_rows("mpdta")
    starts = {row["countyreal"]: int(float(row["first.treat"])) or None for row in rows}
    tables = write_tables(
        tmp_path,
        people=[{"person": name, "start": start} for name, start in starts.items()],
        values=[
            {
                "person": row["countyreal"],
                "outcome": "employment",
                "time": int(float(row["year"])),
                "value": float(row["lemp"]),
            }
            for row in rows
        ],
    )
    effects = did.estimate(lake.moments(tables, outcome="employment"), control="never")
    values = {f"att_g{g:.0f}_t{t}": att for g, t, att in zip(effects.group, effects.time, effects.att, strict=True)}
    values["group_overall"] = did.aggregate(effects, kind="group").overall
    values["dynamic_overall"] = did.aggregate(effects, kind="dynamic").overall
    for key, value in values.items():
        expected, tolerance = published("mpdta")[key]
        assert value == pytest.approx(expected, abs=tolerance), key


def test_the_engine_reaches_for_nothing_outside(lake: engine.Engine) -> None:
    asked = ("autoinstall_known_extensions", "autoload_known_extensions", "temp_directory")
    found = [lake.backend.con.execute(f"select current_setting('{name}')").fetchone() for name in asked]
    assert found == [(False,), (False,), ("",)]


def grouped_sums(rows: ibis.Table, participants: ibis.Table) -> tuple[ibis.Table, ...]:
    clustered = panels.cluster_values(rows, participants, cluster="team")
    vectors = panels.add_up_clusters(clustered, cluster="team", periods=[1, 2], centres=[0.0, 0.0], balanced=False)
    return (
        panels.count_people(clustered),
        panels.average_cohorts(clustered),
        panels.count_memberships(clustered, cohorts=[3.0, float("inf")]),
        panels.cross_within(vectors),
        panels.cross_between(vectors),
    )


# "databricks" is the Spark SQL that Ibis writes without Spark being installed
@pytest.mark.parametrize("dialect", ["duckdb", "databricks"])
def test_every_question_can_be_asked_of_duckdb_and_of_spark(dialect: str) -> None:
    participants = ibis.table(ibis.Schema.from_pyarrow(PARTICIPANTS), name="participants")
    outcomes = ibis.table(ibis.Schema.from_pyarrow(OUTCOMES), name="outcomes")
    rows = panels.rows_of(outcomes, outcome="errors", window=(1, 9))
    questions = (
        panels.describe_outcomes(outcomes),
        panels.count_periods(rows),
        panels.count_cohorts(rows, participants),
        panels.place_values(rows, panels.number_people(participants), positions=(0, 9)),
        panels.keep_complete(rows, periods=9),
        *grouped_sums(rows, participants),
        panels.split_at_start(rows, participants, cut=4),
    )
    for question in questions:
        assert "SELECT" in str(ibis.to_sql(question, dialect=dialect))
