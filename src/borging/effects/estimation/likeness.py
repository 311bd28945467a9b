"""How alike two groups were before the start, and which of it may be shown.

A share of a group is a count: what only a few people of a group have would point at them. Such levels are taken
together, and what stays recognisable even then is judged but not shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from borging.effects.estimation.people import Cohorts, Floats, Masks
from borging.effects.rules import BalanceRow
from borging.stats import balance

MOST_CATEGORIES = 6
LARGEST_SMD = 99.0
"""Stands for infinitely far apart: a characteristic with one value among the trained and another among the others."""


@dataclass(frozen=True, kw_only=True)
class Characteristic:
    """Something known about people before the start; values (N,), NaN where unknown, 0/1 for a level of a category.

    name: empty for the outcome itself. others: all levels that have no row of their own, together. reference: the
    commonest level with a row, which says nothing more once the others are known. shown: nobody can be recognised in
    its averages.
    """

    name: str
    values: Floats
    level: str = ""
    others: bool = False
    reference: bool = False
    shown: bool = True


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """The rows that may be shown, the characteristics that may not, and the one in which the groups differ most.

    overlap: share of the trained with people like them to compare with.
    """

    known: tuple[Characteristic, ...] = ()
    rows: tuple[BalanceRow, ...] = ()
    hidden: tuple[str, ...] = ()
    largest: BalanceRow | None = None
    overlap: float | None = None

    @property
    def largest_shown(self) -> bool:
        return self.largest in self.rows


def compare_characteristics(
    cohorts: Cohorts, *, before: Floats, measured: Masks, trained: Masks, minimum: int
) -> Likeness:
    """Both groups before the start. People with an unknown characteristic do not count for it."""
    groups = measured & trained, measured & ~trained
    known = _describe_people(cohorts, groups=groups, minimum=minimum)
    if np.mean(~np.isnan(before[measured])) >= 0.5:
        own = Characteristic(name="", values=before, shown=not _is_recognisable(before, groups, minimum))
        known = [own, *known]
    compared = [(each, row) for each in known if (row := _compare(each, groups)) is not None]
    return Likeness(
        known=tuple(known),
        rows=tuple(row for each, row in compared if each.shown),
        hidden=tuple(dict.fromkeys(each.name for each, _row in compared if not each.shown)),
        largest=max((row for _each, row in compared), key=lambda row: abs(row.difference), default=None),
        overlap=_overlap([each.values for each in known], groups) if compared else None,
    )


def _describe_people(cohorts: Cohorts, *, groups: tuple[Masks, Masks], minimum: int) -> list[Characteristic]:
    """Covariates as numbers; a category as 0/1 for each of its commonest levels, and one for all others together."""
    found: list[Characteristic] = []
    for name, values in cohorts.covariates.items():
        if isinstance(values, np.ndarray):
            shown = not _is_recognisable(values, groups, minimum)
            found.append(Characteristic(name=name, values=values, shown=shown))
        else:
            found += _describe_category(name, values, groups=groups, minimum=minimum)
    return found


def _describe_category(
    name: str, values: list[str | None], *, groups: tuple[Masks, Masks], minimum: int
) -> list[Characteristic]:
    words = np.array([value or "" for value in values], dtype=object)
    known = np.where(words == "", np.nan, 1.0)
    levels, counts = np.unique(words[words != ""].astype(str), return_counts=True)
    commonest = [str(level) for level in levels[np.argsort(-counts, kind="stable")]]
    has = {level: known * (words == level) for level in commonest[:MOST_CATEGORIES]}
    own = [level for level in has if not _is_recognisable(has[level], groups, minimum)]
    while own and _is_recognisable(rest := known - sum(has[level] for level in own), groups, minimum):
        own.pop()  # what is left of the whole would give the rest away
    rows = [
        Characteristic(name=name, level=level, values=has[level], reference=place == 0, shown=bool(own))
        for place, level in enumerate(own or has)
    ]
    return [*rows, Characteristic(name=name, values=rest, others=True)] if 0 < len(own) < len(commonest) else rows


def _is_recognisable(values: Floats, groups: tuple[Masks, Masks], minimum: int) -> bool:
    """Whether an average over a group would be about too few people, or a share would be that of too few."""
    known = [values[group & ~np.isnan(values)] for group in groups]
    if min(map(len, known)) < minimum:
        return True
    kinds = np.unique(np.concatenate(known))
    cells = [int(np.sum(part == kind)) for part in known for kind in kinds] if len(kinds) <= 2 else []
    return any(0 < cell < minimum for cell in cells)


def _compare(characteristic: Characteristic, groups: tuple[Masks, Masks]) -> BalanceRow | None:
    values = characteristic.values
    mine, theirs = (values[group & ~np.isnan(values)] for group in groups)
    if min(len(mine), len(theirs)) < 2:
        return None
    found = balance.standardised_difference(treated=mine, comparison=theirs)
    two_valued = set(np.unique(mine)) | set(np.unique(theirs)) <= {0.0, 1.0}
    return BalanceRow(
        name=characteristic.name,
        level=characteristic.level,
        others=characteristic.others,
        trained=found.mean_treated,
        comparison=found.mean_comparison,
        difference=float(np.clip(found.smd, -LARGEST_SMD, LARGEST_SMD)),
        variance_ratio=None if two_valued else found.variance_ratio,
    )


def _overlap(values: list[Floats], groups: tuple[Masks, Masks]) -> float | None:
    matrix: NDArray[np.float64] = np.column_stack(values)
    complete = ~np.isnan(matrix).any(axis=1)
    mine, theirs = (matrix[group & complete] for group in groups)
    if min(len(mine), len(theirs)) < 5:
        return None
    return balance.overlap(treated=mine, comparison=theirs).share_treated_inside
