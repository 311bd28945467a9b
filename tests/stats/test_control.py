import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from borging.stats import control
from borging.stats.control import Assurance
from borging.stats.samples import SampleError
from tests.reference import published
from tests.stats.tables import Floats, read_columns, read_rows

WOBBLE = [5.0, 6, 4, 5, 6, 4, 5, 6, 4, 5, 6, 4]


def breaches() -> Floats:
    rows = sorted(read_rows("spc_ae_rqm"), key=lambda row: row["period"])
    return np.array([float(row["breaches"]) for row in rows])


def test_the_limits_of_the_emergency_department_come_out() -> None:
    found = control.xmr(breaches())
    for key, value in {"mean": found.mean, "lpl": found.lower, "upl": found.upper}.items():
        expected, tolerance = published("spc_ae_rqm")[key]
        assert value == pytest.approx(expected, abs=tolerance), key
    assert found.screened == 1
    assert not found.signals.any[-1]  # published as common cause
    assert published("spc_ae_rqm")["assurance_inconsistent_1200"][0] == 1
    assert control.assure(found, target=1200, higher_is_better=False) is Assurance.HIT_AND_MISS


def test_the_limits_of_twenty_random_numbers_come_out() -> None:
    found = control.xmr(read_columns("spc_xmr_snapshot", "y")[0])
    for key, value in {"mean": found.mean, "lpl": found.lower, "upl": found.upper}.items():
        expected, tolerance = published("spc_xmr_snapshot")[key]
        assert value == pytest.approx(expected, abs=tolerance), key


def test_the_piston_rings_of_montgomery_come_out() -> None:
    rows = [row for row in read_rows("spc_pistonrings") if row["trial"] == "True"]
    found = control.xbar(np.array([float(row["diameter"]) for row in rows]).reshape(25, 5))
    answers = {"center": found.centre, "LCL": found.lower, "UCL": found.upper, "sd_est": found.sd}
    for key, value in answers.items():
        expected, tolerance = published("spc_pistonrings")[key]
        assert value == pytest.approx(expected, abs=tolerance), key
    assert not found.signals.outside.any()


@pytest.mark.parametrize(("size", "d2"), [(2, 1.128), (3, 1.693), (5, 2.326), (10, 3.078), (25, 3.931)])
def test_the_expected_range_is_that_of_the_printed_tables(size: int, d2: float) -> None:
    assert control._expected_range(size) == pytest.approx(d2, abs=0.0005)


@given(st.lists(st.integers(0, 20), min_size=4, max_size=20), st.floats(0.1, 10), st.floats(-50, 50))
def test_limits_follow_the_unit_and_mirror_when_the_series_is_turned(
    series: list[int], scale: float, shift: float
) -> None:
    x = np.array(series, dtype=float)
    one, other = control.xmr(x, screen=False), control.xmr(shift - scale * x, screen=False)
    assert (other.lower, other.upper) == pytest.approx(
        (shift - scale * one.upper, shift - scale * one.lower), rel=1e-9, abs=1e-9
    )


def test_a_steady_series_has_no_signal() -> None:
    assert not control.xmr(WOBBLE).signals.any.any()


def test_one_far_point_is_a_signal_and_does_not_widen_the_limits() -> None:
    found = control.xmr([*WOBBLE, 30, *WOBBLE])
    assert np.flatnonzero(found.signals.outside).tolist() == [12]
    assert found.screened == 2
    assert control.xmr([*WOBBLE, 30, *WOBBLE], screen=False).upper > found.upper


def test_seven_on_one_side_are_a_shift_and_six_are_not() -> None:
    limits = {"mean": 5.0, "lower": 0.0, "upper": 10.0}
    seven = control.find_signals([4.0, 6, 6, 7, 6, 6, 7, 6, 4], **limits)
    assert np.flatnonzero(seven.shift).tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert not control.find_signals([4.0, 6, 6, 7, 6, 6, 7, 4], **limits).shift.any()
    assert not control.find_signals([6.0, 6, 7, 5, 6, 6, 7, 6], **limits).shift.any()


def test_seven_rising_points_are_a_trend_and_an_equal_value_breaks_it() -> None:
    limits = {"mean": 5.0, "lower": -50.0, "upper": 50.0}
    rising = control.find_signals([9.0, 1, 2, 3, 4, 6, 7, 8, 0], **limits)
    assert np.flatnonzero(rising.trend).tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert not control.find_signals([1.0, 2, 3, 4, 4, 6, 7, 8], **limits).trend.any()
    assert control.find_signals([8.0, 7, 6, 4, 3, 2, 1], **limits).trend.all()


def test_two_of_three_near_a_limit_are_a_signal_and_the_third_is_not() -> None:
    limits = {"mean": 5.0, "lower": 0.0, "upper": 10.0}
    found = control.find_signals([4.0, 9, 6, 9, 4], **limits)
    assert np.flatnonzero(found.near_limit).tolist() == [1, 3]
    assert not control.find_signals([4.0, 9, 4, 9, 4], **limits).near_limit.any()


def test_limits_from_before_the_start_show_what_came_after() -> None:
    found = control.xmr([*WOBBLE, 9, 10, 9], baseline=12)
    assert found.mean == 5
    assert found.upper == control.xmr(WOBBLE).upper
    assert np.flatnonzero(found.signals.any).tolist() == [12, 13, 14]


@pytest.mark.parametrize(
    ("target", "higher", "lower"),
    [
        (0, Assurance.PASSES, Assurance.FAILS),
        (20, Assurance.FAILS, Assurance.PASSES),
        (5, *[Assurance.HIT_AND_MISS] * 2),
    ],
)
def test_a_target_beyond_the_limits_is_always_or_never_met(target: float, higher: Assurance, lower: Assurance) -> None:
    chart = control.xmr(WOBBLE)
    assert control.assure(chart, target=target, higher_is_better=True) is higher
    assert control.assure(chart, target=target, higher_is_better=False) is lower


def test_a_series_that_never_moved_has_no_signals() -> None:
    found = control.xmr([3.0] * 10)
    assert (found.lower, found.upper) == (3, 3)
    assert not found.signals.any.any()


def test_a_series_too_short_for_limits_is_refused() -> None:
    with pytest.raises(SampleError, match="3 are needed"):
        control.xmr([1.0, 2])
    with pytest.raises(SampleError, match="cannot rest"):
        control.xmr(WOBBLE, baseline=20)
