"""The comparison itself: each row against the person it is about, then everybody who is not in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from borging.people.roster.cells import (
    LANGUAGES,
    compared,
    compared_number,
    read_address,
    read_team,
    read_work_days,
    squeeze,
)
from borging.people.roster.identity import Index, identify
from borging.people.roster.managers import find_managers
from borging.people.roster.rules import (
    LENGTHS,
    Comparison,
    Employed,
    Entry,
    Fault,
    FieldChange,
    Kind,
    Known,
    Row,
    Who,
    value_on,
)
from borging.people.rules import Span

OWN_FIELDS = ("number", "name", "email", "language", "work_days")


def compare(
    rows: Iterable[Row],
    known: Iterable[Known],
    *,
    columns: frozenset[str],
    day: date,
    everybody: bool,
    unread: Iterable[Row] = (),
) -> Comparison:
    """What a file of `day` would do.

    columns: the roles that have a column; a role without one stays as it was. everybody: who is not in the file has
    left, and an empty team, manager or end date means that there is none; else an empty cell says nothing.
    unread: rows that could not be used, by which it is still known who has not left.
    """
    people = {person.pk: person for person in known}
    rows = list(rows)
    clean, faults = clean_rows(rows)
    found, questions = identify(clean, known=people)
    blank_is_none = everybody and "manager" in columns
    managers, unclear = find_managers(clean, found=found, known=people, day=day, blank_is_none=blank_is_none)
    faults += [*questions, *unclear]
    case = _Case(
        found=found, known=people, managers=managers, rows=clean, columns=columns, day=day, everybody=everybody
    )
    unsure = {fault.row for fault in unclear}
    entries: list[Entry] = []
    for row in clean:
        if row.row in found:
            answer = case.entry(row, manager_unclear=row.row in unsure)
            if isinstance(answer, Fault):
                faults.append(answer)
            elif answer is not None:
                entries.append(answer)
    changed = len(entries)
    left_out = {fault.row for fault in faults if not fault.kept}
    if everybody:
        entries += case.leavers(mentioned([*rows, *unread], found=found, known=people))
    here = {pk for pk, person in people.items() if works_on(person.employed, day)}
    ending = {entry.who.pk for entry in entries if entry.left is not None or entry.kind == Kind.LEAVING} & here
    return Comparison(
        entries=tuple(entries),
        faults=tuple(sorted(faults, key=lambda fault: (fault.row, fault.column))),
        unchanged=sum(row.row not in left_out for row in clean) - changed,
        employed=len(here),
        ending=len(ending),
    )


def works_on(spans: Iterable[Span], day: date) -> bool:
    return any(span.covers(day) for span in spans)


def clean_rows(rows: Iterable[Row]) -> tuple[list[Row], list[Fault]]:
    """Every cell as it is kept, in the order of the file; rows that lack what they need are left out."""
    clean: list[Row] = []
    faults: list[Fault] = []
    for row in sorted(rows, key=lambda row: row.row):
        answer, told = clean_row(row)
        faults += told
        if answer is not None:
            clean.append(answer)
    return clean, faults


def clean_row(row: Row) -> tuple[Row | None, list[Fault]]:
    row = replace(
        row,
        number=squeeze(row.number),
        name=squeeze(row.name),
        email=squeeze(row.email),
        manager=squeeze(row.manager),
    )
    faults = []
    email = read_address(row.email) if row.email else ""
    if email is None:
        faults.append(Fault(row=row.row, column="email", code="email_wrong", value=row.email))
    for name, most in LENGTHS.items():
        if len(getattr(row, name)) > most:
            faults.append(Fault(row=row.row, column=name, code="too_long", value=getattr(row, name)[:60]))
    if row.name.startswith(("=", "@", "+")):
        faults.append(Fault(row=row.row, column="name", code="formula", value=row.name[:60]))
    if not (row.number or row.name or row.email):
        faults.append(Fault(row=row.row, column="name", code="nobody"))
    if row.start and row.end and row.end < row.start:
        faults.append(Fault(row=row.row, column="end", code="end_before_start", value=row.end))
    if faults:
        return None, faults[:1]
    language = LANGUAGES.get(compared(row.language), "") if row.language else ""
    work_days = read_work_days(row.work_days) if row.work_days else ""
    if row.language and not language:
        faults.append(Fault(row=row.row, column="language", code="language_unknown", value=row.language, kept=True))
    if work_days is None:
        faults.append(Fault(row=row.row, column="work_days", code="work_days_unclear", value=row.work_days, kept=True))
    if any(len(name) > 200 for name in read_team(row.team)):
        faults.append(Fault(row=row.row, column="team", code="too_long", value=row.team[:60]))
        return None, faults
    return replace(row, email=email or "", language=language, work_days=work_days or ""), faults


def mentioned(rows: Iterable[Row], *, found: Mapping[int, Who], known: Mapping[int, Known]) -> set[int]:
    """Everyone the file says something about, also in rows that are left out: they have not left."""
    index = Index(known.values())
    named = {who.pk for who in found.values() if who.pk}
    for row in rows:
        if row.row not in found:
            for same in (
                index.numbers.get(compared_number(row.number), ()) if row.number else (),
                index.emails.get(compared(row.email), ()) if row.email else (),
                index.names.get(compared(row.name), ()) if row.name else (),
            ):
                named |= {who.pk for who in same if who.pk}
    return named


class _Case:
    """One comparison under way: what every row is held against."""

    def __init__(
        self,
        *,
        found: Mapping[int, Who],
        known: Mapping[int, Known],
        managers: Mapping[Who, Who],
        rows: Iterable[Row],
        columns: frozenset[str],
        day: date,
        everybody: bool,
    ) -> None:
        self.found, self.known, self.managers = found, known, managers
        self.columns, self.day, self.everybody = columns, day, everybody
        self.names = {Who(pk): person.name for pk, person in known.items()}
        self.names |= {found[row.row]: row.name for row in rows if row.row in found and row.name}
        self.spelled = spell_teams(known.values(), rows)

    def entry(self, row: Row, *, manager_unclear: bool) -> Entry | Fault | None:
        """What this row would do; None when nothing changes; a fault when it cannot be."""
        who = self.found[row.row]
        person = self.known.get(who.pk or 0)
        if person is None and not row.name:
            return Fault(row=row.row, column="name", code="name_missing", value=row.number or row.email)
        employed = self.employment(row, person)
        newest = employed or Employed(since=self.day, until=None, again=False)
        if person and employed is None and person.employed:
            newest = Employed(since=person.employed[-1].since, until=person.employed[-1].until, again=False)
        if newest.until is not None and newest.until < newest.since:
            return Fault(row=row.row, column="end", code="end_before_start", value=row.end)
        left = newest.until if newest.until is not None and newest.until < self.day else None
        since = max(self.day, newest.since)
        fields = self.changed_fields(row, person)
        team = manager = None
        if left is None:
            team = self.changed_team(row, person, since=since)
            manager = None if manager_unclear else self.changed_manager(row, person, since=since)
        changes = self.changes(person, fields=fields, employed=employed, team=team, manager=manager, since=since)
        if not changes:
            return None
        return Entry(
            who=who,
            kind=Kind.CHANGED if person else Kind.NEW,
            name=row.name or (person.name if person else ""),
            changes=changes,
            since=since,
            fields=fields,
            team=team,
            manager=manager,
            employed=employed,
            left=left if employed else None,
        )

    def employment(self, row: Row, person: Known | None) -> Employed | None:
        """The span of employment this row leads to; None when it is as it was."""
        start, end = as_day(row.start), as_day(row.end)
        spans = person.employed if person else ()
        if not spans:
            return Employed(since=start or min(self.day, end or self.day), until=end, again=True)
        newest = spans[-1]
        before = spans[-2].until if len(spans) > 1 else None
        if newest.until is not None:
            if start and start > newest.until:
                return Employed(since=start, until=end, again=True)
            if newest.until < self.day - timedelta(days=1) and end is None:
                return Employed(since=self.day, until=None, again=True)
        since, until = newest.since, newest.until
        if start and (before is None or start > before):
            since = start
        if end is not None:
            until = end
        elif ("end" in self.columns and self.everybody) or (until is not None and until < self.day):
            until = None
        if (since, until) == (newest.since, newest.until):
            return None
        return Employed(since=since, until=until, again=False)

    def changed_fields(self, row: Row, person: Known | None) -> dict[str, str]:
        """Texts of the person that become others; an empty cell takes nothing away."""
        changed = {}
        for name in OWN_FIELDS:
            new, old = getattr(row, name), getattr(person, name) if person else ""
            same = {"number": compared_number, "email": compared}.get(name, str)
            if new and (not old or same(new) != same(old)):
                changed[name] = new
        return changed

    def changed_team(self, row: Row, person: Known | None, *, since: date) -> tuple[str, ...] | None:
        written = read_team(row.team)
        path = tuple(self.spelled[fold(written[: n + 1])] for n in range(len(written)))
        if not path and not ("team" in self.columns and self.everybody):
            return None
        now = value_on(person.teams, since) if person else None
        return None if fold(path) == fold(now or ()) else path

    def changed_manager(self, row: Row, person: Known | None, *, since: date) -> Who | None:
        named = self.managers.get(self.found[row.row])
        if named is None and not ("manager" in self.columns and self.everybody):
            return None
        now = value_on(person.managers, since) if person else None
        if (named is None and now is None) or (named is not None and named.pk is not None and named.pk == now):
            return None
        return named or Who(None)

    def changes(
        self,
        person: Known | None,
        *,
        fields: Mapping[str, str],
        employed: Employed | None,
        team: tuple[str, ...] | None,
        manager: Who | None,
        since: date,
    ) -> tuple[FieldChange, ...]:
        """All of it as it can be shown."""
        found = [FieldChange(field=n, old=getattr(person, n) if person else "", new=new) for n, new in fields.items()]
        if team is not None:
            now = (value_on(person.teams, since) if person else None) or ()
            found.append(FieldChange(field="team", old=" / ".join(now), new=" / ".join(team)))
        if manager is not None:
            pk = value_on(person.managers, since) if person else None
            found.append(
                FieldChange(
                    field="manager",
                    old=self.names.get(Who(pk), "") if pk else "",
                    new="" if manager == Who(None) else self.names[manager],
                )
            )
        if employed:
            newest = person.employed[-1] if person and person.employed and not employed.again else None
            for name, new in (("since", employed.since), ("until", employed.until)):
                old = getattr(newest, name) if newest else None
                if old != new:
                    role = {"since": "start", "until": "end"}[name]
                    found.append(FieldChange(field=role, old=iso(old), new=iso(new)))
        return tuple(found)

    def leavers(self, mentioned: set[int]) -> list[Entry]:
        """Who works here on the day of the file and is not in it."""
        found = []
        for pk, person in self.known.items():
            newest = next((span for span in reversed(person.employed) if span.covers(self.day)), None)
            if pk in mentioned or newest is None or newest.until == self.day:
                continue
            last = self.day - timedelta(days=1)
            stays = newest.since <= last
            shown = FieldChange(field="end", old=iso(newest.until), new=iso(last if stays else newest.since))
            found.append(
                Entry(
                    who=Who(pk),
                    kind=Kind.LEAVING,
                    name=person.name,
                    changes=(shown,),
                    since=self.day,
                    employed=Employed(since=newest.since, until=last, again=False) if stays else None,
                    left=last if stays else None,
                )
            )
        return found


def as_day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def fold(path: Iterable[str]) -> tuple[str, ...]:
    """A team's path as it is compared."""
    return tuple(compared(name) for name in path)


def spell_teams(known: Iterable[Known], rows: Iterable[Row]) -> dict[tuple[str, ...], str]:
    """How the last name of each path is written: as it is known, else one spelling of the file, whatever its order."""
    spelled: dict[tuple[str, ...], str] = {}
    standing = sorted(span.value for person in known for span in person.teams)
    for path in [*standing, *sorted(read_team(row.team) for row in rows)]:
        for n in range(len(path)):
            spelled.setdefault(fold(path[: n + 1]), path[n])
    return spelled
