"""Which answers were summed in what was shown: the memory of the release gate (trust rule P2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from borging.measure.rules import MINIMUM
from borging.stats.disclosure import exposes

Record = list[Any]
"""One line of a ledger as JSON: the questions, and the people whose answers to them were summed."""


@dataclass
class Ledger:
    """Of each question, which groups of people were summed in anything ever shown; `added`: since it was opened.

    One ledger a programme, not one a reader: readers talk with each other.
    """

    shown: dict[str, list[frozenset[str]]] = field(default_factory=lambda: defaultdict(list))
    added: list[Record] = field(default_factory=list)

    @classmethod
    def opened(cls, records: Iterable[Record]) -> Ledger:
        """The ledger with everything in it that earlier releases wrote down."""
        ledger = cls()
        for questions, people in records:
            ledger._keep(questions, frozenset(people))
        return ledger

    def admits(self, *, questions: Sequence[str], people: Collection[str]) -> bool:
        """Whether a sum over these people may be shown beside everything that was shown before."""
        group = frozenset(people)
        return not any(exposes([*self.shown[name], group], minimum=MINIMUM) for name in questions)

    def add(self, *, questions: Sequence[str], people: Collection[str]) -> None:
        """Write down that a sum over these people is shown."""
        self._keep(questions, frozenset(people))
        self.added.append([list(questions), sorted(people)])

    def take(self) -> list[Record]:
        """What was added since the latest take, to be kept with a release."""
        taken, self.added = self.added, []
        return taken

    def _keep(self, questions: Sequence[str], group: frozenset[str]) -> None:
        for name in questions:
            if group not in self.shown[name]:
                self.shown[name].append(group)
