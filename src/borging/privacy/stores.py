"""Everywhere something of a person is kept: what for, how long, and where its owner finds it (trust rules P10, P11).

A test ties this to the tables: a new one with a person, an account or a pseudonym in it fails until it stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .rules import Kind


class Purpose(StrEnum):
    """What a kind of data is for; other use needs another purpose here, and so shows in the works council's window."""

    ASK = "ask"  # to ask the right person the right thing, on a day that suits
    LOGIN = "login"
    PROGRAMME = "programme"
    LEARN = "learn"
    ACCOUNT_FOR = "account-for"  # to be able to say who did what
    ERASE = "erase"


class Left(StrEnum):
    """Why a table is not in one's own export."""

    NAMES_NOBODY = "names-nobody"
    INSIDE_OTHERS = "inside-others"
    GROUP_ONLY = "group-only"


@dataclass(frozen=True, kw_only=True)
class Store:
    """One table. `found_in`: keys of the tables of one's own export; `left`: why there are none."""

    purpose: Purpose
    kind: Kind
    found_in: tuple[str, ...] = ()
    left: Left | None = None


STORES: dict[str, Store] = {
    "people.Person": Store(purpose=Purpose.ASK, kind=Kind.PEOPLE, found_in=("person",)),
    "people.Employment": Store(purpose=Purpose.ASK, kind=Kind.PEOPLE, found_in=("employments",)),
    "people.Membership": Store(purpose=Purpose.ASK, kind=Kind.PEOPLE, found_in=("teams",)),
    "people.Reporting": Store(purpose=Purpose.ASK, kind=Kind.PEOPLE, found_in=("managers", "managing")),
    "people.Leave": Store(purpose=Purpose.ASK, kind=Kind.AWAY, found_in=("leave",)),
    "people.Account": Store(purpose=Purpose.LOGIN, kind=Kind.PEOPLE, found_in=("account",)),
    "people.Grant": Store(purpose=Purpose.LOGIN, kind=Kind.PEOPLE, found_in=("account",)),
    "people.PeopleImport": Store(purpose=Purpose.ACCOUNT_FOR, kind=Kind.PEOPLE_FILES, found_in=("imports",)),
    "account.EmailAddress": Store(purpose=Purpose.LOGIN, kind=Kind.PEOPLE, left=Left.INSIDE_OTHERS),
    "mfa.Authenticator": Store(purpose=Purpose.LOGIN, kind=Kind.PEOPLE, found_in=("second_step",)),
    "programmes.Programme": Store(
        purpose=Purpose.PROGRAMME, kind=Kind.PEOPLE, found_in=("sponsor", "trainer", "signed", "owner", "made")
    ),
    "programmes.Enrolment": Store(
        purpose=Purpose.PROGRAMME, kind=Kind.PEOPLE, found_in=("programmes", "buddy", "observer")
    ),
    "cards.Card": Store(purpose=Purpose.PROGRAMME, kind=Kind.ANSWERS, found_in=("cards",)),
    "cards.Contact": Store(purpose=Purpose.PROGRAMME, kind=Kind.DELIVERY, found_in=("mails",)),
    "cards.Hitch": Store(purpose=Purpose.PROGRAMME, kind=Kind.DELIVERY, found_in=("hitch",)),
    "cards.Appointment": Store(purpose=Purpose.PROGRAMME, kind=Kind.PEOPLE, found_in=("appointments",)),
    "evidence.Entry": Store(purpose=Purpose.LEARN, kind=Kind.ANSWERS, found_in=("answers", "records")),
    "transfer.Barrier": Store(purpose=Purpose.PROGRAMME, kind=Kind.PEOPLE, found_in=("barriers",)),
    "transfer.Meeting": Store(purpose=Purpose.PROGRAMME, kind=Kind.PEOPLE, found_in=("hosted", "meetings")),
    "transfer.FloorObserver": Store(purpose=Purpose.PROGRAMME, kind=Kind.PEOPLE, found_in=("watching",)),
    "measure.Release": Store(purpose=Purpose.LEARN, kind=Kind.ANSWERS, left=Left.GROUP_ONLY),
    "effects.Study": Store(purpose=Purpose.ACCOUNT_FOR, kind=Kind.STUDY_FILES, found_in=("studies",)),
    "privacy.Look": Store(purpose=Purpose.ACCOUNT_FOR, kind=Kind.LOOKS, found_in=("looks", "looked")),
    "privacy.Offer": Store(purpose=Purpose.ERASE, kind=Kind.PEOPLE, found_in=("offer",)),
    "privacy.Removed": Store(purpose=Purpose.ERASE, kind=Kind.PEOPLE, left=Left.NAMES_NOBODY),
}
