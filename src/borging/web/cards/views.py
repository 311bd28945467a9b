"""Answering a card: a GET stores nothing, however often a mail scanner comes by; a POST keeps one answer at once."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import override

from borging import clock
from borging.cards import links
from borging.cards import writes as cards
from borging.cards.models import Card, CardStatus
from borging.cards.rules import AnswerError
from borging.cards.writes import ClosedError
from borging.people.models import Person
from borging.transfer import content, reads, writes
from borging.transfer.content import Filled

from . import meetings, pages, verdict
from .capability import by_link, gone

PAUSES = (1, 2, 4, 8)
"""Weeks of rest that can be chosen."""
ONE_CLICK_WEEKS = 4


@by_link
def card(request: HttpRequest, token: str) -> HttpResponse:
    """One card, for whoever holds its link: a question, the next one, and in the end what was answered."""
    try:
        found = links.card_for(token, now=clock.now())
    except links.BadLinkError as error:
        return gone(request, error)
    language = pages.language_of(request, found.person)
    with override(language):
        response = _card(request, found, language)
    response.headers["Content-Language"] = language
    return response


def _card(request: HttpRequest, found: Card, language: str) -> HttpResponse:
    filled = content.content_of(found, language=language)
    try:
        if found.closes_at <= clock.now() or found.status in {CardStatus.WITHDRAWN, CardStatus.LAPSED}:
            raise ClosedError(found.pk)
        if found.moment.anonymous:
            return _anonymous(request, found, filled)
        return _store(request, found, filled) if request.method == "POST" else _show(request, found, filled)
    except ClosedError:
        return render(request, "cards/closed.html", pages.closed(found, filled), status=410)


def _show(request: HttpRequest, found: Card, filled: Filled) -> HttpResponse:
    given = reads.answers(found, filled)
    wanted = request.GET.get("q", "")
    if wanted == "end" or (not wanted and found.status == CardStatus.ANSWERED):
        return render(request, "cards/done.html", pages.done(found, filled, given) | meetings.after(found, filled))
    number = pages.screen_number(wanted, filled, given)
    page = pages.question(found, filled, number=number, given=given, chosen=pages.preselected(request, filled))
    page |= pages.told(filled, given, name=request.GET.get("after", "")) | meetings.beside(found, filled)
    page |= verdict.beside(found, filled)
    return render(request, "cards/card.html", page)


def _store(request: HttpRequest, found: Card, filled: Filled) -> HttpResponse:
    number = pages.screen_number(request.POST.get("q", ""), filled, {})
    name = filled.content.screens[number].name
    try:
        given = writes.answer(card=found, filled=filled, name=name, given=pages.sent(request.POST), now=clock.now())
    except AnswerError as error:
        page = pages.question(found, filled, number=number, given={}, sent=pages.sent(request.POST), wrong=error.code)
        return render(request, "cards/card.html", page, status=422)
    later = pages.following(filled, given, number=number)
    further = content.first_missing(filled, given) if later is None else later
    place = "end" if further is None else further + 1
    return redirect(f"{request.path}?q={place}&after={name}")


def _anonymous(request: HttpRequest, found: Card, filled: Filled) -> HttpResponse:
    """The answers travel along in the form until the last, then they are kept together; nothing is kept on the way."""
    if found.status == CardStatus.ANSWERED:
        return render(request, "cards/done.html", pages.done(found, filled, {}))
    carried = pages.carried(request.POST)
    number = pages.screen_number(request.POST.get("q", ""), filled, {})
    if request.method != "POST":
        page = pages.question(found, filled, number=0, given={}, chosen=pages.preselected(request, filled))
        return render(request, "cards/card.html", page)
    name, sent = filled.content.screens[number].name, pages.sent(request.POST)
    try:
        pages.check_again(filled, name, sent)
    except AnswerError as error:
        page = pages.question(found, filled, number=number, given={}, sent=sent, wrong=error.code, carried=carried)
        return render(request, "cards/card.html", page, status=422)
    carried[name] = sent
    if number + 1 < len(filled.content.screens):
        page = pages.question(found, filled, number=number + 1, given={}, carried=carried)
        return render(request, "cards/card.html", page)
    writes.answer_together(card=found, filled=filled, given=carried, now=clock.now())
    return redirect(request.path)


@by_link
def pause(request: HttpRequest, token: str) -> HttpResponse:
    """A rest from cards. A mail program's own button posts here too, without a page."""
    try:
        person = links.person_for(token)
    except links.BadLinkError as error:
        return gone(request, error)
    if request.method == "POST":
        weeks = request.POST.get("weeks", "")
        _rest(person, weeks=int(weeks) if weeks in map(str, (0, *PAUSES)) else ONE_CLICK_WEEKS)
    language = pages.language_of(request, person)
    with override(language):
        page = {"person": person, "pauses": PAUSES, "today": localdate(clock.now()), "saved": request.method == "POST"}
        return render(request, "cards/pause.html", page)


def _rest(person: Person, *, weeks: int) -> None:
    until = localdate(clock.now()) + timedelta(weeks=weeks) if weeks else None
    cards.pause(person=person, until=until)
    person.paused_until = until
