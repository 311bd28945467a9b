"""Everything known about one outcome before it is compared: its people, its periods, their values before and after."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from borging.effects.estimation.people import Cohorts, Floats, Masks, read_cohorts
from borging.effects.rules import Assignment, Facts, GroupMeans, Options
from borging.lake import engine
from borging.lake.schema import StudyTables


@dataclass(frozen=True, kw_only=True)
class Case:
    """One outcome. before, after: each person's mean before and from the start on (untrained: the earliest start).

    baseline: everyone's mean before the earliest start of all. measured: has any value. followed: the share of the
    periods from the start on in which a person was measured. All (N,), NaN where unknown.
    """

    lake: engine.Engine
    outcome: str
    unit: str
    options: Options
    periods: list[int]
    cohorts: Cohorts
    before: Floats
    after: Floats
    baseline: Floats
    measured: Masks
    followed: Floats
    facts: Facts

    def size(self, *, trained: bool) -> int:
        """How many people the participants file has in a group: the denominator."""
        return int(np.sum(self.cohorts.trained == trained))

    def empty(self, *, trained: bool) -> GroupMeans:
        """A group with its numbers only, where means cannot be given."""
        member = self.cohorts.trained == trained
        return GroupMeans(n=int(np.sum(member & self.measured)), of=self.size(trained=trained))


def prepare_case(
    *, lake: engine.Engine, tables: StudyTables, outcome: str, options: Options, folder: Path, name: str
) -> Case:
    """Place the starts on the measured periods and split everyone's values at their start."""
    periods = lake.periods(tables, outcome=outcome)
    cohorts = read_cohorts(tables, periods=periods, assignment=options.assignment, folder=folder, name=name)
    cut = cohorts.starts[0] if cohorts.starts else periods[-1] + 1
    own = lake.per_person(cohorts.tables, outcome=outcome, cut=cut)
    before, after = _align(own, cohorts.person)
    if len(cohorts.starts) > 1:
        common = lake.per_person(cohorts.tables, outcome=outcome, cut=cut, own_start=False)
        baseline = _align(common, cohorts.person)[0]
    else:
        baseline = before
    measured = ~(np.isnan(before) & np.isnan(after))
    return Case(
        lake=lake,
        outcome=outcome,
        unit=tables.scale.unit,
        options=options,
        periods=periods,
        cohorts=cohorts,
        before=before,
        after=after,
        baseline=baseline,
        measured=measured,
        followed=_follow(own, cohorts=cohorts, periods=periods, cut=cut),
        facts=_gather_facts(
            own, cohorts=cohorts, before=before, measured=measured, periods=periods, assignment=options.assignment
        ),
    )


def _align(table: pa.Table, person: pa.Array) -> tuple[Floats, Floats]:
    """Before and after in the order of `person`, NaN for who has none."""
    position = pc.index_in(person, value_set=table["person"].combine_chunks())
    taken = table.select(["before", "after"]).take(position)
    before, after = (column.to_numpy().astype(float) for column in taken.columns)
    return before, after


def _follow(own: pa.Table, *, cohorts: Cohorts, periods: list[int], cut: int) -> Floats:
    """Share of the periods from the start on (untrained: `cut`) in which each person was measured."""
    position = pc.index_in(cohorts.person, value_set=own["person"].combine_chunks())
    count = pc.fill_null(own["n_after"].combine_chunks().take(position), 0).to_numpy().astype(float)
    first = np.where(cohorts.trained, cohorts.start, cut)
    possible = len(periods) - np.searchsorted(np.asarray(periods, float), first)
    return np.asarray(count / np.maximum(possible, 1))


def _gather_facts(
    own: pa.Table, *, cohorts: Cohorts, before: Floats, measured: Masks, periods: list[int], assignment: Assignment
) -> Facts:
    trained = cohorts.trained & measured
    values = pc.sum(pc.add(own["n_before"], own["n_after"])).as_py() or 0
    people = max(int(measured.sum()), 1)
    return Facts(
        trained=int(trained.sum()),
        comparison=int((~cohorts.trained & measured).sum()),
        cohorts=len(np.unique(cohorts.start[trained])),
        periods=len(periods),
        before_share=float(np.mean(~np.isnan(before[trained]))) if trained.any() else 0.0,
        panel=values >= 0.5 * people * len(periods),
        assignment=assignment,
    )
