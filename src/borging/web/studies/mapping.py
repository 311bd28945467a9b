"""What each column is: the guess of the connectors as a form, and the form as columns again."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from borging.connectors.files import ROW_AS_PERSON, Problem, text
from borging.effects.models import Study

Json = dict[str, Any]
SINGLE = {
    "participants": ("person", "start", "team", "arm"),
    "outcomes": ("person", "time", "value", "outcome"),
}
MANY = {"participants": "covariates", "outcomes": "periods"}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One role and the columns that may have it. part: "wide" or "long" where it belongs to one shape of the file."""

    name: str
    label: str
    hint: str
    chosen: str
    options: tuple[tuple[str, str], ...]
    required: bool
    part: str = ""


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A column that may take part beside others."""

    column: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Header:
    """A column in the preview, with what it is used for."""

    name: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One file for a person to check: choices beside the first rows. shape: "wide", "long" or, for participants, ""."""

    kind: str
    title: str
    file_name: str
    choices: tuple[Choice, ...]
    ticks_label: str
    ticks_hint: str
    ticks: tuple[Tick, ...]
    shape: str
    headers: tuple[Header, ...]
    rows: tuple[tuple[tuple[str, bool], ...], ...]
    notes: tuple[str, ...]


def sheets_of(study: Study) -> tuple[Sheet, Sheet]:
    """Both files of a study, each column as it was settled latest, else as it was guessed."""
    return _sheet(study, "participants", study.participants_name), _sheet(study, "outcomes", study.outcomes_name)


def open_questions(study: Study) -> tuple[str, ...]:
    """What still keeps these columns from being a study, in sentences."""
    if study.columns:
        return ()
    inspection: Json = study.inspection or {}
    problems = [Problem(**problem) for problem in inspection.get("problems", ())]
    if not ((inspection.get("columns") or {}).get("participants") or {}).get("start"):
        problems.append(Problem(code="start_column_missing", file="participants"))
    return tuple(map(text.sentence, problems))


def columns_from(data: QueryDict, *, study: Study) -> Json:
    """The columns as chosen, by the names in the files; a name that is in neither is no choice.

    A file is wide when its shape says so; then its long roles do not count, and the other way about.
    """
    columns: Json = {}
    for kind, roles in SINGLE.items():
        headers = _headers(study, kind)
        chosen = {role: _known(data.get(f"{kind}-{role}"), headers) for role in roles}
        many = [name for name in data.getlist(f"{kind}-{MANY[kind]}") if name in headers]
        columns[kind] = {**chosen, "person": chosen["person"] or "", MANY[kind]: many}
    measured = columns["outcomes"]
    if data.get("shape") == "wide":
        measured |= {"time": None, "value": None, "outcome": None}
    else:
        measured["periods"] = []
    own = columns["participants"]
    taken = {own[role] for role in SINGLE["participants"]}
    own["covariates"] = [name for name in own["covariates"] if name not in taken]
    return columns


def _known(name: str | None, headers: Iterable[str]) -> str | None:
    return name if name and (name in headers or name == ROW_AS_PERSON) else None


def _headers(study: Study, kind: str) -> list[str]:
    headers: list[str] = (study.inspection or {})[kind]["headers"]
    return headers


def _sheet(study: Study, kind: str, file_name: str) -> Sheet:
    view: Json = (study.inspection or {})[kind]
    columns: Json = (study.columns or (study.inspection or {}).get("columns") or {}).get(kind) or {}
    headers: list[str] = view["headers"]
    roles = _roles(kind)
    used = {columns.get(role): label for role, (label, _hint) in roles.items() if columns.get(role)}
    many: list[str] = list(columns.get(MANY[kind]) or ())
    used |= {name: _("compared") if kind == "participants" else _("moment") for name in many}
    ticks_label, ticks_hint = _many(kind)
    return Sheet(
        kind=kind,
        title=_("Who was trained") if kind == "participants" else _("What was measured"),
        file_name=file_name,
        choices=tuple(_choice(kind, role, words, columns=columns, headers=headers) for role, words in roles.items()),
        ticks_label=ticks_label,
        ticks_hint=ticks_hint,
        ticks=tuple(Tick(column=name, chosen=name in many) for name in headers if name != columns.get("person")),
        shape="" if kind == "participants" else "wide" if many else "long",
        headers=tuple(Header(name=name, role=used.get(name, "")) for name in headers),
        rows=tuple(
            tuple((cell, headers[place] in used) for place, cell in enumerate(row) if place < len(headers))
            for row in view["sample"][:5]
        ),
        notes=tuple(text.sentence(Problem(**note)) for note in view["notes"]),
    )


def _choice(kind: str, role: str, words: tuple[str, str], *, columns: Json, headers: list[str]) -> Choice:
    required = role in ("person", "value")
    empty = _("Choose a column") if required else _("not in this file")
    options = [("", empty), *((name, name) for name in headers)]
    chosen = columns.get(role) or ""
    if chosen == ROW_AS_PERSON:
        options.append((ROW_AS_PERSON, _("each row is one person")))
    return Choice(
        name=f"{kind}-{role}",
        label=words[0],
        hint=words[1],
        chosen=chosen,
        options=tuple(options),
        required=required,
        part="long" if kind == "outcomes" and role != "person" else "",
    )


def _roles(kind: str) -> dict[str, tuple[str, str]]:
    if kind == "participants":
        return {
            "person": (_("Person"), _("the number or code of each person")),
            "start": (_("Start of the training"), _("empty for who was not trained")),
            "team": (_("Team"), _("for people who work together")),
            "arm": (_("Group by lot"), _("as it was drawn, also for who did not come")),
        }
    return {
        "person": (_("Person"), _("the same codes as in the other file")),
        "time": (_("Moment"), _("month, date, year or measurement")),
        "value": (_("Value"), _("what was measured, in figures")),
        "outcome": (_("Which outcome"), _("when the file holds more than one")),
    }


def _many(kind: str) -> tuple[str, str]:
    if kind == "participants":
        return _("Compare like with like on"), _("Only what was known before the training.")
    return _("Columns that each hold one moment"), _("Each column is a month, a year, or before and after.")
