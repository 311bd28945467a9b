"""The answers of one programme as a table for the engine: pseudonyms, no names, and gone when the figures are made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from borging.cards.models import Moment
from borging.evidence.models import Entry
from borging.evidence.reads import standing
from borging.lake.schema import ENTRIES
from borging.measure.reads import latest_days
from borging.measure.rules import STEPS
from borging.people.models import Membership, holds_on
from borging.people.pseudonyms import pseudonym
from borging.programmes.models import Cohort, Programme

ROWS_AT_ONCE = 20_000
TeamsOfPeople = dict[tuple[int, str], int]
"""By cohort and pseudonym the team somebody was in."""


def write_entries(programme: Programme, *, path: Path, teams: TeamsOfPeople) -> None:
    """Every answer that stands and may be counted, as `lake.schema.ENTRIES`."""
    ends, due_on = latest_days(programme), _due_days(programme)
    entries = standing(programme).filter(step__in=STEPS)
    with pq.ParquetWriter(path, ENTRIES) as file:
        for portion in _portions(entries.iterator(chunk_size=ROWS_AT_ONCE)):
            rows = [_row(entry, ends=ends, due_on=due_on, teams=teams) for entry in portion]
            file.write_table(pa.Table.from_pylist(rows, schema=ENTRIES))


def _portions(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    portion: list[Entry] = []
    for entry in entries:
        portion.append(entry)
        if len(portion) == ROWS_AT_ONCE:
            yield portion
            portion = []
    yield portion


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
    entry: Entry,
    *,
    ends: dict[int, date],
    due_on: dict[tuple[int, str, int], date],
    teams: TeamsOfPeople,
) -> dict[str, object]:
    person, end = str(entry.subject or entry.pk), ends.get(entry.cohort_id)
    day = due_on.get((entry.cohort_id, entry.step, entry.occurrence), entry.happened_on)
    return {
        "person": person,
        "cohort": entry.cohort_id,
        "team": teams.get((entry.cohort_id, person), 0),
        "source": entry.source,
        "step": entry.step,
        "day": (day - end).days if end else None,
        "question": entry.question,
        "behaviour": entry.behaviour_id or 0,
        "item": entry.item or 0,
        "number": entry.number,
        "choice": entry.choice,
    }
