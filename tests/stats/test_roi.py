import pytest

from borging.stats import roi
from borging.stats.samples import SampleError
from tests.reference import published
from tests.stats.tables import read_rows

FUTURE_TEL = {"effect_low": 100.0, "effect": 200.0, "effect_high": 300.0, "n": 10, "unit_value": 1.0, "cost": 1000.0}


@pytest.mark.parametrize(
    ("case", "measure", "key"),
    [
        ("Future-Tel sales simulator", roi.bcr, "bcr_futuretel"),
        ("Future-Tel seasonally adjusted", roi.bcr, "bcr_futuretel_seasonal"),
        ("Latin-American dealers: manufacturer", roi.roi_percent, "roi_manufacturer_pct"),
        ("Latin-American dealers: dealers", roi.roi_percent, "roi_dealers_pct"),
    ],
)
def test_the_published_cases_come_out(case: str, measure: object, key: str) -> None:
    assert callable(measure)
    row = next(row for row in read_rows("phillips_roi") if row["case"] == case)
    expected, tolerance = published("phillips_roi")[key]
    assert measure(benefit=float(row["benefit"]), cost=float(row["cost"])) == pytest.approx(expected, abs=tolerance)


def test_the_roi_of_one_dollar_fifty_seven_in_the_book_is_the_ratio_and_the_roi_is_57_percent() -> None:
    row = read_rows("phillips_roi")[0]
    benefit, cost = float(row["benefit"]), float(row["cost"])
    assert benefit == published("phillips_roi")["futuretel_profit"][0]
    assert roi.bcr(benefit=benefit, cost=cost) == pytest.approx(1.57, abs=0.005)
    assert roi.roi_percent(benefit=benefit, cost=cost) == pytest.approx(57, abs=0.5)
    assert roi.net_benefit(benefit=benefit, cost=cost) == 225134


def test_the_margin_of_an_effect_is_carried_into_every_form() -> None:
    found = roi.roi_interval(**FUTURE_TEL)
    assert found.benefit == roi.Range(low=1000, value=2000, high=3000)
    assert found.net == roi.Range(low=0, value=1000, high=2000)
    assert found.bcr == roi.Range(low=1, value=2, high=3)
    assert found.roi_percent == roi.Range(low=0, value=100, high=200)
    assert found.cost == 1000


def test_less_of_what_costs_money_is_a_benefit_with_its_ends_in_order() -> None:
    found = roi.roi_interval(effect_low=-3, effect=-2, effect_high=1, n=10, unit_value=-100, cost=500)
    assert found.benefit == roi.Range(low=-1000, value=2000, high=3000)


def test_half_a_year_of_effect_brings_half_of_it() -> None:
    assert roi.roi_interval(**FUTURE_TEL, years=0.5).benefit.value == 1000


def test_the_break_even_effect_just_repays_the_cost() -> None:
    effect = roi.break_even_effect(cost=1000, n=10, unit_value=4, years=0.5)
    found = roi.roi_interval(
        effect_low=effect, effect=effect, effect_high=effect, n=10, unit_value=4, cost=1000, years=0.5
    )
    assert found.net.value == pytest.approx(0)


def test_what_brings_nothing_never_pays_back() -> None:
    assert roi.payback_months(benefit_per_year=24000, cost=6000) == 3
    assert roi.payback_months(benefit_per_year=0, cost=6000) is None


@pytest.mark.parametrize("wrong", [{"cost": 0}, {"n": 0}, {"unit_value": 0}, {"years": 2}, {"effect": 400.0}])
def test_a_return_without_cost_or_beyond_the_first_year_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SampleError):
        roi.roi_interval(**FUTURE_TEL | wrong)
