"""Amounts as people write them."""

import pytest

from borging.web.studies.forms import parse_amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12500", 12500.0),
        ("12.500", 12500.0),
        ("12,500", 12500.0),
        ("€ 12.500,50", 12500.5),
        ("12,500.50", 12500.5),
        ("1.234.567", 1234567.0),
        ("0,5", 0.5),
        ("12 500", 12500.0),
    ],
)
def test_an_amount_is_read_as_it_was_meant_in_dutch_and_in_english(text: str, amount: float) -> None:
    assert parse_amount(text) == amount


@pytest.mark.parametrize("text", ["a lot", "12.50.0", "1,2,3", "--5", "€"])
def test_what_is_no_amount_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="could not convert"):
        parse_amount(text)
