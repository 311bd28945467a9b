"""The gate every number passes before it may leave."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from borging.figures.rules import SCORE_MINIMUM, Figure, Withheld, may_show


class MinimumTooLowError(ValueError):
    """Someone asked for a smaller minimum group than trust rule P1 allows."""


def release(*, title: str, groups: tuple[int, ...], minimum: int, figure: Callable[[], Figure]) -> Figure | Withheld:
    """The figure, made only when every group behind it is large enough; else why it is withheld, without any count.

    `groups` are the sizes of all groups the figure, its chart and its table show: trained and comparison, invited and
    answered. No group at all counts as too small. Raises MinimumTooLowError under the floor of five people.

    A minimum alone does not keep several figures from being combined until one person's answer can be solved for. The
    exact release audit, with its ledger of everything shown before, belongs here: between this check and the figure.
    """
    if minimum < SCORE_MINIMUM:
        raise MinimumTooLowError(f"a figure needs at least {SCORE_MINIMUM} people, not {minimum}")
    if not may_show(groups, minimum=minimum):
        reason = _("One of the groups is so small that someone could be recognised.")
        return Withheld(title=title, reason=reason, minimum=minimum)
    return figure()
