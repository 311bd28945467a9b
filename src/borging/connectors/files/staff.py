"""A file of people: which column is what, guessed from Dutch and English names, and its rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from borging.connectors.files.columns import first_of
from borging.connectors.files.rules import Problem, UnusableFileError, present, words

if TYPE_CHECKING:
    import pyarrow as pa

    from borging.connectors.files.grid import Cells, Grid
    from borging.connectors.files.rejections import Rejections

SYNONYMS: dict[str, tuple[str, ...]] = {
    "number": words(
        "staff number, personeelsnummer, personeelsnr, personeels nr, pers nr, persnr, medewerkernummer, "
        "medewerkersnummer, medewerker nr, medewerker id, medewerkerid, stamnummer, employee number, employee no, "
        "employee nr, employee id, employeeid, person number, persoonsnummer, payroll number, number, nummer, nr, id"
    ),
    "email": words(
        "e mail address, email address, e mailadres, emailadres, mailadres, e mail, email, mail, work email, "
        "work e mail, zakelijk e mailadres, e mail werk, email werk, e mail zakelijk"
    ),
    "first_name": words("roepnaam, voornaam, voornamen, first name, firstname, given name, given names"),
    "infix": words("tussenvoegsel, tussenvoegsels, voorvoegsel, voorvoegsels, infix, prefix"),
    "last_name": words("achternaam, familienaam, geslachtsnaam, last name, lastname, surname, family name"),
    "name": words(
        "name, naam, volledige naam, full name, fullname, display name, weergavenaam, medewerker, medewerkernaam, "
        "naam medewerker, employee, employee name, collega, persoon, person, deelnemer, participant"
    ),
    "team": words(
        "team, teamnaam, team name, afdeling, afdelingsnaam, department, organisatie eenheid, organisatieonderdeel, "
        "organisational unit, org unit, unit, eenheid, cluster, vestiging, locatie, location, ploeg"
    ),
    "manager": words(
        "manager, leidinggevende, line manager, manager id, manager number, manager email, manager e mail, "
        "leidinggevende nummer, leidinggevende id, nummer leidinggevende, personeelsnummer leidinggevende, "
        "e mail leidinggevende, naam leidinggevende, manager name, supervisor, reports to, rapporteert aan, chef, "
        "teamleider, team leader, direct leidinggevende"
    ),
    "start": words(
        "start date, startdate, start, startdatum, start datum, in dienst, datum in dienst, indienst, indiensttreding, "
        "datum indiensttreding, in dienst sinds, in dienst per, hire date, hiredate, employed since, begin, "
        "begindatum, begin dienstverband, datum begin"
    ),
    "end": words(
        "end date, enddate, end, einddatum, eind datum, uit dienst, datum uit dienst, uitdienst, uitdiensttreding, "
        "datum uitdiensttreding, einde dienstverband, uit dienst per, termination date, leave date, last day, "
        "laatste dag, einde, datum einde"
    ),
    "language": words("language, taal, voorkeurstaal, preferred language, locale"),
    "work_days": words("work days, workdays, working days, werkdagen, werkdag, rooster, dagen, days"),
}
"""Per role the names a column may have, the surest first."""
ROLES = tuple(SYNONYMS)
CELLS = ("number", "email", "team", "manager", "start", "end", "language", "work_days")
"""Roles that become a cell of a row as they are; the name is put together."""
FIRST_YEAR, LAST_YEAR = 1902, 2100
"""Before it a date is a slip of the pen; after it (9999) an end date says that there is none."""
LONGEST = 400


@dataclass(frozen=True, kw_only=True)
class StaffColumns:
    """Header names in a file of people; a name may stand in one column or in its parts."""

    number: str | None = None
    email: str | None = None
    first_name: str | None = None
    infix: str | None = None
    last_name: str | None = None
    name: str | None = None
    team: str | None = None
    manager: str | None = None
    start: str | None = None
    end: str | None = None
    language: str | None = None
    work_days: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return present(*asdict(self).values())

    @property
    def name_parts(self) -> tuple[str, ...]:
        """The columns that together are the name; a whole name goes before its parts."""
        if self.name:
            return (self.name,)
        return present(self.first_name, self.infix, self.last_name)


@dataclass(frozen=True, kw_only=True)
class StaffRows:
    """The rows of a file. unread: rows that are left out, by which it is still known whom they are about."""

    rows: list[dict[str, Any]]
    unread: list[dict[str, Any]]
    left_out: list[Problem]
    notes: list[Problem]


def guess_staff(headers: Sequence[str]) -> StaffColumns:
    """Each column has one role at most; a number or address called after the manager is never the person's own."""
    chosen: dict[str, str] = {}
    for role in ROLES:
        if found := first_of(SYNONYMS[role], headers, taken=chosen.values()):
            chosen[role] = found
    if "first_name" in chosen and "last_name" in chosen:
        chosen.pop("name", None)
    return StaffColumns(**chosen)


def read_staff_columns(raw: Mapping[str, Any]) -> StaffColumns:
    """StaffColumns from its JSON or from a form; a name that is no role is left aside."""
    return StaffColumns(**{name.name: raw[name.name] or None for name in fields(StaffColumns) if name.name in raw})


def check_staff(columns: StaffColumns, *, headers: Sequence[str]) -> tuple[Problem, ...]:
    """What keeps these columns from being people; empty when nothing does."""
    there = ", ".join(headers[:40])
    faults = [
        Problem(code="column_missing", value=name, params={"there": there})
        for name in columns.names
        if name not in headers
    ]
    if not (columns.number or columns.email or columns.name_parts):
        faults.append(Problem(code="staff_column_missing", params={"there": there}))
    return tuple(faults)


def check_header(headers: Sequence[str]) -> None:
    """Raises UnusableFileError when the first row is a person, and not the names of columns."""
    address = next((header for header in headers if re.fullmatch(r"\S+@\S+\.\w+", header)), None)
    if address:
        raise UnusableFileError(Problem(code="header_is_a_person", value=address))


def read_staff(grid: Grid, *, columns: StaffColumns) -> StaffRows:
    """Every filled row: `row` and a text for each role, dates as ISO days."""
    from borging.connectors.files.encoded import FORMULA_START
    from borging.connectors.files.rejections import shorten
    from borging.connectors.files.tables import start_rejections

    cells = grid.read(columns.names)
    out = start_rejections(cells, grid=grid)
    notes = list(grid.notes)
    texts = {role: texts_of(cells, getattr(columns, role)) for role in CELLS}
    texts["number"] = whole_numbers(texts["number"])
    parts = [written(cells, name) for name in columns.name_parts]
    texts["name"] = [" ".join(part for part in row if part) for row in zip(*parts, strict=True)] or [""] * len(cells)
    put_out_faults(cells, columns=columns, texts=texts, out=out)
    for role in ("start", "end"):
        read_days(texts, role=role, header=getattr(columns, role), cells=cells, out=out, notes=notes)
    for role in ("name", "team"):
        risky = next((text for text in texts[role] if FORMULA_START.match(text)), None)
        if risky:
            notes.append(Problem(code="formula_like_text", column=getattr(columns, role), value=shorten(risky)))
    rows = [
        {"row": int(number), **{role: column[place] for role, column in texts.items()}}
        for place, number in enumerate(cells.rows)
        if any(column[place] for column in texts.values())
    ]
    put_out = set(cells.rows[out.out].tolist())
    return StaffRows(
        rows=[row for row in rows if row["row"] not in put_out],
        unread=[{**row, "start": "", "end": ""} for row in rows if row["row"] in put_out],
        left_out=list(out.problems()),
        notes=notes,
    )


def texts_of(cells: Cells, header: str | None) -> list[str]:
    """A column as texts, without what only says that there is nothing."""
    from borging.connectors.files.amounts import MISSING

    if header is None:
        return [""] * len(cells)
    return ["" if text.casefold() in MISSING else text for text in written(cells, header)]


def written(cells: Cells, header: str) -> list[str]:
    """A column as it stands: there are people called Nan."""
    return [(text or "").strip()[:LONGEST] for text in cells.texts[header].to_pylist()]


def whole_numbers(texts: list[str]) -> list[str]:
    """Numbers that all read 7.0 are 7: a program made fractions of them."""
    filled = [text for text in texts if text]
    if filled and all(re.fullmatch(r"\d+\.0+", text) for text in filled):
        return [text.split(".")[0] for text in texts]
    return texts


def put_out_faults(cells: Cells, *, columns: StaffColumns, texts: Mapping[str, list[str]], out: Rejections) -> None:
    """Rows of totals, and rows whose cells are errors of the spreadsheet program."""
    import numpy as np

    from borging.connectors.files.encoded import TOTALS, put_out_holes

    for name in columns.names:
        put_out_holes(cells, column=name, out=out)
    for role in ("number", "name"):
        said = np.array([text.casefold() in TOTALS for text in texts[role]], dtype=bool)
        header = columns.number if role == "number" else (columns.name_parts or (None,))[0]
        out.add("total_row", where=said, column=header, texts=array_of(texts[role]))


def array_of(texts: list[str]) -> pa.StringArray:
    import pyarrow as pa

    return pa.array(texts, pa.string())


def read_days(
    texts: dict[str, list[str]],
    *,
    role: str,
    header: str | None,
    cells: Cells,
    out: Rejections,
    notes: list[Problem],
) -> None:
    """Put ISO days in the place of a column of dates; rows with a date nobody can read are put out."""
    import numpy as np

    from borging.connectors.files.moments import read_when
    from borging.connectors.files.times import ERROR_CELL, first_day, settle_day_order, settle_serials

    if header is None:
        return
    faults: dict[str, str] = {}
    distinct = sorted({text for text in texts[role] if text})
    whens = {text: when for text in distinct if (when := read_when(text)) is not None}
    whens = settle_serials(whens, hints=["2024-01-01"], notes=notes, column=header)
    whens = settle_day_order(whens, faults=faults, notes=notes, column=header)
    days: dict[str, str] = {}
    for text in distinct:
        when = whens.get(text)
        if text in faults:
            continue
        if when is None or when.kind not in ("date", "month"):
            faults[text] = "error_cell" if ERROR_CELL.fullmatch(text) else "date_unreadable"
            continue
        day = first_day(when)
        if role == "end" and when.kind == "month":
            day = last_of_month(day)
        if role == "end" and day.year > LAST_YEAR:
            days[text] = ""
        elif FIRST_YEAR <= day.year <= LAST_YEAR:
            days[text] = day.isoformat()
        else:
            faults[text] = "date_absurd"
    for code in sorted(set(faults.values())):
        wrong = np.array([faults.get(text) == code for text in texts[role]], dtype=bool)
        out.add(code, where=wrong, column=header, texts=array_of(texts[role]))
    texts[role] = [days.get(text, "") for text in texts[role]]


def last_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
