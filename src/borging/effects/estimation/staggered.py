"""Staggered starts: each cohort against those who have not started, from grouped sums (Callaway & Sant'Anna 2021)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from borging.effects.estimation.case import Case
from borging.effects.estimation.judge import Placebo
from borging.effects.rules import (
    ENOUGH_NEVER_TRAINED,
    Aggregation,
    Alternative,
    Assignment,
    CohortEffect,
    EffectAt,
    Estimate,
    Remark,
    Staggered,
)
from borging.stats import did
from borging.stats.did.averages import Kind
from borging.stats.did.effects import Control
from borging.stats.did.moments import Level

KINDS: tuple[Kind, ...] = ("simple", "dynamic", "group", "calendar")
FEW_MISSING = 0.02


@dataclass(frozen=True, kw_only=True)
class Events:
    """Differences per period around the start, against the one just before it, with the placebo they hold."""

    points: tuple[EffectAt, ...]
    placebo: Placebo | None
    pretest_p: float | None


@dataclass(frozen=True, kw_only=True)
class StaggeredAnswer:
    """The chosen comparison first in `studies`; `alternatives` holds the headline against the other one."""

    comparison: Control
    estimate: Estimate
    studies: tuple[Staggered, ...]
    events: Events
    alternatives: tuple[Alternative, ...]
    clusters: tuple[int, int]
    refusal: str | None
    remarks: tuple[Remark, ...]


def choose_comparison(*, assignment: Assignment, never: int) -> Control:
    """Those never trained where there are enough of them; those still waiting where everyone had a turn to come.

    In a lottery or planned waves all come from one pool, so those who wait are the best comparison.
    """
    planned = assignment in {Assignment.WAVE, Assignment.LOTTERY}
    return "notyet" if planned or never < ENOUGH_NEVER_TRAINED else "never"


def study_cohorts(case: Case) -> StaggeredAnswer:
    """All cohorts against the chosen comparison, and against the other one where there is one.

    Raises did.NothingToCompareError when no cohort was measured before its start beside people who had not started.
    """
    moments = case.lake.moments(case.cohorts.tables, outcome=case.outcome, cluster=_cluster(case))
    never = int(moments.persons[moments.cohorts > moments.periods[-1]].sum())
    chosen = choose_comparison(assignment=case.options.assignment, never=never)
    kinds: tuple[Control, ...] = ("never", "notyet") if never else ("notyet",)
    effects = {kind: did.estimate(moments, control=kind) for kind in sorted(kinds, key=lambda kind: kind != chosen)}
    main = effects[chosen]
    others = [kind for kind in effects if kind != chosen]
    return StaggeredAnswer(
        comparison=chosen,
        estimate=_overall(main),
        studies=tuple(_describe(kind, found, minimum=case.options.minimum) for kind, found in effects.items()),
        events=_draw_events(moments, control=chosen, minimum=case.options.minimum),
        alternatives=tuple(Alternative(code=kind, estimate=_overall(effects[kind])) for kind in others),
        clusters=(main.clusters_treated, main.clusters_comparison),
        refusal=did.refuse(main),
        remarks=_remarks(case, moments, main),
    )


def study_events(case: Case) -> Events | None:
    """The event study of one start against people who were not trained; None where nothing can be compared."""
    moments = case.lake.moments(case.cohorts.tables, outcome=case.outcome, cluster=_cluster(case))
    try:
        return _draw_events(moments, control="never", minimum=case.options.minimum)
    except did.NothingToCompareError:
        return None


def _cluster(case: Case) -> Level:
    return "team" if case.cohorts.by_team else "person"


def _overall(effects: did.GroupTime) -> Estimate:
    """The average over all trained and all periods after their start."""
    simple = did.aggregate(effects, kind="simple")
    critical = did.critical(simple)
    reach = critical.value * simple.overall_se
    t = simple.overall / simple.overall_se if simple.overall_se else 0.0
    return Estimate(
        value=simple.overall,
        se=simple.overall_se,
        low=simple.overall - reach,
        high=simple.overall + reach,
        df=critical.df,
        p=None if did.refuse(effects) else float(2 * stdtr(critical.df or np.inf, -abs(t))),
    )


def _draw_events(moments: did.Moments, *, control: Control, minimum: int) -> Events:
    """Every period against the latest before the start; the band holds for all periods together."""
    effects = did.estimate(moments, control=control, base="universal")
    dynamic = did.aggregate(effects, kind="dynamic")
    points = _with_margins(dynamic, effects, width=did.simultaneous(dynamic), minimum=minimum)
    pretest = did.pretest(did.estimate(moments, control=control))
    return Events(points=points, placebo=_placebo(effects), pretest_p=pretest.p if pretest else None)


def _placebo(effects: did.GroupTime) -> Placebo | None:
    try:
        value, se = did.pre_average(effects)
    except did.NothingToCompareError:
        return None
    return Placebo(value=value, se=se, df=effects.df, periods=len(np.unique(effects.time[effects.before])))


def _describe(kind: Control, effects: did.GroupTime, *, minimum: int) -> Staggered:
    enough = effects.n_comparison >= minimum
    columns = (effects.group, effects.time, effects.att, effects.se, effects.n_treated)
    cells = zip(*(column[enough] for column in columns), strict=True)
    pretest = did.pretest(effects)
    return Staggered(
        comparison=kind,
        cohort_effects=tuple(
            CohortEffect(cohort=int(group), time=int(time), value=float(value), se=float(se), n=int(n))
            for group, time, value, se, n in cells
            if n >= minimum
        ),
        aggregations=tuple(_aggregate(effects, kind=each, minimum=minimum) for each in KINDS),
        pretest_p=pretest.p if pretest else None,
    )


def _aggregate(effects: did.GroupTime, *, kind: Kind, minimum: int) -> Aggregation:
    found = did.aggregate(effects, kind=kind)
    points = _with_margins(found, effects, width=did.critical(found).value, minimum=minimum)
    return Aggregation(kind=kind, overall=found.overall, overall_se=found.overall_se, points=points)


def _with_margins(found: did.Aggregate, effects: did.GroupTime, *, width: float, minimum: int) -> tuple[EffectAt, ...]:
    """The points of an average with at least `minimum` people in both groups, `width` standard errors to both sides."""
    labels = {"dynamic": effects.time - effects.group, "group": effects.group}.get(found.kind, effects.time)
    cells = zip(found.at, found.att, found.se, strict=True)
    return tuple(
        EffectAt(at=int(at), value=float(att), se=float(se), low=float(att - width * se), high=float(att + width * se))
        for at, att, se in cells
        if _fewest_behind(effects, labels == at, together=found.kind != "group") >= minimum
    )


def _fewest_behind(effects: did.GroupTime, cells: NDArray[np.bool_], *, together: bool) -> int:
    """People in the smaller group of these cells: the trained of several cohorts together, or of one in its fullest
    period; of those they are compared with, who may be the same in several cells, the most in any."""
    n = effects.n_treated[cells]
    return int(min(n.sum() if together else n.max(), effects.n_comparison[cells].max()))


def _remarks(case: Case, moments: did.Moments, effects: did.GroupTime) -> tuple[Remark, ...]:
    said = []
    missing = 1 - float(moments.n.sum()) / float(moments.persons.sum() * len(moments.periods))
    if missing > FEW_MISSING:
        said.append(Remark(code="incomplete_panel", params={"share": missing}))
    if effects.df is not None:
        said.append(Remark(code="few_clusters", params={"df": round(effects.df)}))
    already = int(moments.persons[moments.cohorts <= moments.periods[0]].sum())
    if already >= case.options.minimum:
        said.append(Remark(code="always_trained", params={"n": already}))
    return tuple(said)
