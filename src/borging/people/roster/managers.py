"""Who is meant by the cell that names a manager, and which of those cells would put people above themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from borging.people.roster.cells import compared, read_address
from borging.people.roster.identity import Index
from borging.people.roster.rules import Fault, Known, Row, Who, value_on


def find_managers(
    rows: Iterable[Row], *, found: Mapping[int, Who], known: Mapping[int, Known], day: date, blank_is_none: bool
) -> tuple[dict[Who, Who], list[Fault]]:
    """The manager each row names, and the cells that name nobody, more than one, or a circle."""
    rows = [row for row in rows if row.row in found]
    index = Index(known.values())
    for row in rows:
        index.add(found[row.row], row)
    here = {*found.values(), *(Who(pk) for pk, person in known.items() if any(s.covers(day) for s in person.employed))}
    named: dict[Who, Who] = {}
    cells: dict[Who, Row] = {}
    faults: list[Fault] = []
    for row in rows:
        if not row.manager:
            continue
        who = found[row.row]
        answer = named_manager(row.manager, index=index, here=here)
        if isinstance(answer, str):
            faults.append(Fault(row=row.row, column="manager", code=answer, value=row.manager, kept=True))
        elif answer == who:
            faults.append(Fault(row=row.row, column="manager", code="manager_oneself", value=row.manager, kept=True))
        else:
            named[who], cells[who] = answer, row
    ended = {found[row.row] for row in rows if blank_is_none and not row.manager}
    standing = {
        Who(pk): Who(manager)
        for pk, person in known.items()
        if Who(pk) not in ended and (manager := value_on(person.managers, day)) is not None
    }
    for who in put_out_circles(named, standing=standing):
        row = cells[who]
        faults.append(Fault(row=row.row, column="manager", code="manager_circle", value=row.manager, kept=True))
    return named, faults


def named_manager(cell: str, *, index: Index, here: set[Who]) -> Who | str:
    """By staff number, else by address, else by a name; or the code of what is unclear. Who works here comes first."""
    address = read_address(cell)
    for found in (
        index.numbered(cell),
        index.emails.get(compared(address), set()) if address else set(),
        index.names.get(compared(cell), set()),
    ):
        present = found & here or found
        if len(present) == 1:
            return next(iter(present))
        if present:
            return "manager_twice"
    return "manager_unknown"


def put_out_circles(named: dict[Who, Who], *, standing: Mapping[Who, Who]) -> set[Who]:
    """Take out of `named` whoever is part of a circle, until there is none; their manager stays as it was."""
    out: set[Who] = set()
    while circle := circling(named, standing=standing):
        out |= circle
        for who in circle:
            del named[who]
    return out


def circling(named: Mapping[Who, Who], *, standing: Mapping[Who, Who]) -> set[Who]:
    """Everyone whose cell in the file is part of a circle, whatever the order of the rows."""
    above = {**standing, **named}
    out: set[Who] = set()
    settled: set[Who] = set()
    for start in above:
        path: dict[Who, int] = {}
        who = start
        while who in above and who not in settled and who not in path:
            path[who] = len(path)
            who = above[who]
        if who in path:
            circle = [one for one, place in path.items() if place >= path[who]]
            out |= {one for one in circle if one in named}
        settled |= path.keys()
    return out
