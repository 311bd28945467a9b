"""What is kept of people, as it is built: read from the code and the playbooks, so it cannot fall behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from borging.figures.rules import REGISTER_MINIMUM, SCORE_MINIMUM
from borging.measure.rules import STEPS
from borging.people.access import GIVES_ROLES, SEES_EVERYONE
from borging.people.models import Role
from borging.privacy.rules import Kind
from borging.privacy.words import term_of
from borging.programmes.models import Programme
from borging.transfer import playbooks
from borging.transfer.content import purpose_of
from borging.transfer.rules import Question, Step

Language = Literal["nl", "en"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind of data. `fields` are its parts in words: columns, or the questions as they are asked."""

    what: str
    purpose: str
    viewers: str
    minimum: str
    kept: str
    fields: tuple[str, ...]


def register(organisation_id: int, *, language: Language) -> tuple[Row, ...]:
    """Every kind of data of people in this organisation."""
    return (*_about_people(), *_asked(organisation_id, language), *_about_work())


@dataclass(frozen=True, kw_only=True)
class Change:
    """What differs from what was agreed: a part of one kind of data, as it was and as it is; empty: was not, is not."""

    what: str
    before: str
    after: str


PARTS = ("purpose", "viewers", "minimum", "kept")


def changes(before: Sequence[Mapping[str, Any]], after: Sequence[Row]) -> tuple[Change, ...]:
    """What is otherwise than what the works council agreed to, in the order of the register."""
    was, now = {row["what"]: row for row in before}, {row.what: asdict(row) for row in after}
    found = [Change(what=what, before=what, after="") for what in was if what not in now]
    for what, row in now.items():
        if what not in was:
            found.append(Change(what=what, before="", after=str(row["purpose"])))
            continue
        earlier = was[what]
        found += [Change(what=what, before=earlier[p], after=row[p]) for p in PARTS if row[p] != earlier[p]]
        old, new = earlier["fields"], row["fields"]
        found += [Change(what=what, before=field, after="") for field in old if field not in new]
        found += [Change(what=what, before="", after=field) for field in new if field not in old]
    return tuple(found)


def role_names(*roles: Role) -> str:
    """Roles in words, in the order in which they are always named."""
    return ", ".join(str(role.label) for role in Role if role in roles)


def _about_people() -> tuple[Row, ...]:
    not_counted = _("is not counted")
    work, you = role_names(*SEES_EVERYONE), _("oneself")
    return (
        Row(
            what=_("Who somebody is and where they work"),
            purpose=_("to ask the right person the right thing"),
            viewers=f"{you}, {work}; " + _("name only: manager, buddy, observer"),
            minimum=not_counted,
            kept=term_of(Kind.PEOPLE),
            fields=(
                _("name"),
                _("e-mail address"),
                _("staff number"),
                _("language"),
                _("work days"),
                _("first and last day of work"),
                _("team"),
                _("manager"),
            ),
        ),
        Row(
            what=_("Days away"),
            purpose=_("to write to nobody who is away"),
            viewers=f"{you}, {work}",
            minimum=not_counted,
            kept=term_of(Kind.AWAY),
            fields=(_("first and last day; never why"),),
        ),
        Row(
            what=_("Who takes part in a training"),
            purpose=_("to follow the training through to the work"),
            viewers=f"{you}, {role_names(Role.LD)}; " + _("managers above, buddy, observer"),
            minimum=_("from %(n)s people in figures") % {"n": SCORE_MINIMUM},
            kept=term_of(Kind.PEOPLE),
            fields=(_("programme and cohort"), _("buddy and observer"), _("from and until when")),
        ),
        Row(
            what=_("Who was asked what, and whether they answered"),
            purpose=_("to remind only who has not answered"),
            viewers=you,
            minimum=_("from %(n)s people in figures") % {"n": SCORE_MINIMUM},
            kept=term_of(Kind.ANSWERS),
            fields=(_("card and day"), _("state"), _("of a question without a name: not when it was answered")),
        ),
        Row(
            what=_("Mail that went out"),
            purpose=_("to write at most twice a week, and find out why a mail did not arrive"),
            viewers=f"{you}; " + _("only that mail does not arrive: %(roles)s") % {"roles": role_names(Role.LD)},
            minimum=not_counted,
            kept=term_of(Kind.DELIVERY),
            fields=(_("when, and whether it arrived; not what stood in it"),),
        ),
        Row(
            what=_("Logins and roles"),
            purpose=_("to let in who may come in"),
            viewers=f"{you}, {role_names(*GIVES_ROLES)}",
            minimum=not_counted,
            kept=term_of(Kind.PEOPLE),
            fields=(_("e-mail address"), _("roles"), _("second step"), _("latest login")),
        ),
        Row(
            what=_("Who looked at whom"),
            purpose=_("so that everybody can see who looked at them"),
            viewers=_("who was looked at"),
            minimum=not_counted,
            kept=term_of(Kind.LOOKS),
            fields=(_("who, which page, when"),),
        ),
    )


def _asked(organisation_id: int, language: Language) -> tuple[Row, ...]:
    """The questions of the templates this organisation uses, by who can know whose the answers are."""
    used = Programme.objects.filter(organisation=organisation_id).values_list("playbook", flat=True).distinct()
    found: dict[str, list[tuple[str, str]]] = {}
    for key in sorted(set(used) or set(playbooks.keys())):
        for step in playbooks.playbook(key).steps:
            for question in step.questions:
                asked = found.setdefault(_way(step, question), [])
                asked.append((BLANK.sub("…", question.text[language]), purpose_of(question.family)))
    return tuple(_row(way, found[way]) for way in WAYS if way in found)


WAYS = ("own-words", "counted", "nameless", "plain")
BLANK = re.compile(r"\{\w+\}")
"""What a question is filled in with for one person: a situation, a behaviour, a name."""


def _way(step: Step, question: Question) -> str:
    if step.anonymous:
        return "nameless"
    if question.type == "text":
        return "own-words"
    return "counted" if step.key in STEPS and question.family != "agreement" else "plain"


def _row(way: str, asked: list[tuple[str, str]]) -> Row:
    what = {
        "nameless": _("Answers without a name"),
        "own-words": _("Own words: goals, plans and notes"),
        "counted": _("Answers that are counted"),
        "plain": _("Choices and agreements; they are not counted"),
    }[way]
    viewers = {
        "nameless": _("nobody; a group only"),
        "own-words": _("who wrote them; notes of an observer: also who was watched"),
        "counted": _("who answered; others a group only"),
        "plain": _("who answered; a decision of a sponsor: who may see the programme"),
    }[way]
    shown = _("from %(n)s people, checked against everything shown before") % {"n": SCORE_MINIMUM}
    return Row(
        what=what,
        purpose="; ".join(dict.fromkeys(purpose for _text, purpose in asked)),
        viewers=viewers,
        minimum=shown if way in {"nameless", "counted"} else _("is not counted"),
        kept=term_of(Kind.OWN_WORDS if way == "own-words" else Kind.ANSWERS),
        fields=tuple(dict.fromkeys(f"{text} ({purpose})" for text, purpose in asked)),
    )


def _about_work() -> tuple[Row, ...]:
    return (
        Row(
            what=_("Files of a study"),
            purpose=_("to see whether a training mattered, in a register there is already"),
            viewers=role_names(Role.LD, Role.HR_DATA),
            minimum=_("from %(n)s people; from %(register)s in registers of HR")
            % {"n": SCORE_MINIMUM, "register": REGISTER_MINIMUM},
            kept=term_of(Kind.STUDY_FILES),
            fields=(_("who was trained and when, and what was measured, under the number in the file"),),
        ),
    )


def never() -> tuple[str, ...]:
    """What Borging does not do, whoever asks."""
    return (
        _("a score or a ranking of a person"),
        _("a prediction about a person"),
        _("sickness absence of a person"),
        _("figures that move with each answer"),
        _("following who opens a mail"),
    )
