"""Cost and return by Phillips' conservative rules: full cost, first year only, no answer counts as nothing."""

from __future__ import annotations

from dataclasses import replace

from borging.effects.rules import Estimate, Money, Options, months_in
from borging.figures.rules import Rung
from borging.stats import roi


def first_year_periods(*, unit: str, first: int, latest: int) -> int:
    """Measured periods from the start on, at most a year; one where the scale knows no calendar."""
    measured = latest - first + 1
    if unit == "day" or (year := months_in(unit, 1)) is None:
        return 1  # a value on a day is a state, not an amount for that day
    return max(1, min(measured, round(12 / year)))


def count_money(*, estimate: Estimate, rung: Rung, people: int, periods: int, options: Options) -> Money | None:
    """The return where an effect may be claimed, else only what would repay the cost; None without a cost.

    `people` are the trained who were measured: an effect nobody saw is not counted, their cost is.
    """
    if options.cost is None:
        return None
    size = estimate.value * people * periods
    money = Money(
        cost=options.cost,
        people=people,
        periods=periods,
        unit_value=options.unit_value,
        break_even_value=options.cost / size if size else None,
    )
    if not options.unit_value:
        return money
    money = replace(money, break_even_effect=options.cost / (people * periods * options.unit_value))
    if rung < Rung.COMPARED:
        return money
    found = roi.roi_interval(
        effect_low=estimate.low,
        effect=estimate.value,
        effect_high=estimate.high,
        n=people,
        unit_value=options.unit_value * periods,
        cost=options.cost,
    )
    return replace(
        money,
        benefit=_range(found.benefit),
        net=_range(found.net),
        bcr=_range(found.bcr),
        roi_percent=_range(found.roi_percent),
    )


def _range(found: roi.Range) -> tuple[float, float, float]:
    return (min(found.low, found.high), found.value, max(found.low, found.high))
