"""What the measure room does by itself: each night from answers to released figures. Loads the science libraries."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from borging.cards.models import Card, CardStatus
from borging.evidence.reads import standing
from borging.measure import rules, writes
from borging.measure.gate import Cell, Gate, Row, Tree
from borging.measure.ledger import Ledger
from borging.measure.models import Release
from borging.measure.reads import latest_days, read
from borging.measure.rules import (
    ATTEMPTS,
    BARRIERS,
    CHOICES,
    DID_TRY,
    LOGS,
    MINIMUM,
    PAIRINGS,
    SELF,
    SOURCES,
    STEPS,
    STRETCH_DAYS,
    TEST,
    Change,
    Choice,
    Paired,
    Pairing,
    Ranked,
    Reason,
    Response,
    Responses,
    Result,
    Share,
    Shares,
    Unit,
    batch_of,
    may_renew,
    parts_of,
    ranked,
    reason_to_hold,
    take_along,
)
from borging.programmes.models import Programme

if TYPE_CHECKING:
    from borging.lake.engine import Engine

SLACK_DAYS = 7
"""Days a log may come in after its stretch of weeks is over."""


def pair(*, programme: Programme, now: datetime) -> int:
    """Make the figures that may be released now, and release them. Returns how many batches were.

    Nothing that was shown changes until enough new answers came, so doing it again the same night does nothing.
    """
    from borging.lake import engine
    from borging.measure.export import teams_of, write_entries

    seen = Release.objects.filter(programme=programme).order_by("pk")
    earlier = {release.batch: release for release in seen}
    ledger = Ledger.opened(line for release in seen for line in release.ledger)
    with tempfile.TemporaryDirectory(prefix="borging-") as folder, engine.connect(threads=1) as lake:
        path = Path(folder) / "entries.parquet"
        teams = teams_of(programme)
        write_entries(programme, path=path, teams=teams)
        night = _Night(
            programme=programme,
            lake=lake,
            entries=path,
            answered=frozenset(standing(programme).values_list("question", "step").distinct()),
            now=now,
            ledger=ledger,
            earlier={batch: read(release) for batch, release in earlier.items()},
            ends=latest_days(programme),
            tree=Tree.of(programme, teams=list(teams.values())),
        )
        drafts = [
            writes.Draft(batch=batch, answers=night.count(result), figures=result, ledger=ledger.take())
            for batch, result in night.results()
        ]
    return writes.release(programme=programme, drafts=drafts, after=max((r.pk for r in seen), default=0), now=now)


@dataclass(frozen=True, kw_only=True)
class _Night(Gate):
    """One programme on one night: its answers in the engine, what was shown before, and the gate."""

    lake: Engine
    entries: Path
    earlier: dict[str, Result]
    answered: frozenset[tuple[str, str]]

    def results(self) -> Iterator[tuple[str, Result]]:
        """Every batch that differs from what was shown before, in a fixed order."""
        for batch, make in self._batches():
            before, result = self.earlier.get(batch), make()
            told = self.count(result) or self._closed(batch)
            if told and result != before and not (before and self.count(result) == self.count(before)):
                yield batch, result

    def _batches(self) -> Iterator[tuple[str, Callable[[], Result]]]:
        behaviours = list(self.programme.behaviours.values_list("pk", flat=True))
        for pairing in PAIRINGS:
            both = self._asked(pairing.before) and self._asked(pairing.after)
            rows = self.lake.pairs(self.entries, before=pairing.before, after=pairing.after) if both else []
            for behaviour in behaviours if pairing.per_behaviour else [0]:
                batch = batch_of(pairing.key, behaviour)
                about = [row for row in rows if row["behaviour"] == behaviour]
                yield batch, partial(self._paired, pairing, about, batch)
        yield "attempts", self._attempts
        for key, choices in CHOICES.items():
            yield key, partial(self._shares, key, choices)
        for key, asked in BARRIERS.items():
            yield key, partial(self._barriers, key, asked)
        yield "response", self._response

    def count(self, result: Result) -> int:
        """How many answers stand behind what is shown."""
        match result:
            case Paired():
                seen = (change for unit in result.units for change in unit.sources)
                return sum(change.n for change in (*result.sources, *result.cohorts, *seen))
            case Shares():
                tried = (row for unit in result.units for row in unit.rows)
                return sum(row.n for row in (*result.rows, *tried))
            case Ranked():
                return result.n
            case Responses():
                return sum(row.answered or 0 for row in result.rows)

    def _closed(self, batch: str) -> bool:
        key, _behaviour = parts_of(batch)
        after = {pairing.key: pairing.after[1] for pairing in PAIRINGS}
        after |= {name: tuple(choice.asked[1][0] for choice in choices) for name, choices in CHOICES.items()}
        after |= {name: asked[1] for name, asked in BARRIERS.items()} | {"attempts": LOGS}
        return key in after and self.steps_closed(after[key])

    # --- the same people at two moments -------------------------------------------------------------------------------

    def _paired(self, pairing: Pairing, rows: list[Row], batch: str) -> Result:
        earlier = self.earlier.get(batch)
        before = earlier if isinstance(earlier, Paired) else None
        there = {row["source"] for row in rows} | {change.name for change in (before.sources if before else ())}
        closed = self.steps_closed(pairing.after[1])
        sources = [source for source in SOURCES if source in there and source != TEST] or [SELF]
        changes = tuple(self._side(pairing, source, rows, before=before, closed=closed) for source in sources)
        headline = (before.headline if before else "") or rules.leading(changes)
        eyes = [row for row in _complete(rows) if row["source"] == (SELF if pairing.test else headline)]
        return Paired(
            invited=self.invited({row["person"] for row in rows}),
            headline=headline,
            sources=changes,
            cohorts=self._cohorts(pairing, eyes, shown=before.cohorts if before else ()),
            units=self._units(pairing, rows, sources=sources, shown=before.units if before else ()),
            agreement=self._agreement(rows) if headline and not pairing.test else None,
            reliability=self._reliability(pairing) if headline and pairing.scale else None,
        )

    def _side(self, pairing: Pairing, source: str, rows: list[Row], *, before: Paired | None, closed: bool) -> Change:
        """The change from one pair of eyes; what did not come up counts as answered, not as zero."""
        from borging.measure import estimates

        name = TEST if pairing.test else source
        mine = [row for row in rows if row["source"] == source]
        both = _complete(mine)
        return self.settle(
            Change(name=name),
            shown=_named(before.sources if before else (), name),
            questions=_questions(pairing, source, both),
            people=[row["person"] for row in both],
            answers=_answers(both),
            closed=closed,
            make=lambda: estimates.change(name, both, pairing=pairing, answered=len({row["person"] for row in mine})),
        )

    def _cohorts(self, pairing: Pairing, rows: list[Row], *, shown: tuple[Change, ...]) -> tuple[Change, ...]:
        """The headline per cohort, none that gives away another."""
        groups: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            groups[row["cohort"]].append(row)
        if len(groups) < 2:
            return shown
        held = {key: reason for key, group in groups.items() if (reason := reason_to_hold(_answers(group)))}
        along = take_along({key: len(group) for key, group in groups.items()}, held)
        held |= dict.fromkeys(along, Reason.SIBLING)
        gone = tuple(change for change in shown if int(change.name) not in groups)
        return gone + tuple(
            self._part(pairing, str(key), groups[key], held=held.get(key), shown=_named(shown, str(key)))
            for key in sorted(groups, key=lambda key: (-len(groups[key]), key))
        )

    def _units(
        self, pairing: Pairing, rows: list[Row], *, sources: list[str], shown: tuple[Unit, ...]
    ) -> tuple[Unit, ...]:
        """The change per team, from each pair of eyes."""
        before = {unit.name: unit for unit in shown}
        units = {team: self.tree.empty(team) for team in self.tree.parts}
        for source in sources:
            name = TEST if pairing.test else source
            earlier = {team: _named(unit.sources, name) for team, unit in before.items()}
            cells = self.by_team(
                [row for row in _complete(rows) if row["source"] == source],
                answers=_answers,
                settle=partial(_of_team, partial(self._part, pairing, name), earlier),
            )
            units = {team: replace(unit, sources=(*unit.sources, cells[team])) for team, unit in units.items()}
        return _told(units, before)

    def _part(
        self, pairing: Pairing, name: str, rows: list[Row], *, held: Reason | None, shown: Change | None
    ) -> Change:
        from borging.measure import estimates

        if held:
            return shown if shown and shown.reason is None else Change(name=name, reason=held)
        return self.settle(
            Change(name=name),
            shown=shown,
            questions=_questions(pairing, rows[0]["source"], rows),
            people=[row["person"] for row in rows],
            answers=_answers(rows),
            closed=True,
            make=lambda: estimates.change(name, rows, pairing=pairing, answered=len(rows)),
        )

    def _agreement(self, rows: list[Row]) -> rules.Reliability | None:
        from borging.measure import estimates

        return estimates.agreement(rows, minimum=rules.FEWEST_FOR_AGREEMENT)

    def _reliability(self, pairing: Pairing) -> rules.Reliability | None:
        from borging.measure import estimates

        parts = self.lake.items(self.entries, questions=pairing.scale, steps=pairing.before[1])
        return estimates.consistency(parts)

    # --- shares -------------------------------------------------------------------------------------------------------

    def _shares(self, key: str, choices: Sequence[Choice]) -> Result:
        earlier = self.earlier.get(key)
        shown = earlier.rows if isinstance(earlier, Shares) else ()
        found = [(choice, self._chosen(choice.asked)) for choice in choices]
        rows = tuple(self._share(choice, answers, shown=_named(shown, choice.key)) for choice, answers in found)
        people = {row["person"] for _choice, answers in found for row in answers}
        anonymous = key == "reaction"
        most = max((len(answers) for _choice, answers in found), default=0)
        return Shares(invited=max(self.invited(set()), most) if anonymous else self.invited(people), rows=rows)

    def _chosen(self, asked: tuple[str, tuple[str, ...]]) -> list[Row]:
        if not self._asked(asked):
            return []
        return [row for row in self.lake.answers(self.entries, asked=asked) if row["choice"]]

    def _asked(self, asked: tuple[str, tuple[str, ...]]) -> bool:
        """Whether there is any answer to a question in these steps: else the engine need not look."""
        question, steps = asked
        return any((question, step) in self.answered for step in steps)

    def _share(self, choice: Choice, answers: list[Row], *, shown: Share | None) -> Share:
        from borging.measure import estimates

        inside = [row for row in answers if row["choice"] not in choice.outside]
        yes = [row["choice"] in choice.yes for row in inside]
        return self.settle(
            Share(name=choice.key),
            shown=shown,
            questions=[_name(*choice.asked)],
            people=[row["person"] for row in inside],
            answers=[yes],
            closed=self.steps_closed(choice.asked[1]),
            make=lambda: estimates.share(choice.key, count=sum(yes), of=len(yes)),
        )

    def _attempts(self) -> Result:
        """Attempts of chances per three weeks, of cohorts for whom those weeks are over."""
        earlier = self.earlier.get("attempts")
        shown = earlier.rows if isinstance(earlier, Shares) else ()
        there = self._asked(ATTEMPTS)
        logs = self.lake.attempts(self.entries, asked=ATTEMPTS, did=DID_TRY, days=STRETCH_DAYS) if there else []
        stretches: dict[int, list[Row]] = defaultdict(list)
        for row in logs:
            if self._is_over(row):
                stretches[row["stretch"]].append(row)
        rows = tuple(
            self._stretch(str(key), stretches[key], shown=_named(shown, str(key))) for key in sorted(stretches)
        )
        units = self._unit_attempts(stretches, shown=earlier.units if isinstance(earlier, Shares) else ())
        return Shares(invited=self.invited({row["person"] for row in logs}), rows=rows, units=units)

    def _unit_attempts(self, stretches: dict[int, list[Row]], *, shown: tuple[Unit, ...]) -> tuple[Unit, ...]:
        """The same per team."""
        before = {unit.name: unit for unit in shown}
        units = {team: self.tree.empty(team) for team in self.tree.parts}
        for stretch in sorted(stretches):
            name = str(stretch)
            earlier = {team: _named(unit.rows, name) for team, unit in before.items()}
            cells = self.by_team(
                stretches[stretch],
                answers=_tried,
                settle=partial(_of_team, partial(self._stretch, name), earlier),
            )
            units = {team: replace(unit, rows=(*unit.rows, cells[team])) for team, unit in units.items()}
        return _told(units, before)

    def _is_over(self, row: Row) -> bool:
        today = self.now.astimezone(ZoneInfo(self.programme.organisation.time_zone)).date()
        latest = (row["stretch"] + 1) * STRETCH_DAYS + SLACK_DAYS
        return bool((today - self.ends[row["cohort"]]).days > latest)

    def _stretch(self, name: str, rows: list[Row], *, shown: Share | None, held: Reason | None = None) -> Share:
        from borging.measure import estimates

        if held:
            return shown if shown and shown.reason is None else Share(name=name, reason=held)
        return self.settle(
            Share(name=name),
            shown=shown,
            questions=[f"tried:{name}"],
            people=[row["person"] for row in rows],
            answers=_tried(rows),
            closed=True,
            make=lambda: estimates.rate(name, rows),
        )

    def _barriers(self, key: str, asked: tuple[str, tuple[str, ...]]) -> Result:
        """What was named most as standing in the way, each option only when five or more named it."""
        from borging.measure import estimates

        earlier = self.earlier.get(key)
        kept = earlier if isinstance(earlier, Ranked) and earlier.reason is None else None
        answers = self._chosen(asked)
        people, question = [row["person"] for row in answers], [_name(*asked)]
        if kept and not may_renew(shown=kept.n, answers=len(people)):
            return kept
        # a vote leads to nobody, so its answers are not added to who takes part
        invited = self.invited(set(people) if key == "barriers" else set())
        reason = reason_to_hold([[row["choice"] for row in answers]])
        if reason is None and not self.ledger.admits(questions=question, people=people):
            reason = Reason.COMBINED
        if reason:
            waiting = reason is Reason.FEW and not self.steps_closed(asked[1])
            held = Ranked(invited=invited, reason=Reason.WAITING if waiting else reason)
            return kept or held
        self.ledger.add(questions=question, people=people)
        counts = Counter(row["choice"] for row in answers)
        shown, rest = ranked(counts)
        return Ranked(
            invited=max(invited, len(people)),
            n=len(people),
            rows=tuple(estimates.share(key, count=counts[key], of=len(people)) for key in shown),
            rest=estimates.share("rest", count=rest, of=len(people)) if rest else None,
        )

    # --- response -----------------------------------------------------------------------------------------------------

    def _response(self) -> Result:
        """How many of the cards that went out were answered; a number only moves by five or more."""
        earlier = self.earlier.get("response")
        shown = {(row.step, row.actor): row for row in (earlier.rows if isinstance(earlier, Responses) else ())}
        cards = Card.objects.filter(programme=self.programme, moment__step__in=STEPS)
        sent = cards.exclude(status__in=(CardStatus.PLANNED, CardStatus.WITHDRAWN))
        counted = sent.values_list("moment__step", "moment__actor").annotate(
            invited=Count("pk"), answered=Count("pk", filter=Q(status=CardStatus.ANSWERED))
        )
        rows = []
        for step, actor, invited, answered in counted.order_by("moment__step", "moment__actor"):
            before = shown.get((step, actor))
            if before and not may_renew(shown=before.answered or 0, answers=answered):
                rows.append(before)
            elif invited >= MINIMUM:
                told = answered if answered >= MINIMUM else None
                rows.append(Response(step=step, actor=actor, invited=invited, answered=told))
        return Responses(rows=tuple(rows))


def _complete(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["before"] is not None and row["after"] is not None]


def _answers(rows: list[Row]) -> list[list[float]]:
    """What would be told by alike answers: before, after, and the change."""
    before, after = [row["before"] for row in rows], [row["after"] for row in rows]
    return [before, after, [b - a for a, b in zip(before, after, strict=True)]]


def _tried(rows: list[Row]) -> list[list[float]]:
    return [[row["tried"] / row["chances"] for row in rows]]


def _of_team(
    make: Callable[..., Cell], shown: Mapping[str, Cell | None], team: int, rows: list[Row], held: Reason | None
) -> Cell:
    """The number of one team. shown: what was shown before, by the name of the team."""
    return make(rows, held=held, shown=shown.get(str(team)))


def _told(units: dict[int, Unit], before: dict[str, Unit]) -> tuple[Unit, ...]:
    """The teams in a fixed order; one that is gone from the tree stays as it was."""
    gone = (unit for name, unit in before.items() if int(name) not in units)
    return (*gone, *(units[team] for team in sorted(units)))


def _questions(pairing: Pairing, source: str, rows: list[Row]) -> list[str]:
    """The two questions that a paired figure sums, by the names the ledger knows them by."""
    behaviour = rows[0]["behaviour"] if rows else 0
    return [f"{_name(*asked)}:{source}:{behaviour}" for asked in (pairing.before, pairing.after)]


def _name(question: str, steps: Sequence[str]) -> str:
    return f"{question}:{'+'.join(steps)}"


def _named(cells: tuple[Cell, ...], name: str) -> Cell | None:
    return next((cell for cell in cells if cell.name == name), None)
