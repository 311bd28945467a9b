"""Releasing figures: once for each batch, also when two workers do it at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from borging.figures.records import to_json
from borging.programmes.models import Programme

from .ledger import Record
from .models import Release
from .rules import Result


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Figures that may be released, and of which answers they are sums."""

    batch: str
    answers: int
    figures: Result
    ledger: list[Record]


@transaction.atomic
def release(*, programme: Programme, drafts: Sequence[Draft], after: int, now: datetime) -> int:
    """Keep these figures, unless another worker released something since `after`, the latest release they build on.

    Then nothing is kept: their gate did not know what the other showed. Returns how many were released.
    """
    Programme.objects.select_for_update().get(pk=programme.pk)
    if Release.objects.filter(programme=programme, pk__gt=after).exists():
        return 0
    made = [
        Release(
            programme=programme,
            batch=draft.batch,
            answers=draft.answers,
            figures=to_json(draft.figures),
            ledger=draft.ledger,
            released_at=now,
        )
        for draft in drafts
    ]
    return len(Release.objects.bulk_create(made))
