"""What a team was seen to do, put together for who leads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from borging.evidence.reads import agreed_by
from borging.figures.listing import boxed
from borging.measure.reads import Language, released_of
from borging.people.models import Account, Team


@dataclass(frozen=True, kw_only=True)
class Told:
    """One programme as seen in one team. agreed: what the team agreed, as the viewer wrote it down."""

    lines: SafeString
    agreed: str


def told_of(team: Team, *, viewer: Account, language: Language, today: date) -> list[Told]:
    """Per programme, the latest first."""
    found = released_of(team, viewer=viewer, language=language, today=today)
    return [
        Told(
            lines=boxed(report),
            agreed=agreed_by(viewer.person, programme=programme) if viewer.person else "",
        )
        for programme, report in found
    ]
