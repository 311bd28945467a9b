"""How far the clock of the demonstration is being turned: kept in a file, beside the clock itself."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

GIVEN_UP = 60.0
"""Seconds without a sign of life after which the turning is taken to be over."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One turn of the clock: how many days of it have passed, and what happened in them. `at`: seconds, of the latest
    sign of life."""

    days: int
    done: int = 0
    mails: int = 0
    answers: int = 0
    figures: int = 0
    at: float = 0.0

    @property
    def running(self) -> bool:
        return self.done < self.days and time.time() - self.at < GIVEN_UP

    @property
    def percent(self) -> int:
        return round(100 * self.done / max(self.days, 1))


def latest() -> Turn | None:
    """The latest turn; None when the clock was never turned."""
    path = _kept()
    return Turn(**json.loads(path.read_text())) if path.exists() else None


def keep(turn: Turn) -> None:
    path = _kept()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(turn) | {"at": time.time()}))
    fresh.replace(path)


def _kept() -> Path:
    return Path(settings.DATA_DIR) / "demo-turn"
