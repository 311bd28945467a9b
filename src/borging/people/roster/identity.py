"""Who a row is about: staff number, else e-mail address, else a name that only one person has. Never a guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, replace

from borging.people.roster.cells import compared, compared_number
from borging.people.roster.rules import Fault, Known, Row, Who


class Index:
    """People by what names them, each under all they are known by."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self.numbers: dict[str, set[Who]] = defaultdict(set)
        self.exact: dict[str, Who] = {}
        self.emails: dict[str, set[Who]] = defaultdict(set)
        self.names: dict[str, set[Who]] = defaultdict(set)
        for person in known:
            self.add(Who(person.pk), person)

    def add(self, who: Who, person: Row | Known) -> None:
        if person.number:
            self.numbers[compared_number(person.number)].add(who)
            self.exact[person.number] = who
        if person.email:
            self.emails[compared(person.email)].add(who)
        if person.name:
            self.names[compared(person.name)].add(who)

    def numbered(self, number: str) -> set[Who]:
        """Who has this staff number; written exactly so, or else but for zeros before it."""
        exact = self.exact.get(number)
        return {exact} if exact else self.numbers.get(compared_number(number), set())


def identify(rows: Iterable[Row], *, known: Mapping[int, Known]) -> tuple[dict[int, Who], list[Fault]]:
    """Who each row is about, by row number; a row nobody can tell is left out with the question."""
    index = Index(known.values())
    found: dict[int, Who] = {}
    faults: list[Fault] = []
    rows = list(rows)
    for row in rows:
        answer = whose(row, index=index, known=known)
        if isinstance(answer, Fault):
            faults.append(answer)
        else:
            found[row.row] = answer
    settled = settle_doubles([row for row in rows if row.row in found], found=found)
    faults += settled
    gone = {fault.row for fault in settled}
    return {row: who for row, who in found.items() if row not in gone}, faults


def whose(row: Row, *, index: Index, known: Mapping[int, Known]) -> Who | Fault:
    """One row: known, new (the row itself), or a question."""
    if row.number:
        same = index.numbered(row.number)
        if same:
            return only(same, row=row, column="number", code="number_unclear")
        return adopted(row, index=index, known=known)
    if row.email:
        same = index.emails.get(compared(row.email), set())
        if same:
            named = same & index.names.get(compared(row.name), set())
            return only(named or same, row=row, column="email", code="email_twice")
        return adopted(row, index=index, known=known)
    same = index.names.get(compared(row.name), set())
    return only(same, row=row, column="name", code="name_twice") if same else Who(None, row.row)


def only(found: set[Who], *, row: Row, column: str, code: str) -> Who | Fault:
    """The one who was found, or the question which of them is meant."""
    if len(found) == 1:
        return next(iter(found))
    return Fault(row=row.row, column=column, code=code, value=getattr(row, column))


def adopted(row: Row, *, index: Index, known: Mapping[int, Known]) -> Who | Fault:
    """A row whose number or address is new: someone who was known by less, when one person fits; else someone new."""

    def fits(who: Who) -> bool:
        return not (row.number and known[who.pk or 0].number)

    mailed = set(filter(fits, index.emails.get(compared(row.email), ()))) if row.email else set()
    if mailed:
        return only(mailed, row=row, column="email", code="email_twice")
    named = {
        who
        for who in filter(fits, index.names.get(compared(row.name), ()))
        if not (row.email and known[who.pk or 0].email)
    }
    return only(named, row=row, column="name", code="name_twice") if named else Who(None, row.row)


def settle_doubles(rows: list[Row], *, found: dict[int, Who]) -> list[Fault]:
    """People who stand in the file twice: equal rows count once, others are left out, and so is a name on its own."""
    faults: list[Fault] = []
    by_person: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        who = found[row.row]
        by_person[who if who.pk else own_key(row)].append(row)
    for group in by_person.values():
        if len(group) > 1:
            faults += double_faults(sorted(group, key=lambda row: row.row))
    out = {fault.row for fault in faults}
    return faults + shared_faults([row for row in rows if row.row not in out])


def own_key(row: Row) -> tuple[str, str]:
    """What names somebody new."""
    if row.number:
        return "number", compared_number(row.number)
    return ("email", compared(row.email)) if row.email else ("name", compared(row.name))


def double_faults(group: list[Row]) -> list[Fault]:
    first = group[0]
    key, value = next((name, getattr(first, name)) for name in ("number", "email", "name") if getattr(first, name))
    if key != "name" and len({astuple(replace(row, row=0)) for row in group}) == 1:
        return [Fault(row=row.row, column=key, code="twice_equal", value=value, other=first.row) for row in group[1:]]
    code = "name_twice_here" if key == "name" else "twice_different"
    others = [group[1], *([first] * (len(group) - 1))]
    return [
        Fault(row=row.row, column=key, code=code, value=value, other=other.row)
        for row, other in zip(group, others, strict=True)
    ]


def shared_faults(rows: list[Row]) -> list[Fault]:
    """Rows named by less than another row with the same address or name: nobody knows whether it is one person."""
    faults: list[Fault] = []
    emails, names = places(rows, "email"), places(rows, "name")
    for row in rows:
        if row.number:
            continue
        others = emails.get(compared(row.email), []) if row.email else names.get(compared(row.name), [])
        other = next((place for place in others if place != row.row), None)
        if other is not None:
            column = "email" if row.email else "name"
            code = "twice_different" if row.email else "name_twice_here"
            faults.append(Fault(row=row.row, column=column, code=code, value=getattr(row, column), other=other))
    return faults


def places(rows: Iterable[Row], name: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if value := getattr(row, name):
            found[compared(value)].append(row.row)
    return found
