"""One study: for every outcome the strongest comparison its files allow, judged by its gates."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from scipy.special import ndtri, stdtrit

from borging.effects.estimation.answers import ANSWERS, Answer
from borging.effects.estimation.case import Case, prepare_case
from borging.effects.estimation.money import count_money, first_year_periods
from borging.effects.rules import (
    Design,
    Estimate,
    GroupMeans,
    Options,
    OutcomeResult,
    Remark,
    StudyResult,
    choose_design,
    settle_rung,
)
from borging.figures.rules import Rung, may_show
from borging.lake import engine
from borging.lake.schema import StudyTables

HIGHEST = {
    Design.RANDOMISED: Rung.DRAWN,
    Design.RANDOMISED_BASELINE: Rung.DRAWN,
    Design.STAGGERED: Rung.COMPARED,
    Design.BASELINE: Rung.COMPARED,
    Design.PAIRED: Rung.OBSERVED,
    Design.NAIVE: Rung.OBSERVED,
    Design.NONE: Rung.ATTENDED,
}


def analyse(
    *, tables: StudyTables, options: Options, on_progress: Callable[[float], None] = lambda share: None
) -> StudyResult:
    """Study every outcome in the tables; `on_progress` hears the share done, from 0 to 1."""
    results = []
    with tempfile.TemporaryDirectory(dir=tables.participants.parent) as scratch, engine.connect() as lake:
        contents = lake.outcomes(tables)
        for position, content in enumerate(contents):
            on_progress(position / len(contents))
            case = prepare_case(
                lake=lake,
                tables=tables,
                outcome=content.outcome,
                options=options,
                folder=Path(scratch),
                name=f"cohorts-{position}",
            )
            results.append(_study_outcome(case))
    on_progress(1.0)
    return StudyResult(
        outcomes=tuple(results),
        scale_unit=tables.scale.unit,
        scale_labels=tables.scale.labels,
        options=options,
        data_hash=_hash(tables),
    )


def _study_outcome(case: Case) -> OutcomeResult:
    design = choose_design(case.facts)
    answer = _without_certainty(ANSWERS[design](case))
    starts = case.cohorts.starts
    shown = OutcomeResult(
        outcome=case.outcome,
        design=design,
        rung=settle_rung(highest=_highest(case, design), gates=answer.gates),
        refused=True,
        estimate=answer.estimate,
        trained=answer.trained,
        comparison=answer.comparison,
        cohorts=len(starts),
        first_period=starts[0] if starts else case.periods[0],
        latest_period=case.periods[-1],
        by_team=case.cohorts.by_team,
        smallest_effect=_smallest_effect(answer.estimate),
        standardised=answer.standardised,
        randomisation_p=answer.randomisation_p,
        balance=answer.likeness.rows,
        balance_hidden=answer.likeness.hidden,
        overlap=answer.likeness.overlap,
        event_study=answer.event_study,
        staggered=answer.staggered,
        alternatives=answer.alternatives,
        gates=answer.gates,
        reasons=(*answer.reasons, *_team_reasons(case)),
        remarks=(*answer.remarks, *_yet_to_start(case)),
    )
    return _release(_with_money(shown, case), minimum=case.options.minimum)


def _team_reasons(case: Case) -> tuple[Remark, ...]:
    """What counting by team means for people who did not go along with theirs, or have none."""
    said = [Remark(code="as_team")] if case.cohorts.as_team else []
    if case.cohorts.teamless:
        said.append(Remark(code="teamless", params={"n": case.cohorts.teamless}))
    return tuple(said)


def _yet_to_start(case: Case) -> tuple[Remark, ...]:
    """Who starts after the latest measurement counts as not trained, and that is said."""
    n = case.cohorts.to_come
    return (Remark(code="starts_later", params={"n": n}),) if n and case.facts.trained else ()


def _without_certainty(answer: Answer) -> Answer:
    """Where everyone in a group has the same value there is no margin, so there is no number."""
    if answer.estimate is None or answer.estimate.se > 0:
        return answer
    return replace(answer, estimate=None, standardised=None, reasons=(Remark(code="no_spread"),))


def _highest(case: Case, design: Design) -> Rung:
    """The rung of a design before its gates; start waves that were drawn by lot stand on the highest."""
    drawn = design is Design.STAGGERED and case.facts.drawn
    return Rung.DRAWN if drawn else HIGHEST[design]


def _smallest_effect(estimate: Estimate | None) -> float | None:
    """The smallest true effect that this comparison would have shown four times out of five (two-sided, 5%)."""
    if estimate is None:
        return None
    if estimate.df is None:
        return float((ndtri(0.975) + ndtri(0.8)) * estimate.se)
    return float((stdtrit(estimate.df, 0.975) + stdtrit(estimate.df, 0.8)) * estimate.se)


def _with_money(result: OutcomeResult, case: Case) -> OutcomeResult:
    if result.estimate is None:
        return result
    money = count_money(
        estimate=result.estimate,
        rung=result.rung,
        people=result.trained.n,
        periods=first_year_periods(unit=case.unit, first=result.first_period, latest=result.latest_period),
        options=case.options,
    )
    return replace(result, refused=result.rung < Rung.COMPARED, money=money)


def _release(result: OutcomeResult, *, minimum: int) -> OutcomeResult:
    """Take every number away where a group is too small to be shown; the numbers of people go with it."""
    sizes = (result.trained.n,) if result.design is Design.PAIRED else (result.trained.n, result.comparison.n)
    if result.design is Design.NONE or may_show(sizes, minimum=minimum):
        return result
    return OutcomeResult(
        outcome=result.outcome,
        design=result.design,
        rung=result.rung,
        refused=True,
        estimate=None,
        trained=GroupMeans(n=0, of=0),
        comparison=GroupMeans(n=0, of=0),
        withheld=True,
        reasons=(Remark(code="too_few", params={"minimum": minimum}),),
    )


def _hash(tables: StudyTables) -> str:
    """SHA-256 over both tables, so that a report can be tied to its data."""
    digest = hashlib.sha256()
    for path in (tables.participants, tables.outcomes):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
