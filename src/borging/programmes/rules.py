"""Pure decisions about programmes: what a promise is, which behaviour can be seen, who is whose buddy. No Django."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

NUMBER = re.compile(r"[A-Za-z]{0,4}[-.]?\d[\w.-]*")
ADDRESS = re.compile(r"[^\s<>;,\"'()]+@[^\s<>;,\"'()]+\.[^\s<>;,\"'()]+")

# --- the promise ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What a sponsor signs. `first_day` is an ISO date, empty while there is no session."""

    goal: str
    behaviours: tuple[str, ...]
    kpi: str
    promised_change: float | None
    first_day: str
    playbook: str
    playbook_version: int


def text_of(promise: Promise) -> dict[str, Any]:
    """The promise as it is kept with its seal."""
    return {**asdict(promise), "behaviours": list(promise.behaviours)}


def seal(promise: Promise) -> str:
    """SHA-256 of the promise as canonical JSON: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(text_of(promise), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def changed_parts(signed: Mapping[str, Any], promise: Promise) -> tuple[str, ...]:
    """Which parts of a promise differ from what was signed, by name."""
    return tuple(name for name, value in text_of(promise).items() if signed.get(name) != value)


# --- behaviours that nobody can see -----------------------------------------------------------------------------------

Kind = Literal["understand", "know", "aware", "attitude", "able", "learn"]


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """A behaviour that happens inside somebody's head. `rest` is what it is about, for the suggestion to use."""

    kind: Kind
    language: Literal["nl", "en"]
    phrase: str
    rest: str


_UNSEEN: tuple[tuple[Kind, str, str], ...] = (
    (
        "understand",
        r"begrijp(?:t|en)|snap(?:t|pen)|heeft (?:meer )?inzicht in",
        r"understands?|has insight into|grasps?",
    ),
    (
        "aware",
        r"(?:is|zijn|wordt|worden) zich bewust van|beseft|beseffen",
        r"(?:is|are|becomes?) aware of|reali[sz]es?",
    ),
    ("know", r"weet|weten|kent|kennen|is bekend met|zijn bekend met", r"knows?|(?:is|are) familiar with"),
    (
        "attitude",
        r"staat open voor|is gemotiveerd (?:om|voor)|vindt|gelooft in|voelt zich",
        r"is open to|is motivated to|believes? in|feels?|values?|appreciates?",
    ),
    ("able", r"kan|kunnen|is in staat om|zijn in staat om", r"can|(?:is|are) able to"),
    ("learn", r"leert|leren", r"learns?"),
)


def unseen(text: str) -> Unseen | None:
    """What cannot be observed in this behaviour; None when somebody could see it."""
    for kind, dutch, english in _UNSEEN:
        patterns: tuple[tuple[Literal["nl", "en"], str], ...] = (("nl", dutch), ("en", english))
        for language, pattern in patterns:
            if match := re.search(rf"(?:^|\s)({pattern})\s+(.*)$", text.strip().rstrip("."), re.IGNORECASE):
                rest = re.sub(r"^(?:om|te|to)\s+", "", match[2].strip())
                return Unseen(kind=kind, language=language, phrase=match[1], rest=rest)
    return None


# --- people -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Named:
    """A person as somebody pasted them; any part may be empty, not all."""

    name: str = ""
    email: str = ""
    number: str = ""

    def __str__(self) -> str:
        return self.name or self.email or self.number


def people_in(text: str) -> tuple[Named, ...]:
    """The people in a pasted text: one a line, or an address line of a mail program; twice the same counts once."""
    lines = [part for line in text.splitlines() for part in _parts(line)]
    return tuple(dict.fromkeys(named for line in lines if (named := _named(line))))


def _parts(line: str) -> list[str]:
    if len(ADDRESS.findall(line)) > 1:
        return re.findall(r'(?:"[^"]*"|[^;,"])+', line)
    return [line]


def _named(line: str) -> Named | None:
    line = re.sub(r'"([^",]+),\s*([^"]+)"', r"\2 \1", line)  # "Vries, Piet de", as mail programs write it
    email = match[0] if (match := ADDRESS.search(line)) else ""
    rest = re.split(r"[;,\t]", re.sub(r"[<>\"()]", " ", ADDRESS.sub(" ", line, count=1)))
    words = [" ".join(part.split()) for part in rest]
    number = next((word for word in words if NUMBER.fullmatch(word)), "")
    name = " ".join(word for word in words if word and word != number)
    if not (name or email or number):
        return None
    return Named(name=name[:200], email=email.lower(), number=number[:64])


def buddies(
    members: Sequence[int], *, managers: Mapping[int, int], taken: Mapping[int, int], needing: Sequence[int]
) -> dict[int, int]:
    """A buddy for each member who needs one: round the circle, who is asked least first, never one's own manager.

    members: everyone in the cohort, in the order they came; managers: of whom; taken: the buddies there are.
    A member for whom nobody is left gets none.
    """
    asked = Counter(taken.values())
    places = {member: place for place, member in enumerate(members)}
    found: dict[int, int] = {}
    for member in needing:
        others = [other for other in members if other not in (member, managers.get(member))]
        if not others:
            continue
        found[member] = min(others, key=lambda other: (asked[other], (places[other] - places[member]) % len(members)))
        asked[found[member]] += 1
    return found


# --- situations -------------------------------------------------------------------------------------------------------

FORMS = ("A", "B", "R")
LEAST_OPTIONS, MOST_OPTIONS = 2, 6


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A work situation with things to do first, the best one first. `form`: A before, B after, R in between."""

    form: str
    text: str
    options: tuple[str, ...]
    explanation: str = ""


def scenarios_in(text: str, *, form: str) -> tuple[tuple[Scenario, ...], int]:
    """Situations from a pasted text, and how many blocks could not be read.

    Blocks are parted by an empty line. The first lines are the situation; each option begins with a dash, a star or a
    letter ("a)"), the best one with a star, else the first; what begins with an arrow or "because" explains. "[B]"
    before a situation puts it in another form.
    """
    blocks = [block for block in re.split(r"\n\s*\n", text.replace("\r", "")) if block.strip()]
    read = [_scenario(block, form=form) for block in blocks]
    return tuple(scenario for scenario in read if scenario), sum(scenario is None for scenario in read)


def _scenario(block: str, *, form: str) -> Scenario | None:
    situation, explanation, options = [], [], []
    for line in filter(None, (line.strip() for line in block.splitlines())):
        if match := re.match(r"(\*|[-•–]|[a-fA-F][).])\s+(.+)", line):
            options.append((match[1] == "*", match[2]))
        elif match := re.match(r"(?:→|=>|->|uitleg:|omdat:?|why:|because:?|explanation:)\s*(.+)", line, re.IGNORECASE):
            explanation.append(match[1])
        else:
            situation.append(line)
    words = " ".join(situation)
    if match := re.match(r"\[([ABR])\]\s*", words):
        form, words = match[1], words[match.end() :]
    ordered = tuple(option for _best, option in sorted(options, key=lambda option: not option[0]))
    if not words or not LEAST_OPTIONS <= len(ordered) <= MOST_OPTIONS:
        return None
    return Scenario(form=form, text=words, options=ordered, explanation=" ".join(explanation))
