"""What is said in channels by itself. No link that answers a card goes there: everybody in a channel would be somebody.

A team reads that its vote or its talk has come, and that the way to it lies in everyone's own mail. The training
department reads that the slide for Friday is there; its link asks who opens it to log in.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from borging.cards.jobs import AwayError, RefusedError
from borging.cards.mail import Button
from borging.cards.models import Moment, Posting, Webhook
from borging.cards.rules import MOST_ATTEMPTS, retry_at
from borging.cards.webhooks import ForbiddenAddressError, Note, Payload, post_webhook, webhook_payload
from borging.measure.models import Release
from borging.people.models import Membership, holds_on
from borging.programmes.models import Programme, Status
from borging.transfer.playbooks import playbook

logger = logging.getLogger(__name__)
Post = Callable[[str, str, Payload], None]
LEASE = timedelta(minutes=5)
MOST = 20
"""Messages in one minute, so that a service that does not answer holds up little."""
FRIDAY, MORNING = 5, time(9, 0)


def announce(*, now: datetime) -> int:
    """Lay out what channels are to be told now, each thing once; returns how many messages are new."""
    rows = [
        Posting(webhook=webhook, key=key, due_at=now)
        for webhook in Webhook.objects.select_related("organisation", "team", "programme")
        if _is_open(webhook, now=now)
        for key in _keys(webhook, now=now)
    ]
    before = Posting.objects.count()
    Posting.objects.bulk_create(rows, ignore_conflicts=True)
    return Posting.objects.count() - before


def _is_open(webhook: Webhook, *, now: datetime) -> bool:
    """On the work days of the organisation, outside its quiet hours."""
    home = webhook.organisation
    here = now.astimezone(ZoneInfo(home.time_zone))
    return str(here.isoweekday()) in home.work_days and home.quiet_until <= here.time() < home.quiet_from


def _keys(webhook: Webhook, *, now: datetime) -> Iterable[str]:
    if webhook.audience == Webhook.Audience.LD:
        here = now.astimezone(ZoneInfo(webhook.organisation.time_zone))
        if here.isoweekday() == FRIDAY and here.time() >= MORNING:
            week = here.strftime("%G-%V")
            yield from (f"friday:{programme.pk}:{week}" for programme in _with_figures(webhook))
        return
    for moment in _team_moments(webhook, now=now):
        yield f"moment:{moment.pk}"


def _programmes(webhook: Webhook) -> Q:
    own = Q(organisation=webhook.organisation_id, status=Status.LIVE)
    return own & Q(pk=webhook.programme_id) if webhook.programme_id else own


def _with_figures(webhook: Webhook) -> Iterable[Programme]:
    released = Release.objects.filter(programme=OuterRef("pk"))
    return Programme.objects.filter(_programmes(webhook), Exists(released))


def _team_moments(webhook: Webhook, *, now: datetime) -> Iterable[Moment]:
    """What a team is asked now: of its own cohorts, or of all when the channel is nobody's in particular."""
    programmes = Programme.objects.filter(_programmes(webhook))
    found = Moment.objects.filter(cohort__programme__in=programmes, due_at__lte=now, closes_at__gt=now)
    if webhook.team_id:
        members = Membership.objects.filter(holds_on(now.date()), team=webhook.team_id).values("person")
        found = found.filter(cohort__enrolments__person__in=members, cohort__enrolments__left_on=None)
    for moment in found.select_related("cohort__programme__organisation").distinct():
        if playbook(moment.cohort.programme.playbook).step(moment.step).kind == "team":
            yield moment


def post_due(*, now: datetime, post: Post = post_webhook) -> int:
    """Post what is due; returns how many were taken. What goes wrong comes again a few times, then not any more."""
    due = Posting.objects.filter(due_at__lte=now).select_related("webhook__organisation")
    return sum(_post(posting, now=now, post=post) for posting in due.order_by("due_at", "pk")[:MOST])


def _post(posting: Posting, *, now: datetime, post: Post) -> bool:
    mine = Posting.objects.filter(pk=posting.pk)
    if not mine.filter(due_at=posting.due_at).update(due_at=now + LEASE):
        return False  # another worker has it
    attempts = posting.attempts + 1
    try:
        note = note_of(posting)
        if note is None:
            mine.update(due_at=None)
            return False
        post(posting.webhook.kind, posting.webhook.url, webhook_payload(posting.webhook.kind, note))
    except (AwayError, RefusedError, ForbiddenAddressError, OSError) as error:
        over = attempts >= MOST_ATTEMPTS or getattr(error, "permanent", False)
        logger.warning("error %s: channel %s: %s", secrets.token_hex(4), posting.webhook_id, type(error).__name__)
        mine.update(attempts=attempts, due_at=None if over else retry_at(now=now, attempts=attempts))
        return False
    mine.update(attempts=attempts, due_at=None, posted_at=now)
    return True


def note_of(posting: Posting) -> Note | None:
    """The words of a message; None when what it is about is over."""
    kind, number, *_week = posting.key.split(":")
    language = posting.webhook.organisation.language
    with override(language):
        if kind == "friday":
            programme = Programme.objects.filter(pk=number, status=Status.LIVE).first()
            return _friday(programme) if programme else None
        moment = Moment.objects.select_related("cohort__programme__organisation").filter(pk=number).first()
        live = moment and moment.cohort.programme.status == Status.LIVE
        return _team(moment, language=language) if moment and live else None


def _friday(programme: Programme) -> Note:
    url = settings.BASE_URL + reverse("evidence_friday", args=[programme.pk])
    return Note(
        title=_("The slide for Friday is ready: %(name)s") % {"name": programme.name},
        lines=(_("What was found so far, with its margin and its rung. You log in to see it."),),
        button=Button(words=_("Look at the slide"), url=url),
    )


def _team(moment: Moment, *, language: str) -> Note:
    programme = moment.cohort.programme
    step = playbook(programme.playbook).step(moment.step)
    closes = moment.closes_at.astimezone(ZoneInfo(programme.organisation.time_zone))
    words = {"activity": programme.name, "day": date_format(closes, "l j F")}
    if moment.anonymous:
        way = _("The vote is in your own mail: one tap, without your name, until %(day)s.") % words
        return Note(title=step.title[language], lines=(programme.name, way))
    lines = tuple(line[language].format_map(words) for line in step.talk)
    way = _("Whoever leads the team has the card in the mail, to write down what you agree, until %(day)s.") % words
    return Note(title=step.title[language], lines=(programme.name, *lines, way))


def hello(webhook: Webhook) -> Note:
    """What is said to try a channel."""
    with override(webhook.organisation.language):
        return Note(title=_("Borging can post here"), lines=(_("This is a test. Nothing else happened."),))
