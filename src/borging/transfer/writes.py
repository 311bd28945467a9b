"""What somebody answers on a card, kept as evidence; and what follows from it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from borging.cards import writes as cards
from borging.cards.models import Actor, Card, CardStatus
from borging.cards.rules import check
from borging.cards.writes import ClosedError
from borging.evidence import writes as evidence
from borging.evidence.models import Source
from borging.evidence.rules import Answered, Given
from borging.evidence.writes import Occasion
from borging.failpoints import passing
from borging.people import reads as people
from borging.people.models import Person
from borging.people.pseudonyms import pseudonym
from borging.programmes.models import Programme
from borging.programmes.writes import NotNowError

from . import meetings, promises, reads
from .content import Filled, Place, first_missing
from .models import Barrier
from .playbooks import records

SOURCES = {
    Actor.LEARNER: Source.SELF,
    Actor.MANAGER: Source.MANAGER,
    Actor.BUDDY: Source.BUDDY,
    Actor.OBSERVER: Source.OBSERVER,
    Actor.TEAM: Source.TEAM,
    Actor.TRAINER: Source.TRAINER,
    Actor.SPONSOR: Source.SPONSOR,
    Actor.LD: Source.LD,
}


@transaction.atomic
def answer(*, card: Card, filled: Filled, name: str, given: Mapping[str, str], now: datetime) -> dict[str, Given]:
    """Keep the answer to one screen of a card at once, so that nothing is lost when the reader stops half-way.

    Answering again replaces it. Once nothing is missing that must be answered the card is answered, and what follows
    from it happens: the rest may stay open. Returns all answers on the card by screen. Raises AnswerError, and
    ClosedError after the card has closed.
    """
    said = _read(filled, name, given)
    held = cards.hold(card=card, now=now)
    standing = reads.entries(card, filled)
    places = {entry.slot: entry for entry in standing.values()}
    if evidence.append(occasion=_occasion(card, now=now), answers=[said], standing=places):
        passing("answer-kept")
        _arrange(card, filled, said, now=now)
    answers = {each: reads.given(entry, filled.places[each]) for each, entry in standing.items() if each != name}
    if not said.given.empty:
        answers[name] = check(filled.screen(name), given)
    if answers and first_missing(filled, answers) is None:
        if held.status != CardStatus.ANSWERED:
            cards.close(card=card, now=now)
            passing("card-closed")
        _follow_up(card, answers, now=now)
    return answers


@transaction.atomic
def answer_together(*, card: Card, filled: Filled, given: Mapping[str, Mapping[str, str]], now: datetime) -> None:
    """Keep an anonymous card, whole and once: afterwards nobody can tell which answers are whose, to change them.

    Raises AnswerError, and ClosedError when the card has closed or was answered before.
    """
    answers = [_read(filled, name, given.get(name, {})) for name in filled.places]
    if cards.hold(card=card, now=now).status == CardStatus.ANSWERED:
        raise ClosedError(card.pk)
    evidence.append(occasion=_occasion(card, now=now), answers=answers)
    passing("answers-kept")
    cards.close(card=card, now=now)
    passing("answers-closed")


def _arrange(card: Card, filled: Filled, said: Answered, *, now: datetime) -> None:
    """What an answer means for the meeting of two people that its card is about."""
    if filled.step.joins and said.question == "suits" and said.given.choice == "other":
        if (meeting := meetings.meeting_of(card)) and not meeting.held:
            meetings.again(meeting=meeting, now=now)
    elif filled.step.meeting == "proposed":
        if said.question == "again":
            day = date.fromisoformat(said.given.text) if said.given.text else None
            meetings.follow_up(card=card, day=day, now=now)
        elif not said.given.empty:
            meetings.mark_held(card, now=now)


def _follow_up(card: Card, answers: Mapping[str, Given], *, now: datetime) -> None:
    if card.moment.step == "promise" and card.moment.actor == Actor.SPONSOR:
        with suppress(promises.NotTheSponsorError, promises.EmptyPromiseError, NotNowError):
            promises.sign(programme=card.programme, person=card.person, now=now)
    if (support := answers.get("support")) and support.choice == "route":
        barrier = answers.get("barrier")
        if barrier and barrier.choice not in {"", "nothing"}:
            route_barrier(card=card, key=barrier.choice, now=now)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A card that somebody answered from beginning to end: what they sent for each screen, and when."""

    card: Card
    filled: Filled
    given: Mapping[str, Mapping[str, str]]
    now: datetime


@transaction.atomic
def answer_many(wholes: Iterable[Whole]) -> None:
    """Keep the answers to many cards that nobody answered before. Raises AnswerError; cards must still be open."""
    said, times = [], {}
    for whole in wholes:
        card = whole.card
        answers = {name: _read(whole.filled, name, given) for name, given in whole.given.items()}
        said.append((_occasion(card, now=whole.now), list(answers.values())))
        times[card.pk] = None if card.moment.anonymous else whole.now
        for answer in answers.values():
            _arrange(card, whole.filled, answer, now=whole.now)
        _follow_up(card, {name: answer.given for name, answer in answers.items()}, now=whole.now)
    evidence.append_new(said)
    cards.close_many(times)


def route_barrier(*, card: Card, key: str, now: datetime) -> None:
    """Lay a barrier with who can remove it, without a name; the same one is there once while it is open."""
    removed_by = {row["key"]: row["removed_by"] for row in records("barriers")}[key]
    manager = people.manager_of(card.person, day=now.date())
    remover = {"manager": card.person, "sponsor": card.programme.sponsor}.get(removed_by, manager)
    Barrier.objects.get_or_create(
        cohort=card.moment.cohort,
        key=key,
        remover=remover,
        removed_on=None,
        defaults={"named_on": timezone.localdate(now)},
    )


def route_barrier_of(*, programme: Programme, today: date) -> None:
    """Lay the barrier that was named beforehand with the sponsor: it has to go before a training can help."""
    cohort = programme.cohorts.first()
    if cohort and programme.main_barrier:
        Barrier.objects.get_or_create(
            cohort=cohort,
            key=programme.main_barrier,
            remover=programme.sponsor,
            removed_on=None,
            defaults={"named_on": today},
        )


def promise_removal(*, barrier: Barrier, follow_up: str, day: date) -> None:
    """Somebody says what they will do about a barrier, and by when; saying it again replaces it."""
    Barrier.objects.filter(pk=barrier.pk, removed_on=None).update(follow_up=follow_up, promised_for=day)


def remove_barrier(*, barrier: Barrier, today: date) -> None:
    """It no longer stands in the way."""
    Barrier.objects.filter(pk=barrier.pk, removed_on=None).update(removed_on=today)


class NobodyAboveError(LookupError):
    """There is nobody to lay a barrier with but who has it already."""


@transaction.atomic
def route_upward(*, barrier: Barrier, today: date) -> Person:
    """Lay a barrier with the manager of who has it, or with the sponsor where there is none; returns with whom.

    Where the same one lies there already, it is there once. Raises NobodyAboveError.
    """
    held = (
        Barrier.objects.select_for_update(of=("self",))
        .select_related("remover", "cohort__programme__sponsor")
        .get(pk=barrier.pk)
    )
    manager = people.manager_of(held.remover, day=today) if held.remover else None
    above = manager or held.cohort.programme.sponsor
    if above is None or above == held.remover:
        raise NobodyAboveError(barrier.pk)
    there = Barrier.objects.filter(cohort=held.cohort, key=held.key, remover=above, removed_on=None)
    if there.exists():
        held.delete()
    else:
        Barrier.objects.filter(pk=held.pk).update(remover=above, follow_up="", promised_for=None)
    return above


def _read(filled: Filled, name: str, given: Mapping[str, str]) -> Answered:
    place = filled.places[name]
    return Answered(
        question=place.question.key,
        family=place.question.family,
        given=_told(check(filled.screen(name), given), place),
        behaviour_id=place.behaviour.pk if place.behaviour else None,
        item=place.situation.position if place.situation else None,
    )


def _told(given: Given, place: Place) -> Given:
    """For a situation: which option was chosen, and whether it is the best one (the first)."""
    if not place.situation or not given.choice:
        return given
    chosen = place.keys[given.choice]
    return Given(choice=str(chosen), number=float(chosen == 0))


def _occasion(card: Card, *, now: datetime) -> Occasion:
    """An anonymous card leads nowhere: no subject, no author, and the day on which it was asked, not answered."""
    moment = card.moment
    about = card.enrolment.person if card.enrolment else None
    subject: uuid.UUID | None = None
    author: uuid.UUID | None = None
    if not moment.anonymous:
        subject, author = (pseudonym(about) if about else None), pseudonym(card.person)
    return Occasion(
        cohort=moment.cohort,
        step=moment.step,
        occurrence=moment.occurrence,
        source=SOURCES[Actor(moment.actor)],
        subject=subject,
        author=author,
        place=str(card.pk),
        happened_on=moment.due_on if moment.anonymous else timezone.localdate(now),
        now=now,
    )
