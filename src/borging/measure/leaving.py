"""What may stay shown when somebody's answers are gone for good. No Django, no clock, no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .ledger import Record
from .rules import MINIMUM, Change, Paired, Ranked, Reason, Response, Responses, Result, Share, Shares, Unit


def covered(records: list[Record], *, names: Mapping[str, str]) -> tuple[list[Record], bool]:
    """A ledger in which people stand under a name that leads nowhere, and whether a group has too few without them.

    They stay in it: left out, the gate would think that a later figure without them is the one that was shown, and the
    two together would tell what they had answered.
    """
    renamed: list[Record] = []
    few = False
    for questions, people in records:
        gone = sum(person in names for person in people)
        few = few or bool(gone and len(people) - gone < MINIMUM)
        renamed.append([questions, sorted(names.get(person, person) for person in people)])
    return renamed, few


def without_smallest(result: Result, *, cells: bool) -> Result:
    """The same without figures that would not be shown any more were it for one person less.

    cells: also the means and shares that the ledger keeps, of which some had too few without who is gone.
    """
    match result:
        case Paired() if cells:
            return replace(
                result,
                sources=tuple(map(_change, result.sources)),
                cohorts=tuple(map(_change, result.cohorts)),
                units=tuple(map(_unit, result.units)),
            )
        case Shares() if cells:
            return replace(result, rows=tuple(map(_share, result.rows)), units=tuple(map(_unit, result.units)))
        case Ranked() if any(_count(row) == MINIMUM for row in result.rows):
            return Ranked(invited=result.invited, reason=Reason.FEW)
        case Responses():
            return Responses(rows=tuple(_response(row) for row in result.rows if row.invited != MINIMUM))
    return result


def _count(row: Share) -> int:
    return round(row.share.value * row.n) if row.share else 0


def _unit(unit: Unit) -> Unit:
    return replace(unit, sources=tuple(map(_change, unit.sources)), rows=tuple(map(_share, unit.rows)))


def _change(cell: Change) -> Change:
    return Change(name=cell.name, reason=Reason.FEW) if cell.n == MINIMUM else cell


def _share(cell: Share) -> Share:
    return Share(name=cell.name, reason=Reason.FEW) if cell.n == MINIMUM else cell


def _response(row: Response) -> Response:
    return replace(row, answered=None) if row.answered == MINIMUM else row
