"""The transfer check: what is missing in a programme, found before it costs anything. No Django, no clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

LEARNED_OR_DONE = frozenset({"knowledge", "behaviour", "results"})
"""Question families that tell more than what people thought of it."""
LEAST_PRACTICE = 50
LATEST_CHANCE = timedelta(days=14)
JUDGED_FROM = timedelta(days=90)
NUDGES_A_WEEK = 2
LEAST_FOR_ABSENCE = 10
NOT_BY_TRAINING = ("tools", "time")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a programme before it is judged; None is: not known.

    measured: question families that are asked; sources: whose eyes behaviour is seen with; measured_until: days from
    the latest session to the latest measurement of behaviour. baseline, talk_before: still to come, or done.
    repeats_carry_until: the day until which repeats keep what was learned; contacts: the most that one person gets in a
    week, over all programmes. smallest_change: what everyone who takes part can show together; it and promised_change
    are in times of ten. group: people in the teams behind the figure. signed: by the sponsor, and unchanged since.
    """

    behaviours: int
    has_goal: bool
    measured: frozenset[str]
    sources: frozenset[str]
    measured_until: int
    baseline: bool
    talk_before: bool
    people: int
    without_buddy: int
    practice_share: int | None
    practice_minutes: int
    first_chance_days: int | None
    main_barrier: str
    retention_days: int
    repeats_carry_until: int
    has_embedding_owner: bool
    smallest_change: float | None
    promised_change: float | None
    places: int | None
    team_told: bool
    signed: bool
    contacts: int
    is_about_absence: bool
    group: int | None


def _chance_is_late(facts: Facts) -> bool:
    return facts.first_chance_days is None or facts.first_chance_days > LATEST_CHANCE.days


def _is_too_small(facts: Facts) -> bool:
    promised, smallest = facts.promised_change, facts.smallest_change
    return promised is not None and facts.people > 0 and (smallest is None or smallest > abs(promised))


def _absence_group_is_too_small(facts: Facts) -> bool:
    return facts.is_about_absence and (facts.group is None or facts.group < LEAST_FOR_ABSENCE)


RULES: dict[str, Callable[[Facts], bool]] = {
    "no-behaviour": lambda facts: facts.behaviours == 0,
    "no-goal": lambda facts: not facts.has_goal,
    "reaction-only": lambda facts: not facts.measured & LEARNED_OR_DONE,
    "no-baseline": lambda facts: not facts.baseline,
    "no-talk-before": lambda facts: not facts.talk_before,
    "no-buddy": lambda facts: facts.without_buddy > 0,
    "little-practice": lambda facts: facts.practice_share is None or facts.practice_share < LEAST_PRACTICE,
    "no-time": lambda facts: facts.practice_minutes == 0,
    "late-chance": _chance_is_late,
    "not-training": lambda facts: facts.main_barrier in NOT_BY_TRAINING,
    "short-repeats": lambda facts: facts.retention_days > facts.repeats_carry_until,
    "no-owner": lambda facts: not facts.has_embedding_owner,
    "too-small": _is_too_small,
    "too-few-places": lambda facts: facts.places is not None and facts.people > facts.places,
    "no-follow-up": lambda facts: facts.measured_until < JUDGED_FROM.days,
    "team-unaware": lambda facts: not facts.team_told,
    "unsigned": lambda facts: not facts.signed,
    "too-many-nudges": lambda facts: facts.contacts > NUDGES_A_WEEK,
    "absence-size": _absence_group_is_too_small,
    "same-source": lambda facts: len(facts.sources) < 2,
}
"""For each rule of `transfer-check.yaml` whether it finds something."""


def found(facts: Facts) -> tuple[str, ...]:
    """The keys of the rules that find something, in the order of the rules."""
    return tuple(key for key, finds in RULES.items() if finds(facts))


def busiest_week(days: frozenset[int]) -> int:
    """The most days on which somebody is written to within seven days in a row; what falls on one day is one mail."""
    return max((len([day for day in days if first <= day < first + 7]) for first in days), default=0)
