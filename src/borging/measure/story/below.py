"""What stands below a paired figure: per cohort and team, whether raters agree, and how the yardstick moved."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from borging.figures import words
from borging.figures.rules import Column, Intervals, Section, Table
from borging.measure import rules
from borging.measure.rules import Change, Paired, Reliability
from borging.measure.story import names
from borging.measure.story.names import Names
from borging.measure.story.scale import Scale, scale, shown


def sections(how: Scale, result: Paired, *, called: Names, yardstick: Paired | None) -> tuple[Section, ...]:
    """The sections that have something to say."""
    found = [
        _yardstick(yardstick),
        _missing(result),
        _parts(how, _("Per cohort"), _("Cohort"), result.cohorts, called.cohorts),
        _parts(how, _("Per team"), _("Team"), _teams(result), called.teams),
        _agreement(result.agreement),
        _reliability(result.reliability),
    ]
    return tuple(section for section in found if section)


def _yardstick(result: Paired | None) -> Section | None:
    """What people say now that they felt then, beside what they said then: apart, for it is another question."""
    changes = shown(result) if result else []
    if not changes:
        return None
    how, change = scale("yardstick"), changes[0]
    point = how.point(_("Looking back, minus then"), change.change)
    then, back = (how.point("", mean) for mean in (change.before, change.after))
    said = {"then": words.point(then, how.level), "back": words.point(back, how.level), "n": change.n}
    moved = how.mean(change.change)
    meaning = (
        _("Whether the yardstick moved, we do not know.")
        if moved.low <= 0 <= moved.high
        else _("So people now judge their earlier selves otherwise: the yardstick moved. So this stands apart.")
    )
    titles = (_("Average"), _("Lower bound"), _("Upper bound"))
    labelled = ((_("Said before the training"), then), (_("Said looking back"), back), (point.label, point))
    return Section(
        heading=_("The yardstick moved"),
        paragraphs=(
            _("Before the training %(n)s people said %(then)s; looking back, they put it at %(back)s.") % said,
            meaning,
        ),
        chart=Intervals(rows=(point,), x_title=_("points"), unit=how.unit, alternative=words.point(point, how.unit)),
        table=Table(
            title=_("The same moment, said twice"),
            columns=(Column(title=_("Moment")), *(Column(title=title, decimals=1) for title in titles)),
            rows=tuple((label, each.value, each.low, each.high) for label, each in labelled),
        ),
        open=False,
    )


def _missing(result: Paired) -> Section | None:
    """Pairs of eyes that are not shown, each with its reason."""
    said = tuple(
        f"{names.capital(names.source(each.name))}: {names.reason(each.reason)}"
        for each in result.sources
        if each.reason
    )
    return Section(heading=_("Who you do not see here"), paragraphs=said) if said else None


def _teams(result: Paired) -> tuple[Change, ...]:
    """The headline of each team that has no other under it, for together they are everybody once."""
    alone = (unit for unit in result.units if unit.parts == (unit.name,))
    return tuple(
        replace(change, name=unit.name) for unit in alone for change in unit.sources if change.name == result.headline
    )


def _parts(how: Scale, heading: str, unit: str, parts: tuple[Change, ...], called: dict[int, str]) -> Section | None:
    """The difference per cohort or team, by name and not by size; who is not shown stands there with the reason."""
    listed = sorted(((called[int(each.name)], each) for each in parts if int(each.name) in called), key=_by_name)
    if len(listed) < 2:
        return None
    points = tuple(how.point(name, each.change) for name, each in listed if each.change)
    titles = (_("Difference"), _("Lower bound"), _("Upper bound"))
    columns = (
        Column(title=unit),
        *(Column(title=title, decimals=how.unit.decimals) for title in titles),
        Column(title=_("Pairs"), decimals=0),
        Column(title=_("Why not shown")),
    )
    chart = Intervals(
        rows=points,
        x_title=_("difference"),
        unit=how.unit,
        alternative="; ".join(f"{point.label}: {words.point(point, how.unit)}" for point in points),
    )
    return Section(
        heading=heading,
        paragraphs=(_("Margins that overlap much may well be chance. This is no ranking."),),
        chart=chart if points else None,
        table=Table(title=heading, columns=columns, rows=tuple(_cells(how, name, each) for name, each in listed)),
        open=False,
    )


def _by_name(listed: tuple[str, Change]) -> str:
    return listed[0]


def _cells(how: Scale, name: str, part: Change) -> tuple[str | float | None, ...]:
    if part.reason:
        return (name, None, None, None, None, names.reason(part.reason))
    moved = how.mean(part.change)
    return (name, moved.value, moved.low, moved.high, part.n, "")


def _agreement(found: Reliability | None) -> Section | None:
    if not found:
        return None
    if found.value.value >= rules.FIRM_AGREEMENT:
        meaning = _("That is firm.")
    elif found.value.value >= rules.SOME_AGREEMENT:
        meaning = _("That is enough for a careful conclusion.")
    else:
        meaning = _("That is weak: two people who looked at the same colleague often saw something else.")
    text = _("Agreement of two others about %(n)s people: %(value)s (%(low)s to %(high)s), where 1 is complete.")
    return Section(heading=_("Do two pairs of eyes see the same?"), paragraphs=(text % _written(found), meaning))


def _reliability(found: Reliability | None) -> Section | None:
    if not found:
        return None
    meaning = (
        _("They ask rather different things, so read the average as a count, not as the height of one ability.")
        if found.value.value < rules.LOW_RELIABILITY
        else _("That is enough to take them together for a group.")
    )
    text = _("Reliability of %(k)s questions among %(n)s people (alpha): %(value)s (%(low)s to %(high)s).")
    return Section(heading=_("Do the questions belong together?"), paragraphs=(text % _written(found), meaning))


def _written(found: Reliability) -> dict[str, str | int]:
    numbers = {name: words.number(getattr(found.value, name), decimals=2) for name in ("value", "low", "high")}
    return {**numbers, "n": found.n, "k": found.k}
