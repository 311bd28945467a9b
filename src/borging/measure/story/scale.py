"""How the numbers of a pairing are written, and from whose eyes they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from borging.figures.rules import Point, Unit
from borging.measure.rules import Change, Mean, Paired


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How the numbers of a pairing are written: a difference in `unit`, between levels in `level`.

    `factor` makes percentages of shares; `top` is the highest level there is.
    """

    key: str
    unit: Unit
    level: Unit
    factor: float = 1.0
    top: float = 10.0

    @property
    def behaviour(self) -> bool:
        return self.key.startswith("behaviour-")

    def mean(self, mean: Mean | None) -> Mean:
        """A number on this scale."""
        value = mean or Mean(value=0, low=0, high=0)
        return Mean(value=value.value * self.factor, low=value.low * self.factor, high=value.high * self.factor)

    def point(self, label: str, mean: Mean | None) -> Point:
        """A number on this scale, to be drawn."""
        value = self.mean(mean)
        return Point(label=label, value=value.value, low=value.low, high=value.high)


def scale(key: str) -> Scale:
    """The scale of a pairing."""
    if key.startswith("behaviour-"):
        times = Unit(decimals=1, after=_(" times in ten"), signed=True)
        return Scale(key=key, unit=times, level=Unit(decimals=1))
    if key == "knowledge":
        points = Unit(decimals=0, after=_(" percentage points"), signed=True)
        return Scale(key=key, unit=points, level=Unit(decimals=0, after="%"), factor=100.0, top=100.0)
    return Scale(key=key, unit=Unit(decimals=1, after=_(" points"), signed=True), level=Unit(decimals=1))


def shown(result: Paired) -> list[Change]:
    """The pairs of eyes with a number, the headline first."""
    found = [change for change in result.sources if change.reason is None]
    return sorted(found, key=lambda change: change.name != result.headline)
