"""What was promised and seen, beside the question what the sponsor decides about it."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import get_language

from borging import clock
from borging.cards.models import Card
from borging.figures.listing import Told, lines_of
from borging.measure.reads import decided_upon
from borging.transfer.content import Filled


def beside(card: Card, filled: Filled) -> dict[str, Any]:
    """One line with its margin, rung and denominator, or why there is none; for the sponsor only."""
    if filled.step.kind != "decide":
        return {}
    programme = card.programme
    slide = decided_upon(
        programme,
        sponsor=card.person,
        language="nl" if get_language() == "nl" else "en",
        today=localdate(clock.now()),
    )
    if slide is None:
        return {}
    told = Told(name=programme.name, figure=slide.figure, promised=programme.promised_change)
    return {"verdict": lines_of([told])[0]}
