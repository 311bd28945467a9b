from itertools import product

import numpy as np
import pyarrow.csv
import pytest
from numpy.typing import ArrayLike, NDArray

from borging.stats import regression
from borging.stats.regression import RegressionError
from tests.reference import published, reference

Floats = NDArray[np.float64]


def columns(name: str) -> dict[str, Floats]:
    """The columns of a reference file that are numbers."""
    table = pyarrow.csv.read_csv(reference(name))
    return {field: table[field].to_numpy() for field in table.column_names}


def with_ones(*parts: ArrayLike) -> Floats:
    return np.column_stack([np.ones(len(np.asarray(parts[0]))), *parts]).astype(float)


def dummies(values: ArrayLike) -> Floats:
    labels = np.asarray(values)
    return np.asarray(labels[:, None] == np.unique(labels)[1:], dtype=float)


def people_in_teams(*, teams: int, size: int, seed: int = 1) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """y, X with a team-level treatment and a personal covariate, and the team of each row."""
    draw = np.random.default_rng(seed)
    team = np.repeat(np.arange(teams), size)
    trained = (team % 2).astype(float)
    before = draw.normal(size=teams * size)
    y = 0.5 * trained + 0.4 * before + draw.normal(size=teams)[team] + draw.normal(size=teams * size)
    return y, with_ones(trained, before), team


@pytest.mark.parametrize(
    ("key", "kind", "ways"),
    [
        ("se_ols", "classical", []),
        ("se_white", "hc1", []),
        ("se_firm", "cluster", ["firm"]),
        ("se_year", "cluster", ["year"]),
        ("se_firm_year", "cluster", ["firm", "year"]),
    ],
)
def test_petersens_standard_errors_come_out_as_he_published_them(
    key: str, kind: regression.Kind, ways: list[str]
) -> None:
    rows, expected = columns("petersen.csv"), published("petersen")
    clusters = np.column_stack([rows[way] for way in ways]) if ways else None
    result = regression.fit(y=rows["y"], X=with_ones(rows["x"]), clusters=clusters, kind=kind)
    assert result.coefficients[1] == pytest.approx(expected["beta"][0], abs=expected["beta"][1])
    assert result.se[1] == pytest.approx(expected[key][0], abs=expected[key][1])


def test_two_way_clustering_takes_each_factor_from_its_own_number_of_clusters() -> None:
    rows = columns("petersen.csv")
    X, both = with_ones(rows["x"]), np.column_stack([rows["firm"], rows["year"]])
    result = regression.fit(y=rows["y"], X=X, clusters=both, kind="cluster")
    parts = [
        regression.fit(y=rows["y"], X=X, clusters=labels, kind="cluster").covariance
        for labels in (rows["firm"], rows["year"], rows["firm"] * 100 + rows["year"])
    ]
    np.testing.assert_allclose(result.covariance, parts[0] + parts[1] - parts[2], rtol=1e-12)
    assert result.se[1] == pytest.approx(0.05356, abs=5e-6)  # vcovCL of the R package sandwich
    assert (result.clusters, result.df) == ((500, 10), 9)


@pytest.mark.parametrize(
    ("key", "weighted"), [("twfe_unweighted_recomputed", False), ("twfe_popweighted", True)], ids=["plain", "weighted"]
)
def test_castle_doctrine_value_is_explained_though_never_offered(key: str, weighted: bool) -> None:
    rows = columns("castle.csv")
    weights = rows["popwt"] if weighted else None
    groups = np.column_stack([rows["sid"], rows["year"]])
    left = regression.remove_means(values=np.column_stack([rows["lhom"], rows["post"]]), groups=groups, weights=weights)
    result = regression.fit(
        y=left[:, 0], X=left[:, 1:], weights=weights, clusters=rows["sid"], kind="cluster", absorbed=60
    )
    expected, tolerance = published("castle")[key]
    assert result.coefficients[0] == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("weighted", [False, True])
def test_removing_means_equals_a_column_for_every_group(weighted: bool) -> None:
    draw = np.random.default_rng(4)
    y, x, a, b = draw.normal(size=90), draw.normal(size=90), draw.integers(0, 5, 90), draw.integers(0, 4, 90)
    weights = draw.uniform(0.2, 3, 90) if weighted else None
    full = regression.fit(y=y, X=with_ones(x, dummies(a), dummies(b)), weights=weights, kind="hc1")
    left = regression.remove_means(values=np.column_stack([y, x]), groups=np.column_stack([a, b]), weights=weights)
    short = regression.fit(y=left[:, 0], X=left[:, 1:], weights=weights, kind="hc1", absorbed=8)
    assert short.coefficients[0] == pytest.approx(full.coefficients[1], rel=1e-9)
    assert short.se[0] == pytest.approx(full.se[1], rel=1e-9)
    assert short.df == full.df


def test_whole_number_weights_count_a_row_several_times() -> None:
    draw = np.random.default_rng(2)
    y, x, times = draw.normal(size=30), draw.normal(size=30), draw.integers(1, 4, 30)
    once = regression.fit(y=y, X=with_ones(x), weights=times)
    copied = regression.fit(y=np.repeat(y, times), X=with_ones(np.repeat(x, times)))
    np.testing.assert_allclose(once.coefficients, copied.coefficients, rtol=1e-12)
    assert once.r_squared == pytest.approx(copied.r_squared, rel=1e-12)


def test_clusters_of_one_row_give_whites_standard_errors() -> None:
    y, X, _team = people_in_teams(teams=6, size=5)
    own = regression.fit(y=y, X=X, clusters=np.arange(len(y)), kind="cluster").covariance
    np.testing.assert_allclose(own, regression.fit(y=y, X=X, kind="hc1").covariance, rtol=1e-10)


def test_hc3_is_the_jackknife_and_hc2_lies_between() -> None:
    y, X, _team = people_in_teams(teams=4, size=5)
    se = {kind: regression.fit(y=y, X=X, kind=kind).se for kind in ("hc1", "hc2", "hc3")}
    centre = regression.fit(y=y, X=X).coefficients
    left_out = [
        regression.fit(y=np.delete(y, i), X=np.delete(X, i, axis=0)).coefficients - centre for i in range(len(y))
    ]
    np.testing.assert_allclose(se["hc3"] ** 2, np.sum(np.square(left_out), axis=0), rtol=1e-9)
    assert (se["hc2"] < se["hc3"]).all()


def test_a_two_group_regression_is_the_pooled_t_test() -> None:
    a, b = np.array([3.1, 4.0, 2.2, 5.1]), np.array([4.9, 6.2, 5.0, 7.7, 5.5])
    result = regression.fit(y=np.concatenate([a, b]), X=with_ones(np.repeat([0, 1], [4, 5])), names=("control", "gain"))
    pooled = (a.var(ddof=1) * 3 + b.var(ddof=1) * 4) / 7
    assert result.names == ("control", "gain")
    assert result.coefficients[1] == pytest.approx(b.mean() - a.mean())
    assert result.se[1] == pytest.approx(np.sqrt(pooled * (1 / 4 + 1 / 5)))
    assert result.df == 7
    low, high = result.interval()
    assert (low[1] + high[1]) / 2 == pytest.approx(result.coefficients[1])
    assert (high[1] - low[1]) / 2 / result.se[1] == pytest.approx(2.364624, abs=1e-6)  # t table, 7 df


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"X": np.ones((6, 2))}, "follows from the others"),
        ({"X": np.eye(6)}, "too few"),
        ({"X": np.ones((5, 1))}, "do not fit"),
        ({"y": [1, 2, np.nan, 4, 5, 6]}, "missing"),
        ({"weights": [1, 1, 1, 1, 1, 0]}, "positive"),
        ({"kind": "cluster"}, "go with"),
        ({"clusters": np.arange(6)}, "go with"),
        ({"clusters": np.zeros(6), "kind": "cluster"}, "one cluster"),
        ({"clusters": np.ones((6, 3)), "kind": "cluster"}, "one or two"),
        ({"X": with_ones([1, 0, 0, 0, 0, 0]), "kind": "hc3"}, "on its own"),
    ],
)
def test_rows_that_cannot_carry_a_regression_are_refused(change: dict[str, object], says: str) -> None:
    given: dict[str, object] = {"y": [1.0, 2, 3, 5, 8, 13], "X": with_ones(np.arange(6))}
    with pytest.raises(RegressionError, match=says):
        regression.fit(**(given | change))  # type: ignore[arg-type]


def test_the_published_wild_bootstrap_is_reproduced() -> None:
    rows, expected = columns("voters_wildboot.csv"), published("voters_wildboot")
    X = with_ones(rows["treatment"], rows["log_income"], dummies(rows["Q1_immigration"]), dummies(rows["Q2_defense"]))
    test = regression.wild_bootstrap(
        y=rows["proposition_vote"], X=X, coefficient=1, clusters=rows["group_id1"], weights="rademacher"
    )
    assert test.coefficient == pytest.approx(expected["beta"][0], abs=expected["beta"][1])
    assert test.t == pytest.approx(expected["t"][0], abs=expected["t"][1])
    assert test.p == pytest.approx(expected["p_boot"][0], abs=expected["p_boot"][1])
    assert (test.clusters, test.enumerated) == (40, False)
    # The interval that the same page prints: .039 to .119.
    assert [test.low, test.high] == pytest.approx([0.039, 0.119], abs=1e-3)


@pytest.mark.parametrize("null", [0.0, 0.7])
def test_the_fast_bootstrap_equals_fitting_every_draw_anew(null: float) -> None:
    teams = 7
    y, X, team = people_in_teams(teams=teams, size=4)
    shifted, others = y - null * X[:, 1], np.delete(X, 1, axis=1)
    fitted = others @ np.linalg.lstsq(others, shifted, rcond=None)[0]
    own = abs(regression.fit(y=shifted, X=X, clusters=team, kind="cluster").t[1])
    drawn = [
        abs(regression.fit(y=fitted + np.array(v)[team] * (shifted - fitted), X=X, clusters=team, kind="cluster").t[1])
        for v in product([-1.0, 1.0], repeat=teams)
    ]
    test = regression.wild_bootstrap(y=y, X=X, coefficient=1, clusters=team, null=null, weights="rademacher")
    assert (test.draws, test.enumerated) == (2**teams, True)
    assert abs(test.t) == pytest.approx(own)
    assert test.p == pytest.approx(np.mean(np.array(drawn) >= own * (1 - 1e-9)))


def test_the_interval_holds_the_nulls_that_are_not_rejected() -> None:
    y, X, team = people_in_teams(teams=14, size=6)
    test = regression.wild_bootstrap(y=y, X=X, coefficient=1, clusters=team, draws=1999)
    for end, inward in ((test.low, 0.05), (test.high, -0.05)):
        for null, rejected in ((end + inward, False), (end - inward, True)):
            at = regression.wild_bootstrap(y=y, X=X, coefficient=1, clusters=team, draws=1999, null=null)
            assert (at.p <= 0.05) is rejected
    assert test.low < test.coefficient < test.high


def test_five_teams_can_never_reach_five_percent_by_flipping_signs_and_the_interval_says_so() -> None:
    y, X, team = people_in_teams(teams=5, size=40)
    test = regression.wild_bootstrap(y=y + 50 * X[:, 1], X=X, coefficient=1, clusters=team, weights="rademacher")
    assert (test.draws, test.enumerated) == (32, True)
    assert test.p >= 2 / 32
    assert (test.low, test.high) == (-np.inf, np.inf)


def test_six_points_give_few_teams_more_draws() -> None:
    y, X, team = people_in_teams(teams=5, size=6)
    webb = regression.wild_bootstrap(y=y, X=X, coefficient=1, clusters=team)
    assert (webb.draws, webb.enumerated) == (6**5, True)
    points = regression.BOOTSTRAP_WEIGHTS["webb"]
    assert points.mean() == pytest.approx(0)
    assert points.var() == pytest.approx(1)


def test_the_same_seed_gives_the_same_answer() -> None:
    y, X, team = people_in_teams(teams=20, size=3)
    answers = {
        regression.wild_bootstrap(y=y, X=X, coefficient=1, clusters=team, draws=499, seed=seed).p for seed in (5, 5, 6)
    }
    assert len(answers) == 2
