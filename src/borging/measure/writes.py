"""Releasing figures: once for each batch, also when two workers do it at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from borging.figures.records import to_json
from borging.programmes.models import Programme

from .leaving import covered, without_smallest
from .ledger import Record
from .models import Release
from .reads import read
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


@transaction.atomic
def leave_out(*, organisation_id: int, names: Mapping[str, str]) -> None:
    """Some people are gone for good: their pseudonyms become names that lead nowhere, and what was shown of so few that
    it would not be shown without them is withdrawn."""
    for programme in Programme.objects.select_for_update().filter(organisation=organisation_id).order_by("pk"):
        releases = list(Release.objects.filter(programme=programme))
        inside, few = False, False
        for release in releases:
            ledger, fewer = covered(release.ledger, names=names)
            inside, few = inside or ledger != release.ledger, few or fewer
            release.ledger = ledger
        if inside:
            for release in releases:
                release.figures = to_json(without_smallest(read(release), cells=few))
            Release.objects.bulk_update(releases, ["ledger", "figures"])
