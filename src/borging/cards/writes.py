"""Changes to moments and cards. Whole cohorts change in one statement, however many people are in them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import (
    BigIntegerField,
    Case,
    DateTimeField,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Greatest, Mod

from borging.people.locks import one_at_a_time
from borging.people.models import Employment, Organisation, Person, Reporting, holds_on
from borging.programmes.models import Cohort, Programme, Status
from borging.statements import Blank, Change, Question

from .models import AWAITED, Actor, Card, CardStatus, Clearance, Moment
from .reads import late_cards

AHEAD = timedelta(days=2)
"""Cards are made this long before they are due, so that who manages whom is known as it is then."""
COLUMNS = (
    "organisation_id",
    "programme_id",
    "moment_id",
    "person_id",
    "enrolment_id",
    "status",
    "next_at",
    "closes_at",
    "turn",
)
MOVING = ("fallback", "due_on", "closes_on", "due_at", "closes_at", "yields", "uncounted", "anonymous", "sampled")


PLANNING = 4_207_534
"""The lock under which cards are made; any number that is nobody else's."""


OVER = (CardStatus.WITHDRAWN, CardStatus.LAPSED)
"""These cannot be answered any more, whenever they close."""


class ClosedError(Exception):
    """This card can no longer be answered."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A moment as a room wants it; see `cards.models.Moment`."""

    step: str
    occurrence: int
    actor: str
    due_on: date
    closes_on: date
    due_at: datetime
    closes_at: datetime
    fallback: str = ""
    yields: bool = False
    uncounted: bool = False
    anonymous: bool = False
    sampled: bool = False


@transaction.atomic
def schedule(*, cohort: Cohort, moments: Iterable[Planned]) -> None:
    """Set the moments of a cohort; those that are there move to their new days, and so do cards not yet answered."""
    rows = [Moment(cohort=cohort, **vars(moment)) for moment in moments]
    Moment.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["cohort", "step", "occurrence", "actor"],
        update_fields=MOVING,
    )
    kept = Moment.objects.filter(cohort=cohort, personal=False)
    wanted = {(row.step, row.occurrence, row.actor) for row in rows}
    gone = [row.pk for row in kept if (row.step, row.occurrence, row.actor) not in wanted]
    withdraw(Card.objects.filter(moment__in=gone))
    _move(Card.objects.filter(moment__cohort=cohort))


def _move(cards: QuerySet[Card]) -> None:
    moment = Moment.objects.filter(pk=OuterRef("moment"))
    due_at, closes_at = Subquery(moment.values("due_at")), Subquery(moment.values("closes_at"))
    cards.filter(status=CardStatus.PLANNED).exclude(closes_at=closes_at).update(next_at=due_at, closes_at=closes_at)
    cards.filter(status=CardStatus.OPEN).exclude(closes_at=closes_at).update(next_at=closes_at, closes_at=closes_at)


def withdraw(cards: QuerySet[Card]) -> int:
    """Ask no more for these cards. Returns how many were still awaited."""
    return cards.filter(status__in=AWAITED).update(status=CardStatus.WITHDRAWN, next_at=None)


@transaction.atomic
def issue(*, now: datetime, programme: Programme | None = None) -> int:
    """Make the cards of moments that come up, for whoever has the role by then; each once. Returns how many.

    One statement per kind of actor. Somebody who enrolled late gets what is still open; who has left gets none.
    programme: only of this one, by somebody's hand; then nothing in it is late, see `cards.rules.LATE`.
    """
    one_at_a_time(PLANNING)  # so that what one makes is there for the next
    asked: dict[Actor, set[str]] = defaultdict(set)
    for actor, fallback in _coming_up(now, programme).values_list("actor", "fallback").distinct():
        asked[Actor(actor)].add(fallback)
    made = sum(_insert(_for_enrolments(actor, asked[actor], now, programme)) for actor in _ENROLLED if actor in asked)
    return made + sum(_insert(_for_cohorts(actor, now, programme)) for actor in _ONCE if actor in asked)


def _coming_up(now: datetime, programme: Programme | None) -> QuerySet[Moment]:
    """Moments whose cards are to be there by now."""
    due = Moment.objects.filter(due_at__lte=now + AHEAD, closes_at__gt=now, personal=False)
    due = due.filter(cohort__programme__status=Status.LIVE)
    return (due.filter(cohort__programme=programme) if programme else due).order_by()


def _manager_on(day: date) -> Subquery:
    reporting = Reporting.objects.filter(holds_on(day), person=OuterRef("learner")).order_by("-start_date")
    return Subquery(reporting.values("manager")[:1])


def _who(actor: Actor, fallbacks: set[str], day: date) -> Combinable:
    """Who is asked in this role about an enrolment, or else in the role to fall back on."""
    manager, sponsor = _manager_on(day), F("cohort__programme__sponsor_id")
    first: dict[Actor, Combinable] = {
        Actor.LEARNER: F("enrolled__person_id"),
        Actor.MANAGER: manager,
        Actor.TEAM: manager,
        Actor.BUDDY: F("enrolled__buddy_id"),
        Actor.OBSERVER: F("enrolled__observer_id"),
    }
    if actor == Actor.LEARNER or fallbacks == {""}:
        return first[actor]
    fallen_back = Case(
        When(fallback=Actor.MANAGER, then=Coalesce(manager, sponsor)),
        When(fallback=Actor.SPONSOR, then=sponsor),
        output_field=IntegerField(),
    )
    return Coalesce(first[actor], fallen_back, output_field=IntegerField())


def _employed(person: str, *, now: datetime) -> Exists:
    today = now.date()
    here = Employment.objects.filter(Q(end_date=None) | Q(end_date__gte=today), start_date__lte=today + AHEAD)
    return Exists(here.filter(person=OuterRef(person)))


def _for_enrolments(
    actor: Actor, fallbacks: set[str], now: datetime, programme: Programme | None
) -> QuerySet[Moment, Any]:
    """Columns of the enrolments are named first: asked for in a filter they would be joined a second time."""
    rows, since = _coming_up(now, programme).filter(actor=actor), now if programme else None
    rows = rows.annotate(
        enrolled=FilteredRelation("cohort__enrolments"),
        enrolment=F("enrolled__id"),
        learner=F("enrolled__person_id"),
        left_on=F("enrolled__left_on"),
        half=Mod(F("enrolled__id") + F("id"), 2),
    )
    rows = rows.annotate(who=_who(actor, fallbacks, now.date())).filter(
        Q(left_on=None) | Q(left_on__gt=now.date()),
        Q(sampled=False) | Q(half=0),
        _employed("learner", now=now),
    )
    if actor != Actor.LEARNER:
        rows = rows.filter(_employed("who", now=now))
    if actor == Actor.TEAM:
        return _columns(rows, about="none", since=since).distinct()
    return _columns(rows, about="enrolment", since=since)


def _for_cohorts(actor: Actor, now: datetime, programme: Programme | None) -> QuerySet[Moment, Any]:
    owner = F("cohort__programme__owner__person_id")
    first = {
        Actor.TRAINER: F("cohort__programme__trainer_id"),
        Actor.SPONSOR: F("cohort__programme__sponsor_id"),
        Actor.LD: owner,
    }[actor]
    rows = _coming_up(now, programme).filter(actor=actor)
    rows = rows.annotate(who=Coalesce(first, owner, output_field=IntegerField()))
    return _columns(rows.filter(_employed("who", now=now)), about="none", since=now if programme else None)


def _columns(rows: QuerySet[Moment], *, about: str, since: datetime | None) -> QuerySet[Moment, Any]:
    """Moments with who is asked, as rows of the table of cards that are not there yet. since: nothing is due before."""
    rows = rows.annotate(
        first_at=Greatest(F("due_at"), Value(since, output_field=DateTimeField())) if since else F("due_at"),
        none=Cast(Value(None), BigIntegerField()),  # PostgreSQL must know of which type it is
        planned=Value(CardStatus.PLANNED.value),
        zero=Value(0),
    )
    there = Card.objects.filter(person=OuterRef("who"), moment=OuterRef("pk"))
    there = there.filter(enrolment=None) if about == "none" else there.filter(enrolment=OuterRef(about))
    rows = rows.filter(~Exists(there))
    names = ("cohort__programme__organisation_id", "cohort__programme_id", "id", "who", about)
    return rows.values_list(*names, "planned", "first_at", "closes_at", "zero")


_ENROLLED = (Actor.LEARNER, Actor.MANAGER, Actor.BUDDY, Actor.OBSERVER, Actor.TEAM)
_ONCE = (Actor.TRAINER, Actor.SPONSOR, Actor.LD)


def _insert(rows: QuerySet[Moment, Any]) -> int:
    """Put what a query finds into the table of cards, in the database itself."""
    select, values = rows.query.sql_with_params()
    columns = ", ".join(connection.ops.quote_name(name) for name in COLUMNS)
    table = connection.ops.quote_name(Card._meta.db_table)
    # Only our own names are put together here; every value is a parameter.
    sql = f"INSERT INTO {table} ({columns}) {select}"  # nosec B608
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def close(*, card: Card, now: datetime) -> None:
    """The card is answered to its end. For an anonymous one it is not kept when. Raises ClosedError."""
    if not _CLOSE.do(pk=card.pk, now=now, at=None if card.moment.anonymous else now):
        raise ClosedError(card.pk)


def hold(*, card: Card, now: datetime) -> Card:
    """The card as it is now, held until the transaction ends. Raises ClosedError."""
    held = next(iter(_HOLD.ask(pk=card.pk)), None)
    if held is None or held.closes_at <= now or held.status in OVER:
        raise ClosedError(card.pk)
    return held


_CLOSE = Change(
    lambda: Card.objects.filter(
        pk=Blank("pk", Card._meta.pk), closes_at__gt=Blank("now", Card._meta.get_field("closes_at"))
    ).exclude(status__in=OVER),
    status=CardStatus.ANSWERED,
    next_at=None,
    answered_at=Blank("at", Card._meta.get_field("answered_at")),
)
_HOLD: Question[Card] = Question(
    lambda: (
        Card.objects.filter(pk=Blank("pk", Card._meta.pk))
        .select_for_update(of=("self",), no_key=True)
        .only("status", "closes_at")
        .order_by()
    )
)


def close_many(times: Mapping[int, datetime | None]) -> None:
    """Many open cards were answered, each at its own time; None where it is not kept when."""
    Card.objects.filter(pk__in=times).update(status=CardStatus.ANSWERED, next_at=None)
    known = [Card(pk=pk, answered_at=answered_at) for pk, answered_at in times.items() if answered_at]
    Card.objects.bulk_update(known, ["answered_at"], batch_size=200)


@transaction.atomic
def revoke_links(*, person: Person, now: datetime) -> None:
    """Make every link to a card of this person that was sent useless. What can still be answered comes once more, with
    a link of its own, as far as there was no reminder of it yet."""
    own = Card.objects.filter(person=person)
    own.update(turn=F("turn") + 1)
    own.filter(status=CardStatus.OPEN, closes_at__gt=now, reminded_at=None).update(next_at=now)


def revoke_links_of_leavers(*, day: date) -> int:
    """Whoever works here no longer is asked nothing more, and their links open nothing. Returns how many cards."""
    here = Employment.objects.filter(Q(end_date=None) | Q(end_date__gte=day), person=OuterRef("person"))
    left = Card.objects.filter(~Exists(here), status__in=AWAITED)
    return left.update(status=CardStatus.WITHDRAWN, next_at=None, turn=F("turn") + 1)


def take_up(*, programme: Programme, now: datetime) -> None:
    """A programme goes on after a pause: what came up meanwhile is due now, and so it is not late."""
    Card.objects.filter(programme=programme, next_at__lt=now).update(next_at=now)


def clear_late(*, organisation: Organisation, now: datetime) -> None:
    """Somebody looked: what is late may go."""
    Clearance.objects.update_or_create(organisation=organisation, defaults={"cleared_at": now})


@transaction.atomic
def drop_late(*, organisation: Organisation, now: datetime) -> None:
    """Somebody looked: what is late is left out. What was sent before can still be answered until it closes."""
    late = Card.objects.filter(pk__in=late_cards(now=now).filter(organisation=organisation).values("pk"))
    late.filter(status=CardStatus.OPEN, closes_at__gt=now).update(next_at=F("closes_at"))
    late.update(status=CardStatus.LAPSED, next_at=None)


def pause(*, person: Person, until: date | None) -> None:
    """No cards for this person until and with a day; None: they come again."""
    Person.objects.filter(pk=person.pk).update(paused_until=until)
