"""Two moments or two groups: paired, after a lottery, with a baseline, or not to be trusted.

Team-wise assignment is collapsed to team means before anything else: the team is what was assigned, so the team is n
(statistics: small samples).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from borging.effects.estimation.likeness import Characteristic
from borging.effects.estimation.people import Cohorts, Floats, Masks
from borging.effects.rules import Estimate, GroupMeans
from borging.stats import groups, pairs
from borging.stats.samples import SampleError

PEOPLE_PER_CHARACTERISTIC = 10
FEWEST_ASSIGNMENTS = 400
"""20 / alpha: with fewer ways to draw the groups no test can reach five percent honestly."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The rows a comparison is made on: people, or teams where teams were assigned.

    before, after: (n,); before all NaN where there is no baseline. people: how many stand behind each row.
    """

    trained: Masks
    before: Floats
    after: Floats
    people: NDArray[np.int64]
    by_team: bool
    paired: bool

    def part(self, *, trained: bool) -> tuple[Floats, Floats]:
        """(before, after) of one of the two groups."""
        chosen = self.trained if trained else ~self.trained
        return self.before[chosen], self.after[chosen]


def take_sample(*, cohorts: Cohorts, before: Floats, after: Floats, paired: bool) -> Sample:
    """Everyone measured after (and before, if `paired`), collapsed to teams where teams were assigned."""
    use = ~np.isnan(after) & (~np.isnan(before) if paired else True)
    trained, before, after, team = cohorts.trained[use], before[use], after[use], cohorts.team[use]
    if not cohorts.by_team:
        ones = np.ones(len(after), np.int64)
        return Sample(trained=trained, before=before, after=after, people=ones, by_team=False, paired=paired)
    after_means, sizes, labels = groups.cluster_means(values=after, clusters=team)
    before_means = groups.cluster_means(values=before, clusters=team)[0] if paired else np.full(len(labels), np.nan)
    firsts = np.array([np.flatnonzero(team == label)[0] for label in labels])
    return Sample(
        trained=trained[firsts],
        before=before_means,
        after=after_means,
        people=np.asarray(sizes, np.int64),
        by_team=True,
        paired=paired,
    )


def estimate_mean(values: Floats) -> Estimate | None:
    """A group mean with its own t margin; None with fewer than two values."""
    if len(values) < 2:
        return None
    found = pairs.mean_with_margin(values)
    return Estimate(value=found.mean, se=found.se, low=found.low, high=found.high, df=found.df)


def describe_group(sample: Sample, *, trained: bool, of: int) -> GroupMeans:
    chosen = sample.trained if trained else ~sample.trained
    before, after = sample.part(trained=trained)
    return GroupMeans(
        n=int(sample.people[chosen].sum()),
        of=of,
        before=estimate_mean(before) if not np.isnan(before).any() else None,
        after=estimate_mean(after),
        teams=int(chosen.sum()) if sample.by_team else None,
    )


def compare_after(sample: Sample) -> tuple[Estimate, float | None]:
    """Difference in means after, with Hedges' g."""
    found = groups.difference(treated=sample.part(trained=True)[1], comparison=sample.part(trained=False)[1])
    return _estimate(found), _known(found.g_s)


def compare_change(sample: Sample) -> tuple[Estimate, float | None]:
    """2x2 difference-in-differences: the difference in change scores, with Hedges' g of the change."""
    before, after = sample.part(trained=True)
    other_before, other_after = sample.part(trained=False)
    found = groups.difference(treated=after - before, comparison=other_after - other_before)
    return _estimate(found), _known(found.g_s)


def compare_adjusted(sample: Sample) -> tuple[Estimate, float] | None:
    """ANCOVA on the baseline, and the correlation of before and after within groups; None where it cannot be fit."""
    before, after = sample.part(trained=True)
    other_before, other_after = sample.part(trained=False)
    try:
        found = groups.adjusted(
            treated=after, comparison=other_after, treated_before=before, comparison_before=other_before
        )
    except SampleError:  # a baseline that is the same for all in a group cannot be told from the group
        return None
    value = Estimate(value=found.effect, se=found.se, low=found.low, high=found.high, df=found.df, p=_known(found.p))
    return value, found.correlation


def compare_at_equal_characteristics(
    cohorts: Cohorts, people: tuple[Characteristic, ...], *, after: Floats
) -> Estimate | None:
    """The difference after, adjusted for everything known about people beforehand; None with too little or by teams."""
    known = [each for each in people if each.name and not each.reference]
    if not known or cohorts.by_team:
        return None
    matrix = np.column_stack([each.values for each in known])
    use = ~np.isnan(after) & ~np.isnan(matrix).any(axis=1)
    mine, theirs = use & cohorts.trained, use & ~cohorts.trained
    if min(mine.sum(), theirs.sum()) < PEOPLE_PER_CHARACTERISTIC * len(known):
        return None
    try:
        found = groups.adjusted(
            treated=after[mine],
            comparison=after[theirs],
            treated_before=matrix[mine],
            comparison_before=matrix[theirs],
        )
    except SampleError:  # characteristics that say the same thing cannot be told apart
        return None
    return Estimate(value=found.effect, se=found.se, low=found.low, high=found.high, df=found.df, p=_known(found.p))


def compare_pairs(sample: Sample) -> tuple[Estimate, float | None]:
    """Change within the same people, with Hedges' g on the average standard deviation (Lakens 2013)."""
    before, after = sample.part(trained=True)
    found = pairs.change(before=before, after=after)
    value = Estimate(
        value=found.difference, se=found.se, low=found.low, high=found.high, df=found.df, p=_known(found.p)
    )
    return value, _known(found.g_av)


def count_drawings(sample: Sample) -> int:
    """In how many ways the lots could have fallen."""
    return groups.assignments(int(sample.trained.sum()), len(sample.trained))


def draw_again(sample: Sample) -> float | None:
    """The p-value of drawing the lots again; None where the groups could be drawn in too few ways to say anything."""
    if count_drawings(sample) < FEWEST_ASSIGNMENTS:
        return None
    treated, comparison = sample.part(trained=True)[1], sample.part(trained=False)[1]
    return groups.randomisation_p(treated=treated, comparison=comparison).p


def _known(value: float) -> float | None:
    """None for what no spread leaves undefined."""
    return None if math.isnan(value) else value


def _estimate(found: groups.GroupDifference) -> Estimate:
    return Estimate(value=found.difference, se=found.se, low=found.low, high=found.high, df=found.df, p=_known(found.p))
