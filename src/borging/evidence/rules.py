"""What one answer is, before it becomes a row. No Django."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Given:
    """An answer in the forms it can have; all empty is: left open. See `evidence.models.Entry`."""

    number: float | None = None
    choice: str = ""
    text: str = ""

    @property
    def empty(self) -> bool:
        return self.number is None and not self.choice and not self.text


@dataclass(frozen=True, kw_only=True)
class Answered:
    """An answer in its place: which question, about which behaviour or item."""

    question: str
    family: str
    given: Given
    behaviour_id: int | None = None
    item: int | None = None
