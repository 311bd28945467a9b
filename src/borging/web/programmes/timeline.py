"""The whole timeline on one page: what happens on which day, by whom, in how many minutes, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from borging.figures.words import MINUS
from borging.programmes.models import Programme
from borging.transfer import facts
from borging.transfer.rules import Step, occurrences

GROUPS = {
    "learner": "b1", "manager": "b2", "team": "b2", "buddy": "b3", "observer": "b3",
    "sponsor": "b4", "trainer": "b4", "ld": "b4",
}  # fmt: skip
"""Which colour the minutes of a role have; the kinds stand in the legend in this order."""
DRAWN_UNTIL = 200
"""Later days stand in the table only, or the weeks around the training would become too narrow to see."""
HIGH, BASE = 84.0, 96.0


@dataclass(frozen=True, kw_only=True)
class Row:
    """One action. `day` is "−14", or "+7 … +42" for one that returns; `on` the first date, where it is known."""

    key: str
    day: str
    times: str
    title: str
    actors: str
    minutes: int
    why: str
    source: str
    on: date | None
    now: bool


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A part of a column of minutes, in units of the drawing, as texts that no language rewrites."""

    kind: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A word on the axis. `anchor` is where it hangs; `strong` for day 0."""

    x: str
    text: str
    anchor: str
    strong: bool = False


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Minutes per role against days, in one width. `today` is where today lies, empty outside the drawing."""

    size: str
    across: int
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    zero: str
    today: str
    today_anchor: str


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Rows before, during and after; minutes per group of roles; two drawings and the table that says the same."""

    before: tuple[Row, ...]
    during: tuple[Row, ...]
    after: tuple[Row, ...]
    totals: tuple[tuple[str, str, int], ...]
    drawings: tuple[Drawing, ...]
    table: tuple[tuple[str, tuple[int, ...]], ...]
    first_day: date | None
    latest_day: date | None
    days_to_start: int | None


def roles() -> dict[str, str]:
    return {
        "learner": _("learner"),
        "manager": _("line manager"),
        "buddy": _("buddy"),
        "observer": _("observer"),
        "team": _("team"),
        "trainer": _("trainer"),
        "sponsor": _("sponsor"),
        "ld": _("L&D"),
    }


def groups() -> dict[str, str]:
    return {
        "b1": _("learner"),
        "b2": _("line manager and team"),
        "b3": _("buddy and observer"),
        "b4": _("sponsor, trainer and L&D"),
    }


def timeline_of(programme: Programme, *, days: tuple[date, date] | None, today: date) -> Timeline:
    """The timeline of a cohort whose first and latest session are on `days`; None while there is no session."""
    steps = facts.steps_of(programme)
    length = (days[1] - days[0]).days if days else 0
    current = _current(steps, programme, days=days, today=today)
    rows = {step.key: _row(step, programme, days=days, now=step.key == current) for step in steps}
    in_order = sorted(steps, key=lambda step: (_offset(step, length), step.day))
    minutes = _minutes(steps, programme, length=length)
    totals = {kind: sum(day[kind] for day in minutes.values()) for kind in groups()}
    since = (today - days[1]).days if days else None
    return Timeline(
        before=tuple(rows[step.key] for step in in_order if step.day < 0),
        during=tuple(rows[step.key] for step in in_order if step.day == 0),
        after=tuple(rows[step.key] for step in in_order if step.day > 0),
        totals=tuple((kind, name, totals[kind]) for kind, name in groups().items()),
        drawings=tuple(_draw(minutes, since=since, wide=wide) for wide in (True, False)),
        table=tuple((signed(day), tuple(minutes[day][kind] for kind in groups())) for day in sorted(minutes)),
        first_day=days[0] if days else None,
        latest_day=days[1] if days else None,
        days_to_start=(days[0] - today).days if days else None,
    )


def signed(day: int) -> str:
    """ "−14", "0" or "+90"."""
    return f"{MINUS}{-day}" if day < 0 else f"+{day}" if day else "0"


def _offset(step: Step, length: int) -> int:
    """Days from the latest session to the first time of a step."""
    return step.day - (length if step.anchor == "start" else 0)


def _row(step: Step, programme: Programme, *, days: tuple[date, date] | None, now: bool) -> Row:
    language = get_language() or "en"
    found = facts.shown_finding(step.why)
    every = occurrences(step, retention_days=programme.retention_days)
    anchor = None if days is None else days[0] if step.anchor == "start" else days[1]
    behaviour = programme.behaviours.first()
    words = {
        "behaviour": behaviour.text if behaviour else _("the behaviour"),
        "activity": programme.name,
        "name": _("the learner"),
    }
    return Row(
        key=step.key,
        day=signed(every[0]),
        times="" if len(every) == 1 else _times(every),
        title=step.title[language].format_map(words),
        actors=_actors(step),
        minutes=step.minutes + (step.companion.minutes if step.companion else 0),
        why=found["nl" if language == "nl" else "en"] if found else "",
        source=facts.source_of(found, language) if found else "",
        on=anchor + timedelta(days=step.day) if anchor else None,
        now=now,
    )


def _times(every: tuple[int, ...]) -> str:
    words = ngettext("%(n)s time, the latest on day %(day)s", "%(n)s times, the latest on day %(day)s", len(every))
    return words % {"n": len(every), "day": signed(every[-1])}


def _actors(step: Step) -> str:
    names = roles()
    if step.companion is None:
        return names[step.actor]
    return f"{names[step.actor]} {step.minutes}, {names[step.companion.actor]} {step.companion.minutes}"


def _current(steps: Iterable[Step], programme: Programme, *, days: tuple[date, date] | None, today: date) -> str | None:
    """The step that opened most recently and is still open."""
    if days is None:
        return None
    slots = facts.slots_of(programme, days=days)
    is_open = [slot for slot in slots if slot.due_on <= today <= slot.closes_on]
    return is_open[-1].step.key if is_open else None


def _minutes(steps: Iterable[Step], programme: Programme, *, length: int) -> dict[int, dict[str, int]]:
    """Minutes per day from the latest session, by group of roles, of one learner and those around them."""
    minutes: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(groups(), 0))
    for step in steps:
        for day in occurrences(step, retention_days=programme.retention_days):
            place = day - (length if step.anchor == "start" else 0)
            minutes[place][GROUPS[step.actor]] += step.minutes
            if step.companion:
                minutes[place][GROUPS[step.companion.actor]] += step.companion.minutes
    return minutes


def _draw(minutes: dict[int, dict[str, int]], *, since: int | None, wide: bool) -> Drawing:
    """since: days from the latest session to today."""
    across = 1070 if wide else 300
    drawn = sorted(day for day in minutes if day <= DRAWN_UNTIL)
    low, high = drawn[0], drawn[-1]
    thick = 5.0 if wide else 3.0
    scale = HIGH / max(sum(minutes[day].values()) for day in drawn)

    def x(day: float) -> float:
        return thick / 2 + (day - low) / (high - low) * (across - thick)

    bars = []
    for day in drawn:
        y = BASE
        for kind, amount in minutes[day].items():
            if amount:
                y -= amount * scale
                bars.append(_bar(kind, x(day) - thick / 2, y, thick, amount * scale))
    return Drawing(
        size="wide" if wide else "narrow",
        across=across,
        bars=tuple(bars),
        marks=_marks(drawn, x=x, across=across, room=58.0 if wide else 44.0),
        zero=f"{x(0):.1f}",
        today=f"{x(since):.1f}" if since is not None and low <= since <= high else "",
        today_anchor="middle" if since is None or 30 < x(since) < across - 30 else "start" if x(since) <= 30 else "end",
    )


def _bar(kind: str, x: float, y: float, width: float, height: float) -> Bar:
    return Bar(kind=kind, x=f"{x:.1f}", y=f"{y:.1f}", width=f"{width:.1f}", height=f"{height:.1f}")


def _marks(drawn: list[int], *, x: Callable[[float], float], across: int, room: float) -> tuple[Mark, ...]:
    """The latest and day 0 always; others, the first too, where there is room for their word."""
    taken = [x(0), x(drawn[0]), x(drawn[-1])]
    marks = [Mark(x=f"{x(0):.1f}", text=_("day 0"), anchor="middle", strong=True)]
    marks.append(Mark(x=str(across), text=signed(drawn[-1]), anchor="end"))
    if x(0) - x(drawn[0]) >= 1.2 * room:
        marks.append(Mark(x="0", text=signed(drawn[0]), anchor="start"))
    for day in (-14, 14, 30, 60, 90, 120, 150):
        if drawn[0] < day < drawn[-1] and min(abs(x(day) - other) for other in taken) >= room:
            taken.append(x(day))
            marks.append(Mark(x=f"{x(day):.1f}", text=signed(day), anchor="middle"))
    return tuple(marks)
