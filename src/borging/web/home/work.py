"""Today for who takes part, and for those around them: own cards, own plan, own people, and what they can remove.

Of others it is shown who takes part in what and what is planned, never an answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from borging.cards import reads as cards
from borging.cards.links import token
from borging.cards.models import Card
from borging.evidence import reads as evidence
from borging.figures.listing import boxed
from borging.measure.reads import Language, own_lines, released_of
from borging.measure.rules import OwnLine
from borging.people.access import led_teams
from borging.people.models import Account, Person, Team
from borging.people.reads import below
from borging.programmes.models import Enrolment, Status
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
    """Own goal, plan and buddy in one programme, and how often one tried of the times it came up."""

    programme: str
    goal: str
    plan: str
    buddy: Person | None
    training_on: date | None
    trained: bool
    tried: int = 0
    chances: int = 0
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Theirs:
    """People who take part in one programme from the same day."""

    programme: str
    training_on: date | None
    people: tuple[Person, ...]


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
                programme=_of(card),
                minutes=filled.minutes,
                closes_at=card.closes_at,
                address=reverse("card", args=[token(card)]),
            )
        )
    return shown, max(found.count() - len(shown), 0)


def _of(card: Card) -> str:
    """The programme of a card, and its cohort where there is more than one."""
    several = card.programme.cohorts.count() > 1
    return f"{card.programme.name} · {card.moment.cohort.name}" if several else card.programme.name


def mine_of(account: Account, *, today: date) -> list[Mine]:
    """Every programme this person takes part in now."""
    person = account.person
    rows = list(_taking_part(today).filter(person=person).select_related("cohort__programme", "buddy"))
    if person is None or not rows:
        return []
    lines = {line.programme: line for line in own_lines(account)}
    return [_mine(row, person, line=lines.get(row.cohort.programme_id), today=today) for row in rows]


def _mine(row: Enrolment, person: Person, *, line: OwnLine | None, today: date) -> Mine:
    programme, day = row.cohort.programme, _day(row)
    attempts = line.attempts if line else ()
    return Mine(
        programme=programme.name,
        goal=evidence.latest_text(person, programme=programme, questions=("goal",)),
        plan=content.plan_of(programme, person),
        buddy=row.buddy,
        training_on=day,
        trained=day is not None and day < today,
        tried=sum(each.tried for each in attempts),
        chances=sum(each.chances for each in attempts),
        records=tuple(transfer.records_of(person, programme=programme)),
    )


def people_of(person: Person, *, today: date) -> list[tuple[str, list[Theirs]]]:
    """The people around this person who take part in something, per way in which they belong together."""
    rows = _taking_part(today).select_related("cohort__programme", "person")
    groups = (
        (_("Your people"), rows.filter(person__in=below(person, day=today))),
        (_("You are their buddy"), rows.filter(buddy=person)),
        (_("You watch along with them"), rows.filter(observer=person)),
    )
    found = [(heading, _together(enrolments)) for heading, enrolments in groups]
    return [(heading, people) for heading, people in found if people]


def _together(rows: Iterable[Enrolment]) -> list[Theirs]:
    people: dict[tuple[str, date | None], list[Person]] = defaultdict(list)
    for row in rows:
        people[row.cohort.programme.name, _day(row)].append(row.person)
    return [
        Theirs(programme=programme, training_on=day, people=tuple(sorted(found, key=lambda person: person.name)))
        for (programme, day), found in people.items()
    ]


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


def team_of(viewer: Account, *, language: Language, today: date) -> tuple[Team, SafeString] | None:
    """The highest team the viewer leads, and what was released of it in its latest programme; None without either."""
    for team in led_teams(viewer, day=today):
        told = released_of(team, viewer=viewer, language=language, today=today)
        if told:
            _programme, report = told[0]
            return team, boxed(report)
    return None


def _taking_part(today: date) -> QuerySet[Enrolment]:
    here = Q(left_on=None) | Q(left_on__gt=today)
    rows = Enrolment.objects.filter(here, enrolled_on__lte=today, cohort__programme__status__in=GOING)
    return rows.annotate(training_at=Min("cohort__sessions__starts_at"))


def _day(row: Enrolment) -> date | None:
    at: datetime | None = getattr(row, "training_at", None)
    return timezone.localtime(at).date() if at else None
