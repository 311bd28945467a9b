"""The moment of two people on a card: when it is, another one, and the files that put it into a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from borging import clock
from borging.cards.models import Actor, Card
from borging.connectors.calendar import TYPE, written
from borging.transfer import calendars, meetings, reads
from borging.transfer.content import Filled, when
from borging.transfer.meetings import NoMeetingError, SlotTakenError
from borging.transfer.models import Meeting

from .capability import for_card


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A meeting as one of the two sees it; `when` is empty while nothing is agreed."""

    other: str
    minutes: int
    when: str = ""
    held: bool = False
    begun: bool = False


def beside(card: Card, filled: Filled) -> dict[str, Any]:
    """What stands beside the questions of a card: the moment of the two it is about."""
    return {"meeting": _shown(card)} if filled.step.meeting or filled.step.joins else {}


def after(card: Card, filled: Filled) -> dict[str, Any]:
    """What stands under a card that was answered: the moment, what can go into the own calendar, what was written."""
    page = beside(card, filled)
    if card.moment.actor != Actor.LEARNER or card.moment.anonymous:
        return page
    page["plan_file"] = any(question.pattern == "if-then" for question in filled.step.questions)
    page["training_file"] = filled.step.anchor == "start"
    if filled.step.joins or filled.step.kind == "attempt":
        page["records"] = reads.records_of(card.person, programme=card.programme)[:1]
    return page


def _shown(card: Card) -> Shown | None:
    step = meetings.step_meeting(card)
    if step is None or card.enrolment is None:
        return None
    meeting, learner = meetings.meeting_of(card), card.enrolment.person
    if meeting is None:
        other = "" if card.person_id == learner.pk else learner.name
        return Shown(other=other, minutes=step.minutes) if other else None
    return Shown(
        other=(meeting.host if card.person_id == learner.pk else learner).name,
        minutes=step.minutes,
        when=when(meeting.starts_at, meeting.ends_at, zone=_zone(card)),
        held=meeting.held,
        begun=meeting.starts_at <= clock.now(),
    )


def _zone(card: Card) -> str:
    return card.person.time_zone or card.person.organisation.time_zone


@require_http_methods(["GET", "HEAD", "POST"])
@for_card
def moment(request: HttpRequest, card: Card) -> HttpResponse:
    """The moment of a card: agree on one, take another, or say that it did not take place."""
    shown = _shown(card)
    if shown is None:
        raise Http404
    if request.method == "POST":
        return _change(request, card)
    return _page(request, card, shown)


def _page(request: HttpRequest, card: Card, shown: Shown, *, wrong: str = "", status: int = 200) -> HttpResponse:
    zone = _zone(card)
    offered = [
        (start.isoformat(), _until(start, shown.minutes, zone=zone)) for start in meetings.offers(card, now=clock.now())
    ]
    page = {"card": card, "meeting": shown, "offered": sorted(offered), "wrong": wrong, "home": _home(request)}
    return render(request, "cards/moment.html", page, status=status)


def _until(start: datetime, minutes: int, *, zone: str) -> str:
    return when(start, start + timedelta(minutes=minutes), zone=zone)


def _home(request: HttpRequest) -> str:
    return request.path.removesuffix("moment")


def _change(request: HttpRequest, card: Card) -> HttpResponse:
    found, now = meetings.meeting_of(card), clock.now()
    try:
        if "missed" in request.POST and found:
            moved = meetings.again(meeting=found, now=now, missed=True)
            messages.success(request, _said(card, moved))
        elif "off" in request.POST and found:
            meetings.call_off(meetings.live().filter(pk=found.pk), now=now)
            messages.success(request, _("It is off, and leaves both calendars."))
        else:
            start = _start(request)
            if start is None:
                return _again(request, card, _("Choose a moment first."))
            agreed = meetings.agree(card=card, start=start, now=now)
            messages.success(request, _said(card, agreed))
    except SlotTakenError:
        return _again(request, card, _("This moment has just been taken. Choose another one."), status=409)
    except NoMeetingError:
        return _again(request, card, _("There is nothing to plan any more."), status=409)
    return redirect(request.path)


def _again(request: HttpRequest, card: Card, wrong: str, *, status: int = 422) -> HttpResponse:
    shown = _shown(card)
    if shown is None:
        raise Http404
    return _page(request, card, shown, wrong=wrong, status=status)


def _start(request: HttpRequest) -> datetime | None:
    try:
        found = parse_datetime(request.POST.get("start", ""))
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _said(card: Card, meeting: Meeting | None) -> str:
    if meeting is None:
        return _("There is no time left that suits you both, so it is off.")
    words = {"when": when(meeting.starts_at, meeting.ends_at, zone=_zone(card))}
    return _("%(when)s. You both get an invitation for your calendar.") % words


@require_safe
@for_card
def calendar(request: HttpRequest, card: Card, file: str) -> HttpResponse:
    """A file for one's own calendar: of the moment of this card, the training, or the own if-then plan."""
    now = clock.now()
    if file == "moment" and (meeting := meetings.meeting_of(card)):
        found = calendars.of_meeting(card, meeting)
    elif file == "training" and card.moment.actor == Actor.LEARNER:
        found = calendars.of_training(card)
    elif file == "plan" and card.moment.actor == Actor.LEARNER:
        found = calendars.of_plan(card, now=now)
    else:
        found = []
    if not found:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="borging-{file}.ics"'}
    return HttpResponse(written(found, method="PUBLISH", now=now), content_type=TYPE, headers=headers)
