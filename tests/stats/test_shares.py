"""Shares with their margins."""

import numpy as np
import pytest

from borging.stats import shares
from borging.stats.samples import SampleError


def test_wilsons_margin_is_the_published_one() -> None:
    # Newcombe (1998), Statistics in Medicine 17:857, table I, method 3: 81 of 263 and 15 of 148.
    found = shares.share(count=81, of=263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    found = shares.share(count=15, of=148)
    assert (found.low, found.high) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_a_rate_of_equal_people_has_the_margin_of_its_people() -> None:
    found = shares.rate(done=[2] * 6, chances=[2] * 6)
    assert (found.share, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(shares.share(count=6, of=6).low)


def test_a_rate_of_people_with_one_chance_each_is_nearly_a_share() -> None:
    done = [1.0] * 12 + [0.0] * 28
    rate, share = shares.rate(done=done, chances=[1.0] * 40), shares.share(count=12, of=40)
    assert rate.share == share.share
    assert (rate.low, rate.high) == pytest.approx((share.low, share.high), abs=0.005)


def test_the_margin_of_a_rate_holds_what_it_promises_when_people_differ() -> None:
    rng, held = np.random.default_rng(4), 0
    for _run in range(400):
        chances = rng.integers(1, 7, 30)
        own = rng.beta(2, 2, 30)
        found = shares.rate(done=rng.binomial(chances, own), chances=chances)
        held += found.low <= 0.5 <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_more_done_than_chances_is_refused() -> None:
    with pytest.raises(SampleError):
        shares.rate(done=[2, 1], chances=[1, 1])
    with pytest.raises(SampleError):
        shares.share(count=3, of=2)
