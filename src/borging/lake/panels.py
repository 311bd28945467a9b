"""What is asked of the tables of a study and of a programme, as Ibis expressions: built here, run by `engine`.

Nothing in them is particular to one database, so they also compile for Spark.

The grouped sums of a panel can be asked in two ways. `place_values` says where each value of some people stands, to lay
them out and add up in memory. `add_up_clusters`, `cross_within` and `cross_between` add up where the data is, so that
only sums per cohort leave it.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from borging.stats.did import Level

Window = tuple[int, int]
"""First and latest period that take part, both included."""
Asked = tuple[str, Sequence[str]]
"""A question, and the steps in which it is asked."""


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


def keep_complete(rows: ir.Table, *, periods: int) -> ir.Table:
    """Only the rows of who has a value in all of this number of periods."""
    measured = rows.group_by("person").agg(n=rows.count())
    return rows.semi_join(measured.filter(measured.n == periods), "person")


def number_people(participants: ir.Table, *, together: Level = "person") -> ir.Table:
    """Everyone with a position from 0 on, teams together if asked: person, position, start (inf), team ("": none)."""
    order = [participants.team, participants.person] if together == "team" else [participants.person]
    return participants.select(
        "person",
        position=ibis.row_number().over(order_by=order),
        start=_fill_start(participants),
        team=participants.team.fill_null(""),
    )


def place_values(rows: ir.Table, people: ir.Table, *, positions: tuple[int, int]) -> ir.Table:
    """Where the values of the people from the first up to the second of `positions` stand: position, time, value."""
    some = people.filter((people.position >= positions[0]) & (people.position < positions[1]))
    return rows.join(some.select("person", "position"), "person").select("position", "time", "value")


def cluster_values(rows: ir.Table, participants: ir.Table, *, cluster: Level) -> ir.Table:
    """The values with whose they are: person, cluster (a name), start (inf: not trained), time, value.

    Who has no team is a cluster of their own.
    """
    alone = participants.team.fill_null("") == ""
    name = alone.ifelse("p" + participants.person, "t" + participants.team)
    people = participants.select(
        "person", cluster=name if cluster == "team" else participants.person, start=_fill_start(participants)
    )
    return rows.join(people, "person").select("person", "cluster", "start", "time", "value")


def average_cohorts(clustered: ir.Table) -> ir.Table:
    """One row a cohort and period: start, time, n, mean."""
    return clustered.group_by("start", "time").agg(n=clustered.count(), mean=clustered.value.mean())


def count_people(clustered: ir.Table) -> ir.Table:
    """One row a cohort, ascending: start, persons with any value."""
    people = clustered.select("person", "start").distinct()
    return people.group_by("start").agg(persons=people.count()).order_by("start")


def count_memberships(clustered: ir.Table, *, cohorts: Sequence[float]) -> ir.Table:
    """How many clusters have people in the same cohorts: member0, member1, ... (0 or 1), clusters."""
    member = {f"member{k}": (clustered.start == start).cast("int64").max() for k, start in enumerate(cohorts)}
    clusters = clustered.group_by("cluster").agg(**member)
    return clusters.group_by(list(member)).agg(clusters=clusters.count())


def add_up_clusters(
    clustered: ir.Table, *, cluster: Level, periods: Sequence[int], centres: Sequence[float], balanced: bool
) -> ir.Table:
    """The vector of each cluster and cohort: cluster, start, z0 (people), seen a period unless balanced, deviations.

    The deviations are from one constant a period: any near the mean will do, `CrossSums.recentre` takes it from there.
    One value a person and period; a person without values is not here.
    """
    when = [clustered.time == period for period in periods]
    apart = [(now.ifelse(clustered.value - centre, 0.0)).sum() for now, centre in zip(when, centres, strict=True)]
    seen = [now.ifelse(1.0, 0.0).sum() for now in when]
    if cluster == "person":
        people = (clustered.count() > 0).ifelse(1.0, 0.0)  # whoever is here, once
    else:
        people = seen[0] if balanced else clustered.person.nunique().cast("float64")
    z = [people, *([] if balanced else seen), *apart]
    return clustered.group_by("cluster", "start").agg(**{f"z{place}": sums for place, sums in enumerate(z)})


def cross_within(vectors: ir.Table) -> ir.Table:
    """One row a cohort, ascending: start, clusters, and the sums of z z' as c<row>_<column>, row <= column."""
    names = _name_vector(vectors)
    sums = {
        f"c{i}_{j}": (vectors[a] * vectors[b]).sum() for i, a in enumerate(names) for j, b in enumerate(names) if i <= j
    }
    return vectors.group_by("start").agg(clusters=vectors.count(), **sums).order_by("start")


def cross_between(vectors: ir.Table) -> ir.Table:
    """One row a pair of cohorts that share clusters: start, later, and the sums of z z' as c<row>_<column>."""
    names = _name_vector(vectors)
    later = vectors.rename({"later": "start", **{f"other_{name}": name for name in names}})
    pairs = vectors.join(later, [vectors.cluster == later.cluster, vectors.start < later.later])
    sums = {
        f"c{i}_{j}": (pairs[a] * pairs[f"other_{b}"]).sum() for i, a in enumerate(names) for j, b in enumerate(names)
    }
    return pairs.group_by("start", "later").agg(**sums).order_by("start", "later")


def _name_vector(vectors: ir.Table) -> list[str]:
    return [name for name in vectors.columns if name not in {"cluster", "start"}]


def _fill_start(participants: ir.Table) -> ir.FloatingColumn:
    return participants.start.cast("float64").fill_null(float("inf"))


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


def pairs(entries: ir.Table, *, before: Asked, after: Asked) -> ir.Table:
    """Who answered a question at both moments: person, cohort, team, source, behaviour, before, after.

    A number is the mean of what was said about a person from these eyes; null when it did not come up or was not seen,
    which is an answer as well.
    """
    keys = ["person", "cohort", "team", "source", "behaviour"]
    first, second = (_asked(entries, asked).group_by(keys) for asked in (before, after))
    joined = first.agg(before=_.number.mean()).join(second.agg(after=_.number.mean()), keys)
    return joined.select(*keys, "before", "after").order_by("person", "cohort", "source", "behaviour")


def answers(entries: ir.Table, *, asked: Asked) -> ir.Table:
    """What was chosen: person, choice."""
    return _asked(entries, asked).select("person", "choice").order_by("person", "choice")


def items(entries: ir.Table, *, questions: Sequence[str], steps: Sequence[str]) -> ir.Table:
    """The parts of a scale: person, part (question and situation), number."""
    rows = entries.filter(entries.question.isin(questions) & entries.step.isin(steps) & entries.number.notnull())
    part = rows.question + ":" + rows.item.cast("string")
    return rows.group_by("person", part=part).agg(number=rows.number.mean()).order_by("person", "part")


def attempts(entries: ir.Table, *, asked: Asked, did: Sequence[str], days: int) -> ir.Table:
    """Per person and stretch of `days`: person, cohort, team, stretch (from 0), chances, tried.

    A log counts as a chance unless it says there was none; `did` are the answers that say it was tried.
    """
    logs = _asked(entries, asked)
    known = logs.filter((logs.day > 0) & ~logs.choice.isin(["", "no-opportunity"]))
    stretch = ((known.day - 1) // days).cast("int64")
    counted = known.group_by("person", "cohort", "team", stretch=stretch).agg(
        chances=known.count(), tried=known.choice.isin(did).cast("int64").sum()
    )
    return counted.order_by("stretch", "person", "cohort")


def _asked(entries: ir.Table, asked: Asked) -> ir.Table:
    question, steps = asked
    return entries.filter((entries.question == question) & entries.step.isin(steps))
