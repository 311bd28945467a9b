import numpy as np
import pyarrow.csv
import pytest
from numpy.typing import NDArray

from borging.stats.trend import Growth, GrowthError, fit_growth
from tests.reference import published, reference


def sleepstudy(*, later: float = 0.0) -> Growth:
    rows = pyarrow.csv.read_csv(reference("sleepstudy_growth.csv"))
    days = rows["Days"].to_numpy() + later
    return fit_growth(person=rows["Subject"].to_numpy(), time=days, value=rows["Reaction"].to_numpy(), origin=later)


def alike(*, people: int = 8, moments: int = 4) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """People who all follow the same line, but for the scatter of their measurements around it."""
    person, time = np.repeat(np.arange(people), moments), np.tile(np.arange(moments), people)
    scatter = np.random.default_rng(1).normal(size=(people, moments))
    own_lines = np.array([np.polyval(np.polyfit(np.arange(moments), row, 1), np.arange(moments)) for row in scatter])
    return person, time, 0.3 * time + (scatter - own_lines).ravel()


def test_the_published_growth_curve_is_reproduced() -> None:
    growth, expected = sleepstudy(), published("sleepstudy_growth")
    for key, (value, tolerance) in expected.items():
        assert getattr(growth, key) == pytest.approx(value, abs=tolerance), key
    assert (growth.people, growth.measurements, growth.df, growth.boundary) == (18, 180, 17, False)
    assert growth.low < growth.slope < growth.high
    assert growth.p < 0.001


def test_counting_months_from_year_zero_changes_nothing() -> None:
    early, late = sleepstudy(), sleepstudy(later=24_000)
    assert late.intercept == pytest.approx(early.intercept, rel=1e-9)
    assert late.se_slope == pytest.approx(early.se_slope, rel=1e-9)
    assert late.sd_intercept == pytest.approx(early.sd_intercept, rel=1e-9)


def test_with_everyone_measured_equally_the_average_line_is_the_average_of_their_lines() -> None:
    person, time, value = alike()
    value = value + np.sin(person) + 0.2 * np.cos(person) * time
    growth = fit_growth(person=person, time=time, value=value)
    lines = np.array([np.polyfit(time[person == who], value[person == who], 1) for who in np.unique(person)])
    assert growth.slope == pytest.approx(lines[:, 0].mean())
    assert growth.intercept == pytest.approx(lines[:, 1].mean())


def test_people_who_do_not_differ_give_a_curve_that_says_so() -> None:
    person, time, value = alike()
    growth = fit_growth(person=person, time=time, value=value)
    assert growth.boundary
    assert growth.slope == pytest.approx(0.3)
    assert growth.sd_slope == pytest.approx(0, abs=1e-3)


def test_a_missing_measurement_is_an_absent_row() -> None:
    person, time, value = alike(people=12)
    keep = np.arange(len(value)) % 7 != 0
    growth = fit_growth(person=person[keep], time=time[keep], value=value[keep])
    assert growth.measurements == keep.sum()
    assert growth.people == 12


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"time": [0, 1, 0, 1, 0]}, "do not fit"),
        ({"value": [1.0, 2, 3, 4, 5, np.nan]}, "missing"),
        ({"person": ["a", "a", "b", "b", "c", "d"]}, "measured twice"),
        ({"time": [2, 2, 2, 2, 2, 2]}, "the same"),
    ],
)
def test_measurements_that_cannot_carry_a_curve_are_refused(change: dict[str, object], says: str) -> None:
    given: dict[str, object] = {"person": list("aabbcc"), "time": [0, 1] * 3, "value": [1.0, 2, 2, 4, 3, 5]}
    with pytest.raises(GrowthError, match=says):
        fit_growth(**(given | change))  # type: ignore[arg-type]
