"""The answers of one programme as a table for the engine: pseudonyms, no names, and gone when the figures are made."""

from __future__ import annotations

from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from borging.cards.models import Moment
from borging.evidence.reads import standing
from borging.lake.schema import ENTRIES
from borging.measure.reads import latest_days
from borging.measure.rules import STEPS
from borging.people.models import Membership, holds_on
from borging.people.pseudonyms import pseudonym
from borging.programmes.models import Cohort, Programme

ROWS_AT_ONCE = 20_000
COLUMNS = (
    "pk", "subject", "cohort", "source", "step", "occurrence", "happened_on", "question", "behaviour", "item", "number",
    "choice",
)  # fmt: skip
TeamsOfPeople = dict[tuple[int, str], int]
"""By cohort and pseudonym the team somebody was in."""


def write_entries(programme: Programme, *, path: Path, teams: TeamsOfPeople) -> None:
    """Every answer that stands and may be counted, as `lake.schema.ENTRIES`."""
    ends, due_on = latest_days(programme), _due_days(programme)
    entries = standing(programme).filter(step__in=STEPS).values_list(*COLUMNS).iterator(chunk_size=ROWS_AT_ONCE)
    with pq.ParquetWriter(path, ENTRIES) as file:
        while portion := list(islice(entries, ROWS_AT_ONCE)):
            rows = [_row(entry, ends=ends, due_on=due_on, teams=teams) for entry in portion]
            columns = [
                pa.array(column, type=field.type)
                for column, field in zip(zip(*rows, strict=True), ENTRIES, strict=True)
            ]
            file.write_table(pa.Table.from_arrays(columns, schema=ENTRIES))


def _due_days(programme: Programme) -> dict[tuple[int, str, int], date]:
    moments = Moment.objects.filter(cohort__programme=programme).values_list("cohort", "step", "occurrence", "due_on")
    return {(cohort, step, occurrence): due_on for cohort, step, occurrence, due_on in moments}


def teams_of(programme: Programme) -> TeamsOfPeople:
    """In which team everybody was on the first day of their cohort."""
    found: TeamsOfPeople = {}
    for cohort in programme.cohorts.all():
        people = {row.person_id: row.person for row in cohort.enrolments.select_related("person")}
        memberships = Membership.objects.filter(holds_on(_first_day(cohort)), person__in=people)
        for person, team in memberships.order_by("start_date").values_list("person", "team"):
            found[cohort.pk, str(pseudonym(people[person]))] = team
    return found


def _first_day(cohort: Cohort) -> date:
    first = cohort.sessions.first()
    return first.starts_at.date() if first else date.max


def _row(
    entry: tuple[Any, ...],
    *,
    ends: dict[int, date],
    due_on: dict[tuple[int, str, int], date],
    teams: TeamsOfPeople,
) -> tuple[object, ...]:
    """COLUMNS of an entry as a row of ENTRIES."""
    pk, subject, cohort, source, step, occurrence, happened_on, question, behaviour, item, number, choice = entry
    person, end = str(subject or pk), ends.get(cohort)
    day = due_on.get((cohort, step, occurrence), happened_on)
    return (
        person,
        cohort,
        teams.get((cohort, person), 0),
        source,
        step,
        (day - end).days if end else None,
        question,
        behaviour or 0,
        item or 0,
        number,
        choice,
    )
