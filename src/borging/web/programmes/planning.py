"""What follows when something about a programme changes: its moments and cards are set again."""

from datetime import date, datetime

from django.db.models import Exists, F, OuterRef

from borging.cards import writes as cards
from borging.cards.models import Card, CardStatus
from borging.people.models import Reporting, holds_on
from borging.programmes.models import Cohort, Enrolment, Programme
from borging.transfer import jobs

RUNNING = ("live", "paused")


def replan(programme: Programme, *, now: datetime) -> None:
    """Everything not yet done moves to its new day. A draft has no moments yet: it gets them when it starts."""
    programme.refresh_from_db(fields=["status", "retention_days", "playbook"])
    if programme.status in RUNNING:
        jobs.plan(programme=programme, now=now)


def resume(programme: Programme, *, now: datetime) -> None:
    """After a pause: everything not yet done gets its day again, and what came up meanwhile is due now."""
    replan(programme, now=now)
    cards.take_up(programme=programme, now=now)


def withdraw_all(programme: Programme) -> int:
    """Nothing is asked any more. Returns how many cards were still awaited."""
    return cards.withdraw(programme.cards.all())


def withdraw_of(enrolment: Enrolment) -> int:
    """Nothing is asked any more about somebody who left."""
    return cards.withdraw(enrolment.cards.all())


def withdraw_earlier_observers(cohort: Cohort, *, today: date) -> int:
    """Others watch in a cohort now: who was to do so is asked no more. What nobody was sent yet can come again."""
    manages = Reporting.objects.filter(
        holds_on(today), manager=OuterRef("person"), person=OuterRef("enrolment__person")
    )
    asked = Card.objects.filter(enrolment__cohort=cohort, moment__actor="observer")
    asked = asked.exclude(enrolment__observer__isnull=False, person=F("enrolment__observer"))
    asked = asked.exclude(Exists(manages), enrolment__observer=None)
    asked.filter(status=CardStatus.PLANNED, opened_at=None).delete()
    return cards.withdraw(asked)


def withdraw_from_earlier(enrolment: Enrolment, *, actor: str, person_id: int | None) -> int:
    """Somebody else has become buddy or observer: who was it is asked no more."""
    return cards.withdraw(enrolment.cards.filter(moment__actor=actor).exclude(person=person_id))
