"""What every figure of a night passes before it may be released: enough answers, enough new ones, and the ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from borging.cards.models import Moment
from borging.measure.ledger import Ledger
from borging.measure.rules import Change, Reason, Share, Unit, may_renew, parts_of_tree, reason_to_hold, take_along
from borging.people.models import Team
from borging.programmes.models import Enrolment, Programme

Row = dict[str, Any]
Cell = TypeVar("Cell", Change, Share)


@dataclass(frozen=True, kw_only=True)
class Tree:
    """The teams of a programme: which of them are in each team, itself or one above, and how many take part in each."""

    parts: Mapping[int, frozenset[int]]
    invited: Mapping[int, int]

    @classmethod
    def of(cls, programme: Programme, *, teams: Sequence[int]) -> Tree:
        """teams: of each who takes part."""
        parents = dict(Team.objects.filter(organisation=programme.organisation_id).values_list("pk", "parent_id"))
        counts = Counter(teams)
        parts = parts_of_tree(parents, counts)
        return cls(parts=parts, invited={team: sum(counts[part] for part in parts[team]) for team in parts})

    def empty(self, team: int) -> Unit:
        """A team of which nothing is known yet."""
        names = tuple(str(part) for part in sorted(self.parts[team]))
        return Unit(name=str(team), parts=names, invited=self.invited[team])


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One programme on one night, and everything that was ever shown of it."""

    programme: Programme
    now: datetime
    ledger: Ledger
    ends: dict[int, date]
    tree: Tree

    def steps_closed(self, steps: Sequence[str]) -> bool:
        """Whether these steps were asked, and nobody can answer them any more."""
        moments = Moment.objects.filter(cohort__programme=self.programme, step__in=steps)
        open_still, asked = moments.filter(closes_at__gt=self.now).exists(), moments.exists()
        return asked and not open_still

    def invited(self, people: set[str]) -> int:
        """Who takes part, or took part: a leaver was asked too."""
        return max(Enrolment.objects.filter(cohort__programme=self.programme).count(), len(people))

    def settle(
        self,
        cell: Cell,
        *,
        shown: Cell | None,
        questions: Sequence[str],
        people: list[str],
        answers: Sequence[Sequence[Any]],
        closed: bool,
        make: Callable[[], Cell],
    ) -> Cell:
        """One number through the gate: as it was, or newly made, or empty with the reason. `cell` carries its name."""
        kept = shown if shown and shown.reason is None else None
        if kept and not may_renew(shown=kept.n, answers=len(people)):
            return kept
        reason = reason_to_hold(answers)
        if reason is None and not self.ledger.admits(questions=questions, people=people):
            reason = Reason.COMBINED
        if reason is None:
            self.ledger.add(questions=questions, people=people)
            return make()
        if kept:
            return kept
        waiting = reason is Reason.FEW and not closed
        return replace(cell, reason=Reason.WAITING if waiting else reason)

    def by_team(
        self,
        rows: Sequence[Row],
        *,
        answers: Callable[[list[Row]], Sequence[Sequence[Any]]],
        settle: Callable[[int, list[Row], Reason | None], Cell],
    ) -> dict[int, Cell]:
        """One number for each team and each team above: one unit at a time, and none that gives away another.

        answers: what would be told by alike answers. settle: the number of a team, or with a reason why it is held.
        """
        groups: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            groups[row["team"]].append(row)
        held = {team: reason for team, group in groups.items() if (reason := reason_to_hold(answers(group)))}
        held |= {0: Reason.FEW} if 0 in groups else {}
        along = take_along({team: len(group) for team, group in groups.items()}, held)
        held |= dict.fromkeys(along, Reason.SIBLING)
        cells: dict[int, Cell] = {}
        for team, parts in sorted(self.tree.parts.items(), key=lambda item: (len(item[1]), item[0])):
            group = [row for part in sorted(parts) for row in groups.get(part, [])]
            reason = held.get(team) if parts == {team} else reason_to_hold(answers(group))
            cells[team] = settle(team, group, reason if group else Reason.FEW)
        return cells
