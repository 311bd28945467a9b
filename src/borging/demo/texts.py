"""What the demonstration tells: its programmes and the words of its people, read from the data files beside it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SEED = "borging-1"


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What the simulated answers hold: times in ten before a training, and the true change from each pair of eyes."""

    before: float
    changes: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Script:
    """A programme of the demonstration; `record` is as the file has it."""

    key: str
    record: Mapping[str, Any]

    @property
    def truth(self) -> Truth:
        told = dict(self.record["truth"])
        return Truth(before=told.pop("before"), changes=told)


def dice(*about: object) -> random.Random:
    """Chance that falls the same each time for the same thing, whatever was drawn before."""
    words = ":".join(map(str, (SEED, *about)))
    return random.Random(words)  # nosec B311 - made-up answers, no secret


@cache
def scripts() -> tuple[Script, ...]:
    """In the order of the file: past its end, half-way, about to start."""
    return tuple(Script(key=record["key"], record=record) for record in _load("programmes.yaml"))


def organisation_data() -> Mapping[str, Any]:
    """First and last names, and departments with their teams."""
    return dict(_load("organisation.yaml"))


def script_of(programme: str) -> Script | None:
    """The script of a programme by its name; None for one that a visitor made."""
    return next((script for script in scripts() if script.record["name"] == programme), None)


def words(question: str, *, programme: str) -> list[Any]:
    """What people write under a question; for an if-then plan pairs."""
    script = script_of(programme)
    own = {"goal": "goals", "case": "cases", "example": "examples", "result": "examples"}
    if script and (name := "plans" if question.startswith("plan") else own.get(question)):
        return list(script.record[name])
    plans = [["het voorkomt", "doe ik wat ik oefende"]]
    return plans if question.startswith("plan") else _load("answers.yaml")["words"].get(question, ["Gaat goed."])


def weights(question: str) -> Mapping[str, int]:
    return dict(_load("answers.yaml")["weights"].get(question, {}))


@cache
def _load(name: str) -> Any:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
