"""What is kept, from when its term runs and why it is so long, in words for who is not a lawyer."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .rules import TERMS, Kind


@dataclass(frozen=True, kw_only=True)
class Told:
    """One kind in words."""

    kind: Kind
    what: str
    term: str
    why: str


def told() -> tuple[Told, ...]:
    """Every kind with its term, the shortest first."""
    return tuple(Told(kind=kind, what=_what(kind), term=term_of(kind), why=_why(kind)) for kind in TERMS)


def term_of(kind: Kind) -> str:
    term = TERMS[kind]
    if kind is Kind.MAIL_TEXTS:
        return _("not kept")
    if term.months:
        long = ngettext("%(n)s month", "%(n)s months", term.months) % {"n": term.months}
    else:
        long = ngettext("%(n)s day", "%(n)s days", term.days) % {"n": term.days}
    since = {
        Kind.PEOPLE_FILES: _("after it came in, or until it is brought in"),
        Kind.OWN_WORDS: _("after leaving; who leaves can take them along first"),
        Kind.STUDY_FILES: _("after the answer"),
        Kind.DELIVERY: _("after the mail"),
        Kind.AWAY: _("after the last day away"),
        Kind.LOOKS: _("after looking"),
        Kind.ANSWERS: _("after the end of the programme"),
        Kind.PEOPLE: _("after leaving, at the latest"),
    }
    return f"{long} {since[kind]}"


def _what(kind: Kind) -> str:
    return {
        Kind.MAIL_TEXTS: _("What stood in a mail"),
        Kind.PEOPLE_FILES: _("Files of people that wait to be brought in"),
        Kind.OWN_WORDS: _("Own words: goals, plans and notes"),
        Kind.STUDY_FILES: _("Files of a study"),
        Kind.DELIVERY: _("Which mail went to whom, and when"),
        Kind.AWAY: _("Days away"),
        Kind.LOOKS: _("Who looked at whom"),
        Kind.ANSWERS: _("Answers, and who was asked what"),
        Kind.PEOPLE: _("Name, address, team, manager and everything else of a person"),
    }[kind]


def _why(kind: Kind) -> str:
    return {
        Kind.MAIL_TEXTS: _("A mail can be made again from the card; a copy of it serves nothing."),
        Kind.PEOPLE_FILES: _("Long enough to check the differences; a file with names does not lie about."),
        Kind.OWN_WORDS: _("They are of use to who wrote them only."),
        Kind.STUDY_FILES: _("Long enough to check the answer against the files."),
        Kind.DELIVERY: _("Long enough to find out why a mail did not arrive."),
        Kind.AWAY: _("They only serve to write to nobody who is away."),
        Kind.LOOKS: _("A full year can be looked back on, and one month to do so."),
        Kind.ANSWERS: _("The latest question comes a year after a training; figures are checked until the year after."),
        Kind.PEOPLE: _("Somebody who comes back within two years is known again; then nobody needs it any more."),
    }[kind]
