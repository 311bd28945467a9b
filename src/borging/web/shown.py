"""Writing down that a page about people was shown; and what such a page is called to the people on it."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.utils.translation import gettext as _

from borging import clock
from borging.people.models import Person
from borging.privacy import looks

from .guards import viewer


def shown(request: HttpRequest, people: Iterable[Person | None] = (), *, everybody: bool = False) -> None:
    """These people stand on the page that is about to be shown, or everybody does (trust rule P14)."""
    match = request.resolver_match
    there = [person for person in people if person is not None]
    page = (match.url_name if match else None) or ""
    looks.record(viewer=viewer(request), page=page, people=there, everybody=everybody, now=clock.now())


def page_words(page: str) -> str:
    """What was looked at, for who stood on it."""
    one = _("your page: name, address, team, manager and days away")
    words = {
        "people": _("the list of people"),
        "person": one,
        "person_habits": one,
        "add_leave": one,
        "people_import": _("a file with the people of your organisation"),
        "people_columns": _("a file with the people of your organisation"),
        "roles": _("who may do what"),
        "home": _("who takes part, on their start page"),
        "own": _("who takes part, on their start page"),
        "programme_people": _("who takes part in a training"),
        "add_people": _("who takes part in a training"),
        "programme_floor": _("who watches whom at work"),
        "companions": _("who is whose buddy"),
        "remove_person": _("removing somebody everywhere"),
    }
    return words.get(page) or unnamed()


def unnamed() -> str:
    """For a page that has no words of its own, or is no longer there."""
    return _("a page with you on it")
