"""What a study is asked and what it answers: shapes and pure decisions. No Django, no clock, no files."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from borging.figures.rules import Rung

Param = str | int | float
LARGEST_IMBALANCE = 0.25
"""Standardised difference above which groups are not alike (Rubin 2001; gate of rung 6)."""
BASELINE_WORTH_USING = 0.3
"""Below this correlation adjusting for the baseline gains next to nothing (Cochran 1957, Biometrics 13)."""
LARGEST_ATTRITION_GAP = 0.05
"""Difference in missing share between the groups above which who is missing may explain the result."""
LEAST_OVERLAP = 0.8
"""Share of the trained who must have people like them in the comparison group."""
LARGEST_PLACEBO = 0.5
"""Difference before the start, as a part of the effect found, that must be ruled out."""
FEWEST_CLUSTERS = 8
"""Clusters per group below which only a comparison of team means keeps its five percent."""
BREAKING = frozenset({"steady", "attrition"})
"""Gates that lower the rung alone: groups seen to move apart beforehand, and more missing in one of the groups."""
MONTHS_OF_HISTORY = 6
ENOUGH_NEVER_TRAINED = 40
MEASURED_BEFORE = 0.5
"""Share of the trained who must have been measured before their start to speak of a baseline."""


class Assignment(StrEnum):
    """How it was decided who was trained, or who first."""

    LOTTERY = "lottery"
    WAVE = "wave"
    CHOICE = "choice"
    UNKNOWN = "unknown"


class Design(StrEnum):
    """The comparison a study rests on, from the strongest to the weakest."""

    RANDOMISED = "randomised_difference"
    RANDOMISED_BASELINE = "randomised_ancova"
    STAGGERED = "staggered_did"
    BASELINE = "did_2x2"
    PAIRED = "paired"
    NAIVE = "naive_difference"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the person who asks for a study tells about it.

    cost: full cost of the training, in money. unit_value: what one unit of the outcome is worth in money, if known.
    minimum: fewest people behind a shown figure (10 for HR registers).
    """

    assignment: Assignment = Assignment.UNKNOWN
    cost: float | None = None
    unit_value: float | None = None
    currency: str = "€"
    minimum: int = 5


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the files hold for one outcome, as far as the choice of a design depends on it.

    trained, comparison: people with an outcome. cohorts: different start periods. periods: measured periods.
    before_share: share of the trained who were also measured before their start. panel: most people are measured in
    most periods.
    """

    trained: int
    comparison: int
    cohorts: int
    periods: int
    before_share: float
    panel: bool
    assignment: Assignment

    @property
    def drawn(self) -> bool:
        """Whether the lot decided, as we were told."""
        return self.assignment is Assignment.LOTTERY


def choose_design(facts: Facts) -> Design:
    """The strongest comparison these facts allow; a weaker one is never chosen for a nicer number."""
    if not facts.trained:
        return Design.NONE
    if facts.before_share < MEASURED_BEFORE:
        return _choose_without_baseline(facts)
    if facts.cohorts > 1 and facts.periods > 2 and facts.panel:
        return Design.STAGGERED
    if not facts.comparison:
        return Design.PAIRED
    return Design.RANDOMISED_BASELINE if facts.drawn else Design.BASELINE


def _choose_without_baseline(facts: Facts) -> Design:
    if not facts.comparison:
        return Design.NONE
    return Design.RANDOMISED if facts.drawn else Design.NAIVE


@dataclass(frozen=True, kw_only=True)
class Remark:
    """Something to be said, as a code and its numbers; `story` turns it into a sentence in the reader's language."""

    code: str
    params: dict[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A condition of a rung. `passed` None: these data cannot tell, which counts as not passed."""

    code: str
    passed: bool | None
    params: dict[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number with its uncertainty. df None: normal. p None: not tested, or refused."""

    value: float
    se: float
    low: float
    high: float
    df: float | None = None
    p: float | None = None


@dataclass(frozen=True, kw_only=True)
class GroupMeans:
    """One group at two moments; `n` people measured of `of` in the participants file, in `teams` teams."""

    n: int
    of: int
    before: Estimate | None = None
    after: Estimate | None = None
    teams: int | None = None


@dataclass(frozen=True, kw_only=True)
class BalanceRow:
    """One characteristic before the start, compared. `level`: the category, for a characteristic in words.

    `others`: the categories without a row of their own, together; each alone would be about too few people.
    """

    name: str
    trained: float
    comparison: float
    difference: float
    variance_ratio: float | None = None
    level: str = ""
    others: bool = False


@dataclass(frozen=True, kw_only=True)
class EffectAt:
    """An estimate at a period, a number of periods since the start, or a cohort; se 0 marks the reference point."""

    at: int
    value: float
    se: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class CohortEffect:
    """ATT(g, t): the average effect on the cohort that started at `cohort`, at `time`."""

    cohort: int
    time: int
    value: float
    se: float
    n: int


@dataclass(frozen=True, kw_only=True)
class Aggregation:
    """One way of averaging ATT(g, t): simple, dynamic (by time since start), group (cohort) or calendar."""

    kind: str
    overall: float
    overall_se: float
    points: tuple[EffectAt, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Staggered:
    """A staggered difference-in-differences with one comparison group ("never" or "notyet" trained)."""

    comparison: str
    cohort_effects: tuple[CohortEffect, ...]
    aggregations: tuple[Aggregation, ...]
    pretest_p: float | None


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """The same question answered by another design, shown beside the headline; disagreement is a finding."""

    code: str
    estimate: Estimate


@dataclass(frozen=True, kw_only=True)
class Money:
    """Cost and return (Phillips): money in the options' currency. The return is present from rung 5 only.

    benefit, net, bcr, roi_percent: (low, value, high). break_even_effect: effect per person that repays the cost.
    break_even_value: worth of one unit of the outcome at which the found difference repays the cost.
    """

    cost: float
    people: int
    periods: int
    unit_value: float | None
    break_even_effect: float | None = None
    break_even_value: float | None = None
    benefit: tuple[float, float, float] | None = None
    net: tuple[float, float, float] | None = None
    bcr: tuple[float, float, float] | None = None
    roi_percent: tuple[float, float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class OutcomeResult:
    """The answer for one outcome.

    refused: no effect may be claimed, the value is a difference only. estimate None: nothing may be shown, `reasons`
    say why. `withheld`: too few people. balance_hidden: characteristics in which someone could be recognised.
    """

    outcome: str
    design: Design
    rung: Rung
    refused: bool
    estimate: Estimate | None
    trained: GroupMeans
    comparison: GroupMeans
    cohorts: int = 0
    first_period: int = 0
    latest_period: int = 0
    by_team: bool = False
    withheld: bool = False
    smallest_effect: float | None = None
    standardised: float | None = None
    randomisation_p: float | None = None
    balance: tuple[BalanceRow, ...] = ()
    balance_hidden: tuple[str, ...] = ()
    overlap: float | None = None
    event_study: tuple[EffectAt, ...] = ()
    staggered: tuple[Staggered, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    gates: tuple[Gate, ...] = ()
    reasons: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()
    money: Money | None = None


@dataclass(frozen=True, kw_only=True)
class StudyResult:
    """All outcomes of a study. scale_*: as in lake.schema.TimeScale. data_hash: SHA-256 of both tables."""

    outcomes: tuple[OutcomeResult, ...]
    scale_unit: str
    scale_labels: tuple[str, ...]
    options: Options
    data_hash: str


def settle_rung(*, highest: Rung, gates: tuple[Gate, ...]) -> Rung:
    """One gate that is not passed lowers the wording, two lower the rung (statistics: the evidence ladder).

    One that shows the comparison itself to be broken lowers it alone; missing people whose values could undo the whole
    difference lower it once more. Gates guard the claim of an effect; under rung 5 there is none to guard.
    """
    if highest < Rung.COMPARED:
        return highest
    missed = {gate.code for gate in gates if not gate.passed}
    lower = failed(gates) >= 2 or bool(missed & BREAKING)
    return Rung(max(highest - lower - ("bounds" in missed), Rung.TRACKED))


def failed(gates: tuple[Gate, ...]) -> int:
    """How many gates are not passed; what could not be judged is not passed."""
    return sum(not gate.passed for gate in gates)


def months_in(unit: str, periods: int) -> float | None:
    """How many months a number of periods is; None for a scale without a calendar."""
    length = {"year": 12.0, "quarter": 3.0, "month": 1.0, "day": 12 / 365.25}.get(unit)
    return None if length is None else length * periods


def decimals_for(margin: float) -> int:
    """Decimals that show a margin in two digits: more would pretend a precision that is not there."""
    if not math.isfinite(margin) or margin <= 0:
        return 2
    return min(max(1 - math.floor(math.log10(margin)), 0), 6)
