import json

import numpy as np
import pytest

from borging.stats import items, reliability
from borging.stats.samples import SampleError
from tests.reference import published, reference
from tests.stats.tables import Floats, read_table


def test_the_difficulties_and_alpha_of_the_law_school_test_come_out() -> None:
    found = items.describe(read_table("lsat6_items"))
    for number, value in enumerate(found.difficulty, start=1):
        expected, tolerance = published("lsat6_items")[f"p_item{number}"]
        assert value == pytest.approx(expected, abs=tolerance)
    expected, tolerance = published("lsat6_items")["alpha"]
    assert found.alpha == pytest.approx(expected, abs=tolerance)


def test_the_item_correlations_of_the_law_school_test_come_out() -> None:
    expected = json.loads(reference("lsat6_expected_r.json").read_text())["ours"]
    found = items.describe(read_table("lsat6_items"))
    assert found.with_total == pytest.approx(expected["r_item_total"], abs=5e-5)
    assert found.with_rest == pytest.approx(expected["r_item_rest"], abs=5e-5)
    assert found.alpha == pytest.approx(expected["kr20"], abs=5e-4)


def test_the_one_parameter_model_of_r_package_ltm_comes_out() -> None:
    found = items.fit_one_parameter(read_table("lsat6_items"))
    answers = {
        "onepl_discrimination": found.discrimination,
        "onepl_b_item1": found.difficulty[0],
        "onepl_b_item3": found.difficulty[2],
    }
    for key, value in answers.items():
        expected, tolerance = published("lsat6_items")[key]
        assert value == pytest.approx(expected, abs=tolerance), key


def test_standard_errors_shrink_with_the_root_of_the_people() -> None:
    answers = read_table("lsat6_items")
    once, four_times = items.fit_one_parameter(answers), items.fit_one_parameter(np.tile(answers, (4, 1)))
    assert four_times.difficulty == pytest.approx(once.difficulty)
    assert four_times.se_discrimination == pytest.approx(once.se_discrimination / 2, rel=1e-4)
    assert np.array(four_times.se_difficulty) == pytest.approx(np.array(once.se_difficulty) / 2, rel=1e-4)


def test_no_parameter_can_move_without_making_the_answers_less_likely() -> None:
    """Checked against the likelihood of each person's own answers, summed over a dense grid of abilities."""
    answers = read_table("lsat6_items")
    found = items.fit_one_parameter(answers)
    ability = np.linspace(-8, 8, 401)[:, None]
    weight = np.exp(-(ability[:, 0] ** 2) / 2)

    def likelihood(slope: float, difficulty: Floats) -> float:
        right = 1 / (1 + np.exp(-slope * (ability - difficulty)))
        people = np.exp(answers @ np.log(right).T + (1 - answers) @ np.log(1 - right).T)
        return float(np.log(people @ weight / weight.sum()).sum())

    best = likelihood(found.discrimination, np.array(found.difficulty))
    assert found.log_likelihood == pytest.approx(best)
    for move in np.vstack([np.eye(6), -np.eye(6)]) * 0.01:
        assert likelihood(found.discrimination + move[5], np.array(found.difficulty) + move[:5]) < best


def test_item_scores_with_more_points_have_the_alpha_of_the_scale() -> None:
    scores = np.random.default_rng(1).integers(0, 5, (30, 4)).astype(float)
    found = items.describe(scores, highest=4)
    assert found.alpha == pytest.approx(reliability.consistency(scores).alpha)
    assert found.difficulty == pytest.approx((scores.mean(axis=0) / 4).tolist())


def test_an_item_that_everyone_has_right_has_no_correlation_and_no_difficulty() -> None:
    answers = np.array([[1.0, 0, 1], [1, 1, 0], [1, 1, 1]])
    assert np.isnan(items.describe(answers).with_rest[0])
    with pytest.raises(SampleError, match="for everyone"):
        items.fit_one_parameter(answers)


def test_items_that_exclude_each_other_have_no_common_ability() -> None:
    answers = np.tile([[1.0, 0], [0, 1]], (20, 1))
    with pytest.raises(SampleError, match="do not go together"):
        items.fit_one_parameter(answers)


@pytest.mark.parametrize("wrong", [[[0.0, 2], [1, 0]], [[0.0, -1], [1, 0]]])
def test_scores_off_the_scale_are_refused(wrong: list[list[float]]) -> None:
    with pytest.raises(SampleError):
        items.describe(wrong)
    with pytest.raises(SampleError):
        items.fit_one_parameter(wrong)
