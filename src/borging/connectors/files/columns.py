"""Which column of a file is what: guessed from Dutch and English names and from the cells, overruled by a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from borging.connectors.files.headings import wide_periods
from borging.connectors.files.rules import (
    ARM,
    OUTCOME,
    PERSON,
    ROW_AS_PERSON,
    START,
    TEAM,
    TIME,
    VALUE,
    File,
    OutcomeColumns,
    ParticipantColumns,
    Problem,
    StudyColumns,
    UnusableFileError,
    plain,
    sensitive,
    words,
)

NEVER_GUESSED = words(
    "name, naam, first name, last name, voornaam, achternaam, tussenvoegsel, full name, email, e mail, mail, "
    "e mailadres, phone, telefoon, bsn, address, adres, postcode, birth date, birthdate, geboortedatum, date of birth"
)
"""Columns that tell who somebody is; they enter a study only when a person asks for them."""
MOST_COVARIATES = 40


def first_of(synonyms: Sequence[str], headers: Iterable[str], *, taken: Iterable[str] = ()) -> str | None:
    """The header that is the earliest of the synonyms."""
    known = {plain(header): header for header in reversed(list(headers)) if header not in set(taken)}
    return next((known[word] for word in synonyms if word in known), None)


def begins_training(header: str) -> bool:
    """Whether a name that is in no list still says when a training began: Startdatum training, start date of course."""
    name = plain(header)
    training = re.search(r"training|getraind|trained|cursus|opleiding|traject|course|program", name)
    return bool(training and re.search(r"\b(start|begin|datum|date)", name) and not re.search(r"\b(eind|end\b)", name))


def column_of(name: str, *, headers: Sequence[str], samples: Sequence[Sequence[str]]) -> list[str]:
    place = headers.index(name)
    return [row[place].strip() for row in samples if place < len(row) and row[place].strip()]


def looks_numeric(cells: Sequence[str]) -> bool:
    """Whether nearly all sample cells are figures."""
    figures = sum(bool(re.fullmatch(r"[€$£]?\s*[-+−]?[\d.,]*\d[\d.,]*\s*%?", cell)) for cell in cells)
    return bool(cells) and figures >= 0.8 * len(cells)


def guess_participants(
    headers: Sequence[str], samples: Sequence[Sequence[str]], *, person: str | None = None
) -> ParticipantColumns:
    """Which column is what, from Dutch and English names; covariates are the other columns that describe a group.

    person: the header that names people when none of the names we know is there.
    A column with a different text in nearly every row (a remark, a name) does not describe a group.
    """
    person = first_of(PERSON, headers) or person or ""
    start = first_of(START, headers, taken=[person]) or next(filter(begins_training, headers), None)
    team = first_of(TEAM, headers, taken=[person])
    arm = first_of(ARM, headers, taken=[person])
    covariates = []
    for header in headers:
        cells = column_of(header, headers=headers, samples=samples)
        varied = len(set(cells)) > max(8, len(cells) // 2)
        private = plain(header) in {*NEVER_GUESSED, *PERSON} or sensitive([header])
        if cells and header not in (person, start, team, arm) and not private:
            covariates += [header] if looks_numeric(cells) or not varied else []
    chosen = tuple(covariates) if len(covariates) <= MOST_COVARIATES else ()
    return ParticipantColumns(person=person, start=start, team=team, arm=arm, covariates=chosen)


def guess_outcomes(
    headers: Sequence[str], samples: Sequence[Sequence[str]], *, person: str | None = None
) -> OutcomeColumns:
    """Long when a column is called time (or the like); else wide when two or more headers are periods."""
    person = first_of(PERSON, headers) or person or ""
    time = first_of(TIME, headers, taken=[person])
    others = [header for header in headers if header not in (person, time)]
    numeric = [h for h in others if looks_numeric(column_of(h, headers=headers, samples=samples))]
    if time is None:
        periods = tuple(wide_periods(numeric))
        if periods:
            return OutcomeColumns(person=person, periods=periods)
    outcome = first_of(OUTCOME, others)
    value = first_of(VALUE, others, taken=[outcome or ""])
    if value is None and outcome in numeric:
        value, outcome = outcome, None
    if value is None and len(numeric) == 1:
        value = numeric[0]
    return OutcomeColumns(person=person, time=time, value=value, outcome=outcome)


def overrule_participants(
    guess: ParticipantColumns, *, overrides: Mapping[str, str], headers: Sequence[str]
) -> ParticipantColumns:
    """The guess with what a person said about it; a name given a role leaves its other role.

    Raises UnusableFileError naming the columns there are when an override names none of them.
    """
    found = found_names(overrides, ("id", "start", "team", "arm"), headers=headers, file="participants")
    named: dict[str, Any] = {"person" if key == "id" else key: name for key, name in found.items()}
    columns = replace(guess, **named)
    columns = replace(columns, **released(columns, ("start", "team", "arm"), found=found))
    roles = (columns.person, columns.start, columns.team, columns.arm)
    if "covariates" in overrides:
        names = split_names(overrides["covariates"], headers=headers)
        asked = tuple(name_in(name, headers=headers, key="covariates", file="participants") for name in names)
        return replace(columns, covariates=asked)
    return replace(columns, covariates=tuple(name for name in columns.covariates if name not in roles))


def overrule_outcomes(guess: OutcomeColumns, *, overrides: Mapping[str, str], headers: Sequence[str]) -> OutcomeColumns:
    """The guess with what a person said about it; `periods` makes the file wide, `time` or `value` makes it long."""
    found = found_names(overrides, ("id", "time", "value", "outcome"), headers=headers, file="outcomes")
    named: dict[str, Any] = {"person" if key == "id" else key: name for key, name in found.items()}
    columns = replace(guess, **named)
    columns = replace(columns, **released(columns, ("time", "value", "outcome"), found=found))
    if overrides.get("periods"):
        names = split_names(overrides["periods"], headers=headers)
        periods = tuple(name_in(name, headers=headers, key="periods", file="outcomes") for name in names)
        return replace(columns, periods=periods, time=None, value=None, outcome=None)
    if found.get("time") or found.get("value"):
        return replace(columns, periods=())
    return columns


def released(columns: Any, keys: Sequence[str], *, found: Mapping[str, str | None]) -> dict[str, Any]:
    """The guessed roles of names that were given another role."""
    return {key: None for key in keys if key not in found and getattr(columns, key) in found.values()}


def found_names(
    overrides: Mapping[str, str], keys: Sequence[str], *, headers: Sequence[str], file: File
) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for key in keys:
        if key in overrides:
            name = overrides[key]
            if not name and key == "id":
                continue
            found[key] = name_in(name, headers=headers, key=key, file=file) if name else None
    return found


def split_names(text: str, *, headers: Sequence[str]) -> list[str]:
    """The names in a list with commas; a header that holds a comma itself may stand alone."""
    return [text] if text in headers else [name.strip() for name in text.split(",") if name.strip()]


def name_in(name: str, *, headers: Sequence[str], key: str, file: File) -> str:
    """The header as it stands in the file; raises UnusableFileError when no header is called so."""
    if name == ROW_AS_PERSON and key == "id":
        return name
    for same in (lambda header: header == name, lambda header: plain(header) == plain(name)):
        match = next((header for header in headers if same(header)), None)
        if match is not None:
            return match
    listed = ", ".join(headers[:40])
    raise UnusableFileError(Problem(code="column_missing", file=file, value=name, params={"key": key, "there": listed}))


def check_columns(columns: StudyColumns, *, headers: Mapping[File, Sequence[str]]) -> tuple[Problem, ...]:
    """What keeps these columns from being a study; empty when nothing does."""
    faults = []
    asked: tuple[tuple[File, str, str | None], ...] = (
        ("participants", "person_column_missing", columns.participants.person),
        ("outcomes", "person_column_missing", columns.outcomes.person),
        ("outcomes", "value_column_missing", columns.outcomes.value or next(iter(columns.outcomes.periods), None)),
    )
    for file, code, name in asked:
        if not name:
            faults.append(Problem(code=code, file=file, params={"there": ", ".join(headers[file][:40])}))
    for file, names in (("participants", columns.participants.names), ("outcomes", columns.outcomes.names)):
        for name in names:
            if name not in headers[file]:
                there = ", ".join(headers[file][:40])
                faults.append(Problem(code="column_missing", file=file, value=name, params={"there": there}))
    return tuple(faults)
