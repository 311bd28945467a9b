"""A card in the reader's language: the words of the playbook, filled in with what this programme and person have."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from borging.cards.models import Actor, Card
from borging.cards.rules import Choice, Content, Screen, is_asked
from borging.evidence import reads as evidence
from borging.evidence.rules import Given
from borging.people.models import Person
from borging.programmes import reads as programmes
from borging.programmes.models import Behaviour, Form, Programme, Situation

from . import meetings
from .models import Meeting
from .playbooks import playbook
from .rules import Option, Question, Step

FORMS = {"A": Form.A, "B": Form.B, "recall": Form.RECALL, "pretest": Form.RECALL}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the answer to a screen belongs: a question of the playbook, about a behaviour or a situation.

    `best` is the option that is right for a situation, `keys` turn the letters on the screen into options.
    """

    question: Question
    behaviour: Behaviour | None = None
    situation: Situation | None = None
    keys: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A card as it is shown, and where each of its screens belongs."""

    step: Step
    content: Content
    places: dict[str, Place]

    def screen(self, name: str) -> Screen:
        return next(screen for screen in self.content.screens if screen.name == name)


@dataclass(frozen=True, kw_only=True)
class Met:
    """A meeting as one of the two sees it: with whom, and when on their own clock."""

    other: str
    zone: str
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, meeting: Meeting, reader: Person) -> Met:
        learner = meeting.enrolment.person
        return cls(
            other=(meeting.host if reader.pk == learner.pk else learner).name,
            zone=reader.time_zone or reader.organisation.time_zone,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
        )

    def words(self) -> dict[str, str]:
        """What stands in a text for its places `slot` and `with`."""
        return {"slot": when(self.starts_at, self.ends_at, zone=self.zone), "with": self.other}


def when(starts_at: datetime, ends_at: datetime, *, zone: str) -> str:
    """ "Tuesday 26 January, 10:00–10:10", in the language of the page and on this clock."""
    starts, ends = (at.astimezone(ZoneInfo(zone)) for at in (starts_at, ends_at))
    words = {
        "day": date_format(starts, "l j F"),
        "starts": date_format(starts, "H:i"),
        "ends": date_format(ends, "H:i"),
    }
    return _("%(day)s, %(starts)s–%(ends)s") % words


def step_of(card: Card) -> Step:
    return playbook(card.programme.playbook).step(card.moment.step)


def content_of(card: Card, *, language: str) -> Filled:
    """The card for the person it is for."""
    meeting = meetings.meeting_of(card)
    return fill(
        step_of(card),
        meeting=Met.of(meeting, card.person) if meeting else None,
        programme=card.programme,
        reader=card.person,
        about=card.enrolment.person if card.enrolment else None,
        actor=card.moment.actor,
        occurrence=card.moment.occurrence,
        language=language,
    )


def fill(
    step: Step,
    *,
    programme: Programme,
    reader: Person,
    about: Person | None,
    actor: str,
    occurrence: int,
    language: str,
    meeting: Met | None = None,
) -> Filled:
    """A step of a playbook as `reader` sees it, in the role of `actor`."""
    own = _Own(programme, reader)
    with override(language):
        texts = _Texts(own, about=about, actor=actor, **(meeting.words() if meeting else {}))
        screens, places = _screens(step, own, texts=texts, occurrence=occurrence, language=language)
        content = Content(
            subject=step.subject[language].format_map(texts),
            eyebrow=programme.name,
            title=step.title[language].format_map(texts),
            intro=step.intro[language].format_map(texts),
            thanks=step.thanks[language].format_map(texts),
            minutes=_minutes(step, actor),
            screens=screens,
            sees=_sees(step, actor=actor, name=texts["name"]),
            plan=own.plan if actor == Actor.LEARNER and step.kind == "attempt" else "",
            talk=tuple(line[language].format_map(texts) for line in step.talk),
            guide=tuple(line[language].format_map(texts) for line in step.guide),
            anonymous=step.anonymous,
            later=step.meeting == "proposed",
        )
    return Filled(step=step, content=content, places=places)


def first_missing(filled: Filled, given: Mapping[str, Given]) -> int | None:
    """The first question that must be answered and is not, counted from 0."""
    screens = enumerate(filled.content.screens)
    return next((n for n, s in screens if s.required and s.name not in given and is_asked(s, given)), None)


def written_plan(text: str) -> str:
    """An if-then plan as a sentence; it is kept as two lines."""
    situation, _newline, act = text.partition("\n")
    return _("If %(situation)s, then %(act)s") % {"situation": situation, "act": act} if act else situation


class _Own:
    """What a programme and a reader bring to a card; each thing is read from the database when a text asks for it."""

    def __init__(self, programme: Programme, reader: Person) -> None:
        self.programme, self.reader = programme, reader
        self._situations: dict[Form, list[Situation]] = {}

    @cached_property
    def behaviours(self) -> list[Behaviour]:
        return programmes.behaviours_of(self.programme)

    @cached_property
    def behaviour(self) -> str:
        return self.behaviours[0].text if self.behaviours else ""

    @cached_property
    def goal(self) -> str:
        return evidence.latest_text(self.reader, programme=self.programme, questions=("goal",))

    @cached_property
    def plan(self) -> str:
        questions = ("plan-again", "plan-1")
        return written_plan(evidence.latest_text(self.reader, programme=self.programme, questions=questions))

    def situations(self, form: Form) -> list[Situation]:
        if form not in self._situations:
            self._situations[form] = programmes.situations_of(self.programme, form=form)
        return self._situations[form]


class _Texts(dict[str, str]):
    """The words for the places in a text; a place nobody knows stays as it is, for a check to find."""

    def __init__(self, own: _Own, *, about: Person | None, actor: str, **special: str) -> None:
        subject = about or own.reader
        super().__init__({"name": subject.name, "activity": own.programme.name} | special)
        self._own, self._about, self._actor = own, about, actor

    def about_one(self, **special: str) -> _Texts:
        """The same, with the words of one behaviour or situation."""
        kept = {name: self[name] for name in ("slot", "with") if name in self}
        return _Texts(self._own, about=self._about, actor=self._actor, **(kept | special))

    def __missing__(self, key: str) -> str:
        own = self._own
        if key == "behaviour":
            return own.behaviour or _("what you practised")
        if key == "situation":
            return own.programme.situation or _("the situation you trained for")
        if key == "goal":
            return (own.goal if self._actor == Actor.LEARNER else "") or _("what you wanted to do differently")
        if key == "plan":
            return own.plan or _("what you wanted to try")
        unmet = {"slot": _("a time that suits you both"), "with": _("a colleague")}
        return unmet.get(key, f"{{{key}}}")


def plan_of(programme: Programme, person: Person) -> str:
    """Somebody's own latest if-then plan as a sentence, for that person; empty when there is none."""
    text = evidence.latest_text(person, programme=programme, questions=("plan-again", "plan-1"))
    return written_plan(text)


def _minutes(step: Step, actor: str) -> int:
    companion = step.companion
    return companion.minutes if companion and companion.own_card and actor == companion.actor else step.minutes


def _screens(
    step: Step, own: _Own, *, texts: _Texts, occurrence: int, language: str
) -> tuple[tuple[Screen, ...], dict[str, Place]]:
    screens, places = [], {}
    for question in step.questions:
        for name, place, filled in _asked(question, own, texts=texts, occurrence=occurrence):
            screens.append(_screen(name, place, texts=filled, language=language))
            places[name] = place
    return tuple(screens), places


def _asked(question: Question, own: _Own, *, texts: _Texts, occurrence: int) -> list[tuple[str, Place, _Texts]]:
    """A question once, once per behaviour, or once per situation of the programme's own."""
    if question.per_behaviour:
        return [
            (f"{question.key}.{b.position}", Place(question=question, behaviour=b), texts.about_one(behaviour=b.text))
            for b in own.behaviours
        ]
    if question.source:
        return [
            (f"{question.key}.{s.position}", _situated(question, s), texts.about_one(situation=s.text))
            for s in _situations(question, own, occurrence=occurrence)
        ]
    behaviour = own.behaviours[0] if question.family == "behaviour" and own.behaviours else None
    return [(question.key, Place(question=question, behaviour=behaviour), texts)]


def _situations(question: Question, own: _Own, *, occurrence: int) -> list[Situation]:
    """The situations of a form; those of repetition take turns, so that each time others come."""
    form = FORMS[question.form]
    found = own.situations(form)
    if form != Form.RECALL or not found:
        return found[: question.count]
    first = occurrence * question.count
    return [found[(first + i) % len(found)] for i in range(min(question.count, len(found)))]


def _situated(question: Question, situation: Situation) -> Place:
    """Options in an order that says nothing, and letters that do not tell which is best."""
    order = sorted(
        range(len(situation.options)), key=lambda i: hashlib.sha256(f"{situation.pk}:{i}".encode()).hexdigest()
    )
    return Place(question=question, situation=situation, keys=dict(zip("abcdefgh", order, strict=False)))


def _screen(name: str, place: Place, *, texts: _Texts, language: str) -> Screen:
    question, situation = place.question, place.situation
    choices = _choices(question.options or question.also, texts, language)
    low = high = 0
    low_words = high_words = ""
    if situation:
        choices = tuple(Choice(key=key, words=situation.options[i]) for key, i in place.keys.items())
    elif question.type == "yesno":
        choices = (Choice(key="yes", words=_("Yes")), Choice(key="no", words=_("No")))
    elif question.type == "count10":
        high, low_words, high_words = 10, _("never"), _("every time")
    elif question.scale:
        low, high = question.scale.low, question.scale.high
        low_words, high_words = question.scale.low_words[language], question.scale.high_words[language]
    return Screen(
        name=name,
        type=question.pattern or question.type,
        text=question.text[language].format_map(texts),
        choices=choices,
        low=low,
        high=high,
        low_words=low_words,
        high_words=high_words,
        required=question.type not in {"text", "date"},
        purpose=purpose_of(question.family),
        only_after=question.only_after,
        explanation=situation.explanation if situation and situation.form == Form.RECALL else "",
    )


def purpose_of(family: str) -> str:
    """What the answers to this kind of question are for; they are used for nothing else."""
    return {
        "reaction": _("to make this training better"),
        "knowledge": _("to see whether what was learned is still there"),
        "confidence": _("to see whether people feel able to do it"),
        "intention": _("to see whether people mean to do it"),
        "behaviour": _("to see whether it is done at work"),
        "climate": _("to see what helps and what stands in the way at work"),
        "results": _("to see whether the work gets better"),
        "agreement": _("to agree on the next step; it is not counted as a measurement"),
    }[family]


def _choices(options: tuple[Option, ...], texts: _Texts, language: str) -> tuple[Choice, ...]:
    return tuple(Choice(key=option.key, words=option.words[language].format_map(texts)) for option in options)


def _sees(step: Step, *, actor: str, name: str) -> tuple[tuple[str, str], ...]:
    """Who sees what of the answers, in words: first the one who answers."""
    if step.anonymous:
        nobody = _("nothing that leads to you; together with at least four others, the figures")
        return ((_("Everyone"), nobody),)
    learner, unshared = actor == Actor.LEARNER, _("nothing, unless you share it")
    words = {
        "own": (name, _("what you write here") if actor == Actor.OBSERVER else unshared) if not learner else None,
        "manager": (_("The manager"), unshared) if actor not in {Actor.MANAGER, Actor.TEAM} else None,
        "buddy": (_("Your buddy"), unshared) if learner else None,
        "observer": (_("Who watches"), _("whether the moment suits you")) if learner else None,
        "cohort-aggregate": (_("The organisation"), _("only a group, from 5 answers")),
        "team-aggregate": (_("The team"), _("only the group, from 5 answers")),
        "organisation": (_("The organisation"), _("what is on this card")),
        "sponsor": (_("The sponsor"), _("what is on this card")) if actor != Actor.SPONSOR else None,
        "ld": (_("The training department"), _("what is on this card")) if actor != Actor.LD else None,
        "trainer": None,
        "works-council": (_("The works council"), _("that it was agreed, and when")),
    }
    others = tuple(line for key in step.visible_to if (line := words[key]))
    return ((_("You"), _("everything, and you can change it until it closes")), *others)
