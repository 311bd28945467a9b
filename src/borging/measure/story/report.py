"""The figures of a programme as one report: what was seen at work first, what people say of it last."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import override

from borging.figures.rules import Column, Finding, Report, Section, Table
from borging.measure.rules import MINIMUM, STEPS, Paired, Ranked, Responses, Result, Shares, parts_of
from borging.measure.story import names, paired, shares
from borging.measure.story.names import Names

ORDER = (
    "behaviour-post",
    "behaviour-pulse",
    "behaviour-delayed",
    "attempts",
    "knowledge",
    "confidence",
    "climate",
    "barriers",
    "vote",
    "automatic",
    "goal",
    "reaction",
)
"""The findings of a report. The yardstick stands with confidence, and the response at the end."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A batch, what was released of it, and when."""

    batch: str
    result: Result
    released_on: date


def tell(
    told: Sequence[Told],
    *,
    called: Names,
    language: Literal["nl", "en"],
    title: str,
    today: date,
    waiting: Sequence[str],
) -> Report:
    """Everything that was released, in one language. waiting: batches of which nothing was released yet."""
    with override(language):
        results = {each.batch: each.result for each in told}
        found = sorted((batch for batch in results if parts_of(batch)[0] in ORDER), key=_place)
        return Report(
            language=language,
            title=title,
            subtitle=_("What was seen after the training, and how sure are we?"),
            made_on=max((each.released_on for each in told), default=today),
            findings=tuple(_finding(batch, results, called) for batch in found),
            closing=(*_response(results.get("response")), _why_not(waiting, called)),
        )


def _place(batch: str) -> tuple[int, int]:
    """What was seen of each behaviour, moment by moment; then the rest."""
    key, behaviour = parts_of(batch)
    return behaviour or sys.maxsize, ORDER.index(key)


def _finding(batch: str, results: dict[str, Result], called: Names) -> Finding:
    match results[batch]:
        case Paired() as result:
            also = results.get("yardstick") if batch == "confidence" else None
            yardstick = also if isinstance(also, Paired) else None
            return paired.finding(batch, result, called=called, yardstick=yardstick)
        case Shares() as result:
            return shares.finding(batch, result)
        case Ranked() as result:
            return shares.barriers(batch, result)
        case Responses():
            raise AssertionError("the response is told at the end")


def _response(result: Result | None) -> tuple[Section, ...]:
    if not isinstance(result, Responses) or not result.rows:
        return ()
    columns = (
        Column(title=_("Moment")),
        Column(title=_("Asked of")),
        Column(title=_("Asked"), decimals=0),
        Column(title=_("Answered"), decimals=0),
        Column(title=_("Why not shown")),
    )
    few = _("Fewer than five answered.")
    rows = tuple(
        (
            names.step(row.step),
            names.source(row.actor),
            row.invited,
            row.answered,
            few if row.answered is None else "",
        )
        for row in sorted(result.rows, key=lambda row: (STEPS.index(row.step), row.actor))
    )
    text = _("Who did not answer may differ from who did. The lower the response, the less a figure says of everybody.")
    table = Table(title=_("Response per moment"), columns=columns, rows=rows)
    return (Section(heading=_("Who answered"), paragraphs=(text,), table=table, open=False),)


def _why_not(waiting: Sequence[str], called: Names) -> Section:
    """Why something a reader looks for is not here."""
    said = (
        _("A figure is shown from %(minimum)s answers, when a measurement has closed or enough new answers came in.")
        % {"minimum": MINIMUM},
        _(
            "It never changes with one answer, or somebody could see who answered what. A figure that would give "
            "away a small group, alone or beside another figure, is held back; that is a reason, never a zero."
        ),
    )
    reason = _("Not asked yet, or still too few answers.")
    rows = tuple((names.title(batch, called), reason) for batch in waiting)
    columns = (Column(title=_("Figure")), Column(title=_("Why not yet")))
    table = Table(title=_("Still to come"), columns=columns, rows=rows) if rows else None
    return Section(heading=_("Why don’t I see this?"), paragraphs=said, table=table, open=False)
