"""What is asked of the two tables of a study, as Ibis expressions: built here, run by `engine`.

Nothing in them is particular to one database, so they also compile for Spark.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

Window = tuple[int, int]
"""First and latest period that take part, both included."""


def rows_of(outcomes: ir.Table, *, outcome: str, window: Window | None = None) -> ir.Table:
    """The values of one outcome: person, time, value."""
    rows = outcomes.filter(outcomes.outcome == outcome)
    if window is not None:
        rows = rows.filter(rows.time.between(*window))
    return rows.select("person", "time", "value")


def describe_outcomes(outcomes: ir.Table) -> ir.Table:
    """One row an outcome: outcome, rows, persons, first, latest (period), in alphabetical order."""
    return (
        outcomes.group_by("outcome")
        .agg(
            rows=outcomes.count(),
            persons=outcomes.person.nunique(),
            first=outcomes.time.min(),
            latest=outcomes.time.max(),
        )
        .order_by("outcome")
    )


def count_periods(rows: ir.Table) -> ir.Table:
    """One row a period, ascending: time, n, mean."""
    return rows.group_by("time").agg(n=rows.count(), mean=rows.value.mean()).order_by("time")


def count_cohorts(rows: ir.Table, participants: ir.Table) -> ir.Table:
    """One row a cohort and period: start (null: not trained), time, n, mean, deviation (sample standard deviation)."""
    joined = rows.join(participants.select("person", "start"), "person")
    return (
        joined.group_by("start", "time")
        .agg(n=joined.count(), mean=joined.value.mean(), deviation=joined.value.std(how="sample"))
        .order_by("start", "time")
    )


def number_people(participants: ir.Table) -> ir.Table:
    """Everyone with a position from 0 on: person, position, start (inf: not trained), team ("": unknown)."""
    return participants.select(
        "person",
        position=ibis.row_number().over(order_by=participants.person),
        start=participants.start.cast("float64").fill_null(float("inf")),
        team=participants.team.fill_null(""),
    )


def place_values(rows: ir.Table, people: ir.Table) -> ir.Table:
    """Where each value stands in the panel: position (of the person), time, value."""
    return rows.join(people.select("person", "position"), "person").select("position", "time", "value")


def split_at_start(
    rows: ir.Table, participants: ir.Table, *, cut: int | None = None, own_start: bool = True
) -> ir.Table:
    """Each participant's values before and from a cut on, as a mean and as the value nearest to the cut.

    The cut is a person's own start, else `cut`; for everyone `cut` when own_start is False. Without either everything
    counts as before. Columns: person, team, arm, start, cut, before, after, n_before, n_after, latest_before,
    first_after; values are null where there are none, counts 0. Participants without values are in it too.
    """
    common = ibis.literal(cut, type="int64")
    own = participants.start.coalesce(common) if own_start else common
    people = participants.select("person", "team", "arm", "start", cut=own)
    joined = rows.join(people.select("person", "cut"), "person")
    later = (joined.time >= joined.cut).fill_null(False)
    split = joined.group_by("person").agg(
        before=joined.value.mean(where=~later),
        after=joined.value.mean(where=later),
        n_before=joined.count(where=~later),
        n_after=joined.count(where=later),
        latest_before=joined.value.argmax(joined.time, where=~later),
        first_after=joined.value.argmin(joined.time, where=later),
    )
    found = people.left_join(split, "person").drop("person_right")
    return found.mutate(n_before=found.n_before.fill_null(0), n_after=found.n_after.fill_null(0)).order_by("person")
