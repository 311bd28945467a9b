"""One cell of a file of people: an address, a team's path, a language, work days, and names as they are compared."""

from __future__ import annotations

import re

ADDRESS = re.compile(r"[^@\s,;<>\"()]+@[^@\s,;<>\"()]+\.[^@\s,;<>\"().]+")
LANGUAGES = {
    **dict.fromkeys(("nl", "nld", "dut", "nl-nl", "nl-be", "nl_nl", "nederlands", "dutch"), "nl"),
    **dict.fromkeys(("en", "eng", "en-gb", "en-us", "en_gb", "en_us", "engels", "english"), "en"),
}
DAYS = {
    name: number
    for number, names in enumerate(
        (
            "ma maandag mo mon monday",
            "di dinsdag tu tue tues tuesday",
            "wo woensdag we wed wednesday",
            "do donderdag th thu thurs thursday",
            "vr vrijdag fr fri friday",
            "za zaterdag sa sat saturday",
            "zo zondag su sun sunday",
        ),
        start=1,
    )
    for name in names.split()
} | {str(number): number for number in range(1, 8)}
_RANGE = re.compile(r"\s*(?:-|–|t/m|tot en met|through|to)\s*")
_BETWEEN_DAYS = re.compile(r"\s*(?:[,;+&/ ]|\ben\b|\band\b)\s*")


def squeeze(text: str) -> str:
    """A text without spaces around it, and with single spaces inside."""
    return " ".join(text.split())


def compared(text: str) -> str:
    """A name or address as it is compared."""
    return squeeze(text).casefold()


def compared_number(text: str) -> str:
    """A staff number as it is compared: a spreadsheet takes the zeros off 007."""
    plain = compared(text)
    return plain.lstrip("0") or "0" if plain.isdecimal() else plain


def read_address(text: str) -> str | None:
    """The e-mail address in a cell, also in "Samira Bakker <s@example.org>"; None when there is none."""
    inner = re.search(r"<([^<>]+)>", text)
    plain = squeeze(inner[1] if inner else text).removeprefix("mailto:")
    return plain if ADDRESS.fullmatch(plain) and len(plain) <= 254 else None


def read_team(text: str) -> tuple[str, ...]:
    """The path of a team from the top: "Zorg / Oost" and "Zorg > Oost". "I/A" without spaces is one name."""
    return tuple(name for part in re.split(r"\s/\s|[>\\›»]", text) if (name := squeeze(part)))


def read_work_days(text: str) -> str | None:
    """ISO weekdays in order ("1234"); None when they cannot be read: a lone figure may be a number of days."""
    plain = compared(text).replace(".", "")
    if re.fullmatch(r"[1-7]{2,7}", plain):
        return "".join(sorted(set(plain)))
    found: set[int] = set()
    for part in _BETWEEN_DAYS.split(_RANGE.sub("-", plain)):
        ends = [DAYS.get(end) for end in part.split("-")]
        if None in ends or len(ends) > 2:
            return None
        first, last = (ends[0] or 0), (ends[-1] or 0)
        found |= set(range(first, last + 1)) if first <= last else {*range(first, 8), *range(1, last + 1)}
    return None if not found or plain.isdecimal() else "".join(map(str, sorted(found)))
