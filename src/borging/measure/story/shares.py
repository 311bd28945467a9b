"""Shares of people, and what was named most, in words."""

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
    Intervals,
    Margin,
    Note,
    Point,
    Rung,
    Section,
    Table,
    Unit,
    Withheld,
)
from borging.measure.rules import MINIMUM, Mean, Ranked, Reason, Share, Shares
from borging.measure.story import names
from borging.measure.story.names import Names
from borging.measure.story.paired import held

PERCENT = Unit(decimals=0, after="%")


def finding(batch: str, result: Shares) -> Finding:
    """Shares side by side as a finding; the first that may be shown leads, of attempts the latest."""
    title, rows = names.title(batch, Names()), [row for row in result.rows if row.share]
    if not rows:
        reasons = [row.reason for row in result.rows if row.reason]
        return _finding(held(title, reasons or [Reason.FEW]))
    attempts = batch == "attempts"
    leading = rows[-1] if attempts else rows[0]
    labels = {row.name: _label(batch, row) for row in rows}
    figure = _figure(
        title,
        leading=leading,
        rows=rows,
        labels=labels,
        counts=_counts(batch, leading, rows, result, labels),
        sentence=" ".join(_sentence(batch, row) for row in ([leading] if attempts else rows)),
        x_title=_("share of the chances people had") if attempts else _("share of people"),
        caption=_caption(batch),
    )
    moment = "" if attempts else labels[leading.name]
    return _finding(figure, sections=_missing(batch, result), moment=moment)


def barriers(batch: str, result: Ranked) -> Finding:
    """What was named most, as a finding."""
    title = names.title(batch, Names())
    if result.reason:
        return _finding(held(title, [result.reason]))
    if not result.rows:
        reason = _("No answer was given by five people or more.")
        return _finding(Withheld(title=title, reason=reason, minimum=MINIMUM))
    rows = [*result.rows, *([result.rest] if result.rest else [])]
    first = result.rows[0]
    said = {"barrier": names.barrier(first.name), "share": _percent(first)}
    figure = _figure(
        title,
        leading=first,
        rows=rows,
        labels={row.name: names.capital(names.barrier(row.name)) for row in rows},
        counts=(Count(label=_("Answered"), n=result.n, of=max(result.invited, result.n)),),
        sentence=names.named_most(batch) % said,
        x_title=_("share of people"),
        caption=_("What fewer than five people named stands under “something else”.") if result.rest else "",
    )
    return _finding(figure, moment=names.capital(names.barrier(first.name)))


def _finding(figure: Figure | Withheld, *, sections: tuple[Section, ...] = (), moment: str = "") -> Finding:
    if isinstance(figure, Withheld):
        return Finding(outcome=figure.title, figure=figure, facts=(), notes=(), sections=())
    why = (
        _("People told this about themselves and their surroundings, once. That is what they experienced."),
        _("There is nothing to compare it with."),
    )
    says = (_("Nothing about one person, and nothing about who did not answer."),)
    return Finding(
        outcome=figure.title,
        figure=figure,
        facts=(Fact(term=_("Method"), text=figure.design),),
        notes=(
            Note(heading=_("Why this rung"), paragraphs=why),
            Note(heading=_("What this does not say"), paragraphs=says),
        ),
        sections=sections,
        moment=moment,
    )


def _figure(
    title: str,
    *,
    leading: Share,
    rows: list[Share],
    labels: dict[str, str],
    counts: tuple[Count, ...],
    sentence: str,
    x_title: str,
    caption: str,
) -> Figure | Withheld:
    points = tuple(_point(labels[row.name], row.share) for row in rows)
    value = _point("", leading.share)
    titles = (_("Share (%)"), _("Lower bound"), _("Upper bound"), _("People"))
    cells = tuple((p.label, p.value, p.low, p.high, row.n) for p, row in zip(points, rows, strict=True))
    return release(
        title=title,
        groups=tuple(row.n for row in rows),
        minimum=MINIMUM,
        figure=lambda: Figure(
            title=title,
            sentence=sentence,
            label=_("share"),
            value=value.value,
            margin=Margin(low=value.low or 0.0, high=value.high or 0.0),
            unit=PERCENT,
            counts=counts,
            rung=Rung.EXPERIENCED,
            design=_("Share with Wilson’s margin"),
            chart=Intervals(
                rows=points,
                x_title=x_title,
                unit=PERCENT,
                alternative="; ".join(f"{point.label}: {words.point(point, PERCENT)}" for point in points),
            ),
            table=Table(
                title=_("Shares with their 95% margin"),
                columns=(Column(title=_("What")), *(Column(title=title, decimals=0) for title in titles)),
                rows=cells,
            ),
            caption=caption,
        ),
    )


def _point(label: str, mean: Mean | None) -> Point:
    value = mean or Mean(value=0, low=0, high=0)
    return Point(label=label, value=100 * value.value, low=100 * value.low, high=100 * value.high)


def _percent(row: Share) -> str:
    return words.bare(_point("", row.share).value, PERCENT)


def _label(batch: str, row: Share) -> str:
    return names.capital(names.stretch(row.name)) if batch == "attempts" else names.share(row.name)


def _counts(batch: str, leading: Share, rows: list[Share], result: Shares, labels: dict[str, str]) -> tuple[Count, ...]:
    if batch == "attempts" and leading.share:
        tried = round(leading.share.value * leading.of)
        return (
            Count(label=_("Tried, of chances"), n=tried, of=leading.of),
            Count(label=_("People with a chance"), n=leading.n, of=result.invited),
        )
    if len({row.n for row in rows}) == 1:
        return (Count(label=_("Answered"), n=leading.n, of=result.invited),)
    return tuple(
        Count(label=_("Answered: %(what)s") % {"what": labels[row.name]}, n=row.n, of=result.invited) for row in rows
    )


def _sentence(batch: str, row: Share) -> str:
    if batch == "attempts":
        said = {"share": _percent(row), "weeks": names.stretch(row.name)}
        return _("In %(weeks)s after the training, people tried it in %(share)s of the chances they had.") % said
    return {
        "chance": _("%(share)s had at least one chance to use it in the past month."),
        "manager-asked": _("With %(share)s the manager really talked it through."),
        "peers": _("%(share)s were helped by colleagues."),
        "automaticity": _("After two months, %(share)s mostly or always did it without thinking."),
        "pulse-180": _("After six months, %(share)s mostly or always did it without thinking."),
        "goal-step": _("%(share)s say they reached what they hoped for, or more."),
        "can-do": _("Right after the training %(share)s say they can do it alone."),
        "practised": _("%(share)s were practising half of the time or more."),
    }[row.name] % {"share": _percent(row)}


def _caption(batch: str) -> str:
    return {
        "attempts": _("A week without a chance does not count: neither as tried nor as not tried."),
        "automatic": _("For whom it did not come up does not count in the share."),
        "reaction": _("Answered without a name. It says little of what people do later."),
    }.get(batch, "")


def _missing(batch: str, result: Shares) -> tuple[Section, ...]:
    said = tuple(f"{_label(batch, row)}: {names.reason(row.reason)}" for row in result.rows if row.reason)
    return (Section(heading=_("What you do not see here"), paragraphs=said),) if said else ()
