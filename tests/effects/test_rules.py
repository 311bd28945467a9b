import pytest

from borging.effects.rules import (
    Assignment,
    Design,
    Facts,
    Gate,
    choose_design,
    decimals_for,
    failed,
    months_in,
    settle_rung,
)
from borging.figures.rules import Rung


def facts(
    *,
    trained: int = 50,
    comparison: int = 50,
    cohorts: int = 1,
    periods: int = 2,
    before_share: float = 1.0,
    panel: bool = True,
    assignment: Assignment = Assignment.UNKNOWN,
) -> Facts:
    return Facts(
        trained=trained,
        comparison=comparison,
        cohorts=cohorts,
        periods=periods,
        before_share=before_share,
        panel=panel,
        assignment=assignment,
    )


@pytest.mark.parametrize(
    ("found", "design"),
    [
        (facts(trained=0), Design.NONE),
        (facts(comparison=0, before_share=0.0), Design.NONE),
        (facts(comparison=0), Design.PAIRED),
        (facts(before_share=0.0), Design.NAIVE),
        (facts(before_share=0.0, assignment=Assignment.WAVE), Design.NAIVE),
        (facts(before_share=0.0, assignment=Assignment.LOTTERY), Design.RANDOMISED),
        (facts(assignment=Assignment.LOTTERY), Design.RANDOMISED_BASELINE),
        (facts(), Design.BASELINE),
        (facts(cohorts=3, periods=12), Design.STAGGERED),
        (facts(cohorts=3, periods=12, comparison=0), Design.STAGGERED),
        (facts(cohorts=3, periods=12, panel=False), Design.BASELINE),
        (facts(cohorts=3, periods=12, comparison=0, before_share=0.2), Design.NONE),
    ],
)
def test_the_strongest_comparison_the_files_allow_is_chosen(found: Facts, design: Design) -> None:
    assert choose_design(found) is design


def gates(*passed: bool | None) -> tuple[Gate, ...]:
    return tuple(Gate(code="likeness", passed=each) for each in passed)


@pytest.mark.parametrize(
    ("highest", "passed", "rung"),
    [
        (Rung.DRAWN, (True, True, True), 6),
        (Rung.DRAWN, (True, False, True), 6),
        (Rung.DRAWN, (None, False, True), 5),
        (Rung.COMPARED, (False, True), 5),
        (Rung.COMPARED, (False, None, False, False), 4),
        (Rung.OBSERVED, (False, False), 3),
    ],
)
def test_one_missed_gate_keeps_the_rung_and_two_lower_it(
    highest: Rung, passed: tuple[bool | None, ...], rung: int
) -> None:
    assert settle_rung(highest=highest, gates=gates(*passed)) == rung


@pytest.mark.parametrize(
    ("highest", "missed", "rung"),
    [
        (Rung.COMPARED, ("steady",), 4),
        (Rung.DRAWN, ("attrition",), 5),
        (Rung.DRAWN, ("attrition", "bounds"), 4),
        (Rung.COMPARED, ("attrition", "steady", "likeness"), 4),
    ],
)
def test_a_broken_comparison_lowers_the_rung_by_itself(highest: Rung, missed: tuple[str, ...], rung: int) -> None:
    assert settle_rung(highest=highest, gates=tuple(Gate(code=code, passed=False) for code in missed)) == rung


def test_what_could_not_be_judged_counts_as_not_passed() -> None:
    assert failed(gates(None, True, False)) == 2


@pytest.mark.parametrize(
    ("margin", "decimals"), [(1244, 0), (95, 0), (9.5, 1), (0.51, 2), (0.012, 3), (0, 2), (1e-9, 6)]
)
def test_a_number_is_written_with_two_digits_of_its_margin(margin: float, decimals: int) -> None:
    assert decimals_for(margin) == decimals


def test_a_scale_without_a_calendar_has_no_months() -> None:
    assert months_in("quarter", 4) == 12
    assert months_in("moment", 2) is None
