"""What a playbook is, and pure decisions about its timeline. No Django, no clock, no files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Literal

Language = Literal["nl", "en"]
OPENS = time(9, 0)
CLOSES = time(17, 0)
"""On the day a card comes and on the day it closes."""
LANGUAGES: tuple[Language, ...] = ("nl", "en")


@dataclass(frozen=True, kw_only=True)
class Words:
    """One text in both languages."""

    nl: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.nl if language == "nl" else self.en


@dataclass(frozen=True, kw_only=True)
class Option:
    """An answer one can choose; `key` is what is kept."""

    key: str
    words: Words


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A whole number from `low` to `high`, with words at both ends."""

    low: int
    high: int
    low_words: Words
    high_words: Words


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question of a card.

    `type`: text, choice, yesno, date, scale, or count10 (times in the last ten). `also`: options beside a scale, count
    or date, such as "did not come up". `per_behaviour`: asked once for each behaviour of the programme. `source`:
    "scenario-bank" asks `count` situations of the programme's own `form`. `pattern`: "if-then" asks for both halves.
    `then_test`: looks back to before the training. `only_after`: asked only when an earlier question got one of these
    answers, as (question, answers).
    """

    key: str
    family: str
    type: str
    text: Words
    options: tuple[Option, ...] = ()
    also: tuple[Option, ...] = ()
    scale: Scale | None = None
    per_behaviour: bool = False
    source: str = ""
    form: str = ""
    count: int = 0
    pattern: str = ""
    then_test: bool = False
    only_after: tuple[str, frozenset[str]] | None = None


@dataclass(frozen=True, kw_only=True)
class Companion:
    """Somebody whose time an action takes as well; `own_card`: who is asked the same on a card of their own."""

    actor: str
    minutes: int
    own_card: bool = False


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """How a step comes back: every so many days until a day, or with growing gaps up to `target_days`."""

    every_days: int = 0
    until_day: int = 0
    target_days: int = 0


@dataclass(frozen=True, kw_only=True)
class Step:
    """One action of a playbook, with its card. `day` counts calendar days from the anchor (first or last session).

    `meeting`: two people meet for it; "proposed" is: Borging plans it, "offered": one tap plans it. `joins` names the
    step whose meeting this card is about. `uncounted`: handed out during the session, so it is no interruption.
    `anonymous`: its answers carry nobody's key.
    """

    key: str
    anchor: Literal["start", "end"]
    day: int
    window_days: int
    actor: str
    minutes: int
    kind: str
    why: str
    skip: str
    evidence: tuple[str, ...]
    visible_to: tuple[str, ...]
    subject: Words
    title: Words
    intro: Words
    thanks: Words
    questions: tuple[Question, ...]
    talk: tuple[Words, ...] = ()
    guide: tuple[Words, ...] = ()
    companion: Companion | None = None
    fallback_actor: str = ""
    repeat: Repeat | None = None
    sample: bool = False
    anonymous: bool = False
    uncounted: bool = False
    meeting: Literal["", "offered", "proposed"] = ""
    joins: str = ""


@dataclass(frozen=True, kw_only=True)
class Playbook:
    """A timeline that is ready to be used, as a data file has it.

    `version` is raised with each change that matters to who promised something on it.
    """

    key: str
    version: int
    name: Words
    for_whom: Words
    retention_days: int
    steps: tuple[Step, ...]
    skip_rules: tuple[Option, ...]

    def step(self, key: str) -> Step:
        """Raises KeyError for a step this playbook does not have."""
        return {step.key: step for step in self.steps}[key]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """When a step happens in one cohort: which occurrence of it, on which day, and until when it stays open."""

    step: Step
    occurrence: int
    actor: str
    due_on: date
    closes_on: date


def occurrences(step: Step, *, retention_days: int) -> tuple[int, ...]:
    """The days, from the anchor, on which a step comes: once, in a rhythm, or with gaps that double each time.

    Gaps that double end with the same recall as even gaps, and along the way people know more (Kang 2014).
    """
    if step.repeat is None:
        return (step.day,)
    if step.repeat.every_days:
        return tuple(range(step.day, step.repeat.until_day + 1, step.repeat.every_days))
    days, gap = [step.day], max(step.day, 1)
    while days[-1] + 2 * gap <= retention_days:
        gap *= 2
        days.append(days[-1] + gap)
    return tuple(days)


def timeline(playbook: Playbook, *, first_day: date, latest_day: date, retention_days: int) -> tuple[Slot, ...]:
    """Every action of a cohort in the order of its days; a companion with a card of their own has a slot too.

    `first_day` and `latest_day` are the days of the first and the last session.
    """
    slots = []
    for step in playbook.steps:
        anchor = first_day if step.anchor == "start" else latest_day
        actors = [step.actor]
        if step.companion and step.companion.own_card:
            actors.append(step.companion.actor)
        for number, day in enumerate(occurrences(step, retention_days=retention_days)):
            due_on = anchor + timedelta(days=day)
            closes_on = due_on + timedelta(days=step.window_days)
            slots += [
                Slot(step=step, occurrence=number, actor=actor, due_on=due_on, closes_on=closes_on) for actor in actors
            ]
    return tuple(sorted(slots, key=lambda slot: (slot.due_on, slot.step.key, slot.actor)))


def asked_of(step: Step, *, behaviours: int) -> bool:
    """Whether a step makes sense for a programme: behaviour cannot be measured when none was named."""
    return step.skip != "no-behaviour" or behaviours > 0
