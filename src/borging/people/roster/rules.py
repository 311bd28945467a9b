"""The shapes a comparison works with: rows of a file, people as they are known, and what would happen to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from borging.people.rules import Span

T = TypeVar("T")
MOST_LEAVING = 0.1
"""A file that ends the employment of a larger share of the people stops and asks."""
LENGTHS = {"number": 64, "name": 200, "email": 254}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a file, as texts; dates are ISO days. `row` is its number as a spreadsheet program shows it."""

    row: int
    number: str = ""
    name: str = ""
    email: str = ""
    team: str = ""
    manager: str = ""
    start: str = ""
    end: str = ""
    language: str = ""
    work_days: str = ""


@dataclass(frozen=True, kw_only=True)
class Dated(Span, Generic[T]):
    """A value that holds from a day to a day."""

    value: T


@dataclass(frozen=True, kw_only=True)
class Known:
    """A person as they are known: spans in the order of their start; a team is the names of its path from the top."""

    pk: int
    name: str
    number: str = ""
    email: str = ""
    language: str = ""
    work_days: str = ""
    employed: tuple[Span, ...] = ()
    teams: tuple[Dated[tuple[str, ...]], ...] = ()
    managers: tuple[Dated[int], ...] = ()


class Who(NamedTuple):
    """Someone: known by a primary key, or new in a row of the file."""

    pk: int | None
    row: int | None = None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a row is left out, or (`kept`) one cell of it is not used. column: the role; other: a row it clashes with."""

    row: int
    column: str
    code: str
    value: str = ""
    other: int | None = None
    kept: bool = False


class Kind(StrEnum):
    """What happens to a person."""

    NEW = "new"
    CHANGED = "changed"
    LEAVING = "leaving"


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One thing that changes, as it can be shown; dates are ISO days, an empty text is nothing."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Employed:
    """The span of employment a file leads to: a new one (`again`), or the newest put right."""

    since: date
    until: date | None
    again: bool


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What happens to one person, to be shown (`changes`) and to be done (the rest).

    `fields`: columns of the person. `since`: from when a new team or manager holds. `team`: None is as it was, () is no
    team. `manager`: None is as it was; Who(None) is nobody. `left`: the last day, for who has left by then; team and
    manager end with it. A person who leaves on the day they came never worked here: `employed` None, `left` None.
    """

    who: Who
    kind: Kind
    name: str
    changes: tuple[FieldChange, ...]
    since: date
    fields: dict[str, str] = field(default_factory=dict)
    team: tuple[str, ...] | None = None
    manager: Who | None = None
    employed: Employed | None = None
    left: date | None = None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A whole file against all people. `ending`: how many of the `employed` of that day would no longer be."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]
    unchanged: int
    employed: int
    ending: int

    @property
    def asks(self) -> bool:
        """Whether so many would leave that somebody has to say that it is meant."""
        return self.ending > MOST_LEAVING * self.employed

    def of(self, kind: Kind) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.kind == kind)


def value_on(spans: tuple[Dated[T], ...], day: date) -> T | None:
    """What holds on a day; of two spans that overlap the one that began last."""
    return next((span.value for span in reversed(spans) if span.covers(day)), None)
