"""Today for who takes part, and for those around them: own cards, own plan, own people, and what they can remove.

Of others it is shown who takes part in what and what is planned, never an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from borging.cards import reads as cards
from borging.cards.links import token
from borging.evidence import reads as evidence
from borging.measure.reads import programmes_seen
from borging.people.models import Account, Person
from borging.people.reads import below
from borging.programmes.models import Enrolment, Programme, Status
from borging.transfer import content, playbooks
from borging.transfer import reads as transfer
from borging.transfer.models import Barrier
from borging.transfer.reads import Record

MOST = 10
"""Cards that are shown at once."""
GOING = (Status.LIVE, Status.PAUSED)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A card that can be answered now."""

    title: str
    programme: str
    minutes: int
    closes_at: datetime
    address: str


@dataclass(frozen=True, kw_only=True)
class Mine:
    """Own goal, plan and buddy in one programme."""

    programme: str
    goal: str
    plan: str
    buddy: str
    training_on: date | None
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Theirs:
    """Somebody who takes part: as what the viewer knows them, in which programme, and when the training is."""

    name: str
    programme: str
    training_on: date | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A barrier that lies with the viewer, and three things that can be done about it."""

    barrier: Barrier
    words: str
    programme: str
    follow_ups: tuple[str, ...]


def waiting_for(person: Person, *, language: str, now: datetime) -> tuple[list[Waiting], int]:
    """Cards for this person that can be answered now, and how many more there are."""
    found = cards.open_cards(person, now=now)
    shown = []
    for card in found[:MOST]:
        filled = content.content_of(card, language=language).content
        shown.append(
            Waiting(
                title=filled.subject,
                programme=card.programme.name,
                minutes=filled.minutes,
                closes_at=card.closes_at,
                address=reverse("card", args=[token(card)]),
            )
        )
    return shown, max(found.count() - len(shown), 0)


def mine_of(person: Person, *, today: date) -> list[Mine]:
    """Every programme this person takes part in now."""
    rows = _taking_part(today).filter(person=person).select_related("cohort__programme", "buddy")
    return [
        Mine(
            programme=row.cohort.programme.name,
            goal=evidence.latest_text(person, programme=row.cohort.programme, questions=("goal",)),
            plan=content.plan_of(row.cohort.programme, person),
            buddy=row.buddy.name if row.buddy else "",
            training_on=_day(row),
            records=tuple(transfer.records_of(person, programme=row.cohort.programme)),
        )
        for row in rows
    ]


def people_of(person: Person, *, today: date) -> list[tuple[str, list[Theirs]]]:
    """The people around this person who take part in something, per way in which they belong together."""
    rows = _taking_part(today).select_related("cohort__programme", "person")
    groups = (
        (_("Your people"), rows.filter(person__in=below(person, day=today))),
        (_("You are their buddy"), rows.filter(buddy=person)),
        (_("You watch along with them"), rows.filter(observer=person)),
    )
    found = [
        (
            heading,
            [
                Theirs(name=row.person.name, programme=row.cohort.programme.name, training_on=_day(row))
                for row in enrolments
            ],
        )
        for heading, enrolments in groups
    ]
    return [(heading, people) for heading, people in found if people]


def barriers_of(person: Person, *, language: str) -> list[Standing]:
    """What stands in the way of others and lies with this person."""
    records = {row["key"]: row for row in playbooks.records("barriers")}
    return [
        Standing(
            barrier=barrier,
            words=records[barrier.key][language],
            programme=barrier.cohort.programme.name,
            follow_ups=tuple(follow_up[language] for follow_up in records[barrier.key]["follow_ups"]),
        )
        for barrier in transfer.barriers_for(person)
        if barrier.key in records
    ]


def figures_for(viewer: Account) -> list[Programme]:
    """The programmes of which the viewer sees what was released, as long as there is something to look at."""
    return list(programmes_seen(viewer).exclude(status=Status.DRAFT))


def _taking_part(today: date) -> QuerySet[Enrolment]:
    here = Q(left_on=None) | Q(left_on__gt=today)
    rows = Enrolment.objects.filter(here, enrolled_on__lte=today, cohort__programme__status__in=GOING)
    return rows.annotate(training_at=Min("cohort__sessions__starts_at"))


def _day(row: Enrolment) -> date | None:
    at: datetime | None = getattr(row, "training_at", None)
    return timezone.localtime(at).date() if at else None
