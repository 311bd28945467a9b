"""Why this design, why this rung, and what would raise it: one sentence a reason."""

from __future__ import annotations

from django.utils.translation import gettext as _

from borging.effects.rules import Design, Gate, OutcomeResult, Param, Remark, decimals_for
from borging.figures import words


def reasons(result: OutcomeResult) -> list[str]:
    """Why this design was chosen, then each condition that is not met, then what follows for the claim."""
    said = [sentence(remark) for remark in result.reasons]
    said += [explain_gate(gate) for gate in result.gates if not gate.passed]
    if result.refused and result.estimate is not None:
        said.append(
            _("So this is rung %(rung)s. Under rung 5 we call the number a difference, not an effect of the training.")
            % {"rung": int(result.rung)}
        )
    return said


def sentence(remark: Remark) -> str:
    """A reason or remark in words."""
    return _sentences()[remark.code] % _written(remark.params)


def sentence_of(code: str, **params: Param) -> str:
    """A sentence by its code."""
    return sentence(Remark(code=code, params=params))


def _written(params: dict[str, Param]) -> dict[str, str]:
    """Numbers in the reader's notation: shares as percentages, chances as p, the rest in two digits."""
    return {name: value if isinstance(value, str) else _write(name, value) for name, value in params.items()}


def _write(name: str, value: float) -> str:
    if name in {"share", "trained", "comparison", "gap"}:
        return words.number(100 * value, decimals=0) + "%"
    if name in {"p", "equivalence_p"}:
        return chance(value)
    digits = abs(value) / 10 if name == "smd" else abs(value)  # one digit more, not to be mistaken for its limit
    return words.number(value, decimals=0 if isinstance(value, int) else decimals_for(digits))


def chance(p: float) -> str:
    """A p-value: "= 0.017", or "< 0.001" where the rest would be false precision."""
    return f"< {words.number(0.001, decimals=3)}" if p < 0.001 else f"= {words.number(p, decimals=3)}"


def _sentences() -> dict[str, str]:
    return {
        "nobody_trained": _("Nobody in the participants file has a start, so there is no training to study."),
        "starts_to_come": _(
            "Everyone with a start begins after the latest measurement, so there is nothing to see of the training "
            "yet. Measure again after the start, or check the dates."
        ),
        "starts_later": _(
            "People with a start after the latest measurement count as not trained: %(n)s. Check the dates if that is "
            "not right."
        ),
        "no_comparison_no_baseline": _(
            "Everyone was trained and nobody was measured before the start. There is nothing to compare with."
        ),
        "cohorts_without_baseline": _(
            "The groups started at different times, but nobody was measured before. There is nothing to compare with."
        ),
        "one_pair": _("Only one person was measured both before and after. That is not enough for a margin."),
        "one_person": _("One of the groups has fewer than two people with a measurement, so no margin can be given."),
        "one_team": _(
            "Whole teams were trained together and one of the groups has fewer than two teams, "
            "so no margin can be given. Add teams."
        ),
        "no_spread": _("Everyone has the same value, so no margin can be given. Is this the right column?"),
        "too_few": _(
            "One of the groups has fewer than %(minimum)s people. We show no number, "
            "so that nobody can be recognised in it."
        ),
        "no_comparison": _(
            "Everyone in the file was trained, so the same people are compared before and after. "
            "What else changed in that time counts too."
        ),
        "drawn_as_told": _(
            "You told us that the lot decided who was trained. Then the two groups differ by chance only."
        ),
        "as_drawn": _("Everyone counts in the group they were drawn for, whether or not they came."),
        "as_team": _(
            "Most people started together with their whole team, so the team is what was assigned. "
            "Who did not go along counts with the team."
        ),
        "teamless": _(
            "Whole teams started together, so teams are compared. People without a team in the file do not count: "
            "%(n)s."
        ),
        "baseline_used": _(
            "The groups are compared at equal values before the start, because that value says much about the one "
            "after (correlation %(correlation)s)."
        ),
        "baseline_not_worth_using": _(
            "The value before the start says little about the one after (correlation %(correlation)s). "
            "Adjusting for it would gain nothing, so we compare the values after."
        ),
        "change_compared": _(
            "There is a group without training and both groups were measured before. "
            "We compare how much each of them changed."
        ),
        "naive": _(
            "There is a group without training, but nobody was measured before the start and we do not know "
            "how it was decided who was trained."
        ),
        "cohorts_against_never": _(
            "People started at %(cohorts)s different times. Each group is compared with people who were never trained."
        ),
        "cohorts_against_notyet": _(
            "People started at %(cohorts)s different times. Each group is compared with people who had not yet started."
        ),
        "regression_to_the_mean": _(
            "Were people chosen because they scored low or high? Then part of the change would have come by itself."
        ),
        "self_rating": _("If people rated themselves, this is at most rung 1: what they experienced."),
        "drift_expected": _(
            "The groups did not start level. By chance alone, without any training, the trained would have moved "
            "about %(drift)s towards the others."
        ),
        "few_clusters": _(
            "There are few separately started groups, so the margin comes from %(df)s degrees of freedom: it is wide."
        ),
        "small_cohorts_merged": _("Groups of fewer than %(minimum)s people are not shown apart."),
        "incomplete_panel": _(
            "%(share)s of the values are missing. Each period uses who was measured then, so the groups may have "
            "changed a little in make-up."
        ),
        "always_trained": _(
            "%(n)s people started before the first measurement. They cannot be compared and do not count."
        ),
    }


def gate_name(gate: Gate) -> str:
    """A condition as a question that is answered with yes, no, or cannot tell."""
    return {
        "likeness": _("Were the groups alike before the start?"),
        "overlap": _("Does the comparison group hold people like the trained?"),
        "attrition": _("Are equally many missing in both groups?"),
        "clusters": _("Are there enough separate people or teams in each group?"),
        "history": _("Was it measured long enough before the start?"),
        "parallel": _("Did the groups demonstrably move alike before the start?"),
        "steady": _("Was there no visible difference before the start?"),
        "bounds": _("Does the difference keep its direction, whoever is missing?"),
        "drawings": _("Could the lots have fallen in enough ways?"),
    }[gate.code]


def explain_gate(gate: Gate) -> str:
    """What was found about a condition, met or not."""
    table = {
        ("likeness", None): _(
            "The file says nothing about the people before the start, so we cannot see if they were alike."
        ),
        ("likeness", False): _(
            "The groups were not alike before the start: they differ %(smd)s standard deviations in %(name)s; "
            "0.25 is the limit."
        ),
        ("likeness", True): _(
            "The groups were alike before the start: the largest difference is %(smd)s standard deviations, "
            "in %(name)s."
        ),
        ("overlap", None): _("The file says too little about the people to see if they can be compared."),
        ("overlap", False): _(
            "Only %(share)s of the trained have people like them in the comparison group; 80%% is the limit."
        ),
        ("overlap", True): _("%(share)s of the trained have people like them in the comparison group."),
        ("attrition", False): _(
            "Of the measurements after the start, %(trained)s is missing among the trained and %(comparison)s among "
            "the others. That differs more than 5 percentage points, so who is missing may explain the result."
        ),
        ("attrition", True): _(
            "Of the measurements after the start, %(trained)s is missing among the trained and %(comparison)s among "
            "the others."
        ),
        ("bounds", False): _(
            "Depending on who is missing, the difference may lie anywhere from %(low)s to %(high)s: also at zero."
        ),
        ("bounds", True): _(
            "Whoever is missing, the difference lies from %(low)s to %(high)s: it keeps its direction."
        ),
        ("steady", False): _(
            "The groups already moved apart before the start: the difference then was %(placebo)s on average "
            "(p %(p)s). So part of the difference afterwards may have been there anyway."
        ),
        ("steady", True): _("No difference was seen before the start (p %(p)s)."),
        ("clusters", False): _("The smallest group has %(n)s separate people or teams; 8 is the limit."),
        ("clusters", True): _("The smallest group has %(n)s separate people or teams."),
        ("history", False): _(
            "Measurements before the start: %(periods)s. At least two, over six months, are needed to see how "
            "the groups moved before."
        ),
        ("history", True): _("Measurements before the start: up to %(periods)s."),
        ("parallel", None): _(
            "Whether the groups moved alike before the start cannot be seen: there are too few measurements."
        ),
        ("parallel", False): _(
            "It is not certain that the groups moved alike before the start: the difference then was %(placebo)s "
            "(test of being smaller than half the effect: p %(equivalence_p)s)."
        ),
        ("parallel", True): _(
            "Before the start the groups moved alike: the difference then was %(placebo)s, "
            "demonstrably smaller than half the effect (p %(equivalence_p)s)."
        ),
        ("drawings", False): _(
            "The lots could have fallen in only %(ways)s ways; %(least)s are needed to rule out chance."
        ),
        ("drawings", True): _("The lots could have fallen in enough different ways."),
    }
    name = gate.params.get("name")
    params = dict(gate.params)
    if name is not None:
        level = gate.params.get("level")
        params["name"] = (f"{name}: {level}" if level else str(name)) or _("the outcome itself")
    if gate.code == "likeness" and name is not None and "smd" not in params:
        return _explain_hidden(passed=bool(gate.passed)) % params
    return table[gate.code, gate.passed] % _written(params)


def _explain_hidden(*, passed: bool) -> str:
    """The likeness of groups that differ most in something that may not be shown."""
    if passed:
        return _("The groups were alike before the start.")
    return _("The groups were not alike before the start: they differ more than 0.25 standard deviations in %(name)s.")


def raise_rung(result: OutcomeResult) -> list[str]:
    """What would give a next study firmer ground, most useful first."""
    if result.withheld:
        return [_("Take more people together: more teams, more groups that started, or a longer period.")]
    if {reason.code for reason in result.reasons} & {"nobody_trained", "starts_to_come"}:
        return []  # the reason already says what to mend
    advice = []
    codes = {gate.code for gate in result.gates if not gate.passed}
    if result.design in {Design.PAIRED, Design.NONE}:
        advice.append(_("Measure people who are not (yet) trained as well, at the same moments."))
    if result.design is Design.NAIVE or "history" in codes or result.design is Design.NONE:
        advice.append(_("Measure at least twice, six months or more, before the start."))
    if "attrition" in codes:
        advice.append(_("Reach who has no measurement, in both groups, or use a register that has everyone."))
    if "steady" in codes:
        advice.append(_("Compare with people who developed in the same way before the start, or start later."))
    if codes & {"likeness", "overlap"} and result.rung != 6:
        advice.append(_("Choose a comparison group that looks like the trained: same work, same length of service."))
    if "clusters" in codes or "drawings" in codes:
        advice.append(_("Spread the training over more teams that start at different times."))
    if result.rung < 6:
        advice.append(
            _("Let the lot decide who starts first when there are more people than places. That gives rung 6.")
        )
    return advice
