"""Amounts as people write them, and what is asked only together."""

from typing import Any

import pytest
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from borging.web.studies.forms import NewStudyForm, parse_amount
from tests.web import makers


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12500", 12500.0),
        ("12.500", 12500.0),
        ("12,500", 12500.0),
        ("€ 12.500,50", 12500.5),
        ("12,500.50", 12500.5),
        ("1.234.567", 1234567.0),
        ("1.234,567", 1234.567),
        ("0,5", 0.5),
        ("0.125", 0.125),
        ("12 500", 12500.0),
        ("-40", -40.0),
        ("€ −0,50", -0.5),
    ],
)
def test_an_amount_is_read_as_it_was_meant_in_dutch_and_in_english(text: str, amount: float) -> None:
    assert parse_amount(text) == amount


@pytest.mark.parametrize(
    "text", ["a lot", "12.50.0", "1,2,3", "1.234,567.890", "--5", "€", "1e5", "nan", "1_000", ",5"]
)
def test_what_is_no_amount_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        parse_amount(text)


def form(**given: str) -> NewStudyForm:
    files: MultiValueDict[str, UploadedFile[Any]] = MultiValueDict()
    for kind in ("participants", "outcomes"):
        files[kind] = makers.csv_file(f"{kind}.csv", makers.people())
    return NewStudyForm({"assignment": "choice", **given}, files)


def test_the_options_of_a_study_hold_both_amounts_whichever_way_they_are_written() -> None:
    told = form(cost="€ 12.500,00", unit_value="-1,250.50")
    assert told.is_valid()
    assert told.options() == {"assignment": "choice", "cost": 12500.0, "unit_value": -1250.5}
    empty = form()
    assert empty.is_valid()
    assert empty.options() == {"assignment": "choice", "cost": None, "unit_value": None}


@pytest.mark.parametrize("cost", ["0", "0,00", "-100", "1000000000000", "much"])
def test_a_cost_is_above_zero_and_has_an_end(cost: str) -> None:
    assert list(form(cost=cost).errors) == ["cost"]


@pytest.mark.parametrize("value", ["0", "-0", "-1000000000000", "much"])
def test_a_unit_is_worth_something(value: str) -> None:
    assert list(form(cost="100", unit_value=value).errors) == ["unit_value"]


def test_what_a_unit_is_worth_asks_for_the_cost_as_well() -> None:
    assert list(form(unit_value="40").errors) == ["cost"]


def test_a_cost_that_cannot_be_read_is_said_once() -> None:
    assert len(form(cost="much", unit_value="40").errors["cost"]) == 1
