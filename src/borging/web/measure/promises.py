"""Promises, not courses: of each programme what was promised, seen and decided, in one line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from borging.figures.listing import Line, Told, lines_of
from borging.figures.rules import Figure
from borging.measure import reads
from borging.measure.reads import Language
from borging.people.models import Account
from borging.programmes.models import Programme, Status

TONES = {"keep": "go", "fix": "fix", "stop": "stop", "unknown": "busy"}


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One programme from promise to decision. unsure: its margin goes both ways, or there is no figure."""

    programme: Programme
    goal: str
    line: Line
    decided: str
    words: str
    tone: str
    unsure: bool


def promises_of(viewer: Account, *, language: Language, today: date) -> list[Promise]:
    """Every programme whose figures the viewer may see and that has begun, the latest first."""
    begun = list(reads.programmes_seen(viewer).exclude(status=Status.DRAFT).order_by("-pk"))
    slides = [reads.friday(each, viewer=viewer, language=language, today=today) for each in begun]
    told = [
        Told(name=each.name, figure=slide.figure, promised=each.promised_change)
        for each, slide in zip(begun, slides, strict=True)
    ]
    return [
        _promise(programme, line, decided=reads.decision_on(programme), words=slide.decision, figure=slide.figure)
        for programme, line, slide in zip(begun, lines_of(told), slides, strict=True)
    ]


def _promise(programme: Programme, line: Line, *, decided: str, words: str, figure: object) -> Promise:
    margin = figure.margin if isinstance(figure, Figure) else None
    return Promise(
        programme=programme,
        goal=programme.goal,
        line=line,
        decided=decided,
        words=words,
        tone=TONES.get(decided, "busy"),
        unsure=margin is None or margin.low <= 0 <= margin.high,
    )


def headline(promises: list[Promise]) -> str:
    """How many there are, and what was decided about them."""
    n = len(promises)
    counts = {key: sum(each.decided == key for each in promises) for key in ("keep", "fix", "stop")}
    said = {
        "keep": ngettext("%(n)s goes on", "%(n)s go on", counts["keep"]),
        "fix": ngettext("%(n)s is adapted", "%(n)s are adapted", counts["fix"]),
        "stop": ngettext("%(n)s stops", "%(n)s stop", counts["stop"]),
    }
    parts = [said[key] % {"n": count} for key, count in counts.items() if count]
    title = ngettext("%(n)s promise", "%(n)s promises", n) % {"n": n}
    return f"{title}: {', '.join(parts)}" if parts else _("%(promises)s, nothing decided yet") % {"promises": title}
