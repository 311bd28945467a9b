"""What a study concludes from people whose truth is known."""

from pathlib import Path

import numpy as np
import pytest

from borging.effects.rules import Assignment, Design
from borging.stats import groups
from tests.effects.tables import People, panel, study


def two_moments(*, seed: int, trained: int, others: int, effect: float, correlation: float = 0.7) -> People:
    rng = np.random.default_rng(seed)
    before = rng.normal(size=trained + others)
    after = correlation * before + np.sqrt(1 - correlation**2) * rng.normal(size=trained + others)
    after[:trained] += effect
    start: list[int | None] = [2] * trained + [None] * others
    return People(start=start, values=[{1: b, 2: a} for b, a in zip(before, after, strict=True)], unit="number")


def test_a_staggered_roll_out_recovers_the_effect_and_stands_on_rung_five(tmp_path: Path) -> None:
    found = study(panel(people=240, starts=[9, 13, 17, None], effect=1.0), tmp_path)
    assert found.design is Design.STAGGERED
    assert found.estimate is not None
    assert found.estimate.low < 1.0 < found.estimate.high
    assert (found.rung, found.refused) == (5, False)


def test_a_cohort_of_three_people_is_nowhere_in_the_answer(tmp_path: Path) -> None:
    people = panel(people=240, starts=[9, 13, None], effect=1.0)
    for n in (0, 3, 6):
        people.start[n] = 20
    found = study(people, tmp_path)
    for comparison in found.staggered:
        assert {cell.cohort for cell in comparison.cohort_effects} == {9, 13}
        (by_cohort,) = [average for average in comparison.aggregations if average.kind == "group"]
        assert {point.at for point in by_cohort.points} == {9, 13}
    assert min(point.at for point in found.event_study) == -12  # only the three were measured longer before


def test_a_period_in_which_three_people_still_wait_is_nowhere_in_the_answer(tmp_path: Path) -> None:
    people = panel(people=120, starts=[9, 13], effect=1.0)
    for n in (0, 2, 4):
        people.start[n] = 20
    found = study(people, tmp_path, assignment=Assignment.WAVE)
    (waiting,) = found.staggered
    assert waiting.cohort_effects
    assert max(cell.time for cell in waiting.cohort_effects) == 12  # from 13 on only the three were not trained
    (by_period,) = [average for average in waiting.aggregations if average.kind == "calendar"]
    assert {point.at for point in by_period.points} == {9, 10, 11, 12}


def test_groups_that_already_drifted_apart_do_not_reach_all_conditions(tmp_path: Path) -> None:
    found = study(panel(people=240, starts=[9, 13, 17, None], effect=0.1, drift=0.05), tmp_path)
    (parallel,) = [gate for gate in found.gates if gate.code == "parallel"]
    assert parallel.passed is False


def test_start_waves_drawn_by_lot_stand_on_rung_six_and_wait_for_each_other(tmp_path: Path) -> None:
    found = study(panel(people=240, starts=[9, 13, 17], effect=1.0), tmp_path, assignment=Assignment.LOTTERY)
    assert found.rung == 6
    assert found.staggered[0].comparison == "notyet"


def test_whole_teams_trained_together_count_as_teams(tmp_path: Path) -> None:
    people = panel(people=120, starts=[2, None], effect=0.5, months=2, teams=12)
    found = study(people, tmp_path, assignment=Assignment.LOTTERY)
    assert found.by_team
    assert (found.trained.teams, found.comparison.teams) == (6, 6)
    assert found.estimate is not None
    assert found.estimate.df in (9, 10)  # twelve teams less two means, less one for the baseline when it is used


def test_a_few_absent_people_do_not_turn_teams_into_loose_persons(tmp_path: Path) -> None:
    people = panel(people=240, starts=[9, 13, None], effect=0.5, teams=24)
    whole = study(people, tmp_path)
    for n in range(0, 240, 7):
        people.start[n] = None
    absent = study(people, tmp_path)
    assert whole.estimate is not None
    assert absent.estimate is not None
    assert whole.by_team
    assert absent.by_team
    assert "as_team" in [reason.code for reason in absent.reasons]
    assert absent.estimate == whole.estimate  # only the file differs, and everyone counts with their team


def test_with_two_groups_who_stayed_away_counts_with_the_team(tmp_path: Path) -> None:
    people = panel(people=120, starts=[2, None], effect=0.5, months=2, teams=12)
    for n in range(0, 120, 11):
        people.start[n] = None
    found = study(people, tmp_path)
    assert found.by_team
    assert (found.trained.of, found.comparison.of) == (60, 60)
    assert [reason.code for reason in found.reasons] == ["change_compared", "as_team"]


def test_a_few_people_without_a_team_do_not_undo_the_teams(tmp_path: Path) -> None:
    people = panel(people=120, starts=[2, None], effect=0.5, months=2, teams=12)
    people.team[5] = people.team[77] = None
    assert study(people, tmp_path).by_team


def test_people_whose_team_is_not_known_do_not_count_where_teams_do(tmp_path: Path) -> None:
    people = panel(people=120, starts=[2, None], effect=0.5, months=2, teams=12)
    for n in range(0, 120, 11):
        people.team[n] = None
    found = study(people, tmp_path)
    assert found.by_team
    assert (found.trained.n, found.trained.of) == (54, 60)
    assert (found.trained.teams, found.comparison.teams) == (6, 6)
    assert {reason.code: reason.params for reason in found.reasons}["teamless"] == {"n": 11}


def test_a_comparison_group_in_which_nearly_nobody_has_a_team_counts_one_by_one(tmp_path: Path) -> None:
    people = panel(people=120, starts=[2, None], effect=0.5, months=2, teams=12)
    people.team = [None if n % 2 and n % 12 > 1 else team for n, team in enumerate(people.team)]
    found = study(people, tmp_path)
    assert (found.trained.teams, found.comparison.n, found.comparison.teams) == (6, 60, 51)


@pytest.mark.parametrize("size", [2, 3, 10])
def test_people_drawn_one_by_one_within_teams_stay_people(size: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    people = panel(people=120, starts=[2, None], effect=0.5, months=2)
    people.team = [f"t{n // size}" for n in range(120)]
    people.start = [2 if chosen else None for chosen in rng.permutation(120) < 90]  # three in four: most of every team
    found = study(people, tmp_path)
    assert not found.by_team
    assert (found.trained.n, found.comparison.n) == (90, 30)


def test_one_team_in_a_group_gives_no_number(tmp_path: Path) -> None:
    people = panel(people=40, starts=[2, None], effect=0.5, months=2, teams=2)
    found = study(people, tmp_path)
    assert found.estimate is None
    assert [reason.code for reason in found.reasons] == ["one_team"]


def test_a_baseline_that_says_much_is_used_after_a_lottery(tmp_path: Path) -> None:
    people = two_moments(seed=1, trained=60, others=60, effect=0.8)
    found = study(people, tmp_path, assignment=Assignment.LOTTERY)
    assert [reason.code for reason in found.reasons] == ["drawn_as_told", "baseline_used"]
    (plain,) = [other.estimate for other in found.alternatives if other.code == "plain"]
    assert found.estimate is not None
    assert found.estimate.se < plain.se


def test_after_a_lottery_everyone_counts_as_drawn(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    values: list[dict[int, float | None]] = [{5: float(value)} for value in rng.normal(size=60)]
    arm: list[str | None] = [*["training"] * 30, *["later"] * 30]
    start: list[int | None] = [4] * 20 + [None] * 40  # ten who were drawn did not come
    found = study(People(start=start, values=values, arm=arm), tmp_path, assignment=Assignment.LOTTERY)
    drawn = [row[5] for row in values]
    expected = groups.difference(treated=drawn[:30], comparison=drawn[30:])  # type: ignore[arg-type]
    assert found.trained.n == 30
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(expected.difference)
    assert "as_drawn" in [reason.code for reason in found.reasons]


def test_a_randomisation_test_stands_beside_a_draw_by_lot(tmp_path: Path) -> None:
    people = two_moments(seed=5, trained=12, others=12, effect=2.0)
    found = study(people, tmp_path, assignment=Assignment.LOTTERY)
    assert found.randomisation_p is not None
    assert found.randomisation_p < 0.01


def test_missing_people_in_one_group_only_fail_the_attrition_gate(tmp_path: Path) -> None:
    people = two_moments(seed=2, trained=50, others=50, effect=1.0)
    for row in people.values[:20]:
        row[2] = None
    found = study(people, tmp_path, assignment=Assignment.LOTTERY)
    (attrition,) = [gate for gate in found.gates if gate.code == "attrition"]
    assert attrition.passed is False
    assert (found.trained.n, found.trained.of) == (30, 50)


def test_who_was_chosen_for_a_low_score_is_said_to_drift_back_by_itself(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    truth = rng.normal(size=400)
    before, after = truth + rng.normal(size=400), truth + rng.normal(size=400)
    low = before < np.quantile(before, 0.3)
    start: list[int | None] = [2 if chosen else None for chosen in low]
    values: list[dict[int, float | None]] = [{1: b, 2: a} for b, a in zip(before, after, strict=True)]
    found = study(People(start=start, values=values, unit="number"), tmp_path, assignment=Assignment.CHOICE)
    (drift,) = [remark for remark in found.remarks if remark.code == "drift_expected"]
    assert found.estimate is not None
    assert float(drift.params["drift"]) == pytest.approx(found.estimate.value, rel=0.35)
    assert found.refused


def test_the_smallest_effect_is_what_four_of_five_studies_would_show(tmp_path: Path) -> None:
    found = study(
        two_moments(seed=4, trained=64, others=64, effect=0.0, correlation=0.0), tmp_path, assignment=Assignment.LOTTERY
    )
    assert found.smallest_effect == pytest.approx(0.5, abs=0.06)  # Cohen 1988: 64 a group show half a deviation


def test_a_return_is_calculated_from_rung_five_only(tmp_path: Path) -> None:
    people = two_moments(seed=6, trained=60, others=60, effect=1.0)
    drawn = study(people, tmp_path, assignment=Assignment.LOTTERY, cost=6_000, unit_value=200)
    told = study(people, tmp_path, cost=6_000, unit_value=200)
    assert drawn.money is not None
    assert told.money is not None
    assert drawn.estimate is not None
    assert drawn.money.roi_percent is not None
    assert drawn.money.roi_percent[1] == pytest.approx(100 * (drawn.estimate.value * 60 * 200 - 6_000) / 6_000)
    assert told.money.roi_percent is None
    assert told.money.break_even_effect == pytest.approx(0.5)


def test_nobody_trained_is_said_and_nothing_is_counted(tmp_path: Path) -> None:
    people = People(start=[None] * 10, values=[{1: float(n)} for n in range(10)])
    found = study(people, tmp_path)
    assert found.design is Design.NONE
    assert [reason.code for reason in found.reasons] == ["nobody_trained"]


def test_a_start_after_the_latest_measurement_is_a_start_still_to_come(tmp_path: Path) -> None:
    people = two_moments(seed=8, trained=30, others=30, effect=1.0)
    people.start[:] = [2] * 30 + [99] * 30
    found = study(people, tmp_path)
    assert (found.trained.n, found.comparison.n) == (30, 30)
    assert found.design is Design.BASELINE
    assert {remark.code: remark.params for remark in found.remarks}["starts_later"] == {"n": 30}


def test_where_every_start_is_still_to_come_nobody_is_said_to_have_none(tmp_path: Path) -> None:
    people = two_moments(seed=8, trained=30, others=30, effect=1.0)
    people.start[:] = [99] * 30 + [None] * 30
    found = study(people, tmp_path)
    assert found.design is Design.NONE
    assert [reason.code for reason in found.reasons] == ["starts_to_come"]
