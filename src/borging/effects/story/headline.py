"""The plain sentence that comes first. What it may say follows from the rung: "because of" is for a draw by lot."""

from __future__ import annotations

from django.utils.translation import gettext as _

from borging.effects.rules import Design, Estimate, OutcomeResult, failed
from borging.effects.story import moments
from borging.figures import words
from borging.figures.rules import Rung, Unit


def label(result: OutcomeResult) -> str:
    """What the number is called: an effect from rung 5, else a difference."""
    return _("difference") if result.refused else _("effect")


def headline(result: OutcomeResult, estimate: Estimate, unit: Unit) -> str:
    """The finding in one or two sentences, no stronger than its rung and its margin allow."""
    bounds = sorted((abs(estimate.low), abs(estimate.high)))
    said = {
        "outcome": moments.quote(result.outcome),
        "size": words.quantity(abs(estimate.value), unit),
        "least": words.quantity(bounds[0], unit),
        "most": words.quantity(bounds[1], unit),
        "low": words.quantity(estimate.low, unit),
        "high": words.quantity(estimate.high, unit),
        "value": words.quantity(estimate.value, unit),
    }
    if estimate.low <= 0 <= estimate.high:
        return _unsure(result) % said
    return _sure(result, up=estimate.value > 0) % said


def _unsure(result: OutcomeResult) -> str:
    if not result.refused:
        return _(
            "Whether the training changed %(outcome)s, we do not know. The difference is %(value)s, "
            "but it may also be %(low)s or %(high)s."
        )
    if result.design is Design.PAIRED:
        return _(
            "Whether %(outcome)s changed after the training, we do not know. The difference is %(value)s, "
            "but it may also be %(low)s or %(high)s."
        )
    return _(
        "Whether %(outcome)s differs between the trained and the others, we do not know. "
        "The difference is %(value)s, but it may also be %(low)s or %(high)s."
    )


def _sure(result: OutcomeResult, *, up: bool) -> str:
    if result.refused:
        return _refused(result, up=up)
    certain = result.rung is Rung.DRAWN and not failed(result.gates)
    probable = result.rung is Rung.DRAWN or not failed(result.gates)
    if certain and up:
        return _(
            "Because of the training, %(outcome)s was %(size)s higher than without it. "
            "It may also be %(least)s or %(most)s."
        )
    if certain:
        return _(
            "Because of the training, %(outcome)s was %(size)s lower than without it. "
            "It may also be %(least)s or %(most)s."
        )
    if probable and up:
        return _(
            "Probably because of the training, %(outcome)s was %(size)s higher than without it. "
            "It may also be %(least)s or %(most)s."
        )
    if probable:
        return _(
            "Probably because of the training, %(outcome)s was %(size)s lower than without it. "
            "It may also be %(least)s or %(most)s."
        )
    return _consistent(up=up)


def _consistent(*, up: bool) -> str:
    if up:
        return _(
            "With the training, %(outcome)s was %(size)s higher than we would expect without it. "
            "That fits with an effect, but does not prove it. It may also be %(least)s or %(most)s."
        )
    return _(
        "With the training, %(outcome)s was %(size)s lower than we would expect without it. "
        "That fits with an effect, but does not prove it. It may also be %(least)s or %(most)s."
    )


def _refused(result: OutcomeResult, *, up: bool) -> str:
    if result.design is Design.PAIRED:
        if up:
            return _(
                "After the training, %(outcome)s was %(size)s higher than before, among the same people. "
                "Whether that is because of the training, these data cannot say."
            )
        return _(
            "After the training, %(outcome)s was %(size)s lower than before, among the same people. "
            "Whether that is because of the training, these data cannot say."
        )
    if result.design is Design.NAIVE:
        if up:
            return _(
                "Among the trained, %(outcome)s is %(size)s higher than among the others. "
                "That is a difference between two groups, not an effect of the training."
            )
        return _(
            "Among the trained, %(outcome)s is %(size)s lower than among the others. "
            "That is a difference between two groups, not an effect of the training."
        )
    if up:
        return _(
            "Since the start, %(outcome)s among the trained went up %(size)s compared with the others. "
            "We may not call that an effect of the training."
        )
    return _(
        "Since the start, %(outcome)s among the trained went down %(size)s compared with the others. "
        "We may not call that an effect of the training."
    )
