"""A report with every shape in it, in both languages, and one made of names that try to break out. All invented."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Literal

from borging.figures.rules import (
    Column,
    Count,
    EventStudy,
    Fact,
    Figure,
    Finding,
    Intervals,
    Margin,
    Note,
    Point,
    Report,
    Rung,
    Seal,
    Section,
    Slope,
    SlopeLine,
    Table,
    Unit,
    Withheld,
)

Language = Literal["nl", "en"]

SEAL = Seal(sha256="5f2b" * 16, locked_on=date(2025, 9, 12))
HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    '#import "x": *',
    "{{7*7}} {% now 'Y' %}",
    "@SUM(1+1)",
    "＝1+1",
    "]]> &amp; \"quoted\" 'single' \\ $x^2$ _a_ *b* [c](d)",
    "een heel lange uitkomst " * 13,
    "Łódź 😀 👩🏽‍🔧 漢字",
    "\u202eomgekeerd\u202c שלום مرحبا",
    "bell\x07 null\x00 \ud800 end",
    "\t=1+1",
)

_MONTHS = (0.1, -0.1, 0.0, 0.2, 0.1, 0.0, 0.0, -0.1, -0.4, -0.6, -0.8, -0.9, -0.9, -0.8, -1.0)


def event_study(language: Language) -> EventStudy:
    nl = language == "nl"
    points = tuple(
        Point(
            label=("+" if i > 6 else "−" if i < 6 else "") + str(abs(i - 6)),
            value=value,
            low=None if i == 5 else value - 0.45 - i / 100,
            high=None if i == 5 else value + 0.45 + i / 100,
        )
        for i, value in enumerate(_MONTHS)
    )
    return EventStudy(
        points=points,
        before=6,
        before_label="vóór de training" if nl else "before the training",
        after_label="na de start" if nl else "after the start",
        x_title="maanden sinds de start van de lichting" if nl else "months since the cohort started",
        unit=Unit(decimals=1, after=" procentpunt" if nl else " percentage points", signed=True),
        alternative="Verschil per maand: vóór de start rond nul, daarna dalend tot −1,0"
        if nl
        else "Difference per month: around zero before the start, then falling to −1.0",
    )


def intervals(language: Language) -> Intervals:
    nl = language == "nl"
    names = (
        (
            "Vergeleken met teams die later beginnen",
            "Alleen teams met volledige gegevens",
            "Zonder de grootste lichting",
        )
        if nl
        else ("Compared with teams that start later", "Only teams with complete data", "Without the largest cohort")
    )
    ends = ((-0.6, -1.1, -0.1), (-0.5, -1.1, 0.1), (-0.7, -1.3, -0.1))
    return Intervals(
        rows=tuple(Point(label=n, value=v, low=a, high=b) for n, (v, a, b) in zip(names, ends, strict=True)),
        x_title="verschil in procentpunt, met 95%-marge" if nl else "difference in percentage points, with 95% margin",
        unit=Unit(decimals=1, after=" procentpunt" if nl else " percentage points", signed=True),
        alternative="Drie berekeningen, alle onder nul" if nl else "Three analyses, all below zero",
    )


def slope(language: Language) -> Slope:
    nl = language == "nl"
    trained = (Point(label="", value=3.4, low=2.8, high=4.0), Point(label="", value=5.6, low=5.0, high=6.2))
    others = (Point(label="", value=3.5, low=2.8, high=4.2), Point(label="", value=3.9, low=3.2, high=4.6))
    return Slope(
        moments=("nulmeting", "dag +90") if nl else ("baseline", "day +90"),
        lines=(
            SlopeLine(label="mee" if nl else "took part", first=trained[0], second=trained[1], role="trained"),
            SlopeLine(label="niet" if nl else "did not", first=others[0], second=others[1], role="comparison"),
        ),
        unit=Unit(decimals=1),
        alternative="Deelnemers van 3,4 naar 5,6; anderen van 3,5 naar 3,9"
        if nl
        else "Participants from 3.4 to 5.6; others from 3.5 to 3.9",
    )


def month_table(language: Language) -> Table:
    nl = language == "nl"
    head = (
        ("Maand", "Verschil", "Marge van", "Marge tot") if nl else ("Month", "Difference", "Margin from", "Margin to")
    )
    points = event_study(language).points
    return Table(
        title="Tabel per maand" if nl else "Table per month",
        columns=(Column(title=head[0]), *(Column(title=title, decimals=1) for title in head[1:])),
        rows=tuple((point.label, point.value, point.low, point.high) for point in points),
    )


def staggered_figure(language: Language) -> Figure:
    nl = language == "nl"
    return Figure(
        title="Verzuim" if nl else "Absence",
        sentence="Waarschijnlijk door de training lag het verzuim 0,6 procentpunt lager dan zonder. "
        "Het kan ook 0,1 of 1,1 zijn."
        if nl
        else "Probably because of the training, absence was 0.6 percentage points lower than without it. "
        "It may also be 0.1 or 1.1.",
        label="effect",
        value=-0.6,
        margin=Margin(low=-1.1, high=-0.1),
        unit=Unit(decimals=1, after=" procentpunt" if nl else " percentage points", signed=True),
        counts=(
            Count(label="Teams", n=80, of=84),
            Count(label="Medewerkers" if nl else "Employees", n=1386, of=1486),
        ),
        rung=Rung.COMPARED,
        design="Verschil-in-verschillen per lichting" if nl else "Difference in differences per cohort",
        chart=event_study(language),
        table=month_table(language),
        caption="Verzuim ging van 7,1% naar 6,3% bij 42 teams die meededen en van 7,0% naar 6,8% bij 38 teams die "
        "later aan de beurt zijn."
        if nl
        else "Absence went from 7.1% to 6.3% in 42 teams that took part, and from 7.0% to 6.8% in 38 teams whose turn "
        "comes later.",
        seal=SEAL,
    )


def paired_figure(language: Language) -> Figure:
    nl = language == "nl"
    return Figure(
        title="Gedrag" if nl else "Behaviour",
        sentence="Leidinggevenden vroegen vaker eerst wat wél kan: van 3,4 naar 5,6 van de 10 gesprekken."
        if nl
        else "Managers more often asked first what is possible: from 3.4 to 5.6 of 10 talks.",
        label="verschil" if nl else "difference",
        value=2.2,
        margin=Margin(low=1.4, high=3.04),
        unit=Unit(decimals=1, after=" gesprekken" if nl else " talks", signed=True),
        counts=(
            Count(label="Paren, deden mee" if nl else "Pairs, took part", n=36, of=42),
            Count(label="Paren, deden niet mee" if nl else "Pairs, did not", n=31, of=38),
        ),
        rung=Rung.OBSERVED,
        design="Gepaard verschil" if nl else "Paired difference",
        chart=slope(language),
        table=Table(
            title="Tabel per moment" if nl else "Table per moment",
            columns=(
                Column(title="Groep" if nl else "Group"),
                Column(title="Nulmeting" if nl else "Baseline", decimals=1),
                Column(title="Dag +90" if nl else "Day +90", decimals=1),
            ),
            rows=(("Mee" if nl else "Took part", 3.4, 5.6), ("Niet" if nl else "Did not", 3.5, 3.9)),
        ),
    )


def _facts(language: Language) -> tuple[Fact, ...]:
    if language == "nl":
        return (
            Fact(term="Methode", text="Verschil-in-verschillen per lichting (Callaway en Sant’Anna, 2021)"),
            Fact(term="Vergelijking", text="Teams die nog niet begonnen"),
            Fact(term="Gegevens", text="Team × maand, minstens 10 mensen"),
            Fact(term="Niet meegeteld", text="4 van 84 teams: te klein"),
        )
    return (
        Fact(term="Method", text="Difference in differences per cohort (Callaway and Sant’Anna, 2021)"),
        Fact(term="Comparison", text="Teams that had not started yet"),
        Fact(term="Data", text="Team × month, at least 10 people"),
        Fact(term="Not counted", text="4 of 84 teams: too small"),
    )


def _notes(language: Language) -> tuple[Note, ...]:
    if language == "nl":
        text = (
            "Niets over één teamleider of één medewerker.",
            "De lichtingen zijn per regio gekozen, niet geloot: een ander verschil tussen regio’s kan meespelen.",
        )
        cost = "Teamleiders meldden vooraf 20, achteraf 26 minuten per verzuimgesprek (+6 ± 3, 36 van 42, trede 1)."
        return (
            Note(heading="Wat dit niet zegt", paragraphs=text),
            Note(heading="Wat het kostte", paragraphs=(cost,), tone="warn"),
        )
    text = (
        "Nothing about one team leader or one employee.",
        "The cohorts were chosen per region, not drawn by lot: another difference between regions may play a part.",
    )
    cost = "Team leaders reported 20 minutes per talk before and 26 after (+6 ± 3, 36 of 42, rung 1)."
    return (
        Note(heading="What this does not say", paragraphs=text),
        Note(heading="What it cost", paragraphs=(cost,), tone="warn"),
    )


def _sections(language: Language) -> tuple[Section, ...]:
    nl = language == "nl"
    chart = intervals(language)
    head = ("Berekening", "Verschil", "Marge van", "Marge tot") if nl else ("Analysis", "Difference", "From", "To")
    table = Table(
        title="Drie berekeningen" if nl else "Three analyses",
        columns=(Column(title=head[0]), *(Column(title=title, decimals=1) for title in head[1:])),
        rows=tuple((row.label, row.value, row.low, row.high) for row in chart.rows),
    )
    wave = Table(
        title="Lichtingen" if nl else "Cohorts",
        columns=(
            Column(title="Lichting" if nl else "Cohort"),
            Column(title="Start"),
            Column(title="Teams", decimals=0),
            Column(title="Medewerkers" if nl else "Employees", decimals=0),
        ),
        rows=(("Noord", "2025-10", 14, 240), ("Oost", "2026-01", 15, 1251), ("Zuid", "2026-04", 13, None)),
    )
    return (
        Section(
            heading="Houdt het stand?" if nl else "Does it hold?",
            paragraphs=("Drie manieren van rekenen wijzen dezelfde kant op.",)
            if nl
            else ("Three ways of calculating point the same way.",),
            chart=chart,
            table=table,
            open=False,
        ),
        Section(heading="Wie deden er mee?" if nl else "Who took part?", table=wave),
    )


def report(language: Language = "nl") -> Report:
    """A staggered event study with a seal, a paired figure, and one that is withheld."""
    nl = language == "nl"
    return Report(
        language=language,
        title="Het goede gesprek over verzuim" if nl else "The good talk about absence",
        subtitle="Lichting 1–3 · wat veranderde er?" if nl else "Cohorts 1–3 · what changed?",
        made_on=date(2026, 11, 23),
        findings=(
            Finding(
                outcome="Verzuim" if nl else "Absence",
                figure=staggered_figure(language),
                facts=_facts(language),
                notes=_notes(language),
                sections=_sections(language),
            ),
            Finding(
                outcome="Gedrag in het gesprek" if nl else "Behaviour in the talk",
                figure=paired_figure(language),
                facts=_facts(language)[:1],
                notes=_notes(language)[:1],
                sections=(),
            ),
            Finding(
                outcome="Verloop" if nl else "Turnover",
                figure=Withheld(
                    title="Verloop" if nl else "Turnover",
                    reason="Een van de groepen is zo klein dat iemand herkend kan worden."
                    if nl
                    else "One of the groups is so small that someone could be recognised.",
                    minimum=10,
                ),
                facts=(),
                notes=(),
                sections=(),
            ),
        ),
        closing=(
            Section(
                heading="Niet meegeteld" if nl else "Left out",
                paragraphs=("Vier teams hadden minder dan 10 mensen.",)
                if nl
                else ("Four teams had fewer than 10 people.",),
                table=Table(
                    title="Rijen die niet meetellen" if nl else "Rows left out",
                    columns=(
                        Column(title="Reden" if nl else "Reason"),
                        Column(title="Rijen" if nl else "Rows", decimals=0),
                    ),
                    rows=(("Team te klein" if nl else "Team too small", 48), ("Geen waarde" if nl else "No value", 12)),
                ),
            ),
        ),
    )


def hostile_report() -> Report:
    """The sample with every text a reader's organisation may choose made hostile."""
    base = report("nl")
    names = HOSTILE
    chart = replace(
        intervals("nl"),
        rows=tuple(Point(label=name, value=i - 5.0, low=i - 6.5, high=i - 4.0) for i, name in enumerate(names)),
        x_title=names[7],
        alternative=names[0],
    )
    table = Table(
        title=names[1],
        columns=(Column(title=names[0]), Column(title=names[2]), Column(title=names[3], decimals=2)),
        rows=tuple((name, names[-1 - i], math.nan if i == 3 else i * 1000.5) for i, name in enumerate(names)),
    )
    findings = []
    for name in (names[0], names[7], names[8]):
        figure = replace(staggered_figure("nl"), title=name, sentence=name, label=name, caption=name, design=name)
        figure = replace(figure, chart=chart, table=table, counts=(Count(label=name, n=185, of=260),))
        findings.append(
            Finding(
                outcome=name,
                figure=figure,
                facts=tuple(Fact(term=each, text=each) for each in names),
                notes=(Note(heading=name, paragraphs=names, tone="stop"),),
                sections=(Section(heading=names[1], paragraphs=names, chart=chart, table=table),),
            )
        )
    closing = (Section(heading=names[1], paragraphs=(names[2],), table=table),)
    return replace(base, title=names[0], subtitle=names[2], findings=tuple(findings), closing=closing)
