import math

import numpy as np
import pytest

from borging.stats import reliability
from borging.stats.samples import SampleError
from tests.reference import published
from tests.stats.tables import Floats, read_columns, read_table

REVERSED = {"A": (1,), "C": (4, 5), "E": (1, 2), "N": (), "O": (2, 5)}


def big_five(letter: str) -> Floats:
    """The five items of a scale, from those who answered them all, reversed ones as 7 - x."""
    columns = read_columns("bfi", *(f"{letter}{number}" for number in range(1, 6)))
    table = np.column_stack([7 - x if i + 1 in REVERSED[letter] else x for i, x in enumerate(columns)])
    return table[~np.isnan(table).any(axis=1)]


def test_the_alphas_of_the_attitude_survey_come_out() -> None:
    found = reliability.consistency(read_table("attitude"))
    for key, value in {"alpha_raw": found.alpha, "alpha_std": found.standardised, "lambda6": found.lambda6}.items():
        expected, tolerance = published("attitude")[key]
        assert value == pytest.approx(expected, abs=tolerance), key


@pytest.mark.parametrize(
    ("letter", "key"),
    [
        ("A", "alpha_agree"),
        ("C", "alpha_conscientious"),
        ("E", "alpha_extraversion"),
        ("N", "alpha_neuroticism"),
        ("O", "alpha_openness"),
    ],
)
def test_the_alphas_of_the_big_five_come_out(letter: str, key: str) -> None:
    expected, tolerance = published("bfi")[key]
    found = reliability.consistency(big_five(letter))
    assert found.alpha == pytest.approx(expected, abs=tolerance)
    assert found.low < found.alpha < found.high


def test_omega_of_items_that_measure_one_thing_equally_well_is_alpha() -> None:
    """With equal covariances alpha and omega coincide (McDonald 1999), whatever the items' own scales."""
    covariance = np.full((4, 4), 0.5) + np.diag([0.5, 0.5, 0.5, 0.5])
    items = exactly_correlated(covariance, n=50)
    found = reliability.omega(items)
    assert found.omega == pytest.approx(reliability.consistency(items).alpha)
    assert found.loadings == pytest.approx([math.sqrt(0.5)] * 4)
    assert not found.bounded


def test_omega_finds_the_loadings_that_made_the_items() -> None:
    loadings, sd = np.array([0.9, 0.7, 0.5, 0.4]), np.array([1.0, 2, 3, 4])
    correlation = np.outer(loadings, loadings)
    np.fill_diagonal(correlation, 1)
    found = reliability.omega(exactly_correlated(correlation * np.outer(sd, sd), n=40))
    assert found.loadings == pytest.approx(loadings.tolist(), abs=1e-6)
    true = (loadings * sd).sum() ** 2
    assert found.omega == pytest.approx(true / (true + ((1 - loadings**2) * sd**2).sum()))


def test_an_item_that_was_not_turned_shows_as_a_low_omega() -> None:
    items = exactly_correlated(np.full((4, 4), 0.5) + np.diag([0.5] * 4), n=50)
    items[:, 0] *= -1
    assert reliability.omega(items).omega < 0.6


def test_a_loading_that_would_pass_one_is_held_and_said() -> None:
    correlation = np.array([[1, 0.9, 0.7], [0.9, 1, 0.6], [0.7, 0.6, 1]])
    found = reliability.omega(exactly_correlated(correlation, n=20))
    assert found.bounded
    assert max(found.loadings) == 1


def exactly_correlated(covariance: Floats, *, n: int) -> Floats:
    """Values (n, k) whose sample covariance is exactly this."""
    k = len(covariance)
    draws = np.random.default_rng(1).normal(size=(n, k))
    basis = np.linalg.qr(draws - draws.mean(axis=0))[0] * math.sqrt(n - 1)
    return np.asarray(basis @ np.linalg.cholesky(covariance).T)


def test_items_that_do_not_vary_are_refused() -> None:
    with pytest.raises(SampleError, match="same answer"):
        reliability.consistency([[1, 2], [1, 3], [1, 4]])
    with pytest.raises(SampleError, match="same total"):
        reliability.consistency([[1, 3], [2, 2], [3, 1]])
    with pytest.raises(SampleError, match="3 are needed"):
        reliability.omega([[1, 3], [2, 2], [3, 3]])


@pytest.mark.parametrize("form", ["ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"])
def test_the_six_intraclass_correlations_of_shrout_and_fleiss_come_out(form: str) -> None:
    (rating,) = read_columns("icc_shrout_fleiss", "rating")
    expected, tolerance = published("icc_shrout_fleiss")[form]
    found = reliability.icc(rating.reshape(6, 4))
    assert getattr(found, form.lower().translate(str.maketrans("(,", "__", ")"))) == pytest.approx(
        expected, abs=tolerance
    )


def test_the_margin_of_the_mean_of_raters_is_that_of_r_package_psych() -> None:
    (rating,) = read_columns("icc_shrout_fleiss", "rating")
    found = reliability.icc(rating.reshape(6, 4))
    assert (found.low_1, found.high_1) == pytest.approx((0.019, 0.761), abs=0.0006)
    assert (found.low, found.high) == pytest.approx((0.071, 0.927), abs=0.0006)


def test_raters_who_agree_fully_have_a_correlation_of_one() -> None:
    found = reliability.icc(np.array([[1, 1], [2, 2], [5, 5]]))
    assert (found.icc_1_1, found.icc_2_k, found.low) == pytest.approx((1, 1, 1))


def test_subjects_without_differences_say_nothing_about_raters() -> None:
    with pytest.raises(SampleError, match="do not differ"):
        reliability.icc(np.array([[1, 2], [1, 2], [1, 2]]))


def test_twice_as_many_items_are_more_reliable() -> None:
    assert reliability.spearman_brown(reliability=0.6, factor=2) == pytest.approx(0.75)
    assert reliability.spearman_brown(reliability=0.75, factor=0.5) == pytest.approx(0.6)


def test_the_example_of_jacobson_and_truax_comes_out() -> None:
    s1, rxx, pre, post, m_dys, s_dys, m_norm, s_norm = (float(value) for value in read_table("jacobson_truax")[0])
    error = reliability.difference_error(sd=s1, reliability=rxx)
    cut = reliability.cutoffs(
        mean_dysfunctional=m_dys, sd_dysfunctional=s_dys, mean_functional=m_norm, sd_functional=s_norm
    )
    answers = {
        "SE_measurement": reliability.standard_error(sd=s1, reliability=rxx),
        "S_diff": error,
        "RC": (post - pre) / error,
        "cut_a": cut.a,
        "cut_b": cut.b,
        "cut_c": cut.c,
    }
    for key, value in answers.items():
        expected, tolerance = published("jacobson_truax")[key]
        assert value == pytest.approx(expected, abs=tolerance), key


def test_cutoffs_turn_with_the_direction_of_the_scale() -> None:
    cut = reliability.cutoffs(mean_dysfunctional=60, sd_dysfunctional=7.5, mean_functional=40, sd_functional=7.5)
    assert (cut.a, cut.b, cut.c) == (45, 55, 50)


def test_only_changes_beyond_measurement_error_are_counted() -> None:
    found = reliability.reliable_change(before=[10.0, 10, 10, 10], after=[20.0, 19, 10, 0], sd=7.5, reliability=0.8)
    assert found.smallest == pytest.approx(1.96 * 4.743, abs=0.001)
    assert (found.n, found.up, found.same, found.down) == (4, 1, 2, 1)
    with pytest.raises(SampleError, match="reliability"):
        reliability.reliable_change(before=[1.0], after=[2.0], sd=1, reliability=1)
