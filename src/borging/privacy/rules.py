"""How long each kind of data is kept (trust rule P13). No Django, no clock."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of personal data that have a term of their own."""

    MAIL_TEXTS = "mail-texts"
    PEOPLE_FILES = "people-files"
    OWN_WORDS = "own-words"
    STUDY_FILES = "study-files"
    DELIVERY = "delivery"
    AWAY = "away"
    LOOKS = "looks"
    ANSWERS = "answers"
    PEOPLE = "people"


@dataclass(frozen=True, kw_only=True)
class Term:
    """How long a kind is kept after the day from which its term runs."""

    months: int = 0
    days: int = 0

    def limit(self, now: datetime) -> datetime:
        """What began its term before this is over. A month ends on its last day where it has no such day."""
        total = now.year * 12 + now.month - 1 - self.months
        year, month = divmod(total, 12)
        day = min(now.day, calendar.monthrange(year, month + 1)[1])
        return now.replace(year=year, month=month + 1, day=day) - timedelta(days=self.days)


TERMS: dict[Kind, Term] = {
    Kind.MAIL_TEXTS: Term(),
    Kind.PEOPLE_FILES: Term(days=1),
    Kind.OWN_WORDS: Term(days=30),
    Kind.STUDY_FILES: Term(days=30),
    Kind.DELIVERY: Term(days=90),
    Kind.AWAY: Term(days=90),
    Kind.LOOKS: Term(months=13),
    Kind.ANSWERS: Term(months=24),
    Kind.PEOPLE: Term(months=24),
}
"""The one place where these are. From when each runs and why it is so long stands in `words`."""
