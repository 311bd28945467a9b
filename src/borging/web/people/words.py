"""Columns and left-out rows of a file of people, as sentences in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from borging.connectors.files import Problem, text

ROLES: dict[str, tuple["str | Promise", "str | Promise"]] = {
    "number": (_("Staff number"), _("the surest way to know a person again")),
    "email": (_("E-mail address"), _("where cards go to")),
    "name": (_("Name"), _("the whole name in one column")),
    "first_name": (_("First name"), _("when the name is in parts")),
    "infix": (_("Infix"), _("such as “van der”")),
    "last_name": (_("Last name"), _("when the name is in parts")),
    "team": (_("Team"), _("“Care / East” is team East in Care")),
    "manager": (_("Manager"), _("their staff number, e-mail address or name")),
    "start": (_("First day of work"), _("empty: from the day of the file")),
    "end": (_("Last day of work"), _("empty: still works here")),
    "language": (_("Language"), _("nl or en")),
    "work_days": (_("Work days"), _("such as “mo-th” or “1,2,4”")),
}
FAULTS: dict[str, tuple["str | Promise", "str | Promise"]] = {
    "number_unclear": (
        _("the staff number %(value)s fits more than one person, but for zeros before it."),
        _("Write the staff number exactly as it is known."),
    ),
    "email_twice": (
        _("%(value)s is the address of more than one person."),
        _("Add a column with the staff number, or write the name as it is known."),
    ),
    "name_twice": (
        _("there is more than one %(value)s, and nobody may guess which of them this is."),
        _("Add a column with the staff number or the e-mail address."),
    ),
    "name_twice_here": (
        _("%(value)s also stands in row %(other)s, and only the name tells who it is."),
        _("Add the staff number or e-mail address of both, or remove one row if it is the same person."),
    ),
    "twice_equal": (
        _("%(value)s stands here again, just as in row %(other)s; counted once."),
        _("You need not do anything."),
    ),
    "twice_different": (
        _("%(value)s also stands in row %(other)s, and the two rows differ; both are left out."),
        _("Keep the row that is right and remove the other."),
    ),
    "name_missing": (
        _("%(value)s is new here, and has no name."),
        _("Fill in the name."),
    ),
    "nobody": (
        _("it does not say who this is about."),
        _("Fill in a staff number, an e-mail address or a name."),
    ),
    "email_wrong": (_("“%(value)s” is not an e-mail address."), _("Correct it, or leave the cell empty.")),
    "too_long": (_("“%(value)s…” is too long."), _("Check whether the columns are right.")),
    "formula": (
        _("“%(value)s” begins like a formula; it is not a name."),
        _("Write the name itself."),
    ),
    "end_before_start": (_("the last day %(value)s comes before the first."), _("Correct one of the two dates.")),
    "language_unknown": (
        _("Borging does not speak “%(value)s”; the language stays as it was."),
        _("Write nl or en, or leave the cell empty."),
    ),
    "work_days_unclear": (
        _("“%(value)s” does not say which days; they stay as they were."),
        _("Write the days, such as mo-th or 1,2,4."),
    ),
    "manager_unknown": (
        _("nobody here is called or numbered “%(value)s”; the manager stays as it was."),
        _("Add a row for the manager, or write their staff number or e-mail address."),
    ),
    "manager_twice": (
        _("“%(value)s” can be more than one person; the manager stays as it was."),
        _("Write the manager's staff number or e-mail address."),
    ),
    "manager_oneself": (
        _("this person would be their own manager; the manager stays as it was."),
        _("Leave the cell empty for who has no manager."),
    ),
    "manager_circle": (
        _("with %(value)s as manager a circle arises, in which people are above themselves; it stays as it was."),
        _("Correct one of the managers in the circle."),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """Something wrong with a row: where it is, why, and what to do. left_out: the whole row, not one cell."""

    row: int | None
    column: str
    reason: str
    remedy: str
    left_out: bool


def label(role: str) -> str:
    """What a column or a change is called."""
    return str(ROLES[role][0])


def tell_fault(fault: Mapping[str, Any], *, columns: Mapping[str, Any]) -> Told:
    """A fault of the comparison. `columns`: the header of each role."""
    reason, remedy = FAULTS[fault["code"]]
    words = {"value": fault["value"], "other": fault["other"]}
    header = columns.get(fault["column"]) or ""
    return Told(
        row=fault["row"],
        column=header,
        reason=_sentence(str(reason), words),
        remedy=str(remedy) % words,
        left_out=not fault["kept"],
    )


def tell_problem(stored: Mapping[str, Any]) -> Told:
    """A row that could not be read."""
    problem = Problem(**stored)
    return Told(
        row=problem.row,
        column=problem.column or "",
        reason=_sentence(text.pair(problem)[0], text.words_of(problem)),
        remedy=text.remedy(problem),
        left_out=True,
    )


def summary(counts: Mapping[str, int]) -> str:
    """How many people in each group, in one line."""
    parts = (
        gettext("%(n)s new") % {"n": counts["new"]},
        gettext("%(n)s changed") % {"n": counts["changed"]},
        gettext("%(n)s leaving") % {"n": counts["leaving"]},
        gettext("%(n)s unchanged") % {"n": counts["unchanged"]},
        ngettext("%(n)s row left out", "%(n)s rows left out", counts["left_out"]) % {"n": counts["left_out"]},
    )
    return " · ".join(parts)


def _sentence(pattern: str, words: Mapping[str, Any]) -> str:
    """With a capital at its start, unless it starts with somebody's own words."""
    return (pattern if pattern.startswith("%") else pattern[:1].upper() + pattern[1:]) % words
