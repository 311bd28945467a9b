"""The same people at two moments, in words: the sentence, the picture, and what must be said with it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from borging.figures import words
from borging.figures.release import release
from borging.figures.rules import (
    Column,
    Count,
    Fact,
    Figure,
    Finding,
    Margin,
    Note,
    Rung,
    Slope,
    SlopeLine,
    Table,
    Withheld,
)
from borging.measure import rules
from borging.measure.rules import MINIMUM, SELF, Change, Paired, Reason
from borging.measure.story import below, names
from borging.measure.story.names import Names
from borging.measure.story.scale import Scale, scale, shown


def held(title: str, reasons: list[Reason]) -> Withheld:
    """Why a whole figure is not there: any reason but too few tells most."""
    reason = next((reason for reason in reasons if reason is not Reason.FEW), Reason.FEW)
    return Withheld(title=title, reason=names.reason(reason), minimum=MINIMUM)


def figure(batch: str, result: Paired, *, called: Names) -> Figure | Withheld:
    """A pairing as a figure, or why it is not there."""
    key, behaviour = rules.parts_of(batch)
    how, title, changes = scale(key), names.title(batch, called), shown(result)
    if not changes:
        return held(title, [change.reason for change in result.sources if change.reason])
    moved = how.mean(changes[0].change)
    return release(
        title=title,
        groups=tuple(each.n for each in changes),
        minimum=MINIMUM,
        figure=lambda: Figure(
            title=title,
            sentence=sentence(how, changes[0], behaviour=called.behaviours.get(behaviour, "")),
            label=_("difference"),
            value=moved.value,
            margin=Margin(low=moved.low, high=moved.high),
            unit=how.unit,
            counts=_counts(changes, result),
            rung=rules.rung_of([each.name for each in changes]),
            design=_("Paired difference, before and after"),
            chart=_slope(how, changes),
            table=_table(how, changes),
            caption=_caption(changes),
        ),
    )


def _counts(changes: list[Change], result: Paired) -> tuple[Count, ...]:
    """Per pair of eyes how many could be compared, of everyone who takes part; then how many answered both times."""
    compared = [
        Count(label=_("Compared, by %(source)s") % {"source": names.source(each.name)}, n=each.n, of=result.invited)
        for each in changes
    ]
    both = changes[0].answered
    return (*compared, Count(label=_("Answered both times"), n=both, of=max(result.invited, both)))


def _caption(changes: list[Change]) -> str:
    if changes[0].answered > changes[0].n:
        return _("“Did not come up” and “not seen” count as answered, not as zero: they are left out of the average.")
    return ""


# --- sentence ---------------------------------------------------------------------------------------------------------


def sentence(how: Scale, change: Change, *, behaviour: str) -> str:
    """What was found, no stronger than its margin: a difference between two measurements, never why."""
    moved = how.mean(change.change)
    said = {
        "eyes": names.eyes(change.name),
        "when": names.when(how.key),
        "behaviour": names.quote(behaviour),
        "before": words.bare(how.mean(change.before).value, how.level),
        "after": words.bare(how.mean(change.after).value, how.level),
        "low": words.quantity(moved.low, how.unit),
        "high": words.quantity(moved.high, how.unit),
    }
    if moved.low <= 0 <= moved.high:
        return _unsure(how) % said
    no_cause = _("Whether that is because of the training, these data cannot say.")
    return f"{_sure(how, up=moved.value > 0) % said} {no_cause}"


def _unsure(how: Scale) -> str:
    if how.behaviour:
        return _(
            "%(eyes)s: whether participants did this more or less often %(when)s than before, we do not know. "
            "%(behaviour)s went from %(before)s to %(after)s of ten times, but the difference may also be "
            "%(low)s or %(high)s."
        )
    if how.key == "knowledge":
        return _(
            "Whether participants chose the best thing to do more or less often %(when)s than before, we do not know. "
            "It went from %(before)s to %(after)s of the situations, but the difference may also be "
            "%(low)s or %(high)s."
        )
    return _(
        "Whether participants felt more or less sure %(when)s than before, we do not know. It went from %(before)s to "
        "%(after)s on a scale of 0 to 10, but the difference may also be %(low)s or %(high)s."
    )


def _sure(how: Scale, *, up: bool) -> str:
    if how.behaviour and up:
        return _(
            "%(eyes)s, participants did this more often %(when)s than before: %(behaviour)s. "
            "It went from %(before)s to %(after)s of ten times."
        )
    if how.behaviour:
        return _(
            "%(eyes)s, participants did this less often %(when)s than before: %(behaviour)s. "
            "It went from %(before)s to %(after)s of ten times."
        )
    if how.key == "knowledge" and up:
        return _(
            "Participants chose the best thing to do more often %(when)s than before: in %(after)s of the "
            "situations, and %(before)s before."
        )
    if how.key == "knowledge":
        return _(
            "Participants chose the best thing to do less often %(when)s than before: in %(after)s of the "
            "situations, and %(before)s before."
        )
    if up:
        return _(
            "Participants felt surer %(when)s than before: from %(before)s to %(after)s on a scale of 0 to 10, "
            "by their own account."
        )
    return _(
        "Participants felt less sure %(when)s than before: from %(before)s to %(after)s on a scale of 0 to 10, "
        "by their own account."
    )


# --- picture ----------------------------------------------------------------------------------------------------------


def _slope(how: Scale, changes: list[Change]) -> Slope:
    moments = (_("before the training"), names.when(how.key))
    lines = tuple(
        SlopeLine(
            label=names.source(each.name),
            first=how.point(moments[0], each.before),
            second=how.point(moments[1], each.after),
            role="comparison" if place else "trained",
        )
        for place, each in enumerate(changes)
    )
    said = "; ".join(
        _("%(group)s: from %(before)s to %(after)s")
        % {
            "group": names.capital(line.label),
            "before": words.point(line.first, how.level),
            "after": words.point(line.second, how.level),
        }
        for line in lines
    )
    return Slope(moments=moments, lines=lines, unit=how.level, alternative=f"{said}.")


def _table(how: Scale, changes: list[Change]) -> Table:
    titles = (_("Before"), _("After"), _("Difference"), _("Lower bound"), _("Upper bound"))
    columns = (
        Column(title=_("According to")),
        *(Column(title=title, decimals=how.unit.decimals) for title in titles),
        Column(title=_("Pairs"), decimals=0),
    )
    rows = tuple(_cells(how, each) for each in changes)
    return Table(title=_("Before and after, side by side"), columns=columns, rows=rows)


def _cells(how: Scale, change: Change) -> tuple[str | float | None, ...]:
    before, after, moved = (how.mean(each) for each in (change.before, change.after, change.change))
    name = names.capital(names.source(change.name))
    return (name, before.value, after.value, moved.value, moved.low, moved.high, change.n)


# --- what must be said with it ----------------------------------------------------------------------------------------


def finding(batch: str, result: Paired, *, called: Names, yardstick: Paired | None = None) -> Finding:
    """A pairing as a finding."""
    key, behaviour = rules.parts_of(batch)
    how, made = scale(key), figure(batch, result, called=called)
    group = names.quote(called.behaviours.get(behaviour, "")) if how.behaviour else ""
    moment = names.when(key) if how.behaviour else ""
    if isinstance(made, Withheld):
        return Finding(outcome=made.title, figure=made, facts=(), notes=(), sections=(), group=group, moment=moment)
    return Finding(
        outcome=made.title,
        figure=made,
        group=group,
        moment=moment,
        promised=called.promised if how.behaviour else None,
        facts=_facts(how, called),
        notes=_notes(how, result),
        sections=below.sections(how, result, called=called, yardstick=yardstick),
    )


def _facts(how: Scale, called: Names) -> tuple[Fact, ...]:
    found = [
        Fact(term=_("Method"), text=_("Paired difference: each person is compared with themselves, with a t margin")),
        Fact(term=_("Compared with"), text=_("The same people before the training")),
    ]
    if how.behaviour and called.promised is not None:
        text = _("%(n)s times in ten more") % {"n": words.number(called.promised, decimals=1)}
        found.append(Fact(term=_("Promised"), text=text))
    if how.key == "knowledge":
        text = _("Other situations than before, so that nobody answers from memory; they may differ in difficulty")
        found.append(Fact(term=_("Measured with"), text=text))
    return tuple(found)


def _notes(how: Scale, result: Paired) -> tuple[Note, ...]:
    changes = shown(result)
    also = _("There is no comparison group, so whatever else changed in this time counts too.")
    notes = [Note(heading=_("Why this rung"), paragraphs=(_why(how, changes), also))]
    if rules.disagree(changes):
        text = _("The sources tell different stories. That is a finding: ask why, before you conclude anything.")
        notes.append(Note(heading=_("They do not agree"), paragraphs=(text,), tone="warn"))
    says = [
        _("Nothing about one person. An average hides who gained and who did not."),
        _(
            "Were people chosen because it was going badly? Then part of the rise would have come anyway: "
            "a low score is often followed by a more ordinary one."
        ),
    ]
    if any(change.name == SELF for change in changes):
        says.append(
            _(
                "People who judge themselves learn what good looks like, and then judge their earlier selves "
                "otherwise. So their own before and after need not be on the same yardstick."
            )
        )
    if how.mean(changes[0].before).value > rules.CEILING * how.top:
        says.append(_("Before the training it was already high, so there was little left to gain."))
    if changes[0].n < result.invited:
        says.append(_("Nothing about who did not answer both times. They may differ from who did."))
    return (*notes, Note(heading=_("What this does not say"), paragraphs=tuple(says)))


def _why(how: Scale, changes: list[Change]) -> str:
    rung = rules.rung_of([change.name for change in changes])
    if rung is Rung.OBSERVED:
        return _("Two or more pairs of eyes looked before and after.")
    if rung is Rung.EXPERIENCED:
        return _("People judged themselves. That tells what they experienced, not what they learned.")
    if how.key == "knowledge":
        return _("A test is one source, and knowing what to do is not yet doing it.")
    return _("One source that is not people’s own word. A second would make this rung 3.")
