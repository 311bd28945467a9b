"""Writing a comparison into the dated tables: old spans end the day before, new ones begin; all of it in bulk."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Generic, TypeVar

from .ledger import Ledger
from .models import Employment, Membership, Person, Reporting, Team
from .reads import team_paths
from .roster import Employed, Entry, Kind, Who, fold
from .writes import accounts_to_close

S = TypeVar("S", Employment, Membership, Reporting)
DAY = timedelta(days=1)


def apply_entries(entries: Sequence[Entry], *, organisation_id: int, day: date, ledger: Ledger) -> None:
    """Do what a comparison says; in the caller's transaction."""
    pks = write_people(entries, organisation_id=organisation_id, ledger=ledger)
    teams = make_teams((entry.team for entry in entries), organisation_id=organisation_id, ledger=ledger)
    employed = _Book(Employment, organisation_id=organisation_id)
    placed = _Book(Membership, organisation_id=organisation_id)
    reporting = _Book(Reporting, organisation_id=organisation_id)
    for entry in entries:
        pk = pks[entry.who]
        if entry.employed:
            _employ(employed, pk, entry.employed)
        if entry.team is not None:
            team = teams[fold(entry.team)] if entry.team else None
            placed.put(pk, since=entry.since, team_id=team)
        if entry.manager is not None:
            boss = None if entry.manager == Who(None) else pks.get(entry.manager, entry.manager.pk)
            reporting.put(pk, since=entry.since, manager_id=boss)
        if entry.left is not None:
            placed.end(pk, entry.left)
            reporting.end(pk, entry.left)
        elif entry.kind == Kind.LEAVING:  # on the day they came: they never worked here
            employed.end(pk, entry.since - DAY)
            placed.end(pk, entry.since - DAY)
            reporting.end(pk, entry.since - DAY)
    for book in (employed, placed, reporting):
        book.write(ledger)
    gone = [pks[entry.who] for entry in entries if entry.left is not None or entry.kind == Kind.LEAVING]
    closed = accounts_to_close(organisation_id=organisation_id, people=gone)
    for account in closed:
        account.is_active = False
    ledger.update(closed, old=[{"is_active": True}] * len(closed))


def write_people(entries: Sequence[Entry], *, organisation_id: int, ledger: Ledger) -> dict[Who, int]:
    """Make and change the people themselves. Returns the primary key of everyone in the entries."""
    new = [entry for entry in entries if entry.who.pk is None]
    made = [Person(organisation_id=organisation_id, **entry.fields) for entry in new]
    ledger.create(made)
    changed = {entry.who.pk: entry.fields for entry in entries if entry.who.pk is not None and entry.fields}
    people = [one for one in Person.objects.filter(organisation_id=organisation_id) if one.pk in changed]
    old: list[dict[str, Any]] = []
    for person in people:
        old.append({name: getattr(person, name) for name in changed[person.pk]})
        for name, value in changed[person.pk].items():
            setattr(person, name, value)
    ledger.update(people, old=old)
    pks = {entry.who: person.pk for entry, person in zip(new, made, strict=True)}
    return pks | {entry.who: entry.who.pk for entry in entries if entry.who.pk is not None}


def make_teams(
    paths: Iterable[tuple[str, ...] | None], *, organisation_id: int, ledger: Ledger
) -> dict[tuple[str, ...], int]:
    """The team of each path, made where it is not there yet, from the top down. Keys are compared names."""
    found = {fold(path): pk for pk, path in team_paths(organisation_id).items()}
    wanted = {tuple(path[: n + 1]) for path in paths if path for n in range(len(path))}
    for depth in range(1, max(map(len, wanted), default=0) + 1):
        new: dict[tuple[str, ...], Team] = {}
        for path in sorted(path for path in wanted if len(path) == depth):
            key = fold(path)
            if key not in found and key not in new:
                above = found[key[:-1]] if depth > 1 else None
                new[key] = Team(organisation_id=organisation_id, name=path[-1], parent_id=above)
        ledger.create(list(new.values()))
        found |= {key: team.pk for key, team in new.items()}
    return found


def _employ(book: "_Book[Employment]", pk: int, span: Employed) -> None:
    own = book.own[pk]
    if span.again or not own:
        book.begin(pk, start_date=span.since, end_date=span.until)
    else:
        target = next((one for one in own if one.start_date == span.since), own[-1])
        book.change(target, start_date=span.since, end_date=span.until)


class _Book(Generic[S]):
    """The spans of one kind in an organisation, per person, and what is to be done to them."""

    def __init__(self, model: type[S], *, organisation_id: int) -> None:
        self.model: type[S] = model
        self.own: dict[int, list[S]] = defaultdict(list)
        self.before: dict[int, dict[str, Any]] = {}
        self.gone: list[S] = []
        for row in model._default_manager.filter(person__organisation=organisation_id).order_by("start_date", "pk"):
            self.own[row.person_id].append(row)

    def put(self, pk: int, *, since: date, **value: int | None) -> None:
        """From `since` on this holds: what held ends the day before; what had just ended and is the same goes on."""
        for row in list(self.own[pk]):
            if row.start_date >= since:
                self.remove(row)
            elif row.end_date is None or row.end_date >= since:
                self.change(row, end_date=since - DAY)
        if None in value.values():
            return
        ((name, wanted),) = value.items()
        same = [row for row in self.own[pk] if row.end_date == since - DAY and getattr(row, name) == wanted]
        if same:
            self.change(same[0], end_date=None)
        else:
            self.begin(pk, start_date=since, **value)

    def end(self, pk: int, last: date) -> None:
        for row in list(self.own[pk]):
            if row.start_date > last:
                self.remove(row)
            elif row.end_date is None or row.end_date > last:
                self.change(row, end_date=last)

    def begin(self, pk: int, **values: Any) -> None:
        self.own[pk].append(self.model(person_id=pk, **values))

    def change(self, row: S, **values: Any) -> None:
        if not row._state.adding:
            before = self.before.setdefault(row.pk, {})
            for name in values:
                before.setdefault(name, getattr(row, name))
        for name, value in values.items():
            setattr(row, name, value)

    def remove(self, row: S) -> None:
        self.own[row.person_id].remove(row)
        if not row._state.adding:
            self.gone.append(row)

    def write(self, ledger: Ledger) -> None:
        ledger.delete(self.gone, old=[self.before.get(row.pk, {}) for row in self.gone])
        rows = [row for own in self.own.values() for row in own]
        changed = [row for row in rows if not row._state.adding and row.pk in self.before]
        ledger.update(changed, old=[self.before[row.pk] for row in changed])
        ledger.create([row for row in rows if row._state.adding])
