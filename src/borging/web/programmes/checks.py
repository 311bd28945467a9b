"""The transfer check as it is read: what is weakest first, each with its reason, its source, and a way to mend it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from borging.figures.words import number
from borging.programmes.models import Programme, Session, Status
from borging.transfer import check, facts, promises

SHOWN = 3
BY_BUTTON = ("no-buddy", "no-time", "not-training", "too-small", "too-few-places")
"""What one press mends; the others lead to the field where it is mended."""
FIELDS = {
    "no-behaviour": ("behaviours", "id_behaviour_1"),
    "no-goal": ("goal", "id_goal"),
    "reaction-only": ("behaviours", "id_behaviour_1"),
    "same-source": ("behaviours", "id_behaviour_1"),
    "no-follow-up": ("behaviours", "id_behaviour_1"),
    "short-repeats": ("lasting", "id_retention_days"),
    "little-practice": ("surroundings", "id_practice_share"),
    "no-time": ("surroundings", "id_practice_minutes"),
    "late-chance": ("surroundings", "id_first_chance_days"),
    "not-training": ("surroundings", "id_main_barrier"),
    "too-few-places": ("surroundings", "id_places"),
    "no-owner": ("surroundings", "id_embedding_owner"),
    "team-unaware": ("surroundings", "id_team_told"),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One finding. `button` is whether `fix` is done by pressing; else `address` leads to the field."""

    key: str
    stops: bool
    message: str
    detail: str
    why: str
    source: str
    fix: str
    button: bool
    address: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The three weakest points, the others, and how many points are in order."""

    weakest: tuple[Line, ...]
    others: tuple[Line, ...]
    in_order: int
    of: int
    not_training: bool


def checked(programme: Programme, known: check.Facts) -> Checked:
    lines = tuple(_line(weakness, programme, known) for weakness in facts.weaknesses(known))
    return Checked(
        weakest=lines[:SHOWN],
        others=lines[SHOWN:],
        in_order=len(check.RULES) - len(lines),
        of=len(check.RULES),
        not_training=any(line.key == "not-training" for line in lines),
    )


def _line(weakness: facts.Weakness, programme: Programme, known: check.Facts) -> Line:
    language = "nl" if get_language() == "nl" else "en"
    return Line(
        key=weakness.key,
        stops=weakness.severity == "stop",
        message=weakness.message[language],
        detail=_detail(weakness.key, programme, known),
        why=weakness.finding[language] if weakness.finding else "",
        source=facts.source_of(weakness.finding, language) if weakness.finding else "",
        fix=weakness.fix[language],
        button=_by_button(weakness.key, programme),
        address=_address(weakness.key, programme),
    )


def _by_button(key: str, programme: Programme) -> bool:
    if programme.status in (Status.STOPPED, Status.DONE):
        return False
    if key == "too-few-places":
        return programme.status == Status.DRAFT
    if key == "not-training":
        return facts.routed(programme) is None
    return key in BY_BUTTON


def _address(key: str, programme: Programme) -> str:
    page = reverse("programme", args=[programme.pk])
    if key == "unsigned":
        return f"{page}#promise"
    if key in ("no-buddy", "absence-size", "too-small"):
        return reverse("programme_people", args=[programme.pk])
    if key in ("no-baseline", "no-talk-before", "too-many-nudges"):
        session = Session.objects.filter(cohort__programme=programme).first()
        if session:
            return reverse("programme_session", args=[programme.pk, session.pk]) + "#id_day"
        return reverse("programme_question", args=[programme.pk, "when"]) + "#id_day"
    question, field = FIELDS[key]
    return f"{reverse('programme_question', args=[programme.pk, question])}#{field}"


def _detail(key: str, programme: Programme, known: check.Facts) -> str:
    """What is known of it now, in one sentence; empty where the message says all."""
    said = {
        "no-time": _("Now 0 minutes a week."),
        "little-practice": _filled(known.practice_share, _("Now %(n)s%%.")),
        "late-chance": _filled(known.first_chance_days, _("Now after %(n)s days.")),
        "no-buddy": ngettext("One person has none.", "%(n)s people have none.", known.without_buddy)
        % {"n": known.without_buddy},
        "too-few-places": _("%(people)s people, %(places)s places.")
        % {"people": known.people, "places": known.places or 0},
        "too-many-nudges": _(
            "Up to %(n)s in one week. What is due together goes in one mail; another start day spreads the rest."
        )
        % {"n": known.contacts},
        "no-baseline": _("The days for it are over, or there is nothing to ask. A later start makes room."),
        "no-talk-before": _("The days for it are over. A later start makes room."),
        "absence-size": _("No team is known of who takes part.") if known.group is None else "",
    }
    if key == "too-small":
        return _too_small(known)
    if key == "unsigned":
        return _unsigned(programme)
    if key == "not-training":
        return _routed(programme)
    return said.get(key, "")


def _filled(value: int | None, words: str) -> str:
    return _("Not filled in yet.") if value is None else words % {"n": value}


def _too_small(known: check.Facts) -> str:
    if known.smallest_change is None or known.promised_change is None:
        return _("With so few people no figure is shown.")
    return _("Promised %(promised)s times in ten; this cohort shows it from %(smallest)s.") % {
        "promised": number(known.promised_change, decimals=1),
        "smallest": number(known.smallest_change, decimals=1),
    }


def _unsigned(programme: Programme) -> str:
    seal = promises.seal_of(programme)
    return _("It was signed, and changed afterwards.") if seal else ""


def _routed(programme: Programme) -> str:
    barrier = facts.routed(programme)
    if barrier is None:
        return ""
    if barrier.remover is None:
        return _("The barrier is written down. Name a sponsor, so that it reaches somebody.")
    return _("The barrier is with %(name)s.") % {"name": barrier.remover.name}
