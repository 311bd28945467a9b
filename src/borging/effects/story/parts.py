"""The parts below a figure: how it was calculated, whether the groups were alike, other analyses, cost and return."""

from __future__ import annotations

from django.utils.translation import gettext as _

from borging.effects.rules import Assignment, BalanceRow, Design, OutcomeResult, StudyResult, decimals_for
from borging.effects.story import moments, why
from borging.effects.story.money import money_sections
from borging.effects.story.pictures import group_size
from borging.figures import words
from borging.figures.rules import Column, Fact, Intervals, Point, Section, Table, Unit


def has_never(result: OutcomeResult) -> bool:
    """Whether the comparison group was never trained, rather than trained later."""
    return not result.staggered or any(study.comparison == "never" for study in result.staggered)


def method(result: OutcomeResult) -> str:
    """The design by the name the field knows it by."""
    return {
        Design.RANDOMISED: _("Difference in means after a draw by lot"),
        Design.RANDOMISED_BASELINE: _("Analysis of covariance after a draw by lot"),
        Design.STAGGERED: _("Difference-in-differences per cohort (Callaway and Sant’Anna)"),
        Design.BASELINE: _("Difference-in-differences"),
        Design.PAIRED: _("Paired difference, before and after"),
        Design.NAIVE: _("Difference between two groups, without a baseline"),
        Design.NONE: _("No comparison"),
    }[_used(result)]


def _used(result: OutcomeResult) -> Design:
    """After a lottery the baseline may turn out not to be worth using; then the plain difference was taken."""
    plain = any(reason.code == "baseline_not_worth_using" for reason in result.reasons)
    return Design.RANDOMISED if plain else result.design


def caption(result: OutcomeResult) -> str:
    """What the chart shows, in one sentence."""
    if result.event_study:
        return _("Before the start the dots belong around zero: nobody was trained then.")
    unit = _unit(result)
    trained, others = result.trained, result.comparison
    if trained.after is None or (others.after is None and others.n):
        return ""
    said = {"outcome": moments.quote(result.outcome), "after": words.bare(trained.after.value, unit)}
    if others.after is not None:
        said["other_after"] = words.bare(others.after.value, unit)
    if trained.before is None:
        return _("On average %(outcome)s was %(after)s among the trained and %(other_after)s among the others.") % said
    said["before"] = words.bare(trained.before.value, unit)
    if others.before is None:
        return _("On average %(outcome)s went from %(before)s to %(after)s.") % said
    said["other_before"] = words.bare(others.before.value, unit)
    return (
        _(
            "On average %(outcome)s went from %(before)s to %(after)s among the trained, "
            "and from %(other_before)s to %(other_after)s among the others."
        )
        % said
    )


def facts(study: StudyResult, result: OutcomeResult) -> tuple[Fact, ...]:
    """How the number was calculated, in terms and words."""
    assigned = {
        Assignment.LOTTERY: _("By lot, as you told us"),
        Assignment.WAVE: _("In planned waves, as you told us"),
        Assignment.CHOICE: _("People chose or were chosen, as you told us"),
        Assignment.UNKNOWN: _("Not told"),
    }[study.options.assignment]
    found = [
        Fact(term=_("Method"), text=method(result)),
        Fact(term=_("Compared with"), text=_compared_with(result)),
        Fact(term=_("Who decided who was trained"), text=assigned),
        Fact(term=_("Start and latest measurement"), text=_window(study, result)),
    ]
    if result.by_team:
        teams = [group_size(group) for group in (result.trained, result.comparison)]
        text = _("The team, because whole teams started together")
        found.append(
            Fact(
                term=_("What was counted as one"),
                text=f"{text} ({', '.join(filter(None, teams))})" if any(teams) else text,
            )
        )
    unit = _unit(result)
    if result.smallest_effect is not None:
        text = _("%(size)s (seen four times out of five)") % {"size": words.quantity(result.smallest_effect, unit)}
        found.append(Fact(term=_("Smallest effect this comparison could show"), text=text))
    if result.standardised is not None:
        text = _("%(g)s standard deviations (Hedges’ g)") % {"g": words.number(result.standardised, decimals=2)}
        found.append(Fact(term=_("Size apart from the unit"), text=text))
    if result.randomisation_p is not None:
        text = _("p %(p)s if the lots are drawn again") % {"p": why.chance(result.randomisation_p)}
        found.append(Fact(term=_("Could it be chance?"), text=text))
    return tuple(found)


def _unit(result: OutcomeResult) -> Unit:
    estimate = result.estimate
    return Unit(decimals=decimals_for((estimate.high - estimate.low) / 2 if estimate else 1.0))


def _compared_with(result: OutcomeResult) -> str:
    if result.design is Design.PAIRED:
        return _("The same people before the start")
    if result.staggered and result.staggered[0].comparison == "notyet":
        return _("People who had not yet started")
    return _("People who were not trained")


def _window(study: StudyResult, result: OutcomeResult) -> str:
    first, latest = (moments.period(study, value) for value in (result.first_period, result.latest_period))
    if result.cohorts > 1:
        return _("from %(first)s, in %(cohorts)s groups; until %(latest)s") % {
            "first": first,
            "latest": latest,
            "cohorts": result.cohorts,
        }
    return _("from %(first)s; until %(latest)s") % {"first": first, "latest": latest}


def sections(study: StudyResult, result: OutcomeResult) -> tuple[Section, ...]:
    """Everything below the figure that has something to say for this design."""
    found = [
        _gates(result),
        _balance(result),
        *money_sections(study, result),
        _alternatives(result),
        *_cohorts(study, result),
    ]
    return tuple(section for section in found if section is not None)


def _gates(result: OutcomeResult) -> Section | None:
    if not result.gates:
        return None
    answers = {True: _("yes"), False: _("no"), None: _("cannot tell")}
    rows = tuple((why.gate_name(gate), answers[gate.passed], why.explain_gate(gate)) for gate in result.gates)
    columns = tuple(Column(title=title) for title in (_("Condition"), _("Met"), _("What we found")))
    return Section(
        heading=_("The conditions for this rung"),
        paragraphs=(
            _(
                "One condition that is not met makes the wording weaker. Two make the rung lower. A visible difference "
                "before the start, or more people missing in one group, makes the rung lower by itself."
            ),
        ),
        table=Table(title=_("Conditions"), columns=columns, rows=rows),
    )


def _balance(result: OutcomeResult) -> Section | None:
    heading = _("Were the groups alike before the start?")
    said = []
    if result.balance_hidden:
        names = ", ".join(_characteristic(name, result) for name in result.balance_hidden)
        hidden = _("Not shown: %(names)s. The numbers there are about so few people that someone could be recognised.")
        said.append(hidden % {"names": names})
    if not result.balance:
        return Section(heading=heading, paragraphs=tuple(said)) if said else None
    columns = (
        Column(title=_("Characteristic")),
        Column(title=_("Trained"), decimals=2),
        Column(title=_("Not trained"), decimals=2),
        Column(title=_("Difference in standard deviations"), decimals=2),
    )
    rows = tuple(
        (
            _row_name(row, result),
            row.trained,
            row.comparison,
            row.difference,
        )
        for row in result.balance
    )
    said = [_("A difference of more than 0.25 standard deviations means that the groups are not alike."), *said]
    if result.overlap is not None:
        said.append(
            _("%(share)s of the trained have people like them in the comparison group.")
            % {"share": words.number(100 * result.overlap, decimals=0) + "%"}
        )
    points = tuple(
        Point(label=str(row[0]), value=balance.difference, low=None, high=None)
        for row, balance in zip(rows, result.balance, strict=True)
    )
    return Section(
        heading=heading,
        paragraphs=tuple(said),
        chart=Intervals(
            rows=points,
            x_title=_("difference in standard deviations"),
            unit=Unit(decimals=2),
            alternative=_(
                "Differences between the groups before the start, per characteristic; the table has the numbers."
            ),
        ),
        table=Table(title=_("Averages before the start"), columns=columns, rows=rows),
        open=False,
    )


def _row_name(row: BalanceRow, result: OutcomeResult) -> str:
    name = _characteristic(row.name, result)
    if row.others:
        return _("%(name)s: all others together") % {"name": name}
    return f"{name}: {row.level}" if row.level else name


def _characteristic(name: str, result: OutcomeResult) -> str:
    """A characteristic by its name; without one it is the outcome itself."""
    return name or _("%(outcome)s before the start") % {"outcome": moments.quote(result.outcome)}


def _alternatives(result: OutcomeResult) -> Section | None:
    if not result.alternatives or result.estimate is None:
        return None
    names = {
        "ancova": _("Adjusted for the value before the start"),
        "plain": _("Not adjusted: difference in means"),
        "characteristics": _("Adjusted for all characteristics before the start"),
        "never": _("Against people never trained"),
        "notyet": _("Against people not yet trained"),
        "change": _("Average change per person or team"),
    }
    unit = _unit(result)
    headline = Point(
        label=_("In this report"), value=result.estimate.value, low=result.estimate.low, high=result.estimate.high
    )
    points = (
        headline,
        *(
            Point(label=names[other.code], value=other.estimate.value, low=other.estimate.low, high=other.estimate.high)
            for other in result.alternatives
        ),
    )
    columns = (
        Column(title=_("Analysis")),
        Column(title=_("Difference"), decimals=unit.decimals),
        Column(title=_("Lower bound"), decimals=unit.decimals),
        Column(title=_("Upper bound"), decimals=unit.decimals),
    )
    return Section(
        heading=_("The same question, answered in another way"),
        paragraphs=(_("When these differ much, the answer depends on the method. That is a finding too."),),
        chart=Intervals(
            rows=points,
            x_title=_("difference"),
            unit=unit,
            alternative="; ".join(f"{point.label}: {words.point(point, unit)}" for point in points),
        ),
        table=Table(
            title=_("Other analyses"),
            columns=columns,
            rows=tuple((point.label, point.value, point.low, point.high) for point in points),
        ),
        open=False,
    )


def _cohorts(study: StudyResult, result: OutcomeResult) -> list[Section]:
    if not result.staggered:
        return []
    main = result.staggered[0]
    names = {
        "simple": _("All trained, all periods after the start"),
        "dynamic": _("By time since the start"),
        "group": _("By cohort"),
        "calendar": _("By calendar period"),
    }
    averages = Table(
        title=_("Four ways to average"),
        columns=(
            Column(title=_("Average")),
            Column(title=_("Effect"), decimals=4),
            Column(title=_("Standard error"), decimals=4),
        ),
        rows=tuple((names[each.kind], each.overall, each.overall_se) for each in main.aggregations),
    )
    shown = [effect for effect in main.cohort_effects if effect.n >= study.options.minimum]
    per_cohort = Table(
        title=_("Effect per cohort and period"),
        columns=(
            Column(title=_("Cohort that started in")),
            Column(title=_("Period")),
            Column(title=_("People"), decimals=0),
            Column(title=_("Difference"), decimals=4),
            Column(title=_("Standard error"), decimals=4),
        ),
        rows=tuple(
            (
                moments.period(study, effect.cohort),
                moments.period(study, effect.time),
                effect.n,
                effect.value,
                effect.se,
            )
            for effect in shown
        ),
    )
    said = [
        _(
            "Each cohort is followed from the measurement just before its start. "
            "The ways of averaging answer slightly different questions."
        ),
    ]
    if len(shown) < len(main.cohort_effects):
        said.append(why.sentence_of("small_cohorts_merged", minimum=study.options.minimum))
    if main.pretest_p is not None:
        said.append(
            _("Test that all differences before the start are zero: p %(p)s.") % {"p": why.chance(main.pretest_p)}
        )
    return [
        Section(heading=_("Averages over the cohorts"), paragraphs=tuple(said), table=averages),
        Section(heading=_("Per cohort"), table=per_cohort, open=False),
    ]


def origin(study: StudyResult) -> Section:
    """What ties the report to its data."""
    return Section(
        heading=_("Where these numbers come from"),
        paragraphs=(
            _("Fingerprint of the data (SHA-256): %(hash)s. With the same data, the same numbers come out.")
            % {"hash": study.data_hash},
            _("Groups of fewer than %(minimum)s people are never shown.") % {"minimum": study.options.minimum},
        ),
    )
