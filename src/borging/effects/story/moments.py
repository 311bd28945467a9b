"""Periods and names as a reader knows them."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from borging.effects.rules import StudyResult

EPOCH = date(1970, 1, 1)


def period(result: StudyResult, value: int) -> str:
    """A period number in words: "2024", "2024 Q1", "maart 2024", "3 maart 2024", "nameting"."""
    match result.scale_unit:
        case "quarter":
            return _("%(year)s Q%(quarter)s") % {"year": value // 4, "quarter": value % 4 + 1}
        case "month":
            return date_format(date(value // 12, value % 12 + 1, 1), "F Y")
        case "day":
            return date_format(EPOCH + timedelta(days=value), "j F Y")
        case "moment" if 0 <= value < len(result.scale_labels):
            return result.scale_labels[value]
    return str(value)


def since_start(unit: str) -> str:
    """The title of an axis that counts from the start."""
    return {
        "year": _("years since the start"),
        "quarter": _("quarters since the start"),
        "month": _("months since the start"),
        "day": _("days since the start"),
    }.get(unit, _("measurements since the start"))


def shift(value: int) -> str:
    """ "−6", "0", "+3"."""
    return f"−{-value}" if value < 0 else f"+{value}" if value else "0"


def quote(name: str) -> str:
    """A name from somebody's file inside a sentence: "earnings" is a column here, not a plural."""
    return _("“%(name)s”") % {"name": name}
