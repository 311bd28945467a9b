import numpy as np
import pytest

from borging.stats import survival
from borging.stats.samples import SampleError
from tests.reference import published
from tests.stats.tables import Floats, read_rows


def leukaemia(group: str) -> tuple[Floats, Floats]:
    rows = [row for row in read_rows("aml_km") if row["x"] == group]
    return np.array([float(row["time"]) for row in rows]), np.array([float(row["status"]) for row in rows])


@pytest.mark.parametrize(
    ("group", "key"), [("Maintained", "median_maintained"), ("Nonmaintained", "median_nonmaintained")]
)
def test_the_medians_of_miller_come_out(group: str, key: str) -> None:
    durations, left = leukaemia(group)
    assert survival.kaplan_meier(durations=durations, left=left).median == published("aml_km")[key][0]


def test_retention_by_hand() -> None:
    found = survival.kaplan_meier(durations=[2.0, 3, 3, 5, 8], left=[1, 1, 0, 1, 0])
    assert found.times == (2, 3, 5)
    assert found.at_risk == (5, 4, 2)
    assert found.left == (1, 1, 1)
    assert found.share == pytest.approx((0.8, 0.6, 0.3))
    assert (found.share_at(1), found.share_at(3), found.share_at(4.9), found.share_at(99)) == pytest.approx(
        (1, 0.6, 0.6, 0.3)
    )
    greenwood = 1 / (5 * 4) + 1 / (4 * 3)
    reach = 1.959964 * np.sqrt(greenwood) / np.log(0.6)
    assert found.low[1] == pytest.approx(0.6 ** np.exp(-reach))
    assert found.high[1] == pytest.approx(0.6 ** np.exp(reach))


def test_without_anyone_left_behind_retention_is_the_plain_share() -> None:
    found = survival.kaplan_meier(durations=[1.0, 2, 3, 4], left=[1, 1, 1, 1])
    assert found.share == pytest.approx((0.75, 0.5, 0.25, 0))
    assert found.median == 2
    assert np.isnan(found.low[-1])


def test_half_who_have_not_left_have_no_median() -> None:
    found = survival.kaplan_meier(durations=[1.0, 2, 3], left=[1, 0, 0])
    assert (found.median, found.median_high) == (None, None)
    nobody = survival.kaplan_meier(durations=[1.0, 2], left=[0, 0])
    assert (nobody.times, nobody.median, nobody.share_at(5)) == ((), None, 1)


def test_the_log_rank_test_is_the_hypergeometric_one_summed_over_the_times() -> None:
    found = survival.log_rank(durations=[1.0, 4], left=[1, 1], other_durations=[2.0, 3], other_left=[1, 1])
    assert found.expected == pytest.approx(2 / 4 + 1 / 3 + 1 / 2 + 1)
    assert found.chi2 == pytest.approx((2 - found.expected) ** 2 / (1 / 4 + 2 / 9 + 1 / 4))


def test_the_log_rank_test_of_the_leukaemia_trial_is_the_one_r_prints() -> None:
    durations, left = leukaemia("Maintained")
    other_durations, other_left = leukaemia("Nonmaintained")
    found = survival.log_rank(durations=durations, left=left, other_durations=other_durations, other_left=other_left)
    assert found.chi2 == pytest.approx(3.4, abs=0.05)
    back = survival.log_rank(durations=other_durations, left=other_left, other_durations=durations, other_left=left)
    assert (back.chi2, back.p) == pytest.approx((found.chi2, found.p))


def test_people_without_a_duration_are_refused() -> None:
    with pytest.raises(SampleError):
        survival.kaplan_meier(durations=[-1.0], left=[1])
    with pytest.raises(SampleError):
        survival.kaplan_meier(durations=[1.0, 2], left=[1])
    with pytest.raises(SampleError, match="nobody left"):
        survival.log_rank(durations=[1.0], left=[0], other_durations=[1.0], other_left=[0])
