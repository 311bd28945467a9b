import numpy as np
import pytest

from borging.stats import scales
from borging.stats.samples import SampleError
from tests.reference import published
from tests.stats.tables import read_columns, read_rows


def spread_over(goals: int, total: int) -> list[float]:
    """Goal scores from -2 to +2 with this sum."""
    return [
        float(np.clip(total - 2 * goal * np.sign(total), -2, 2)) if abs(total) > 2 * goal else 0.0
        for goal in range(goals)
    ]


def test_every_t_score_of_the_published_table_comes_out() -> None:
    for row in read_rows("gas_t_table"):
        scores = spread_over(int(row["n_goals"]), int(row["sum_scores"]))
        assert sum(scores) == int(row["sum_scores"])
        assert scales.goal_attainment(scores=scores) == pytest.approx(float(row["T"]), abs=0.005)


@pytest.mark.parametrize("key", ["n1_s+2", "n1_s-2", "n3_s+1", "n2_s-4", "n5_s0"])
def test_the_published_t_scores_come_out(key: str) -> None:
    goals, total = key.removeprefix("n").split("_s")
    expected, tolerance = published("gas_t_table")[key]
    assert scales.goal_attainment(scores=spread_over(int(goals), int(total))) == pytest.approx(expected, abs=tolerance)


def test_an_important_goal_moves_the_score_more() -> None:
    light = scales.goal_attainment(scores=[2, -1], weights=[1, 3])
    heavy = scales.goal_attainment(scores=[2, -1], weights=[3, 1])
    assert light < 50 < heavy
    assert scales.goal_attainment(scores=[2, -1], weights=[6, 2]) == pytest.approx(heavy)


@pytest.mark.parametrize("wrong", [{"scores": [3.0]}, {"scores": [1.0], "weights": [0.0]}, {"scores": []}])
def test_goals_off_the_scale_are_refused(wrong: dict[str, list[float]]) -> None:
    with pytest.raises(SampleError):
        scales.goal_attainment(**wrong)  # type: ignore[arg-type]


def test_the_gain_of_hake_comes_out_in_its_band() -> None:
    expected, tolerance = published("hake_gain")["g_of_class_45_to_72"]
    found = scales.normalised_gain(before=45, after=72)
    assert found.gain == pytest.approx(expected, abs=tolerance)
    assert (found.band, found.near_ceiling) == ("medium", False)


def test_a_gain_says_when_there_was_little_left_to_learn() -> None:
    found = scales.normalised_gain(before=8.5, after=9.6, maximum=10)
    assert found.near_ceiling
    assert found.band == "high"
    assert scales.normalised_gain(before=50, after=40).gain == pytest.approx(-0.2)
    with pytest.raises(SampleError):
        scales.normalised_gain(before=100, after=100)


def test_the_curve_of_ebbinghaus_comes_out() -> None:
    for key, (expected, tolerance) in published("ebbinghaus_savings").items():
        minutes = float(key.removeprefix("fit_").removesuffix("min"))
        assert scales.savings([minutes])[0] == pytest.approx(expected, abs=tolerance), key


def test_a_fitted_curve_misses_his_savings_less_than_his_own() -> None:
    minutes, saved = read_columns("ebbinghaus_savings", "minutes", "savings")
    found = scales.fit_forgetting(minutes=minutes, saved=saved)
    own_error = np.sqrt(np.mean((scales.savings(minutes) - saved) ** 2))
    assert found.error < own_error < 0.02
    assert (found.k, found.c) == pytest.approx((1.84, 1.25), abs=0.05)


def test_a_curve_that_was_drawn_is_found_back() -> None:
    minutes = [5.0, 60, 1440, 10080]
    found = scales.fit_forgetting(minutes=minutes, saved=scales.savings(minutes, k=3, c=0.9))
    assert (found.k, found.c, found.error) == pytest.approx((3, 0.9, 0), abs=1e-6)


def test_the_first_minute_lies_before_the_curve() -> None:
    with pytest.raises(SampleError, match="one minute"):
        scales.savings([1])
    with pytest.raises(SampleError):
        scales.fit_forgetting(minutes=[2, 3, 4], saved=[0.5, 0.4, 1.0])
