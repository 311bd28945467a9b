"""What one team did, for who leads it: the same figures as of everybody, of that team alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import override

from borging.figures.rules import Figure, Finding, Report
from borging.measure import rules
from borging.measure.rules import Paired, Result, Shares, Unit
from borging.measure.story import paired, shares
from borging.measure.story.friday import HEADLINES
from borging.measure.story.names import Names
from borging.measure.story.report import Told


def tell_unit(
    told: Sequence[Told], *, unit: str, called: Names, language: Literal["nl", "en"], title: str
) -> Report | None:
    """Each behaviour at the moment of judgement, or another that may be shown, and the attempts.

    None when nothing was asked there.
    """
    with override(language):
        results = {each.batch: each.result for each in told}
        found = [_behaviour(results, behaviour, unit=unit, called=called) for behaviour in called.behaviours]
        found.append(_attempts(results.get("attempts"), unit=unit))
        findings = tuple(finding for finding in found if finding)
        if not findings:
            return None
        return Report(
            language=language,
            title=title,
            subtitle=_("A number is shown from five people. It says nothing about one of them."),
            made_on=max(each.released_on for each in told),
            findings=findings,
            closing=(),
        )


def _behaviour(results: dict[str, Result], behaviour: int, *, unit: str, called: Names) -> Finding | None:
    made = []
    for key in HEADLINES:
        batch = rules.batch_of(key, behaviour)
        result = results.get(batch)
        if isinstance(result, Paired) and (part := _part(result, unit)):
            alone = Paired(invited=part.invited, headline=rules.leading(part.sources), sources=part.sources)
            made.append(paired.finding(batch, alone, called=called))
    return next((each for each in made if isinstance(each.figure, Figure)), made[0] if made else None)


def _attempts(result: Result | None, *, unit: str) -> Finding | None:
    if isinstance(result, Shares) and (part := _part(result, unit)):
        return shares.finding("attempts", Shares(invited=part.invited, rows=part.rows))
    return None


def _part(result: Paired | Shares, unit: str) -> Unit | None:
    return next((part for part in result.units if part.name == unit), None)
