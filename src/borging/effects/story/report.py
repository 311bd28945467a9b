"""The report of a study: findings from the strongest claim they allow, and everything that was left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from django.utils import translation
from django.utils.translation import gettext as _

from borging.effects.rules import Design, OutcomeResult, StudyResult, decimals_for, failed
from borging.effects.story import parts, why
from borging.effects.story.headline import headline, label
from borging.effects.story.pictures import picture
from borging.figures import words
from borging.figures.release import release
from borging.figures.rules import (
    Column,
    Count,
    Figure,
    Finding,
    Margin,
    Note,
    Report,
    Section,
    Table,
    Unit,
    Withheld,
)

UNNAMED = "outcomes"
"""What an outcome without a name is called in the tables."""
MOST_ROWS_SHOWN = 10
"""Left-out rows listed in a report; all of them are in the workbook, the JSON and the download."""


@dataclass(frozen=True, kw_only=True)
class LeftOutRow:
    """A rejected row: file ("participants" or "outcomes"), row and column in it, why, and what to do about it.

    place: file, row and column in words.
    """

    file: str
    row: int | None
    column: str
    place: str
    reason: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """What the files held and what of it does not count. Texts are in the language of the report."""

    participants_rows: int
    participants_kept: int
    outcomes_rows: int
    outcomes_kept: int
    rows: tuple[LeftOutRow, ...]
    total: int
    notes: tuple[str, ...]


def tell(
    study: StudyResult,
    *,
    language: Literal["nl", "en"],
    title: str,
    made_on: date,
    left_out: LeftOut,
    most_rows: int = MOST_ROWS_SHOWN,
) -> Report:
    """The whole report in one language."""
    with translation.override(language):
        return Report(
            language=language,
            title=title,
            subtitle=_("What did the training change, and how sure are we?"),
            made_on=made_on,
            findings=tuple(_tell_outcome(study, _with_a_name(result)) for result in study.outcomes),
            closing=(_tell_left_out(left_out, most_rows), parts.origin(study)),
        )


def _with_a_name(result: OutcomeResult) -> OutcomeResult:
    """A wide file names its periods, not what was measured: then it is called by what it is."""
    return replace(result, outcome=_("the outcome")) if result.outcome == UNNAMED else result


def _tell_outcome(study: StudyResult, result: OutcomeResult) -> Finding:
    figure = _figure(study, result)
    shown = isinstance(figure, Figure)
    return Finding(
        outcome=result.outcome,
        figure=figure,
        facts=parts.facts(study, result) if shown else (),
        notes=_notes(result),
        sections=parts.sections(study, result) if shown else (),
    )


def _figure(study: StudyResult, result: OutcomeResult) -> Figure | Withheld:
    estimate = result.estimate
    if estimate is None:
        said = " ".join(why.sentence(reason) for reason in result.reasons)
        return Withheld(title=result.outcome, reason=said, minimum=study.options.minimum if result.withheld else None)
    unit = Unit(decimals=decimals_for((estimate.high - estimate.low) / 2))
    chart, table = picture(study, result, unit)
    groups = (result.trained.n,) if result.design is Design.PAIRED else (result.trained.n, result.comparison.n)
    return release(
        title=result.outcome,
        groups=groups,
        minimum=study.options.minimum,
        figure=lambda: Figure(
            title=result.outcome,
            sentence=headline(result, estimate, unit),
            label=label(result),
            value=estimate.value,
            margin=Margin(low=estimate.low, high=estimate.high),
            unit=unit,
            counts=_counts(result),
            rung=result.rung,
            design=parts.method(result),
            chart=chart,
            table=table,
            caption=parts.caption(result),
        ),
    )


def _counts(result: OutcomeResult) -> tuple[Count, ...]:
    trained = Count(label=_("Trained"), n=result.trained.n, of=result.trained.of)
    if result.design is Design.PAIRED:
        return (trained,)
    name = _("Started later") if result.comparison.of and not parts.has_never(result) else _("Not trained")
    return (trained, Count(label=name, n=result.comparison.n, of=result.comparison.of))


def _notes(result: OutcomeResult) -> tuple[Note, ...]:
    notes = []
    if result.estimate is not None:
        heading = _("Why this is not called an effect") if result.refused else _("Why this rung")
        tone: Literal["plain", "warn"] = "warn" if result.refused or failed(result.gates) else "plain"
        notes.append(Note(heading=heading, paragraphs=tuple(why.reasons(result)), tone=tone))
        says = [_("Nothing about one person or one team. An average hides who gained and who did not.")]
        says += [why.sentence(remark) for remark in result.remarks]
        notes.append(Note(heading=_("What this does not say"), paragraphs=tuple(says)))
    if advice := why.raise_rung(result):
        notes.append(Note(heading=_("What would raise the rung"), paragraphs=tuple(advice)))
    return tuple(notes)


def _tell_left_out(left_out: LeftOut, most_rows: int) -> Section:
    said = [
        _("Participants: %(kept)s of %(rows)s rows count. Outcomes: %(values)s of %(all)s values count.")
        % {
            "kept": words.number(left_out.participants_kept, decimals=0),
            "rows": words.number(left_out.participants_rows, decimals=0),
            "values": words.number(left_out.outcomes_kept, decimals=0),
            "all": words.number(left_out.outcomes_rows, decimals=0),
        },
        *left_out.notes,
    ]
    if not left_out.total:
        return Section(heading=_("What was left out"), paragraphs=(*said, _("No row was rejected.")))
    shown = left_out.rows[:most_rows]
    if len(shown) < left_out.total:
        said.append(
            _("%(total)s rows were left out; the first %(shown)s are listed here, all of them are in the download.")
            % {"total": words.number(left_out.total, decimals=0), "shown": len(shown)}
        )
    names = {"participants": _("Participants"), "outcomes": _("Outcomes")}
    columns = tuple(
        Column(title=name, decimals=decimals)
        for name, decimals in (
            (_("File"), None),
            (_("Row"), 0),
            (_("Column"), None),
            (_("Why it does not count"), None),
            (_("What to do"), None),
        )
    )
    rows = tuple((names.get(row.file, row.file), row.row, row.column, row.reason, row.remedy) for row in shown)
    table = Table(title=_("Rows left out"), columns=columns, rows=rows)
    return Section(heading=_("What was left out"), paragraphs=tuple(said), table=table, open=False)
