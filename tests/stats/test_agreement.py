import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from borging.stats import agreement
from borging.stats.agreement import Level
from borging.stats.samples import SampleError
from tests.reference import published
from tests.stats.tables import read_rows, read_table

LEVELS: list[Level] = ["nominal", "ordinal", "interval", "ratio"]


@pytest.mark.parametrize("level", LEVELS)
def test_the_alphas_of_krippendorff_come_out_with_missing_ratings(level: Level) -> None:
    expected, tolerance = published("krippendorff_c")[level]
    found = agreement.krippendorff(read_table("krippendorff_c"), level=level)
    assert found.alpha == pytest.approx(expected, abs=tolerance)
    assert (found.units, found.ratings) == (11, 40)


@given(st.floats(0.1, 10), st.floats(-100, 100))
def test_interval_alpha_does_not_depend_on_the_unit(scale: float, shift: float) -> None:
    ratings = np.array([[1.0, 2, 1], [3, 3, np.nan], [5, 4, 5]])
    plain = agreement.krippendorff(ratings, level="interval").alpha
    assert agreement.krippendorff(ratings * scale + shift, level="interval").alpha == pytest.approx(plain, rel=1e-6)


def test_ordinal_alpha_only_sees_the_order() -> None:
    ratings = np.array([[1.0, 2, 1], [3, 3, 2], [5, 4, 5]])
    plain = agreement.krippendorff(ratings, level="ordinal").alpha
    assert agreement.krippendorff(ratings**3, level="ordinal").alpha == pytest.approx(plain)


@pytest.mark.parametrize("level", LEVELS)
def test_raters_who_agree_fully_score_one(level: Level) -> None:
    assert agreement.krippendorff(np.array([[0, 0], [2, 2], [3, 3]]), level=level).alpha == 1


@pytest.mark.parametrize(
    ("ratings", "level", "reason"),
    [
        ([[1.0, 1], [1, 1]], "nominal", "all ratings are equal"),
        ([[1.0, np.nan], [np.nan, 2], [1, 2]], "nominal", "1 units have two ratings"),
        ([[-1.0, 1], [1, 1]], "ratio", "below zero"),
        ([1.0, 2.0], "nominal", "units by raters"),
    ],
)
def test_ratings_that_cannot_show_agreement_are_refused(ratings: list[list[float]], level: Level, reason: str) -> None:
    with pytest.raises(SampleError, match=reason):
        agreement.krippendorff(ratings, level=level)


def test_the_kappa_of_fleiss_comes_out() -> None:
    rows = [list(row.values()) for row in read_rows("fleiss_diagnoses")]
    categories = sorted({choice for row in rows for choice in row})
    counts = [[row.count(category) for category in categories] for row in rows]
    expected, tolerance = published("fleiss_diagnoses")["kappa"]
    assert agreement.fleiss_kappa(counts) == pytest.approx(expected, abs=tolerance)


def test_a_kappa_needs_as_many_raters_for_everyone_and_two_categories_used() -> None:
    with pytest.raises(SampleError, match="same number"):
        agreement.fleiss_kappa([[2, 0], [1, 2]])
    with pytest.raises(SampleError, match="all ratings are equal"):
        agreement.fleiss_kappa([[2, 0], [2, 0]])
