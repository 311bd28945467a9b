"""The answer each design gives: its estimate, its groups, its gates, and what must be said with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from borging.effects.estimation import groups, judge, staggered
from borging.effects.estimation.case import Case
from borging.effects.estimation.likeness import Likeness, compare_characteristics
from borging.effects.estimation.people import Masks
from borging.effects.rules import (
    BASELINE_WORTH_USING,
    MEASURED_BEFORE,
    Alternative,
    Design,
    EffectAt,
    Estimate,
    Gate,
    GroupMeans,
    Remark,
    Staggered,
)
from borging.stats import balance, did

NOT_COMPARED = Likeness()
FEWEST_FOR_ADJUSTING = 6
"""People or teams below which a slope costs more than it gains."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a design found; the study adds rung, refusal, money and release."""

    estimate: Estimate | None
    trained: GroupMeans
    comparison: GroupMeans
    standardised: float | None = None
    randomisation_p: float | None = None
    likeness: Likeness = NOT_COMPARED
    event_study: tuple[EffectAt, ...] = ()
    staggered: tuple[Staggered, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    gates: tuple[Gate, ...] = ()
    reasons: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()


def answer_nothing(case: Case) -> Answer:
    """No comparison at all: say which part is missing."""
    if not case.facts.trained:
        code = "starts_to_come" if case.cohorts.to_come else "nobody_trained"
    elif not case.facts.comparison:
        code = "no_comparison_no_baseline"
    else:
        code = "cohorts_without_baseline"
    return Answer(
        estimate=None,
        trained=case.empty(trained=True),
        comparison=case.empty(trained=False),
        reasons=(Remark(code=code),),
    )


def answer_paired(case: Case) -> Answer:
    """The same people before and after, without anyone to compare with."""
    sample = groups.take_sample(cohorts=case.cohorts, before=case.before, after=case.after, paired=True)
    trained = groups.describe_group(sample, trained=True, of=case.size(trained=True))
    blank = GroupMeans(n=0, of=0)
    if trained.after is None:
        return Answer(estimate=None, trained=trained, comparison=blank, reasons=(Remark(code="one_pair"),))
    estimate, standardised = groups.compare_pairs(sample)
    return Answer(
        estimate=estimate,
        trained=trained,
        comparison=blank,
        standardised=standardised,
        reasons=(Remark(code="no_comparison"),),
        remarks=(Remark(code="regression_to_the_mean"), Remark(code="self_rating")),
    )


def answer_randomised(case: Case) -> Answer:
    """Two groups drawn by lot, as drawn; adjusted for the baseline only where that gains something."""
    sample = groups.take_sample(cohorts=case.cohorts, before=case.before, after=case.after, paired=False)
    if (thin := _too_thin(case, sample)) is not None:
        return thin
    estimate, standardised = groups.compare_after(sample)
    alike = _compare(case)
    reasons = [Remark(code="drawn_as_told")]
    alternatives: list[Alternative] = []
    if (adjusted := _adjust_for_baseline(case)) is not None:
        paired, other, correlation = adjusted
        use = abs(correlation) >= BASELINE_WORTH_USING
        code = "baseline_used" if use else "baseline_not_worth_using"
        reasons.append(Remark(code=code, params={"correlation": correlation}))
        alternatives.append(
            Alternative(code="plain", estimate=estimate) if use else Alternative(code="ancova", estimate=other)
        )
        if use:
            estimate, sample = other, paired
    if (everything := groups.compare_at_equal_characteristics(case.cohorts, alike.known, after=case.after)) is not None:
        alternatives.append(Alternative(code="characteristics", estimate=everything))
    if case.cohorts.by_arm:
        reasons.append(Remark(code="as_drawn"))
    draft = Answer(
        estimate=estimate,
        trained=groups.describe_group(sample, trained=True, of=case.size(trained=True)),
        comparison=groups.describe_group(sample, trained=False, of=case.size(trained=False)),
        standardised=standardised,
        randomisation_p=groups.draw_again(sample),
        likeness=alike,
        alternatives=tuple(alternatives),
        reasons=tuple(reasons),
    )
    attrition = judge.judge_attrition(_missing(case, paired=sample.paired))
    bounds = () if attrition.passed else _judge_bounds(case, se=estimate.se)
    return replace(draft, gates=(judge.judge_likeness(alike), attrition, *bounds, _judge_drawing(sample)))


def _adjust_for_baseline(case: Case) -> tuple[groups.Sample, Estimate, float] | None:
    """ANCOVA on those measured before as well, with the correlation that decides whether it is worth using."""
    if np.mean(~np.isnan(case.before[case.measured])) < MEASURED_BEFORE:
        return None
    sample = groups.take_sample(cohorts=case.cohorts, before=case.before, after=case.after, paired=True)
    if _too_thin(case, sample) is not None or len(sample.after) < FEWEST_FOR_ADJUSTING:
        return None
    adjusted = groups.compare_adjusted(sample)
    return None if adjusted is None else (sample, *adjusted)


def answer_baseline(case: Case) -> Answer:
    """Two groups, not drawn by lot, each with a baseline: the difference in change."""
    sample = groups.take_sample(cohorts=case.cohorts, before=case.before, after=case.after, paired=True)
    if (thin := _too_thin(case, sample)) is not None:
        return thin
    estimate, standardised = groups.compare_change(sample)
    trained = groups.describe_group(sample, trained=True, of=case.size(trained=True))
    comparison = groups.describe_group(sample, trained=False, of=case.size(trained=False))
    adjusted = groups.compare_adjusted(sample)
    periods_before = sum(period < case.cohorts.starts[0] for period in case.periods)
    events = staggered.study_events(case) if case.facts.panel and len(case.periods) > 2 else None
    placebo = events.placebo if events else None
    pretest_p = events.pretest_p if events else None
    alike = _compare(case)
    drift = 0.0 if adjusted is None else _drift(sample, correlation=adjusted[1])
    return Answer(
        estimate=estimate,
        trained=trained,
        comparison=comparison,
        standardised=standardised,
        alternatives=() if adjusted is None else (Alternative(code="ancova", estimate=adjusted[0]),),
        event_study=events.points if events else (),
        likeness=alike,
        gates=(
            judge.judge_history(unit=case.unit, periods_before=periods_before, enough_share=1.0),
            judge.judge_parallel(placebo, estimate=estimate, pretest_p=pretest_p),
            *judge.judge_steadiness(events.points if events else (), placebo),
            judge.judge_likeness(alike),
            judge.judge_overlap(alike.overlap),
            judge.judge_attrition(_missing(case, paired=True)),
            _judge_units(sample),
        ),
        reasons=(Remark(code="change_compared"),),
        remarks=(Remark(code="drift_expected", params={"drift": drift}),) if abs(drift) > estimate.se else (),
    )


def _drift(sample: groups.Sample, *, correlation: float) -> float:
    """How far the trained would move towards the others without any training, because measuring is never exact."""
    before, other = sample.part(trained=True)[0], sample.part(trained=False)[0]
    return (1 - correlation) * float(np.mean(other) - np.mean(before))


def answer_naive(case: Case) -> Answer:
    """Two groups, nobody knows how they came about, no baseline: a difference, and why it is not an effect."""
    sample = groups.take_sample(cohorts=case.cohorts, before=case.before, after=case.after, paired=False)
    if (thin := _too_thin(case, sample)) is not None:
        return thin
    estimate, standardised = groups.compare_after(sample)
    trained = groups.describe_group(sample, trained=True, of=case.size(trained=True))
    comparison = groups.describe_group(sample, trained=False, of=case.size(trained=False))
    alike = _compare(case)
    return Answer(
        estimate=estimate,
        trained=trained,
        comparison=comparison,
        standardised=standardised,
        likeness=alike,
        gates=(judge.judge_likeness(alike), judge.judge_overlap(alike.overlap)),
        reasons=(Remark(code="naive"),),
    )


def answer_staggered(case: Case) -> Answer:
    """Cohorts that start one after the other, each against those who have not started."""
    try:
        found = staggered.study_cohorts(case)
    except did.NothingToCompareError:
        return answer_nothing(case)
    trained, comparison = _staggered_groups(case)
    alike = _compare(case, _earlier(case))
    gates = [
        judge.judge_likeness(alike),
        judge.judge_attrition(_missing(case, paired=False)),
        judge.judge_clusters(*found.clusters, by_team=case.cohorts.by_team),
    ]
    if not case.facts.drawn:
        before = _periods_before(case)
        gates = [
            judge.judge_history(
                unit=case.unit, periods_before=max(before), enough_share=float(np.mean([n >= 2 for n in before]))
            ),
            judge.judge_parallel(found.events.placebo, estimate=found.estimate, pretest_p=found.events.pretest_p),
            *judge.judge_steadiness(found.events.points, found.events.placebo),
            judge.judge_overlap(alike.overlap),
            *gates,
        ]
    return Answer(
        estimate=None if found.refusal == "clusters" else found.estimate,
        trained=trained,
        comparison=comparison,
        event_study=found.events.points,
        staggered=found.studies,
        alternatives=found.alternatives,
        likeness=alike,
        gates=tuple(gates),
        reasons=(Remark(code=f"cohorts_against_{found.comparison}", params={"cohorts": case.facts.cohorts}),),
        remarks=found.remarks,
    )


def _staggered_groups(case: Case) -> tuple[GroupMeans, GroupMeans]:
    """Who was trained, and who served as comparison: never trained, or, without those, trained later."""
    if case.facts.comparison:
        return case.empty(trained=True), case.empty(trained=False)
    later = case.cohorts.start > case.cohorts.starts[0]
    compared = GroupMeans(n=int((later & case.measured).sum()), of=int(later.sum()))
    return case.empty(trained=True), compared


def _earlier(case: Case) -> Masks:
    """The trained; where everyone is trained in the end, the earlier half."""
    if case.facts.comparison:
        return case.cohorts.trained
    return case.cohorts.start <= np.median(case.cohorts.start[case.measured])


def _periods_before(case: Case) -> list[int]:
    """Measured periods before the start, for each of the trained."""
    starts = case.cohorts.start[case.cohorts.trained & case.measured]
    counts = np.searchsorted(np.asarray(case.periods, float), starts)
    return [int(count) for count in counts]


def _compare(case: Case, trained: Masks | None = None) -> Likeness:
    """Those whose values after the start are compared: who is missing there makes no groups alike."""
    return compare_characteristics(
        case.cohorts,
        before=case.baseline,
        measured=~np.isnan(case.after),
        trained=case.cohorts.trained if trained is None else trained,
        minimum=case.options.minimum,
    )


def _too_thin(case: Case, sample: groups.Sample) -> Answer | None:
    """With fewer than two separately assigned units in a group there is no margin, so there is no number."""
    units = int(sample.trained.sum()), int((~sample.trained).sum())
    if min(units) >= 2:
        return None
    return Answer(
        estimate=None,
        trained=case.empty(trained=True),
        comparison=case.empty(trained=False),
        reasons=(Remark(code="one_team" if sample.by_team else "one_person"),),
    )


def _missing(case: Case, *, paired: bool) -> tuple[float, float]:
    """Share of what should have been measured after the start that was not: the trained, the others.

    Where nobody is never trained: those who started later. paired: without a baseline somebody is missing altogether.
    """
    followed = np.where(np.isnan(case.before), 0.0, case.followed) if paired else case.followed
    others = ~case.cohorts.trained if case.facts.comparison else case.cohorts.start > case.cohorts.starts[0]
    return 1 - float(followed[case.cohorts.trained].mean()), 1 - float(followed[others].mean())


def _judge_bounds(case: Case, *, se: float) -> tuple[Gate, ...]:
    """How far the missing could move the plain difference after a draw by lot (Lee bounds)."""
    seen = ~np.isnan(case.after)
    trained = case.cohorts.trained
    bounds = balance.lee_bounds(
        treated=case.after[seen & trained],
        comparison=case.after[seen & ~trained],
        n_treated=case.size(trained=True),
        n_comparison=case.size(trained=False),
    )
    return (judge.judge_bounds(bounds, se=se),)


def _judge_units(sample: groups.Sample) -> Gate:
    units = int(sample.trained.sum()), int((~sample.trained).sum())
    return judge.judge_clusters(*units, by_team=sample.by_team)


def _judge_drawing(sample: groups.Sample) -> Gate:
    """A draw that could have come out in too few ways cannot be told from chance."""
    ways = groups.count_drawings(sample)
    passed = ways >= groups.FEWEST_ASSIGNMENTS
    return Gate(code="drawings", passed=passed, params={"ways": min(ways, 10**9), "least": groups.FEWEST_ASSIGNMENTS})


ANSWERS: dict[Design, Callable[[Case], Answer]] = {
    Design.RANDOMISED: answer_randomised,
    Design.RANDOMISED_BASELINE: answer_randomised,
    Design.STAGGERED: answer_staggered,
    Design.BASELINE: answer_baseline,
    Design.PAIRED: answer_paired,
    Design.NAIVE: answer_naive,
    Design.NONE: answer_nothing,
}
