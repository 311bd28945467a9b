"""A comparison that the data themselves contradict never stands on the rung of its design."""

from pathlib import Path

import numpy as np

from borging.effects.rules import Assignment, Gate, OutcomeResult
from tests.effects.tables import People, panel, study
from tests.effects.test_estimation import two_moments


def gate(found: OutcomeResult, code: str) -> Gate:
    (judged,) = [each for each in found.gates if each.code == code]
    return judged


def test_a_dip_just_before_the_start_is_no_ground_for_an_effect(tmp_path: Path) -> None:
    people = panel(people=240, starts=[9, 13, 17, None], effect=0.0)
    for start, row in zip(people.start, people.values, strict=True):
        if start is not None:
            row[start - 1] = (row[start - 1] or 0.0) - 0.5
    found = study(people, tmp_path)
    assert gate(found, "steady").passed is False
    assert (found.rung, found.refused) == (4, True)


def test_who_was_growing_anyway_is_no_ground_for_an_effect(tmp_path: Path) -> None:
    found = study(panel(people=240, starts=[13, None], effect=0.0, drift=0.07), tmp_path)
    assert gate(found, "steady").passed is False
    assert (found.rung, found.refused) == (4, True)


def test_groups_that_moved_alike_before_pass_both_looks_at_the_past(tmp_path: Path) -> None:
    found = study(panel(people=240, starts=[9, 13, 17, None], effect=1.0), tmp_path)
    assert gate(found, "parallel").passed
    assert gate(found, "steady").passed


def test_with_one_measurement_before_there_is_no_past_to_look_at(tmp_path: Path) -> None:
    found = study(two_moments(seed=1, trained=40, others=40, effect=1.0), tmp_path)
    assert "steady" not in [each.code for each in found.gates]


def without_the_lowest(people: People, *, share: float) -> People:
    """The trained with the lowest values after the start are not measured then."""
    after = [row[2] or 0.0 for row in people.values]
    low = np.quantile(after, share)
    for start, value, row in zip(people.start, after, people.values, strict=True):
        if start is not None and value < low:
            row[2] = None
    return people


def test_missing_people_who_could_undo_the_difference_lower_a_lottery_by_two_rungs(tmp_path: Path) -> None:
    people = without_the_lowest(two_moments(seed=3, trained=100, others=100, effect=0.0), share=0.3)
    found = study(people, tmp_path, assignment=Assignment.LOTTERY)
    assert gate(found, "attrition").passed is False
    assert gate(found, "bounds").passed is False
    assert (found.rung, found.refused) == (4, True)


def test_missing_people_who_could_not_undo_it_lower_a_lottery_by_one(tmp_path: Path) -> None:
    people = two_moments(seed=2, trained=100, others=100, effect=2.0)
    for row in people.values[:15]:
        row[2] = None
    found = study(people, tmp_path, assignment=Assignment.LOTTERY)
    assert gate(found, "bounds").passed
    assert found.rung == 5


def test_people_who_stop_being_measured_after_the_start_are_missing(tmp_path: Path) -> None:
    people = panel(people=200, starts=[13, None], effect=0.0)
    for start, row in zip(people.start, people.values, strict=True):
        if start is not None:
            for month in range(19, 25):
                row[month] = None
    found = study(people, tmp_path)
    assert gate(found, "attrition").params["trained"] == 0.5  # six of the twelve months after the start
    assert gate(found, "attrition").passed is False
    assert found.refused


def test_a_baseline_is_compared_among_those_measured_afterwards(tmp_path: Path) -> None:
    people = without_the_lowest(two_moments(seed=4, trained=150, others=150, effect=0.0, correlation=0.9), share=0.4)
    found = study(people, tmp_path, assignment=Assignment.LOTTERY)
    (own,) = [row for row in found.balance if row.name == ""]
    assert own.difference > 0.25
    assert gate(found, "likeness").passed is False
