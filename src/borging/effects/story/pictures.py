"""The one chart of a finding, and its table: the same numbers, twice."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from borging.effects.rules import EffectAt, Estimate, GroupMeans, OutcomeResult, StudyResult
from borging.effects.story import moments
from borging.figures import words
from borging.figures.rules import Chart, Column, EventStudy, Intervals, Point, Slope, SlopeLine, Table, Unit


def picture(study: StudyResult, result: OutcomeResult, unit: Unit) -> tuple[Chart, Table]:
    """The event study where there is one, else the two moments, else the groups side by side."""
    if result.event_study:
        return _events(study, result, unit)
    if result.trained.before is not None:
        return _slope(result, unit)
    return _side_by_side(result, unit)


def _events(study: StudyResult, result: OutcomeResult, unit: Unit) -> tuple[Chart, Table]:
    points = tuple(_event_point(event) for event in result.event_study)
    before = sum(event.at < 0 for event in result.event_study)
    title = moments.since_start(study.scale_unit)
    chart = EventStudy(
        points=points,
        before=before,
        before_label=_("before the training"),
        after_label=_("after the start"),
        x_title=title,
        unit=unit,
        alternative=_describe_events(result, unit, title),
    )
    columns = (
        Column(title=title[:1].upper() + title[1:]),
        Column(title=_("Difference"), decimals=unit.decimals),
        Column(title=_("Lower bound"), decimals=unit.decimals),
        Column(title=_("Upper bound"), decimals=unit.decimals),
    )
    rows = tuple((point.label, point.value, point.low, point.high) for point in points)
    return chart, Table(title=_("Difference per period"), columns=columns, rows=rows)


def _event_point(event: EffectAt) -> Point:
    label = moments.shift(event.at)
    if event.se == 0:
        return Point(label=label, value=event.value, low=None, high=None)
    return Point(label=label, value=event.value, low=event.low, high=event.high)


def _describe_events(result: OutcomeResult, unit: Unit, title: str) -> str:
    latest = result.event_study[-1]
    return _(
        "Differences in %(outcome)s between the trained and the others, per period. "
        "%(title)s: %(at)s; difference then %(value)s, margin %(low)s to %(high)s."
    ) % {
        "outcome": moments.quote(result.outcome),
        "title": title[:1].upper() + title[1:],
        "at": moments.shift(latest.at),
        "value": words.bare(latest.value, unit),
        "low": words.bare(latest.low, unit),
        "high": words.bare(latest.high, unit),
    }


def _slope(result: OutcomeResult, unit: Unit) -> tuple[Chart, Table]:
    groups = [(pgettext("group", "trained"), result.trained)]
    if result.comparison.n:
        groups.append((pgettext("group", "not trained"), result.comparison))
    names = (_("before the start"), _("after the start"))
    lines = []
    for position, (name, group) in enumerate(groups):
        if group.before is None or group.after is None:
            continue
        first, second = _mean_point(names[0], group.before), _mean_point(names[1], group.after)
        role = "comparison" if position else "trained"
        lines.append(SlopeLine(label=name, first=first, second=second, role=role))  # type: ignore[arg-type]
    said = "; ".join(
        _("%(group)s: from %(before)s to %(after)s")
        % {
            "group": line.label,
            "before": words.bare(line.first.value, unit),
            "after": words.bare(line.second.value, unit),
        }
        for line in lines
    )
    chart = Slope(moments=names, lines=tuple(lines), unit=unit, alternative=f"{moments.quote(result.outcome)}. {said}.")
    rows = [
        (f"{line.label}, {point.label}", point.value, point.low, point.high)
        for line in lines
        for point in (line.first, line.second)
    ]
    return chart, _means_table(tuple(rows), unit)


def _side_by_side(result: OutcomeResult, unit: Unit) -> tuple[Chart, Table]:
    groups = ((_("Trained"), result.trained), (_("Not trained"), result.comparison))
    points = tuple(_mean_point(name, group.after) for name, group in groups if group.after is not None)
    said = "; ".join(f"{point.label}: {words.point(point, unit)}" for point in points)
    chart = Intervals(
        rows=points,
        x_title=_("average after the start"),
        unit=unit,
        alternative=f"{moments.quote(result.outcome)}. {said}.",
        zero=False,
    )
    return chart, _means_table(tuple((point.label, point.value, point.low, point.high) for point in points), unit)


def _mean_point(label: str, estimate: Estimate) -> Point:
    return Point(label=label, value=estimate.value, low=estimate.low, high=estimate.high)


def _means_table(rows: tuple[tuple[str, float, float | None, float | None], ...], unit: Unit) -> Table:
    columns = (
        Column(title=_("Group")),
        Column(title=_("Average"), decimals=unit.decimals),
        Column(title=_("Lower bound"), decimals=unit.decimals),
        Column(title=_("Upper bound"), decimals=unit.decimals),
    )
    return Table(title=_("Averages with their 95% margin"), columns=columns, rows=rows)


def group_size(group: GroupMeans) -> str:
    """ "12 teams" or nothing: the number of teams where teams were assigned."""
    return "" if group.teams is None else _("%(n)s teams") % {"n": group.teams}
