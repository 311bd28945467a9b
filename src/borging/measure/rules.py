"""What the figures of a programme are made of, and when they may be shown. No Django, no clock, no files.

Only steps named here are ever counted, and each of them tells the one who answers that a group figure is made of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from borging.figures.rules import Rung

Group = TypeVar("Group", bound=Hashable)

MINIMUM = 5
"""Fewest answers behind a figure, and fewest new ones behind a newer figure (trust rules P1 and P3)."""
FEWEST_FOR_RELIABILITY = 30
"""Under this many people the reliability of a scale is too uncertain to say anything about it."""
FEWEST_FOR_AGREEMENT = 10
"""Under this many people who were seen by two others, what they agree on is too uncertain to say."""
LOW_RELIABILITY = 0.6
"""Under this the parts of a scale do not belong together (conventional)."""
FIRM_AGREEMENT, SOME_AGREEMENT = 0.8, 0.667
"""From these on raters agree firmly, or well enough for a careful conclusion (Krippendorff)."""
CEILING = 0.8
"""Above this share of the scale before, there was little left to gain."""
STRETCH_DAYS = 21
"""Attempts are taken together per three weeks."""
SELF, TEST = "self", "test"
OTHERS = ("manager", "buddy", "observer")
SOURCES = (SELF, *OTHERS, TEST)

BASELINE = ("baseline-learner", "baseline-others")
LOGS = ("attempt-log-weekly", "attempt-log-fortnightly")
ATTEMPTS = ("tried", LOGS)
DID_TRY = ("worked", "partly", "not-yet")


class Reason(StrEnum):
    """Why a figure is not shown."""

    FEW = "few"  # fewer than five answers
    ALIKE = "alike"  # everybody, or everybody but one, gave the same answer
    SIBLING = "sibling"  # with it a group that is too small could be calculated
    COMBINED = "combined"  # with what was shown before, one person's answer could be calculated
    WAITING = "waiting"  # still being asked


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """One question asked of the same people at two moments.

    `per_behaviour`: a figure for each behaviour of the programme. `low`, `high`: the ends of its scale. `test`: right
    or wrong, so neither one's own view nor anybody else's.
    """

    key: str
    before: tuple[str, tuple[str, ...]]
    after: tuple[str, tuple[str, ...]]
    low: float = 0
    high: float = 10
    per_behaviour: bool = False
    test: bool = False
    scale: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The share of people whose answer is one of `yes`, without those who answered one of `outside`."""

    key: str
    asked: tuple[str, tuple[str, ...]]
    yes: frozenset[str]
    outside: frozenset[str] = frozenset()


PAIRINGS = (
    Pairing(
        key="behaviour-post",
        before=("last-ten", BASELINE),
        after=("last-ten", ("post-learner", "post-others")),
        per_behaviour=True,
    ),
    Pairing(
        key="behaviour-delayed",
        before=("last-ten", BASELINE),
        after=("last-ten", ("delayed-test",)),
        per_behaviour=True,
    ),
    Pairing(
        key="behaviour-pulse", before=("last-ten", BASELINE), after=("last-ten", ("pulse-180",)), per_behaviour=True
    ),
    Pairing(
        key="knowledge",
        before=("scenarios", ("baseline-learner",)),
        after=("scenarios", ("delayed-test",)),
        high=1,
        test=True,
        scale=("scenarios",),
    ),
    Pairing(
        key="confidence",
        before=("sure", ("baseline-learner",)),
        after=("sure", ("delayed-test",)),
        scale=("sure", "sure-pressed"),
    ),
    Pairing(key="yardstick", before=("sure", ("baseline-learner",)), after=("then-sure", ("delayed-test",))),
)
CHOICES: Mapping[str, tuple[Choice, ...]] = {
    "climate": (
        Choice(key="chance", asked=("chance", ("delayed-test",)), yes=frozenset({"one", "some", "many"})),
        Choice(key="manager-asked", asked=("manager-asked", ("delayed-test",)), yes=frozenset({"talked"})),
        Choice(key="peers", asked=("peers", ("delayed-test",)), yes=frozenset({"helped"})),
    ),
    "automatic": tuple(
        Choice(
            key=step,
            asked=("automatic", (step,)),
            yes=frozenset({"often", "always"}),
            outside=frozenset({"no-opportunity"}),
        )
        for step in ("automaticity", "pulse-180")
    ),
    "goal": (Choice(key="goal-step", asked=("goal-step", ("post-learner",)), yes=frozenset({"0", "1", "2"})),),
    "reaction": (
        Choice(key="can-do", asked=("can-do", ("reaction",)), yes=frozenset({"normal", "hard"})),
        Choice(key="practised", asked=("share", ("reaction",)), yes=frozenset({"half", "more"})),
    ),
}
BARRIERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "barriers": ("barrier", ("delayed-test",)),
    "vote": ("barrier", ("team-vote",)),
}
"""What held people back most: asked under their own name, and before that by anonymous vote before a team meeting."""
STEPS = (
    *BASELINE,
    "reaction",
    *LOGS,
    "team-vote",
    "delayed-test",
    "automaticity",
    "post-learner",
    "post-others",
    "pulse-180",
)
"""The steps whose answers are counted, in the order in which they come. Others never come near a figure."""


# --- what is kept of a release: numbers and codes, no words ----------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Mean:
    """A number with its 95% margin."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Change:
    """The same people at two moments, from one pair of eyes or in one group. With a `reason` there are no numbers.

    name: the source, or the key of a cohort or team. n: pairs of numbers. answered: both times, in any way.
    """

    name: str
    n: int = 0
    answered: int = 0
    before: Mean | None = None
    after: Mean | None = None
    change: Mean | None = None
    reason: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share of n people, or of the `of` chances these people had. With a `reason` there are no numbers."""

    name: str
    n: int = 0
    of: int = 0
    share: Mean | None = None
    reason: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class Unit:
    """What was seen in one team and the teams under it, never crossed with anything else.

    name: key of the team. parts: the teams in it that take part. sources: the change from each pair of eyes. rows:
    shares, of attempts one a stretch of weeks.
    """

    name: str
    parts: tuple[str, ...]
    invited: int
    sources: tuple[Change, ...] = ()
    rows: tuple[Share, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """How well the parts of a scale belong together, or two raters agree: `n` people, `k` parts or raters."""

    n: int
    k: int
    value: Mean


@dataclass(frozen=True, kw_only=True)
class Paired:
    """Everything about one pairing. invited: people who take part.

    headline: whose view leads; it stays whose it first was. cohorts: from the same eyes. units: from every pair.
    """

    invited: int
    headline: str
    sources: tuple[Change, ...]
    cohorts: tuple[Change, ...] = ()
    units: tuple[Unit, ...] = ()
    agreement: Reliability | None = None
    reliability: Reliability | None = None


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Shares side by side; of attempts one a stretch of weeks, and the same per team."""

    invited: int
    rows: tuple[Share, ...]
    units: tuple[Unit, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """What was named most, and how many named something else that is not shown apart."""

    invited: int
    n: int = 0
    rows: tuple[Share, ...] = ()
    rest: Share | None = None
    reason: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class Response:
    """How many answered of who was asked, per step and actor. answered None: fewer than five."""

    step: str
    actor: str
    invited: int
    answered: int | None


@dataclass(frozen=True, kw_only=True)
class Responses:
    """The response of each step that was asked."""

    rows: tuple[Response, ...] = ()


Result = Paired | Shares | Ranked | Responses
KINDS: Mapping[str, type[Paired] | type[Shares] | type[Ranked] | type[Responses]] = {
    **dict.fromkeys((pairing.key for pairing in PAIRINGS), Paired),
    **dict.fromkeys((*CHOICES, "attempts"), Shares),
    **dict.fromkeys(BARRIERS, Ranked),
    "response": Responses,
}


# --- somebody's own line: theirs alone --------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class OwnCurve:
    """One behaviour over time: steps in their order, and the count of ten (None: it did not come up)."""

    behaviour: str
    points: tuple[tuple[str, float | None], ...]


@dataclass(frozen=True, kw_only=True)
class OwnAttempts:
    """Chances and attempts in one stretch of three weeks."""

    stretch: int
    chances: int
    tried: int


@dataclass(frozen=True, kw_only=True)
class OwnAnswer:
    """One answer as it was given."""

    step: str
    question: str
    behaviour: str
    given_on: date
    number: float | None
    choice: str
    text: str


@dataclass(frozen=True, kw_only=True)
class OwnLine:
    """What one person answered under their own name in one programme."""

    programme: int
    name: str
    playbook: str
    curves: tuple[OwnCurve, ...]
    attempts: tuple[OwnAttempts, ...]
    answers: tuple[OwnAnswer, ...]


def counts_as(tried: str) -> bool | None:
    """Whether one log of attempts is a try; None when there was no chance, which is neither."""
    return None if tried in {"", "no-opportunity"} else tried in DID_TRY


def batch_of(key: str, behaviour: int = 0) -> str:
    """The name of a batch: what is measured, and about which behaviour."""
    return f"{key}:{behaviour}" if behaviour else key


def parts_of(batch: str) -> tuple[str, int]:
    """The key and the behaviour (0: none) in the name of a batch."""
    key, _colon, behaviour = batch.partition(":")
    return key, int(behaviour or 0)


# --- decisions --------------------------------------------------------------------------------------------------------


def may_renew(*, shown: int, answers: int, minimum: int = MINIMUM) -> bool:
    """Whether so many new answers came that a figure of them alone could be shown too."""
    return answers - shown >= minimum


def alike(answers: Sequence[Hashable]) -> bool:
    """Whether everybody, or everybody but one, gave the same answer: then an average tells who said what."""
    return bool(answers) and Counter(answers).most_common(1)[0][1] >= len(answers) - 1


def reason_to_hold(answers: Sequence[Sequence[Hashable]], *, minimum: int = MINIMUM) -> Reason | None:
    """Why sums over these answers (per question, of the same people) may not be shown, looking at nothing else."""
    if not answers or len(answers[0]) < minimum:
        return Reason.FEW
    return Reason.ALIKE if any(map(alike, answers)) else None


def take_along(sizes: Mapping[Group, int], held: Collection[Group], *, minimum: int = MINIMUM) -> frozenset[Group]:
    """Which groups go along with those that are held back, so that the total minus the rest gives none of them away.

    sizes: people per group. Hidden together they are two groups and `minimum` people at the least.
    """
    hidden = {unit for unit in held if sizes[unit]}
    along: set[Group] = set()
    shown = sorted((unit for unit in sizes if unit not in held), key=lambda unit: (sizes[unit], str(unit)))
    while hidden and shown and (len(hidden) < 2 or sum(sizes[unit] for unit in hidden) < minimum):
        hidden.add(shown[0])
        along.add(shown.pop(0))
    return frozenset(along)


def ranked(counts: Mapping[str, int], *, minimum: int = MINIMUM) -> tuple[tuple[str, ...], int]:
    """Which options may be shown with their count, most named first, and how many people are in the rest.

    An option that fewer than `minimum` people named is not shown apart, and takes the smallest other one along when the
    rest would otherwise give it away. What nobody named is not there: never a zero.
    """
    sizes = {key: n for key, n in counts.items() if n}
    held = {key for key, n in sizes.items() if n < minimum}
    hidden = held | take_along(sizes, held, minimum=minimum)
    shown = sorted((key for key in sizes if key not in hidden), key=lambda key: (-sizes[key], key))
    return tuple(shown), sum(sizes[key] for key in hidden)


def parts_of_tree(parents: Mapping[int, int | None], teams: Collection[int]) -> dict[int, frozenset[int]]:
    """Of each of these teams, and each team above them, which of these teams are in it."""
    found: dict[int, set[int]] = {}
    for team in teams:
        above: int | None = team
        while above:
            found.setdefault(above, set()).add(team)
            above = parents.get(above)
    return {team: frozenset(parts) for team, parts in found.items()}


def rung_of(sources: Collection[str]) -> Rung:
    """The rung of a paired difference: two pairs of eyes before and after is observed, one other estimated, else own.

    A test of knowledge is one source that is not one's own word, so it stands with the estimates.
    """
    if len(sources) > 1:
        return Rung.OBSERVED
    return Rung.EXPERIENCED if set(sources) <= {SELF} else Rung.ESTIMATED


def leading(changes: Sequence[Change]) -> str:
    """Whose view is the headline: of others the one with most pairs, for one's own word is no witness. "": nobody's."""
    shown = [change for change in changes if change.reason is None]
    others = [change for change in shown if change.name != SELF]
    best = max(others or shown, key=lambda change: (change.n, -SOURCES.index(change.name)), default=None)
    return best.name if best else ""


def disagree(changes: Sequence[Change]) -> bool:
    """Whether margins of two sources lie apart: then the sources tell different stories."""
    margins = [change.change for change in changes if change.change]
    return any(a.low > b.high for a in margins for b in margins)
