"""Signed links: a capability for one card or one pause, and nothing else."""

import random
import re
import string
from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import Settings

from borging.cards import links, writes
from borging.cards.links import BadLinkError, Reason
from borging.cards.models import Actor, Card, Moment
from borging.people.models import Organisation, Person
from borging.programmes.models import Cohort, Programme

pytestmark = pytest.mark.django_db
CLOSES = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
BEFORE = CLOSES - timedelta(days=1)


@pytest.fixture
def card() -> Card:
    home = Organisation.objects.create(name="De Vaart")
    person = Person.objects.create(organisation=home, name="Samira", email="samira@example.org")
    programme = Programme.objects.create(organisation=home, name="Het goede gesprek", created_at=BEFORE)
    moment = Moment.objects.create(
        cohort=Cohort.objects.create(programme=programme, name="1"),
        step="attempt",
        actor=Actor.LEARNER,
        due_on=date(2026, 11, 24),
        closes_on=date(2026, 11, 27),
        due_at=BEFORE,
        closes_at=CLOSES,
    )
    return Card.objects.create(
        organisation=home, programme=programme, moment=moment, person=person, closes_at=CLOSES, next_at=BEFORE
    )


def reason_of(token: str, *, now: datetime = BEFORE) -> Reason:
    with pytest.raises(BadLinkError) as refused:
        links.card_for(token, now=now)
    return refused.value.reason


def test_a_link_opens_its_own_card_until_some_time_after_closing(card: Card) -> None:
    token = links.token(card)
    assert links.card_for(token, now=BEFORE) == card
    assert links.card_for(token, now=CLOSES + links.READING) == card
    assert reason_of(token, now=CLOSES + links.READING + timedelta(seconds=1)) == Reason.EXPIRED


def test_a_link_is_short_and_fits_in_an_address(card: Card) -> None:
    token = links.token(card)
    assert re.fullmatch(r"[A-Za-z0-9_.-]{24,40}", token)
    assert token == links.token(card)


def test_revoked_links_say_so_and_the_next_one_works(card: Card) -> None:
    earlier = links.token(card)
    writes.revoke_links(person=card.person, now=BEFORE)
    card.refresh_from_db()
    assert reason_of(earlier) == Reason.REVOKED
    assert links.card_for(links.token(card), now=BEFORE) == card


def test_a_link_to_a_card_that_is_gone_is_unknown(card: Card) -> None:
    token = links.token(card)
    card.delete()
    assert reason_of(token) == Reason.UNKNOWN


def test_a_changed_link_opens_nothing(card: Card) -> None:
    token = links.token(card)
    numbers, signature = token.rsplit(".", 1)
    changed = [
        token[:place] + ("x" if token[place] != "x" else "y") + token[place + 1 :] for place in range(len(token))
    ]
    changed += [token[:-1], f"{token}A", numbers, f".{signature}", "", "\ud800", "a.b.c.d", signature, f"{numbers}.é"]
    assert {reason_of(given) for given in changed} == {Reason.UNKNOWN}


def test_guessed_links_open_nothing(card: Card) -> None:
    letters = random.Random(7)
    alphabet = f"{string.ascii_letters}{string.digits}-_"
    head = links.token(card).rsplit(".", 1)[0]
    for _guess in range(1_000):
        assert reason_of(f"{head}.{''.join(letters.choices(alphabet, k=links.LENGTH))}") == Reason.UNKNOWN


def test_links_outlive_a_change_of_key_as_long_as_the_old_key_is_known(card: Card, settings: Settings) -> None:
    token, pause = links.token(card), links.pause_token(card.person)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key"
    assert reason_of(token) == Reason.UNKNOWN
    settings.SECRET_KEY_FALLBACKS = [old]
    assert links.card_for(token, now=BEFORE) == card
    assert links.person_for(pause) == card.person


def test_a_pause_link_pauses_one_person_and_answers_nothing(card: Card) -> None:
    pause = links.pause_token(card.person)
    assert links.person_for(pause) == card.person
    assert reason_of(pause) == Reason.UNKNOWN
    with pytest.raises(BadLinkError):
        links.person_for(links.token(card))
    card.person.delete()
    with pytest.raises(BadLinkError):
        links.person_for(pause)
