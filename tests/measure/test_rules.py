"""Decisions about figures, without a database."""

from __future__ import annotations

import pytest

from borging.figures.rules import Rung
from borging.measure import rules
from borging.measure.rules import Change, Mean, Reason
from borging.transfer.playbooks import playbook


def test_every_step_that_is_counted_tells_so_to_who_answers() -> None:
    skills_day = playbook("skills-day")
    untold = [key for key in rules.STEPS if "cohort-aggregate" not in skills_day.step(key).visible_to]
    assert untold == []


def test_every_question_that_is_counted_is_asked() -> None:
    skills_day = playbook("skills-day")
    asked = [pair for pairing in rules.PAIRINGS for pair in (pairing.before, pairing.after)]
    asked += [choice.asked for group in rules.CHOICES.values() for choice in group]
    asked += [*rules.BARRIERS.values(), rules.ATTEMPTS]
    for question, steps in asked:
        for step in steps:
            assert step in rules.STEPS
            assert question in {each.key for each in skills_day.step(step).questions}


def test_the_options_that_count_as_yes_are_options() -> None:
    skills_day = playbook("skills-day")
    for choice in (choice for group in rules.CHOICES.values() for choice in group):
        question, (step, *_others) = choice.asked
        options = {
            option.key for each in skills_day.step(step).questions if each.key == question for option in each.options
        }
        assert choice.yes | choice.outside <= options


@pytest.mark.parametrize(
    ("answers", "expected"),
    [([3, 3, 3, 3, 3], True), ([3, 3, 3, 3, 9], True), ([3, 3, 3, 2, 9], False), ([], False)],
)
def test_an_average_of_alike_answers_tells_who_said_what(answers: list[int], expected: bool) -> None:
    assert rules.alike(answers) is expected


def test_too_few_is_named_before_alike() -> None:
    assert rules.reason_to_hold([[1, 1, 1, 1]]) is Reason.FEW
    assert rules.reason_to_hold([[1, 1, 1, 1, 1]]) is Reason.ALIKE
    assert rules.reason_to_hold([[1, 2, 3, 4, 5], [1, 1, 1, 1, 2]]) is Reason.ALIKE
    assert rules.reason_to_hold([[1, 2, 3, 4, 5]]) is None


@pytest.mark.parametrize(
    ("sizes", "held", "along"),
    [
        ({"a": 20, "b": 8, "c": 3}, {"c"}, {"b"}),
        ({"a": 20, "b": 3, "c": 3}, {"b", "c"}, set()),
        ({"a": 20, "b": 1, "c": 1}, {"b", "c"}, {"a"}),
        ({"a": 20, "b": 3}, {"b"}, {"a"}),
        ({"a": 20, "b": 8, "c": 7}, set(), set()),
        ({"a": 20, "b": 8, "c": 7}, {"b"}, {"c"}),  # alike answers are given away by the rest as well
    ],
)
def test_a_group_that_is_held_back_takes_a_sibling_along(
    sizes: dict[str, int], held: set[str], along: set[str]
) -> None:
    assert rules.take_along(sizes, held) == along


def test_what_few_named_stands_in_the_rest_and_the_rest_gives_nothing_away() -> None:
    assert rules.ranked({"time": 9, "tools": 6, "rules": 2, "team": 0}) == (("time",), 8)
    assert rules.ranked({"time": 9, "tools": 6, "rules": 2, "team": 4}) == (("time", "tools"), 6)
    assert rules.ranked({"time": 9, "tools": 6}) == (("time", "tools"), 0)


def test_the_rung_follows_from_whose_eyes_saw_it() -> None:
    assert rules.rung_of(["self"]) is Rung.EXPERIENCED
    assert rules.rung_of(["manager"]) is Rung.ESTIMATED
    assert rules.rung_of(["test"]) is Rung.ESTIMATED
    assert rules.rung_of(["self", "buddy"]) is Rung.OBSERVED


def change(name: str, n: int, low: float, high: float) -> Change:
    mean = Mean(value=(low + high) / 2, low=low, high=high)
    return Change(name=name, n=n, before=mean, after=mean, change=mean)


def test_who_judges_himself_leads_only_when_nobody_else_looked() -> None:
    own, boss, buddy = change("self", 30, 1, 3), change("manager", 12, 1, 3), change("buddy", 14, 1, 3)
    assert rules.leading([own, boss, buddy]) == "buddy"
    assert rules.leading([own]) == "self"
    assert rules.leading([Change(name="self", reason=Reason.FEW)]) == ""


def test_sources_disagree_when_their_margins_lie_apart() -> None:
    assert rules.disagree([change("self", 9, 2, 3), change("manager", 9, 0, 1)])
    assert not rules.disagree([change("self", 9, 1, 3), change("manager", 9, 0, 2)])


@pytest.mark.parametrize(
    ("tried", "expected"),
    [("worked", True), ("not-yet", True), ("no", False), ("no-opportunity", None), ("", None)],
)
def test_a_log_without_a_chance_is_neither_a_try_nor_a_miss(tried: str, expected: bool | None) -> None:
    assert rules.counts_as(tried) is expected
