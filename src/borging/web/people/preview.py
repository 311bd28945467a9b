"""What the pages of an import show: its columns, its differences, and how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from borging.connectors.files import Problem, text
from borging.connectors.files.rules import sensitive
from borging.people import imports, reads
from borging.people.models import Account, ImportStatus, PeopleImport
from borging.web.people import words
from borging.web.people.words import ROLES

Json = dict[str, Any]
FIRST, PER_PAGE = 10, 100
EARLIER = 5
KINDS = ("left_out", "leaving", "changed", "new")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One role and the columns that may have it, as studies/choice.html shows it."""

    name: str
    label: str
    hint: str
    chosen: str
    options: tuple[tuple[str, str], ...]
    required: bool = False
    part: str = ""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What happens to one person; changes: (what, before, after)."""

    name: str
    person: int | None
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Group:
    """One kind of difference: all of it, a page at a time, or its first few."""

    kind: str
    title: str
    total: int
    rows: Sequence[Any]
    page: Page[Any] | None


def columns(found: PeopleImport) -> Json:
    """Which column is what, beside the first rows."""
    view, chosen = found.inspection, found.columns
    headers: list[str] = view["headers"]
    used = {chosen.get(role): words.label(role) for role in ROLES if chosen.get(role)}
    empty = _("not in this file")
    options = (("", empty), *((name, name) for name in headers))
    return {
        "found": found,
        "choices": tuple(
            Choice(name=role, label=str(label), hint=str(hint), chosen=chosen.get(role) or "", options=options)
            for role, (label, hint) in ROLES.items()
        ),
        "headers": [(name, used.get(name, "")) for name in headers],
        "rows": [
            [(cell, headers[place] in used) for place, cell in enumerate(row) if place < len(headers)]
            for row in view["sample"][:5]
        ],
        "notes": [text.sentence(Problem(**note)) for note in view["notes"] if note["code"] != "sensitive_columns"],
        "sensitive": ", ".join(sensitive(headers)),
    }


def differences(found: PeopleImport, *, show: str, page: str | None) -> Json:
    """Who is new, changes and leaves, and which rows are left out: the first of each, or (`show`) all of one kind."""
    groups = [group(found, kind, show=show, page=page) for kind in KINDS if show in ("", kind)]
    return {
        "found": found,
        "show": show if show in KINDS else "",
        "summary": words.summary(found.counts),
        "groups": [one for one in groups if one.total],
        "nothing": not found.diff["entries"],
        "notes": [text.sentence(Problem(**note)) for note in found.rows["notes"]],
    }


def group(found: PeopleImport, kind: str, *, show: str, page: str | None) -> Group:
    titles = {
        "left_out": _("Not brought in"),
        "leaving": _("Leaving"),
        "changed": _("Changed"),
        "new": _("New"),
    }
    entries = [one for one in found.diff["entries"] if one["kind"] == kind]
    rows: list[Any] = list(faults(found)) if kind == "left_out" else entries
    paged = Paginator(rows, PER_PAGE).get_page(page) if show == kind else None
    shown = list(paged) if paged else rows[:FIRST]
    return Group(
        kind=kind,
        title=titles[kind],
        total=len(rows),
        rows=shown if kind == "left_out" else [difference(one) for one in shown],
        page=paged,
    )


def faults(found: PeopleImport) -> list[words.Told]:
    """Left-out rows and unused cells, in the order of the file."""
    told = [words.tell_problem(problem) for problem in found.rows["left_out"]]
    told += [words.tell_fault(fault, columns=found.columns) for fault in found.diff["faults"]]
    return sorted(told, key=lambda one: one.row or 0)


def difference(entry: Mapping[str, Any]) -> Difference:
    changes = ((words.label(role), shown(role, old), shown(role, new)) for role, old, new in entry["changes"])
    return Difference(name=entry["name"], person=entry["person"], changes=tuple(changes))


def shown(role: str, value: str) -> str:
    """A value as a reader sees it."""
    if role in ("start", "end"):
        return date_format(date.fromisoformat(value), "j F Y") if value else ""
    return value


def applied(found: PeopleImport) -> Json:
    """How an import ended, and whether it can be undone."""
    return {
        "found": found,
        "summary": words.summary(found.counts),
        "undone": found.status == ImportStatus.UNDONE,
        "may_undo": imports.may_undo(found),
    }


def earlier(viewer: Account) -> list[tuple[PeopleImport, str, str]]:
    """The latest imports, each with how far it is and what it held."""
    states = {
        ImportStatus.STAGED: _("waits for you"),
        ImportStatus.APPLIED: _("brought in"),
        ImportStatus.UNDONE: _("undone"),
    }
    found = reads.latest_imports(viewer)[:EARLIER]
    return [(one, states[ImportStatus(one.status)], words.summary(one.counts)) for one in found]
