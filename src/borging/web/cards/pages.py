"""What the card's page shows: one question with its options, or the end with what was answered."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from borging.cards.links import choice_mark
from borging.cards.models import Card
from borging.cards.rules import Screen, check, is_asked
from borging.evidence.rules import Given
from borging.people import reads as people
from borging.people.models import Person
from borging.transfer.content import Filled, written_plan

Sent = dict[str, str]
FIELDS = ("answer", "other", "if", "then")
MOST_BUTTONS = 11
"""Numbers of a scale that are shown; a longer one goes in steps of ten."""


def language_of(request: HttpRequest, person: Person) -> str:
    """The language this browser chose, else that of the person."""
    chosen = request.COOKIES.get("django_language", "")
    return chosen if chosen and translation.check_for_language(chosen) else people.language_of(person)


def sent(data: QueryDict) -> Sent:
    """What a form sent for one question."""
    return {name: str(data.get(name, "")) for name in FIELDS}


def carried(data: QueryDict) -> dict[str, Sent]:
    """The earlier answers of an anonymous card, which travel in the form; anything odd in it is left out."""
    try:
        read = json.loads(data.get("carried", "") or "{}")
    except ValueError:
        return {}
    if not isinstance(read, dict):
        return {}
    return {
        str(name): {field: str(given.get(field, "")) for field in FIELDS}
        for name, given in read.items()
        if isinstance(given, dict)
    }


def check_again(filled: Filled, name: str, given: Mapping[str, str]) -> None:
    """Raises AnswerError where an answer could not be kept."""
    check(next(screen for screen in filled.content.screens if screen.name == name), given)


def screen_number(wanted: str, filled: Filled, given: Mapping[str, Given]) -> int:
    """Which question to show: the one asked for (they count from 1), else the first without an answer."""
    screens = filled.content.screens
    if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted) <= len(screens):
        return int(wanted) - 1
    return next((n for n, screen in enumerate(screens) if screen.name not in given and is_asked(screen, given)), 0)


def first_missing(filled: Filled, given: Mapping[str, Given]) -> int | None:
    """The first question that must be answered and is not."""
    screens = enumerate(filled.content.screens)
    return next((n for n, s in screens if s.required and s.name not in given and is_asked(s, given)), None)


def following(filled: Filled, given: Mapping[str, Given], *, number: int) -> int | None:
    """The next question that is asked after this one; None at the end."""
    later = list(enumerate(filled.content.screens))[number + 1 :]
    return next((n for n, screen in later if is_asked(screen, given)), None)


def question(
    card: Card,
    filled: Filled,
    *,
    number: int,
    given: Mapping[str, Given],
    chosen: str = "",
    sent: Sent | None = None,
    wrong: str = "",
    carried: dict[str, Sent] | None = None,
) -> dict[str, Any]:
    """One question. `chosen` is the answer whose button was pressed in the mail: it is marked, not kept."""
    screen = filled.content.screens[number]
    value = sent or _value(given.get(screen.name))
    if chosen and number == 0 and screen.name not in given:
        value = {"answer": chosen}
    return {
        "card": card,
        "content": filled.content,
        "screen": screen,
        "value": value,
        "numbers": _numbers(screen),
        "wrong": _wrong(wrong),
        "number": number + 1,
        "total": sum(screen.only_after is None or is_asked(screen, given) for screen in filled.content.screens),
        "previous": number if number and carried is None else 0,
        "carried": json.dumps(carried) if carried else "",
        "latest": number + 1 == len(filled.content.screens),
        "until": _until(card),
    }


def told(filled: Filled, given: Mapping[str, Given], *, name: str) -> dict[str, Any]:
    """After a practice question: what one would best do first, and why."""
    place = filled.places.get(name)
    screen = next((screen for screen in filled.content.screens if screen.name == name), None)
    if not place or not place.situation or not screen or not screen.explanation or name not in given:
        return {}
    best = next(key for key, option in place.keys.items() if option == 0)
    words = next(choice.words for choice in screen.choices if choice.key == best)
    return {"best": words, "explanation": screen.explanation, "matches": given[name].choice == best}


def done(card: Card, filled: Filled, given: Mapping[str, Given]) -> dict[str, Any]:
    """The end: thanks, and every answer with a way to change it."""
    rows = [
        {"number": number, "text": screen.text, "said": said(screen, given.get(screen.name))}
        for number, screen in enumerate(filled.content.screens, start=1)
        if is_asked(screen, given)
    ]
    page = {"card": card, "content": filled.content, "rows": rows if given else [], "until": _until(card)}
    latest = filled.content.screens[-1].name if filled.content.screens else ""
    return page | told(filled, given, name=latest)


def closed(card: Card, filled: Filled) -> dict[str, Any]:
    return {"card": card, "content": filled.content, "until": _until(card)}


def said(screen: Screen, given: Given | None) -> str:
    """An answer in the reader's words."""
    if given is None or given.empty:
        return _("left open")
    if given.choice:
        return next((choice.words for choice in screen.choices if choice.key == given.choice), given.choice)
    if given.number is not None:
        return f"{given.number:.0f}"
    if screen.type == "if-then":
        return written_plan(given.text)
    return given.text


def preselected(request: HttpRequest, filled: Filled) -> str:
    """The answer of which the button was pressed in the mail; empty when none was."""
    mark, screens = request.GET.get("a", ""), filled.content.screens
    keys = [choice.key for choice in screens[0].choices] if mark and screens else []
    return next((key for key in keys if choice_mark(request.path, key) == mark), "")


def _value(given: Given | None) -> Sent:
    """An earlier answer as the form would send it."""
    if given is None:
        return {}
    if given.number is not None:
        return {"answer": f"{given.number:.0f}"}
    situation, _newline, act = given.text.partition("\n")
    return {"answer": given.choice or given.text, "other": given.choice, "if": situation, "then": act}


def _numbers(screen: Screen) -> list[str]:
    if screen.type not in {"scale", "count10"}:
        return []
    step = 1 if screen.high - screen.low < MOST_BUTTONS else 10
    return [str(number) for number in range(screen.low, screen.high + 1, step)]


def _until(card: Card) -> str:
    closes_at = timezone.localtime(card.closes_at)
    return _("%(day)s at %(time)s") % {
        "day": date_format(closes_at, "l j F"),
        "time": date_format(closes_at, "H:i"),
    }


def _wrong(code: str) -> str:
    return {
        "": "",
        "missing": _("Choose an answer first. None of them is wrong."),
        "unknown": _("Choose one of the answers below."),
        "number": _("Choose one of the numbers below."),
        "date": _("Fill in a date, with day, month and year."),
        "long": _("This is longer than we can keep. Make it at most 2,000 characters."),
        "half": _("Fill in both halves: the situation, and what you will do then."),
    }[code]
