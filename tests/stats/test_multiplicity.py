import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from borging.stats import multiplicity
from borging.stats.multiplicity import Method
from borging.stats.samples import SampleError
from tests.reference import published
from tests.stats.tables import read_table

METHODS: list[Method] = ["bonferroni", "holm", "hochberg", "bh"]
chances = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("method", "key"), [("bh", "rejected_BH"), ("bonferroni", "rejected_bonferroni"), ("hochberg", "rejected_hochberg")]
)
def test_the_rejections_of_benjamini_and_hochberg_come_out(method: Method, key: str) -> None:
    adjusted = multiplicity.adjust(read_table("bh1995_pvalues")[:, 0], method=method)
    assert int((adjusted <= 0.05).sum()) == published("bh1995_pvalues")[key][0]


def test_the_fourth_adjusted_p_of_benjamini_and_hochberg_comes_out() -> None:
    expected, tolerance = published("bh1995_pvalues")["adj_BH_4"]
    adjusted = multiplicity.adjust(read_table("bh1995_pvalues")[:, 0], method="bh")
    assert adjusted[3] == pytest.approx(expected, abs=tolerance)


def test_holm_and_hochberg_by_hand() -> None:
    p = [0.04, 0.01, 0.03]
    assert multiplicity.adjust(p, method="holm") == pytest.approx([0.06, 0.03, 0.06])
    assert multiplicity.adjust(p, method="hochberg") == pytest.approx([0.04, 0.03, 0.04])


@given(chances)
def test_each_method_forgives_less_than_the_next(p: list[float]) -> None:
    bonferroni, holm, hochberg, bh = (multiplicity.adjust(p, method=method) for method in METHODS)
    tiny = 1e-12
    assert (np.array(p) <= bh + tiny).all()
    assert (bh <= hochberg + tiny).all()
    assert (hochberg <= holm + tiny).all()
    assert (holm <= bonferroni + tiny).all()


@given(chances, st.sampled_from(METHODS))
def test_the_order_of_the_outcomes_does_not_matter(p: list[float], method: Method) -> None:
    order = np.random.default_rng(len(p)).permutation(len(p))
    adjusted = multiplicity.adjust(p, method=method)
    assert multiplicity.adjust(np.array(p)[order], method=method) == pytest.approx(adjusted[order])


@pytest.mark.parametrize("wrong", [[], [0.1, np.nan], [1.2], [-0.1]])
def test_what_is_no_probability_is_refused(wrong: list[float]) -> None:
    with pytest.raises(SampleError):
        multiplicity.adjust(wrong, method="holm")
