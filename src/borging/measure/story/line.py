"""Somebody's own curve, for that person only: no margin, for it is no figure about a group."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from borging.figures import words
from borging.figures.rules import Column, EventStudy, Point, Section, Table, Unit
from borging.measure.rules import BASELINE, OwnCurve, OwnLine
from borging.measure.story import names

WHOLE = Unit(decimals=0)


def own_curves(line: OwnLine) -> tuple[Section, ...]:
    """Each behaviour over time, and the attempts, each as a small chart with the same numbers in a table."""
    curves = (_curve(curve) for curve in line.curves)
    return (*(section for section in curves if section), *_attempts(line))


def _curve(curve: OwnCurve) -> Section | None:
    """How often of the last ten times, at each moment it came up."""
    known = [(step, number) for step, number in curve.points if number is not None]
    if not known:
        return None
    points = tuple(Point(label=_moment(step), value=number, low=None, high=None) for step, number in known)
    chart = EventStudy(
        points=points,
        before=sum(step in BASELINE for step, _number in known),
        before_label=pgettext("moment", "before"),
        after_label=pgettext("moment", "after"),
        x_title=_("times, of the last ten"),
        unit=WHOLE,
        alternative="; ".join(f"{point.label}: {words.bare(point.value, WHOLE)}" for point in points),
    )
    columns = (Column(title=_("Moment")), Column(title=_("Times in ten"), decimals=0), Column(title=_("Remark")))
    rows = tuple(
        (_moment(step), number, _("did not come up") if number is None else "") for step, number in curve.points
    )
    table = Table(title=_("Your own counts"), columns=columns, rows=rows)
    return Section(heading=names.quote(curve.behaviour), chart=chart, table=table, open=False)


def _moment(step: str) -> str:
    return {
        "baseline-learner": pgettext("moment", "before"),
        "delayed-test": _("2 months"),
        "post-learner": _("3 months"),
        "pulse-180": _("6 months"),
    }.get(step, step)


def _attempts(line: OwnLine) -> tuple[Section, ...]:
    if not line.attempts:
        return ()
    rows = tuple((names.stretch(str(each.stretch)), each.chances, each.tried) for each in line.attempts)
    said = _("%(weeks)s: tried %(tried)s of %(chances)s")
    chart = EventStudy(
        points=tuple(Point(label=weeks, value=tried, low=None, high=None) for weeks, _chances, tried in rows),
        before=0,
        before_label="",
        after_label=_("tried"),
        x_title=_("times you tried it"),
        unit=WHOLE,
        alternative="; ".join(
            said % {"weeks": weeks, "tried": tried, "chances": chances} for weeks, chances, tried in rows
        ),
    )
    columns = (Column(title=_("Weeks")), Column(title=_("Chances"), decimals=0), Column(title=_("Tried"), decimals=0))
    text = _("A week you skipped is no step back. What counts is the next chance.")
    table = Table(title=_("Your attempts"), columns=columns, rows=rows)
    return (Section(heading=_("Your attempts"), paragraphs=(text,), chart=chart, table=table, open=False),)
