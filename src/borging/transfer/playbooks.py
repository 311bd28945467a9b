"""Playbooks, barriers, findings and the transfer check, read from their data files and checked while reading."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .rules import Companion, Option, Playbook, Question, Repeat, Scale, Step, Words

CONTENT = Path(__file__).parent / "content"
TYPES = ("text", "choice", "yesno", "date", "scale", "count10")
FAMILIES = ("reaction", "knowledge", "confidence", "intention", "behaviour", "climate", "results", "agreement")
ACTORS = ("learner", "manager", "buddy", "observer", "team", "trainer", "sponsor", "ld")
FORMS = ("A", "B", "recall", "pretest")
MOST_MINUTES = 20


class ContentError(ValueError):
    """A data file holds something it may not; the message names the file, the place and what is wrong."""


def keys() -> tuple[str, ...]:
    """The playbooks there are."""
    return tuple(sorted(path.stem.removeprefix("playbook-") for path in CONTENT.glob("playbook-*.yaml")))


@cache
def playbook(key: str) -> Playbook:
    """Raises ContentError when the file is not as it should be, KeyError when there is no such playbook."""
    if key not in keys():
        raise KeyError(key)
    name = f"playbook-{key}.yaml"
    record = _load(name)
    steps = tuple(_step(step, f"{name}: {step.get('key')}") for step in record["steps"])
    names = [step.key for step in steps]
    if len(names) != len(set(names)):
        raise ContentError(f"{name}: two steps share a key")
    if unknown := {step.joins for step in steps if step.joins} - {step.key for step in steps if step.meeting}:
        raise ContentError(f"{name}: nobody meets in {', '.join(sorted(unknown))}")
    return Playbook(
        key=record["key"],
        version=record["version"],
        name=_words(record["name"], name),
        for_whom=_words(record["for_whom"], name),
        retention_days=record["retention_days"],
        steps=steps,
        skip_rules=_options(record["skip_rules"], name),
    )


@cache
def records(name: str) -> tuple[Mapping[str, Any], ...]:
    """The rows of `barriers`, `science` (as "findings") or `transfer-check` (as "rules")."""
    (rows,) = _load(f"{name}.yaml").values()
    return tuple(rows)


@cache
def finding(key: str) -> Mapping[str, Any]:
    """One finding of the science register. Raises KeyError for one that is not there."""
    return {row["key"]: row for row in records("science")}[key]


def _load(name: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with (CONTENT / name).open(encoding="utf-8") as file:
        return dict(yaml.load(file, Loader=loader))  # nosec B506 - a safe loader, in C where there is one


def _step(record: Mapping[str, Any], where: str) -> Step:
    card = record["card"]
    companion = record.get("with")
    step = Step(
        key=record["key"],
        anchor=record["anchor"],
        day=record["day"],
        window_days=record["window_days"],
        actor=record["actor"],
        minutes=record["minutes"],
        kind=record["kind"],
        skip=record["skip"],
        why=record["why"],
        evidence=tuple(record["evidence"]),
        visible_to=tuple(record["visible_to"]),
        subject=_words(card["subject"], where),
        title=_words(card["title"], where),
        intro=_words(card["intro"], where),
        thanks=_words(card["thanks"], where),
        questions=tuple(_question(question, where) for question in card["questions"]),
        talk=tuple(_words(line, where) for line in card.get("talk_card", ())),
        guide=tuple(_words(line, where) for line in card.get("guide", ())),
        companion=Companion(**companion) if companion else None,
        fallback_actor=record.get("fallback_actor", "sponsor" if record["skip"] == "no-manager" else ""),
        repeat=_repeat(record.get("repeat")),
        sample=record.get("sample", False),
        anonymous=record.get("anonymous", False),
        uncounted=record.get("uncounted", False),
        meeting=record.get("meeting", ""),
        joins=record.get("joins", ""),
    )
    _check(step, where)
    return step


def _check(step: Step, where: str) -> None:
    finding_known = step.why in {row["key"] for row in records("science")}
    problems = {
        "an anchor is start or end": step.anchor in {"start", "end"},
        "this actor is not known": {step.actor, step.fallback_actor or "ld"} <= set(ACTORS),
        "the reason is not in science.yaml": finding_known,
        "a card takes at most 20 minutes": 0 < step.minutes <= MOST_MINUTES,
        "a window is at least one day": step.window_days >= 1,
        "a meeting is offered or proposed": step.meeting in {"", "offered", "proposed"},
        "two questions share a key": len({q.key for q in step.questions}) == len(step.questions),
        "somebody must be able to see it": bool(step.visible_to),
    }
    for sentence, holds in problems.items():
        if not holds:
            raise ContentError(f"{where}: {sentence}")


def _question(record: Mapping[str, Any], where: str) -> Question:
    where = f"{where}/{record.get('key')}"
    scale = record.get("scale")
    question = Question(
        key=record["key"],
        family=record["family"],
        type=record["type"],
        text=_words(record["text"], where),
        options=_options(record.get("options", ()), where),
        also=_options(record.get("also", ()), where),
        scale=_scale(scale, where) if scale else None,
        per_behaviour=record.get("per_behaviour", False),
        source=record.get("source", ""),
        form=record.get("form", ""),
        count=record.get("count", 0),
        pattern=record.get("pattern", ""),
        then_test=record.get("then_test", False),
        only_after=_condition(record.get("only_after")),
    )
    if question.type not in TYPES or question.family not in FAMILIES:
        raise ContentError(f"{where}: this type or family is not known")
    if question.type == "choice" and not (question.options or question.source):
        raise ContentError(f"{where}: a choice needs options")
    if question.source and question.form not in FORMS:
        raise ContentError(f"{where}: this form is not known")
    if (question.type == "scale") != (question.scale is not None):
        raise ContentError(f"{where}: a scale needs its ends")
    return question


def _condition(record: Mapping[str, Any] | None) -> tuple[str, frozenset[str]] | None:
    if record is None:
        return None
    return record["question"], frozenset(map(_key, record["answers"]))


def _words(record: Mapping[str, str], where: str) -> Words:
    if not record.get("nl") or not record.get("en"):
        raise ContentError(f"{where}: a text must be there in both languages")
    return Words(nl=record["nl"], en=record["en"])


def _options(rows: Any, where: str) -> tuple[Option, ...]:
    return tuple(Option(key=_key(row["key"]), words=_words(row, where)) for row in rows)


def _key(read: str | bool) -> str:
    """YAML reads a bare `no` or `yes` as a truth value, but means the key."""
    return {True: "yes", False: "no"}[read] if isinstance(read, bool) else str(read)


def _scale(record: Mapping[str, Any], where: str) -> Scale:
    low, high = record["min"], record["max"]
    return Scale(low=low["value"], high=high["value"], low_words=_words(low, where), high_words=_words(high, where))


def _repeat(record: Mapping[str, Any] | None) -> Repeat | None:
    if record is None:
        return None
    return Repeat(**{name: value for name, value in record.items() if name != "scheduler"})
