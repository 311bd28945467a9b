"""How simulated people answer: whether, when, and what. The true change of a programme is in what they say."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from borging.cards.models import Actor, Card
from borging.cards.rules import Screen, is_asked
from borging.evidence.rules import Given
from borging.transfer import meetings
from borging.transfer.content import Filled, Place

from .texts import Truth, dice, script_of, weights, words

ANSWERING = {Actor.LEARNER: 0.78, Actor.MANAGER: 0.72, Actor.BUDDY: 0.6, Actor.OBSERVER: 0.6, Actor.TEAM: 0.6}
"""Share of the cards that people in a role answer."""
NO_OPPORTUNITY = 0.08
"""Share of counts to which the answer is that it did not come up."""
UNCHANGED = Truth(before=4.0, changes={})
RIGHT_BEFORE, RIGHT_AFTER = 0.45, 0.68
SURE_BEFORE, SURE_AFTER, SURE_LOOKING_BACK = 4.8, 6.7, 4.0


def answers_at(card: Card) -> datetime | None:
    """When somebody answers a card that went out; None: never. Most do so the same day, some after the reminder."""
    if card.opened_at is None:
        return None
    chance = dice("answers", card.person.number, card.moment.step, card.moment.occurrence, _about(card))
    zeal = dice("zeal", card.person.number).gauss(0, 0.12)
    if chance.random() > ANSWERING.get(Actor(card.moment.actor), 0.95) + zeal:
        return None
    delay = timedelta(hours=chance.uniform(1, 7))
    if chance.random() < 0.35:
        delay += timedelta(days=chance.choice((1, 2, 3, 5)))
    at = card.opened_at + delay
    if card.moment.actor == Actor.OBSERVER and (meeting := meetings.meeting_of(card)):
        at = meeting.ends_at + timedelta(hours=chance.uniform(0.2, 4))  # three lines, once it took place
    return at if at < card.closes_at else None


def answers(card: Card, filled: Filled, *, at: datetime) -> dict[str, dict[str, str]]:
    """What somebody sends for each screen of a card, as a form would; a question that is not asked is not there."""
    sent: dict[str, dict[str, str]] = {}
    for screen in filled.content.screens:
        given = {name: Given(choice=one.get("answer", "")) for name, one in sent.items()}
        if is_asked(screen, given):
            sent[screen.name] = _answer(card, screen, filled.places[screen.name], at=at)
    return sent


def _answer(card: Card, screen: Screen, place: Place, *, at: datetime) -> dict[str, str]:
    question = place.question.key
    chance = dice("said", card.person.number, card.moment.step, card.moment.occurrence, screen.name, _about(card))
    if screen.type in {"count10", "scale"}:
        across = screen.choices and chance.random() < NO_OPPORTUNITY
        return {"answer": screen.choices[0].key if across else str(_number(card, screen, place))}
    if screen.type in {"choice", "yesno"}:
        return {"answer": _chosen(card, screen, place)}
    if screen.type == "date":
        if question == "again" and chance.random() < 0.6:
            return {"answer": "unknown"}
        day = at.date() + timedelta(days=chance.randint(14, 28) if question == "again" else chance.randint(1, 12))
        return {"answer": "unknown" if screen.choices and chance.random() < 0.2 else day.isoformat()}
    said: Any = chance.choice(words(question, programme=card.programme.name))
    if screen.type == "if-then":
        return dict(zip(("if", "then"), said, strict=True))
    return {"answer": "" if not screen.required and chance.random() < 0.35 else said}


def _number(card: Card, screen: Screen, place: Place) -> int:
    learner, after = _about(card) or card.person.number, not card.moment.step.startswith("baseline")
    question = place.question.key
    chance = dice("number", card.person.number, card.moment.step, screen.name, learner)
    if screen.type == "count10":
        value = times_in_ten(card, position=place.behaviour.position if place.behaviour else 1, after=after)
    elif question.startswith("part"):
        value = 10 * round(chance.gauss(4.5, 1.8))
    else:
        middle = SURE_LOOKING_BACK if question == "then-sure" else SURE_AFTER if after else SURE_BEFORE
        value = round(dice("sure", learner).gauss(middle, 1.2) + chance.gauss(-0.6 * ("pressed" in question), 0.8))
    return max(screen.low, min(screen.high, value))


def times_in_ten(card: Card, *, position: int, after: bool) -> int:
    """How often one saw or did it, in ten: how this learner is, plus the true change, plus what eyes get wrong."""
    script, learner = script_of(card.programme.name), _about(card) or card.person.number
    truth = script.truth if script else UNCHANGED
    eyes = "self" if card.moment.actor == Actor.LEARNER else card.moment.actor
    value = dice("habit", learner, position).gauss(truth.before, 1.2)
    value += dice("eyes", card.person.number, card.moment.step, learner, position).gauss(0, 0.8)
    if after:
        value += dice("change", learner, position).gauss(truth.changes.get(eyes, 0.0), 0.8)
    return max(0, min(10, round(value)))


def _chosen(card: Card, screen: Screen, place: Place) -> str:
    chance = dice("choice", card.person.number, card.moment.step, card.moment.occurrence, screen.name, _about(card))
    keys = [choice.key for choice in screen.choices]
    if place.situation:
        share = RIGHT_BEFORE if card.moment.step.startswith("baseline") else RIGHT_AFTER
        right = next(key for key, option in place.keys.items() if option == 0)
        return right if chance.random() < share else chance.choice([key for key in keys if key != right])
    known = weights(place.question.key)
    return chance.choices(keys, [known.get(key, 20) for key in keys])[0]


def _about(card: Card) -> str:
    """The staff number of the learner a card is about; empty for a card about a cohort."""
    return card.enrolment.person.number if card.enrolment else ""
