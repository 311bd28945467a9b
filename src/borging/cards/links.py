"""Addresses that answer one card or pause one person's mail: signed, short, and kept nowhere.

Such an address is no login. Who has it may do that one thing, until it is over or `turn` of the card is raised.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from django.core.signing import BadSignature, Signer, b62_decode, b62_encode

from borging.people.models import Person

from .models import Card

READING = timedelta(days=14)
"""How long after closing the page can still be opened, to read that it is closed."""
MARK = 8
"""Characters of a mark: it guards nothing, and only has to differ between the options of one question."""
LENGTH = 22
"""Characters of the signature that are kept: 132 bits."""


class Reason(StrEnum):
    """UNKNOWN: not made by us, or the card is gone. REVOKED: a later mail has the right link. EXPIRED: long over."""

    UNKNOWN = "unknown"
    REVOKED = "revoked"
    EXPIRED = "expired"


class BadLinkError(ValueError):
    """This link opens nothing; `reason` is what the reader needs to know."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class ShortSigner(Signer):
    """Django's signature, with its fallback keys, cut to what cannot be guessed."""

    def __init__(self, *, purpose: str) -> None:
        super().__init__(salt=f"borging.cards.{purpose}", sep=".")

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        return super().signature(value, key)[:LENGTH]


def token(card: Card) -> str:
    """The capability to answer this card, as long as its turn is not raised."""
    return _sign(card.pk, card.turn, purpose="card")


def card_for(given: str, *, now: datetime) -> Card:
    """The card a token is for, with everything around it, in one query. Raises BadLinkError.

    Answers stop at `closes_at`; until some days later the card can still be looked at.
    """
    pk, turn = _signed(given, purpose="card")
    cards = Card.objects.select_related("person__organisation", "moment__cohort__programme", "enrolment__person")
    card = next(iter(cards.filter(pk=pk)), None)
    if card is None:
        raise BadLinkError(Reason.UNKNOWN)
    if card.turn != turn:
        raise BadLinkError(Reason.REVOKED)
    if now > card.closes_at + READING:
        raise BadLinkError(Reason.EXPIRED)
    card.programme = card.moment.cohort.programme  # the same one: not to be read again
    return card


def choice_mark(url: str, key: str) -> str:
    """How a button in a mail says which answer it is for: logs on the way keep addresses, and may not tell an answer.

    url: the address of the card, whole or in part; the mark differs for each card.
    """
    token = urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1]
    return ShortSigner(purpose="choice").signature(f"{token}:{key}")[:MARK]


def pause_token(person: Person) -> str:
    """The capability to pause the mail of this person; it does not run out."""
    return _sign(person.pk, purpose="pause")


def person_for(given: str) -> Person:
    """The person a pause token is for, with their organisation. Raises BadLinkError."""
    (pk,) = _signed(given, purpose="pause")
    person = Person.objects.select_related("organisation").filter(pk=pk).first()
    if person is None:
        raise BadLinkError(Reason.UNKNOWN)
    return person


def _sign(*numbers: int, purpose: str) -> str:
    return ShortSigner(purpose=purpose).sign(".".join(b62_encode(number) for number in numbers))


def _signed(given: str, *, purpose: str) -> tuple[int, ...]:
    try:
        numbers = ShortSigner(purpose=purpose).unsign(given).split(".")
        return tuple(b62_decode(number) for number in numbers)
    except (BadSignature, ValueError) as error:
        raise BadLinkError(Reason.UNKNOWN) from error
