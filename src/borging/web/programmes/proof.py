"""What a cohort can prove, said before it starts: as words, a drawing and a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from borging.figures import pages
from borging.figures.rules import Column, Intervals, Point, Report, Section, Table, Unit
from borging.figures.words import number
from borging.measure import power
from borging.programmes.models import Programme

from .guards import today

TIMES = Unit(decimals=1, signed=True)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What can be shown by whom. `smallest`: the smallest change all cohorts together show, None when nothing.

    `drawing` is empty under the minimum; `why_not` then says why.
    """

    smallest: float | None
    sentences: tuple[str, ...]
    helps: tuple[str, ...]
    drawing: SafeString
    why_not: str


def proof_of(programme: Programme, *, people: int, others: int) -> Proof:
    """people: who take part in this cohort; others: in the other cohorts of the programme together."""
    alone = power.before_and_after(people)
    together = power.before_and_after(people + others) if others else None
    if alone is None:
        why_not = _(
            "Fewer than %(n)s people: no figure is shown of so small a group, so nothing can be proved with one."
        )
        helps = (_("Add people, or let this cohort count together with another one."),)
        return Proof(
            smallest=together.smallest if together else None,
            sentences=(),
            helps=helps,
            drawing=SafeString(""),
            why_not=why_not % {"n": power.LEAST_PEOPLE},
        )
    beside = power.compared(people, others if others >= power.LEAST_PEOPLE else people)
    promised = programme.promised_change
    return Proof(
        smallest=(together or alone).smallest,
        sentences=tuple(_sentences(alone, together, beside, promised)),
        helps=tuple(_helps(alone, promised, has_other=others >= power.LEAST_PEOPLE)),
        drawing=_drawing(alone, together, beside, promised, has_other=others >= power.LEAST_PEOPLE),
        why_not="",
    )


def _sentences(
    alone: power.Reach, together: power.Reach | None, beside: power.Reach | None, promised: float | None
) -> list[str]:
    smallest = {"n": number(alone.smallest, decimals=1), "people": alone.people}
    said = [
        _("Measured before and after, %(people)s people show a change from %(n)s times in ten (four chances in five).")
        % smallest
    ]
    if promised is not None and promised < alone.smallest:
        said.append(
            _("The promised %(n)s is less: this cohort alone cannot tell it from chance.")
            % {"n": number(promised, decimals=1)}
        )
    elif promised is not None:
        said.append(_("The promised %(n)s is within reach.") % {"n": number(promised, decimals=1)})
    if together:
        said.append(
            _("All cohorts together, %(people)s people, show it from %(n)s.")
            % {"people": together.people, "n": number(together.smallest, decimals=1)}
        )
    if beside:
        said.append(
            _("Beside %(others)s people who start later it is from %(n)s, and the proof is stronger: rung 5, by lot 6.")
            % {"others": beside.others, "n": number(beside.smallest, decimals=1)}
        )
    return said


def _helps(alone: power.Reach, promised: float | None, *, has_other: bool) -> list[str]:
    helps = []
    if promised is not None and promised < alone.smallest:
        needed = power.people_needed(promised)
        if needed:
            helps.append(_("More people: from %(n)s the promised change can be shown.") % {"n": needed})
        else:
            helps.append(_("A larger promise, or a measurement that varies less: no number of people is enough here."))
    else:
        double = power.before_and_after(2 * alone.people)
        if double:
            helps.append(
                _("Twice as many people: from %(n)s times in ten.") % {"n": number(double.smallest, decimals=1)}
            )
    if not has_other:
        helps.append(_("A second cohort that starts later: what happens anyhow is then known."))
    helps.append(_("More people than places? Draw by lot who starts first: that gives the strongest proof for free."))
    return helps


def _drawing(
    alone: power.Reach,
    together: power.Reach | None,
    beside: power.Reach | None,
    promised: float | None,
    *,
    has_other: bool,
) -> SafeString:
    rows = [(_("This cohort alone (%(n)s people)") % {"n": alone.people}, alone)]
    if together:
        rows.append((_("All cohorts together (%(n)s people)") % {"n": together.people}, together))
    if beside:
        words = (
            _("Beside another cohort (%(n)s and %(others)s)")
            if has_other
            else _("With as many who start later (%(n)s and %(others)s)")
        )
        rows.append((words % {"n": beside.people, "others": beside.others}, beside))
    chart = Intervals(
        rows=tuple(Point(label=name, value=0, low=-reach.smallest, high=reach.smallest) for name, reach in rows),
        x_title=_("change, times in ten"),
        unit=TIMES,
        alternative=" ".join(_sentences(alone, together, beside, promised)),
        promised=promised,
        promised_label=_("promised"),
        legend=_("What lies within the line cannot be told from chance."),
    )
    columns = (
        Column(title=_("Group")),
        Column(title=_("People"), decimals=0),
        Column(title=_("Shows from"), decimals=1),
    )
    table = Table(
        title=_("Smallest change that shows"),
        columns=columns,
        rows=tuple((name, float(reach.people + reach.others), reach.smallest) for name, reach in rows),
    )
    section = Section(heading=_("What this cohort can prove"), chart=chart, table=table, open=False)
    language: Literal["nl", "en"] = "nl" if get_language() == "nl" else "en"
    return pages.fragment(
        Report(language=language, title="", subtitle="", made_on=today(), findings=(), closing=(section,))
    )
