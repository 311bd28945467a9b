"""Headers that hold a period: the columns of a wide file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from borging.connectors.files.moments import CALENDAR, NUMBER_WORDS, When, read_when


def wide_periods(headers: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Headers that hold a period, each with (outcome, period text); empty when fewer than two belong together.

    score_pre, score_post: outcome score. re74, re75: outcome re. 2004, 2005 or wave 1, wave 2: no outcome of their own.
    """
    parted = {header: parts for header in headers if (parts := part_header(header)) is not None}
    groups = Counter((name, kind) for name, _text, kind in parted.values())
    together = {group for group, n in groups.items() if n > 1}
    return {header: (name, text) for header, (name, text, kind) in parted.items() if (name, kind) in together}


def part_header(header: str) -> tuple[str, str, str] | None:
    """(outcome, period text, family) of a header that holds a period."""
    text = header.strip()
    whole = read_when(text)
    if whole is not None and (whole.kind != "number" or whole.prefix in NUMBER_WORDS | {""}):
        return "", text, family_of(whole)
    pieces = re.split(r"([\s_.\-]+|(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d]))", text)
    for cut in range(1, len(pieces), 2):
        left, right = "".join(pieces[:cut]).strip(" _.-"), "".join(pieces[cut + 1 :]).strip(" _.-")
        for name, period, last in ((left, right, True), (right, left, False)):
            when = read_when(period)
            if when is None or not name or name.isdigit():
                continue
            if when.kind != "number" or (last and when.prefix in NUMBER_WORDS | {""}):
                return name, period, family_of(when)
    return None


def family_of(when: When) -> str:
    return "calendar" if when.kind in CALENDAR else when.kind
