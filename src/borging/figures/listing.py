"""Figures as lines under each other, each with what belongs to it, the whole of it behind a tap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import override

from borging.figures import charts, pages, words
from borging.figures.rules import Figure, Finding, Report, Unit, Withheld


@dataclass(frozen=True, kw_only=True)
class Told:
    """A figure that goes into a list, or why it is not there, with its name and what was promised."""

    name: str
    figure: Figure | Withheld
    promised: float | None = None
    moment: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure in one line; `withheld` says why there is none. details: the whole finding, and others beside it."""

    name: str
    moment: str
    promised: str
    withheld: str = ""
    value: str = ""
    margin: str = ""
    count: str = ""
    counted: str = ""
    rung: int | None = None
    rung_words: str = ""
    strip: SafeString | None = None
    details: pages.FindingPart | None = None
    also: tuple[Line, ...] = ()


def lines_of(told: Sequence[Told]) -> tuple[Line, ...]:
    """One line each, in the active language; figures in the same unit are drawn on the same scale."""
    return tuple(_line(each, scale=_scale(each, told)) for each in told)


def listed(report: Report) -> SafeString:
    """The findings of a report as lines, those of one group behind one line; its closing parts folded below them."""
    report = words.printable(report)
    with override(report.language):
        groups = [list(found) for _key, found in groupby(report.findings, key=lambda each: each.group or each.outcome)]
        context = {
            "report": report,
            "seen": _together([group for group in groups if group[0].group]),
            "said": _together([group for group in groups if not group[0].group]),
            "closing": pages.closing(report),
        }
        return render_to_string("figures/listed.html", context)


def boxed(report: Report) -> SafeString:
    """All findings of a report as lines in one box, under its title."""
    report = words.printable(report)
    with override(report.language):
        groups = [[finding] for finding in report.findings]
        lines = _together(groups)
        context = {"report": report, "lines": lines, "promised": any(line.promised for line in lines)}
        return render_to_string("figures/boxed.html", context)


def _together(groups: list[list[Finding]]) -> tuple[Line, ...]:
    """Of each group the first finding with a figure leads; the others lie behind it."""
    told = [_told(finding) for group in groups for finding in group]
    lines = []
    for group in groups:
        made = [
            replace(_line(_told(finding), scale=_scale(_told(finding), told)), details=pages.finding_part(finding))
            for finding in group
        ]
        lead = next((line for line in made if not line.withheld), made[0])
        others = tuple(replace(line, name=line.moment) for line in made if line is not lead)
        lines.append(replace(lead, also=others))
    return tuple(lines)


def _told(finding: Finding) -> Told:
    return Told(
        name=finding.group or finding.outcome,
        figure=finding.figure,
        promised=finding.promised,
        moment=finding.moment,
    )


def _line(told: Told, *, scale: tuple[float, float]) -> Line:
    figure = told.figure
    if isinstance(figure, Withheld):
        return Line(name=told.name, moment=told.moment, promised="", withheld=words.withheld(figure))
    said, unit = words.figure_words(figure), figure.unit
    promised = "" if told.promised is None else words.quantity(told.promised, unit)
    counted, count = said.counts[0]
    return Line(
        name=told.name,
        moment=told.moment,
        promised=promised,
        value=said.value + ("" if unit.after.startswith("%") else words.unit_word(unit)),
        margin=words.interval(figure.margin.low, figure.margin.high, replace(unit, after="")),
        count=count,
        counted=counted,
        rung=int(figure.rung),
        rung_words=said.rung,
        strip=SafeString(charts.strip(figure, promised=told.promised, scale=scale)),  # nosec B703: our own numbers
    )


def _scale(one: Told, told: Sequence[Told]) -> tuple[float, float]:
    """From where to where figures in this unit are drawn: with zero in it, and what was promised."""
    alike = [each for each in told if _unit(each) == _unit(one)]
    figures = [(each.figure, each.promised) for each in alike if isinstance(each.figure, Figure)]
    reach = [value for figure, promised in figures for value in (figure.margin.low, figure.margin.high, promised or 0)]
    return min(reach, default=0), max(reach, default=0)


def _unit(told: Told) -> Unit | None:
    return told.figure.unit if isinstance(told.figure, Figure) else None
