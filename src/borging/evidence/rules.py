"""What one answer is, before it becomes a row. No Django."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

SLOTS = uuid.UUID("6a0f3c1e-7c57-4a52-9d0e-5f1b1f6f3c11")


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


def slot(
    *, author: uuid.UUID, place: str, question: str, behaviour_id: int | None = None, item: int | None = None
) -> uuid.UUID:
    """The place of an answer: the same for a second answer of the same author to the same question on a card."""
    return uuid.uuid5(SLOTS, f"{author}:{place}:{question}:{behaviour_id}:{item}")
