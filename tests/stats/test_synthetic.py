from typing import Any

import numpy as np
import pyarrow.csv
import pytest
from numpy.typing import NDArray

from borging.stats.synthetic import SyntheticControlError, compare_placebos, fit_control
from tests.reference import published, reference

Floats = NDArray[np.float64]


class Panel:
    """Columns of a reference file as years by units."""

    def __init__(self, name: str, *, unit: str, without: tuple[str, ...] = ()) -> None:
        table = pyarrow.csv.read_csv(reference(name))
        self._columns = {field: table[field].to_numpy() for field in table.column_names}
        names, self._unit = np.unique(self._columns[unit].astype(str), return_inverse=True)
        self.units = [name for name in names if name not in without]
        self._kept = np.isin(names, self.units)
        self.years, self._year = np.unique(self._columns["year"].astype(int), return_inverse=True)

    def grid(self, column: str) -> Floats:
        grid = np.full((len(self.years), len(self._kept)), np.nan)
        grid[self._year, self._unit] = self._columns[column]
        return grid[:, self._kept]

    def mean(self, column: str, first: int, latest: int) -> Floats:
        """The mean per unit over these years, of the years that were measured."""
        rows = self.grid(column)[(self.years >= first) & (self.years <= latest)]
        return np.asarray(np.nanmean(rows, axis=0))


def test_the_published_mix_for_california_is_reproduced() -> None:
    panel, expected = Panel("prop99_california.csv", unit="state"), published("prop99_california")
    predictors = [panel.mean(name, 1980, 1988) for name in ("lnincome", "retprice", "age15to24")]
    predictors.append(panel.mean("beer", 1984, 1988))
    predictors += [panel.mean("cigsale", year, year) for year in (1975, 1980, 1988)]
    control = fit_control(
        outcomes=panel.grid("cigsale"),
        predictors=np.array(predictors),
        treated=panel.units.index("California"),
        before=19,
    )
    found = dict(zip(panel.units, control.weights, strict=True))
    found |= {"gap_2000": control.gaps[-1], "mean_gap_1989_2000": control.gaps[19:].mean()}
    for key, (value, tolerance) in expected.items():
        assert found[key] == pytest.approx(value, abs=tolerance), key
    assert control.rmspe_before**2 < 3.2  # the published mix has a mean squared gap of about 3 before 1989
    assert control.ratio > 5


def test_the_mix_for_the_basque_country_is_catalonia_and_madrid() -> None:
    spain = "Spain (Espana)"
    panel = Panel("basque.csv", unit="regionname", without=(spain,))
    schooling = [panel.mean(f"school.{level}", 1964, 1969) for level in ("illit", "prim", "med", "high", "post.high")]
    shares = np.array([*schooling[:3], schooling[3] + schooling[4]])
    sectors = ("agriculture", "energy", "industry", "construction", "services.venta", "services.nonventa")
    predictors = np.array(
        [
            *(100 * shares / shares.sum(axis=0)),
            panel.mean("invest", 1964, 1969),
            panel.mean("gdpcap", 1960, 1969),
            *[panel.mean(f"sec.{sector}", 1961, 1969) for sector in sectors],
            panel.mean("popdens", 1969, 1969),
        ]
    )
    treated = next(place for place, name in enumerate(panel.units) if name.startswith("Basque"))
    since_1960 = panel.grid("gdpcap")[panel.years >= 1960]
    control = fit_control(outcomes=since_1960, predictors=predictors, treated=treated, before=10, starts=0)
    largest = {panel.units[place] for place in np.argsort(control.weights)[-2:]}
    assert largest == {"Cataluna", "Madrid (Comunidad De)"}
    assert control.weights.sum() == pytest.approx(1)


def invented(*, effect: float = 0.0, donors: int = 6) -> dict[str, Any]:
    """A unit that is .6 of the first and .4 of the second donor, and gains `effect` from period 10."""
    draw = np.random.default_rng(3)
    Y = draw.normal(size=(16, donors + 1)).cumsum(axis=0) + draw.normal(size=donors + 1)
    Y[:, 0] = 0.6 * Y[:, 1] + 0.4 * Y[:, 2]
    Y[10:, 0] += effect
    return {"outcomes": Y, "predictors": Y[:10], "treated": 0, "before": 10}


def test_a_unit_made_of_two_others_is_found_back() -> None:
    control = fit_control(**invented(effect=2), importance=np.ones(10))
    np.testing.assert_allclose(control.weights, [0, 0.6, 0.4, 0, 0, 0, 0], atol=1e-9)
    np.testing.assert_allclose(control.gaps[:10], 0, atol=1e-9)
    np.testing.assert_allclose(control.gaps[10:], 2, atol=1e-9)


def test_shares_are_never_negative_and_sum_to_one() -> None:
    given = invented()
    given["outcomes"][:, 0] += 50  # outside everything the donors span
    control = fit_control(**given, starts=0)
    assert (control.weights >= 0).all()
    assert control.weights.sum() == pytest.approx(1)
    assert control.importance.sum() == pytest.approx(1)


def test_placebos_count_how_many_units_look_as_changed_as_the_trained_one() -> None:
    given = invented(effect=8)
    given["predictors"] = given["outcomes"][[2, 5, 9]]
    control = fit_control(**given, starts=0)
    placebos = compare_placebos(outcomes=given["outcomes"], predictors=given["predictors"], control=control, before=10)
    assert placebos.ratios.argmax() == 0
    assert placebos.p == pytest.approx(1 / 7)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"predictors": np.ones((2, 6))}, "other units"),
        ({"outcomes": np.full((16, 7), np.nan)}, "missing"),
        ({"treated": 7}, "at least two others"),
        ({"before": 16}, "none after"),
        ({"importance": -np.ones(10)}, "importance"),
    ],
)
def test_sites_that_cannot_carry_a_control_are_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(SyntheticControlError, match=says):
        fit_control(**(invented() | change))
