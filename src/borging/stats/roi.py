"""Cost and return in the three forms that are so often mixed up: benefit-cost ratio, ROI percent and net benefit.

After Phillips & Phillips (2012): benefit of the first year only, full cost, and never from an effect below rung 5.
"""

from __future__ import annotations

from dataclasses import dataclass

from borging.stats.samples import SampleError


@dataclass(frozen=True, kw_only=True)
class Range:
    """A value with its margin, low <= value <= high."""

    low: float
    value: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Return:
    """Money in one currency; bcr: benefit per unit of cost; roi_percent: net benefit in percent of cost."""

    cost: float
    benefit: Range
    net: Range
    bcr: Range
    roi_percent: Range


def net_benefit(*, benefit: float, cost: float) -> float:
    """Benefit minus cost."""
    return benefit - _check_cost(cost)


def bcr(*, benefit: float, cost: float) -> float:
    """Benefit-cost ratio: 1.57 means that one euro of cost brought 1.57 euro, cost included. It is not the ROI."""
    return benefit / _check_cost(cost)


def roi_percent(*, benefit: float, cost: float) -> float:
    """Return on investment: net benefit in percent of cost; 57 where the benefit-cost ratio is 1.57."""
    return 100 * (benefit - cost) / _check_cost(cost)


def payback_months(*, benefit_per_year: float, cost: float) -> float | None:
    """Months until the benefit has repaid the cost; None when there is no benefit to repay it."""
    return 12 * _check_cost(cost) / benefit_per_year if benefit_per_year > 0 else None


def break_even_effect(*, cost: float, n: float, unit_value: float, years: float = 1) -> float:
    """Effect per person that just repays the cost, in the unit of the outcome; as signed as unit_value."""
    _check_people(n=n, unit_value=unit_value, years=years)
    return _check_cost(cost) / (n * unit_value * years)


def roi_interval(
    *,
    effect_low: float,
    effect: float,
    effect_high: float,
    n: float,
    unit_value: float,
    cost: float,
    years: float = 1,
) -> Return:
    """The return of an effect per person on n people, its margin carried through.

    unit_value: money per unit of the outcome and year; negative where lower is better. years: the part of the first
    year that was measured, at most 1. Raises SampleError when cost or n is not positive, the value is zero, the
    effect lies outside its margin, or more than the first year is claimed.
    """
    _check_people(n=n, unit_value=unit_value, years=years)
    if not effect_low <= effect <= effect_high:
        raise SampleError(f"an effect lies inside its own margin: {effect_low}, {effect}, {effect_high}")
    low, high = sorted(end * n * unit_value * years for end in (effect_low, effect_high))
    benefit = Range(low=low, value=effect * n * unit_value * years, high=high)
    ends = (benefit.low, benefit.value, benefit.high)
    return Return(
        cost=_check_cost(cost),
        benefit=benefit,
        net=_range([net_benefit(benefit=end, cost=cost) for end in ends]),
        bcr=_range([bcr(benefit=end, cost=cost) for end in ends]),
        roi_percent=_range([roi_percent(benefit=end, cost=cost) for end in ends]),
    )


def _range(ends: list[float]) -> Range:
    return Range(low=ends[0], value=ends[1], high=ends[2])


def _check_cost(cost: float) -> float:
    if not cost > 0:
        raise SampleError(f"a return needs the full cost, a positive amount, not {cost}")
    return cost


def _check_people(*, n: float, unit_value: float, years: float) -> None:
    if not n > 0 or not unit_value or not 0 < years <= 1:
        raise SampleError(f"{n} people, {unit_value} per unit, {years} years: only benefits of the first year count")
