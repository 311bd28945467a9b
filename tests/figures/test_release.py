"""The gate: what may leave, and what a reader sees instead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils.translation import override

from borging.figures.release import MinimumTooLowError, release
from borging.figures.rules import Count, Figure, Margin, UnfoundedFigureError, Withheld, may_show
from tests.figures import sample


def test_a_figure_leaves_when_every_group_is_large_enough() -> None:
    figure = sample.staggered_figure("nl")
    assert release(title="Verzuim", groups=(10, 11), minimum=10, figure=lambda: figure) is figure


@pytest.mark.parametrize("groups", [(), (9, 400), (400, 9), (0, 50)])
def test_one_small_group_withholds_the_figure_without_making_it_or_naming_a_count(groups: tuple[int, ...]) -> None:
    def made() -> Figure:
        raise AssertionError("a withheld figure must not be calculated")

    with override("nl"):
        withheld = release(title="Verzuim", groups=groups, minimum=10, figure=made)
    assert withheld == Withheld(
        title="Verzuim", reason="Een van de groepen is zo klein dat iemand herkend kan worden.", minimum=10
    )


def test_nobody_may_lower_the_minimum_under_five() -> None:
    with pytest.raises(MinimumTooLowError):
        release(title="", groups=(100,), minimum=4, figure=lambda: sample.staggered_figure("nl"))


def test_no_group_at_all_may_not_be_shown() -> None:
    assert not may_show((), minimum=5)
    assert may_show((5,), minimum=5)


@pytest.mark.parametrize(
    "missing",
    [
        {"sentence": ""},
        {"label": ""},
        {"design": ""},
        {"counts": ()},
        {"counts": (Count(label="Mensen", n=3, of=2),)},
        {"margin": Margin(low=0.0, high=1.0)},
        {"margin": Margin(low=float("nan"), high=1.0)},
    ],
)
def test_a_number_without_what_belongs_to_it_cannot_become_a_figure(missing: dict[str, object]) -> None:
    with pytest.raises(UnfoundedFigureError):
        replace(sample.staggered_figure("nl"), **missing)  # type: ignore[arg-type]
