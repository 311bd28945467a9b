"""Cost and return in words, by Phillips' conservative rules; BCR, ROI and net benefit are named apart."""

from __future__ import annotations

from django.utils.translation import gettext as _

from borging.effects.rules import Money, OutcomeResult, StudyResult, decimals_for
from borging.effects.story import moments
from borging.figures import words
from borging.figures.rules import Column, Section, Table, Unit


def money_sections(study: StudyResult, result: OutcomeResult) -> list[Section]:
    """The return from rung 5, as a range; under it only what would repay the cost. None without a cost."""
    money = result.money
    if money is None:
        return []
    currency = Unit(decimals=0, before=f"{study.options.currency}\u00a0")
    said = [
        _(
            "The training cost %(cost)s in all. Counted are the %(people)s trained people who were measured, "
            "in the first year only."
        )
        % {"cost": words.quantity(money.cost, currency), "people": words.number(money.people, decimals=0)}
    ]
    said += _break_even(money, result, study.options.currency)
    if money.benefit is None or money.net is None or money.bcr is None or money.roi_percent is None:
        if money.unit_value is not None:
            said.append(_("Under rung 5 we do not calculate a return: it is not certain that the training did this."))
        return [Section(heading=_("Cost and return"), paragraphs=tuple(said))]
    named = {"currency": study.options.currency}
    amounts = (
        (_("Benefit in the first year (%(currency)s)") % named, *money.benefit),
        (_("Net benefit: benefit minus cost (%(currency)s)") % named, *money.net),
    )
    ratios = (
        (_("Benefit-cost ratio (BCR): benefit divided by cost"), *money.bcr),
        (_("Return on investment (ROI): net benefit as a percentage of cost"), *money.roi_percent),
    )
    return [
        Section(
            heading=_("Cost and return"), paragraphs=tuple(said), table=_ranges(_("In money"), amounts, decimals=0)
        ),
        Section(heading=_("The return beside the cost"), table=_ranges(_("As a ratio"), ratios, decimals=2)),
    ]


def _break_even(money: Money, result: OutcomeResult, currency: str) -> list[str]:
    said = []
    if money.break_even_effect is not None:
        decimals = decimals_for(abs(money.break_even_effect) / 10)
        said.append(
            _("It pays for itself from an effect of %(effect)s per person and period on.")
            % {"effect": words.number(money.break_even_effect, decimals=decimals)}
        )
    elif money.break_even_value is not None:
        unit = Unit(decimals=decimals_for(abs(money.break_even_value) / 10), before=f"{currency}\u00a0")
        gained = _("It pays for itself if each unit more of %(outcome)s is worth at least %(value)s.")
        saved = _("It pays for itself if each unit less of %(outcome)s is worth at least %(value)s.")
        said.append(
            (gained if money.break_even_value > 0 else saved)
            % {"outcome": moments.quote(result.outcome), "value": words.quantity(abs(money.break_even_value), unit)}
        )
    return said


def _ranges(title: str, rows: tuple[tuple[str, float, float, float], ...], *, decimals: int) -> Table:
    columns = (
        Column(title=_("Return")),
        Column(title=_("At the lower bound"), decimals=decimals),
        Column(title=_("At the estimate"), decimals=decimals),
        Column(title=_("At the upper bound"), decimals=decimals),
    )
    return Table(title=title, columns=columns, rows=rows)
