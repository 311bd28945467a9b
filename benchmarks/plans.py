"""What is measured of planning, in a process of its own with a database of its own: `fill` makes it, `run` measures it.

Printed are lines of JSON: what was done, how many rows, and CPU seconds of the database and of all.
"""

from __future__ import annotations

import json
import resource
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction

from benchmarks.answers import TICKS
from borging.cards import jobs, writes
from borging.cards.jobs import delivering
from borging.cards.models import Actor, Card, Contact, Moment
from borging.people.models import Employment, Organisation, Person, Reporting
from borging.programmes.models import Cohort, Enrolment, Programme, Status

COHORT = 100
"""People in a cohort, and moments of a cohort."""
ROLES = (Actor.LEARNER, Actor.LEARNER, Actor.MANAGER, Actor.BUDDY)
NOW = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)  # a Tuesday
DUE_NOW = 5
"""Of a hundred moments so many are due already; the others come up in the next two days."""
GATHERED = 5_000
"""People of whom what is due is gathered."""


def fill() -> None:
    """People in cohorts of a hundred, with a hundred moments each, until as many (person, moment) pairs as asked."""
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        make(cohorts=int(sys.stdin.readline()) // COHORT**2)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # a database that is in use has its statistics


def make(*, cohorts: int) -> None:
    home = Organisation.objects.create(name="De Vaart")
    people = Person.objects.bulk_create(
        [Person(organisation=home, name=f"Person {n}", email=f"p{n}@example.org") for n in range(cohorts * COHORT)]
    )
    bosses = Person.objects.bulk_create([Person(organisation=home, name=f"Manager {n}") for n in range(cohorts * 10)])
    since = date(2020, 1, 1)
    Employment.objects.bulk_create([Employment(person=person, start_date=since) for person in (*people, *bosses)])
    Reporting.objects.bulk_create(
        [Reporting(person=person, manager=bosses[n % len(bosses)], start_date=since) for n, person in enumerate(people)]
    )
    programme = Programme.objects.create(organisation=home, name="All", status=Status.LIVE, created_at=NOW)
    made = Cohort.objects.bulk_create([Cohort(programme=programme, name=str(n)) for n in range(cohorts)])
    Enrolment.objects.bulk_create(
        [
            Enrolment(cohort=made[n // COHORT], person=person, buddy=people[n - 1], enrolled_on=since)
            for n, person in enumerate(people)
        ]
    )
    Moment.objects.bulk_create([moment(cohort, n) for cohort in made for n in range(COHORT)])


def moment(cohort: Cohort, n: int) -> Moment:
    due_at = NOW - timedelta(hours=1) if n < DUE_NOW else NOW + timedelta(hours=24 + n % 24)
    closes_on = NOW.date() + timedelta(days=14)
    return Moment(
        cohort=cohort,
        step="baseline-learner",
        occurrence=n,
        actor=ROLES[n % len(ROLES)],
        due_on=due_at.date(),
        closes_on=closes_on,
        due_at=due_at,
        closes_at=datetime.combine(closes_on, time(17, 0), tzinfo=UTC),
    )


def run() -> None:
    """Issue every card, issue them again, gather what is due, and send it to a server that takes all at once."""
    measured("issue", lambda: writes.issue(now=NOW))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    measured("issue again", lambda: writes.issue(now=NOW) or Card.objects.count())
    measured("look for what is due, 100 times", find)
    measured("gather, people", gather)
    measured(f"claim alone, {delivering.BATCH} at a time", claim)
    measured("claim, send, mark", lambda: jobs.deliver(now=NOW, send=taken, most=GATHERED))


def claim() -> int:
    """Everything that was gathered, as a worker does it before it reads what to send; then it is given back."""
    worker, claimed = uuid.uuid4(), 0
    while mine := delivering.take(now=NOW, worker=worker, most=GATHERED):
        claimed += len(mine)
    Contact.objects.filter(claimed_by=worker).update(claimed_by=None, due_at=NOW)
    return claimed


def find() -> int:
    """As the worker does each minute: a hundred times 120 people."""
    return sum(len(jobs.due_people(now=NOW, most=120)) for _time in range(100))


def gather() -> int:
    """Until enough are gathered, or nobody is left of whom something is due."""
    made = 0
    while made < GATHERED and (more := jobs.gather(now=NOW, most=1_000)):
        made += more
    return made


def taken(batch: Iterable[Contact]) -> Iterator[None]:
    yield from (None for _contact in batch)


def measured(name: str, work: Callable[[], int]) -> None:
    before, database_before = own_seconds(), database_seconds()
    rows = work()
    own, database = own_seconds() - before, database_seconds() - database_before
    alone = connection.vendor == "sqlite"
    print(
        json.dumps({"name": name, "rows": rows, "database": own if alone else database, "all": own + database}),
        flush=True,
    )


def own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def database_seconds() -> float:
    """Of the process at PostgreSQL that works for this one; SQLite works in this one."""
    if connection.vendor == "sqlite":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS
