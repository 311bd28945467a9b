"""Everything a programme will send, to its owner's own address: marked as a rehearsal, and nothing is kept."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from borging.cards.mail import message
from borging.cards.rules import Content, Mail, MailCard
from borging.people.models import Account, Person
from borging.programmes import reads
from borging.programmes.models import Programme
from borging.programmes.writes import mark_rehearsed
from borging.transfer import facts
from borging.transfer.content import fill
from borging.transfer.rules import Step

from .timeline import roles, signed

SOON = timedelta(weeks=5)
"""A programme without a session is rehearsed as if it started then."""


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """A card as its reader will see it. `closes_on` is the day until which it can be answered."""

    step: Step
    actor: str
    content: Content
    closes_on: date


def cards_of(programme: Programme, *, viewer: Account, language: str, today: date) -> Iterator[Rehearsed]:
    """Every card of the playbook once, in the order of its days, about an example of a learner."""
    first = reads.first_day(programme) or today + SOON
    reader = Person(organisation=programme.organisation, name=viewer.name or viewer.email)
    learner = Person(organisation=programme.organisation, name=_("Example"))
    seen = set()
    for slot in facts.slots_of(programme, days=(first, first)):
        if (slot.step.key, slot.actor) in seen:
            continue
        seen.add((slot.step.key, slot.actor))
        filled = fill(
            slot.step,
            programme=programme,
            reader=reader,
            about=None if slot.actor == "learner" else learner,
            actor=slot.actor,
            occurrence=slot.occurrence,
            language=language,
        )
        yield Rehearsed(step=slot.step, actor=slot.actor, content=filled.content, closes_on=slot.closes_on)


def send(programme: Programme, *, viewer: Account, language: str, now: datetime) -> None:
    """Send every card to the viewer. Only the worker does: it takes a while.

    Raises OSError or smtplib.SMTPException when the mail server does not take them.
    """
    with override(language):
        cards = list(cards_of(programme, viewer=viewer, language=language, today=timezone.localdate(now)))
        mails = [
            _mail(card, programme, viewer=viewer, language=language, place=(n, len(cards)))
            for n, card in enumerate(cards, start=1)
        ]
    get_connection().send_messages(mails)
    mark_rehearsed(programme=programme, now=now)


def _mail(
    card: Rehearsed, programme: Programme, *, viewer: Account, language: str, place: tuple[int, int]
) -> EmailMessage:
    url = settings.BASE_URL + reverse("programme_card", args=[programme.pk, card.step.key, card.actor])
    words = {"n": place[0], "of": place[1], "subject": card.content.subject}
    marked = replace(
        card.content,
        subject=_("Rehearsal %(n)s of %(of)s: %(subject)s") % words,
        eyebrow=_("Rehearsal · %(name)s") % {"name": card.content.eyebrow},
    )
    closes_at = timezone.make_aware(datetime.combine(card.closes_on, time(17)))
    mail = Mail(
        key=str(uuid.uuid4()),
        to_name=viewer.name,
        to_address=viewer.email,
        language=language,
        organisation=programme.organisation.name,
        cards=(MailCard(content=marked, url=url, closes_at=closes_at),),
        pause_url=url,
    )
    return message(mail, sender=settings.DEFAULT_FROM_EMAIL, domain=urlsplit(url).hostname or "localhost")


@dataclass(frozen=True, kw_only=True)
class CardRow:
    """A rehearsed card as the page shows it: when, for whom, and everything that is asked."""

    key: str
    day: str
    role: str
    content: Content


def rows(cards: Iterable[Rehearsed]) -> list[CardRow]:
    names = roles()
    return [
        CardRow(key=card.step.key, day=signed(card.step.day), role=names[card.actor], content=card.content)
        for card in cards
    ]
