"""Staggered starts: each cohort against those who have not started, from grouped sums (Callaway & Sant'Anna 2021)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from borging.effects.estimation.judge import Placebo
from borging.effects.rules import (
    ENOUGH_NEVER_TRAINED,
    Assignment,
    EffectAt,
    Estimate,
    Staggered,
)
from borging.stats import did

KINDS = ("simple", "dynamic", "group", "calendar")


@dataclass(frozen=True, kw_only=True)
class StaggeredAnswer:
    """Headline, both comparisons, the event study of the chosen one, and the placebo before the start."""

    comparison: str
    estimate: Estimate
    studies: tuple[Staggered, ...]
    event_study: tuple[EffectAt, ...]
    placebo: Placebo | None
    pretest_p: float | None
    clusters: tuple[int, int]


def choose_comparison(*, assignment: Assignment, never: int) -> str:
    """Those never trained where there are enough of them; those still waiting where the order was given to all.

    In a lottery or planned waves everyone comes from one pool, so those who wait are the best comparison.
    """
    planned = assignment in {Assignment.WAVE, Assignment.LOTTERY}
    return "notyet" if planned or never < ENOUGH_NEVER_TRAINED else "never"


def study_cohorts(moments: did.Moments, *, assignment: Assignment) -> StaggeredAnswer:
    """All cohorts against the chosen comparison, and against the other one where there is one."""
    never = float(moments.persons[np.isinf(moments.cohorts)].sum())
    chosen = choose_comparison(assignment=assignment, never=int(never))
    effects = {kind: did.estimate(moments, control=kind) for kind in (("never", "notyet") if never else ("notyet",))}
    main = effects[chosen]
    simple = did.aggregate(main, kind="simple")
    critical, df = did.critical(main)
    pretest = did.pretest(main)
    return StaggeredAnswer(
        comparison=chosen,
        estimate=_estimate(simple.overall, simple.overall_se, critical=critical, df=df),
        studies=tuple(_describe(kind, effects[kind]) for kind in sorted(effects, key=lambda kind: kind != chosen)),
        event_study=draw_event_study(moments, control=chosen),
        placebo=_placebo(moments, control=chosen, df=df),
        pretest_p=None if pretest is None else pretest.p,
        clusters=(main.clusters_treated, main.clusters_comparison),
    )
