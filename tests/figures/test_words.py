"""How numbers, margins and rungs read in both languages."""

from __future__ import annotations

import math
from datetime import date

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from borging.figures import words
from borging.figures.rules import Count, Margin, Rung, Seal, Unit
from tests.figures import sample


@pytest.mark.parametrize(
    ("value", "decimals", "nl", "en"),
    [
        (1234567.891, 1, "1.234.567,9", "1,234,567.9"),
        (-0.6, 1, "−0,6", "−0.6"),
        (-0.04, 1, "0,0", "0.0"),
        (0, 0, "0", "0"),
        (math.nan, 1, "–", "–"),
        (math.inf, 1, "–", "–"),
    ],
)
def test_a_number_reads_in_the_readers_language(value: float, decimals: int, nl: str, en: str) -> None:
    with override("nl"):
        assert words.number(value, decimals=decimals) == nl
    with override("en"):
        assert words.number(value, decimals=decimals) == en


@given(st.floats(min_value=-1e12, max_value=1e12), st.integers(0, 4), st.sampled_from(["nl", "en"]))
def test_a_written_number_can_be_read_back(value: float, decimals: int, language: str) -> None:
    with override(language):
        text = words.number(value, decimals=decimals, sign=True)
    thousand, point = (".", ",") if language == "nl" else (",", ".")
    back = float(text.replace(thousand, "").replace(point, ".").replace(words.MINUS, "-"))
    assert math.isclose(back, round(value, decimals), abs_tol=0.5 * 10**-decimals + 1e-3 * (abs(value) > 1e9))
    assert "-" not in text


def test_a_difference_also_shows_its_plus_but_zero_does_not() -> None:
    unit = Unit(decimals=1, after="%", signed=True)
    with override("nl"):
        assert [words.bare(value, unit) for value in (0.26, -0.26, 0.01)] == ["+0,3%", "−0,3%", "0,0%"]


def test_a_minus_stands_before_the_currency() -> None:
    with override("nl"):
        assert words.bare(-38000, Unit(decimals=0, before="€ ")) == "−€ 38.000"


@pytest.mark.parametrize(
    ("low", "high", "decimals", "expected"),
    [
        (-1.1, -0.1, 1, "± 0,5"),
        (-1.2, -0.1, 1, "−1,2 tot −0,1"),
        (-0.6004, -0.5996, 1, "± minder dan 0,1"),
        (-0.6, -0.6, 1, "± 0,0"),
    ],
)
def test_a_margin_is_one_number_only_when_both_sides_look_equal(
    low: float, high: float, decimals: int, expected: str
) -> None:
    with override("nl"):
        assert words.margin(-0.6, Margin(low=low, high=high), Unit(decimals=decimals)) == expected


def test_a_count_never_stands_without_its_denominator() -> None:
    with override("nl"):
        assert words.count(Count(label="Mensen", n=1185, of=2260)) == "1.185 van 2.260"
    with override("en"):
        assert words.count(Count(label="People", n=1185, of=2260)) == "1,185 of 2,260"


def test_every_rung_has_its_word_in_both_languages() -> None:
    with override("nl"):
        assert [words.rung_name(rung) for rung in Rung] == [
            "aanwezig",
            "ervaren",
            "geschat",
            "waargenomen",
            "gevolgd",
            "vergeleken",
            "geloot",
        ]
        assert words.rung(Rung.COMPARED) == "Trede 5 · vergeleken"
    with override("en"):
        assert words.rung(Rung.DRAWN) == "Rung 6 · drawn by lot"


def test_a_seal_says_on_what_day_the_plan_was_laid_down() -> None:
    seal = Seal(sha256="0" * 64, locked_on=date(2025, 9, 12))
    with override("nl"):
        assert words.seal(seal) == "vooraf vastgelegd op 12 september 2025"
    with override("en"):
        assert words.seal(seal) == "laid down beforehand on 12 September 2025"


def test_the_words_of_a_figure_hold_margin_counts_rung_and_seal() -> None:
    with override("nl"):
        said = words.figure_words(sample.staggered_figure("nl"))
    assert said.label == "Effect met 95%-marge"
    assert said.estimate == "−0,6 ± 0,5 procentpunt"
    assert said.counts == (("Teams", "80 van 84"), ("Medewerkers", "1.386 van 1.486"))
    assert said.rung == "Trede 5 · vergeleken"
    assert said.seal == "vooraf vastgelegd op 12 september 2025"


def test_a_lopsided_margin_stands_between_brackets_behind_the_whole_value() -> None:
    with override("en"):
        said = words.figure_words(sample.paired_figure("en"))
    assert said.estimate == "+2.2 ± 0.8 talks"


def test_a_text_loses_what_breaks_xml_or_turns_the_reading_order_around() -> None:
    assert words.printable("a\x00b\x07c\ud800d\u202ee\u2066f") == "abcdef"
    assert words.printable("שלום 👩🏽‍🔧 漢字") == "שלום 👩🏽‍🔧 漢字"


def test_an_office_format_has_a_true_minus_and_quotes_the_unit() -> None:
    assert words.office_format(1, Unit(after="%")) == '#,##0.0"%";−#,##0.0"%"'
    assert words.office_format(0, Unit(before='€"'), scale=1e6) == '"€"#,##0,,;−"€"#,##0,,'
