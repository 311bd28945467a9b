"""Removing for good: a person everywhere, or what somebody answered (trust rule P12)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction

from borging.effects import writes as effects
from borging.effects.models import Study
from borging.evidence import writes as evidence
from borging.measure import writes as measure
from borging.people import imports
from borging.people.models import Account, Organisation, Person
from borging.people.pseudonyms import pseudonym
from borging.people.writes import LastAdministratorError, administrators
from borging.programmes.models import Programme

from . import tombstones
from .models import Consent, Removed


def remove_person(*, person: Person, now: datetime) -> None:
    """Remove somebody from every table and file at once. Raises LastAdministratorError."""
    remove_people(people=[person], now=now)


def remove_people(*, people: Collection[Person], now: datetime) -> None:
    """Remove these people from every table and file.

    Said by or about them: gone. Figures they stood in stay where enough others stand in them too. Nobody can be found
    back in what is left: their secret, which everything under a pseudonym hangs on, goes with them.

    Raises LastAdministratorError, and then removes nobody.
    """
    for organisation_id, group in _by_organisation(people).items():
        _remove(organisation_id, group, now=now)


@transaction.atomic
def _remove(organisation_id: int, people: list[Person], *, now: datetime) -> None:
    Organisation.objects.select_for_update().get(pk=organisation_id)
    accounts = Account.objects.filter(person__in=people)
    running = administrators(organisation_id)
    if running.exists() and not running.exclude(person__in=people).exists():
        raise LastAdministratorError
    _remember(Removed.What.PERSON, people, now=now)
    marks = {pseudonym(person): str(uuid.uuid4()) for person in people}
    evidence.forget_about(marks)
    measure.leave_out(organisation_id=organisation_id, names={str(mark): name for mark, name in marks.items()})
    imports.forget_rows(organisation_id=organisation_id)
    end_sessions({account.pk for account in accounts})
    accounts.delete()
    Person.objects.filter(pk__in=[person.pk for person in people]).delete()
    transaction.on_commit(lambda: _forget_files(organisation_id))


def _forget_files(organisation_id: int) -> None:
    """The files of studies hold people as others wrote them down: none of the organisation stays."""
    effects.forget_uploads(Study.objects.filter(organisation=organisation_id))


def end_sessions(accounts: Collection[int]) -> None:
    """Log these accounts out everywhere."""
    numbers = {str(pk) for pk in accounts}
    if not numbers:
        return
    found = [each.pk for each in Session.objects.iterator() if each.get_decoded().get("_auth_user_id") in numbers]
    Session.objects.filter(pk__in=found).delete()


def forget_answers(*, person: Person, programme: Programme | None, now: datetime) -> int:
    """Remove what somebody said, in one programme or everywhere. Returns how many answers."""
    with transaction.atomic():
        _remember(Removed.What.ANSWERS, [person], programme=programme, now=now)
        return evidence.forget(person=person, programme=programme)


def _remember(
    what: Removed.What, people: Iterable[Person], *, programme: Programme | None = None, now: datetime
) -> None:
    rows = [
        Removed(
            organisation_id=person.organisation_id,
            mark=tombstones.mark(person),
            what=what,
            programme_id=programme.pk if programme else None,
            at=now,
        )
        for person in people
    ]
    Removed.objects.bulk_create(rows)
    transaction.on_commit(lambda: tombstones.add([tombstones.of(row) for row in rows]))


def record_consent(*, organisation: Organisation, agreed_on: date, register: dict[str, Any], now: datetime) -> None:
    """Keep what was agreed to; earlier agreements stay."""
    Consent.objects.create(organisation=organisation, agreed_on=agreed_on, register=register, recorded_at=now)


def replay_tombstones(*, now: datetime) -> int:
    """Remove again what a restored backup brought back. Returns how many people and sets of answers that were.

    Call it after a restore, before the first page is served. Doing it again does nothing.
    """
    stones: dict[tuple[int, str], list[tombstones.Tombstone]] = defaultdict(list)
    for stone in tombstones.bring_together():
        stones[stone.organisation_id, stone.mark].append(stone)
    gone: list[Person] = []
    again = 0
    organisations = {organisation_id for organisation_id, _mark in stones}
    for person in Person.objects.filter(organisation__in=organisations).iterator():
        found = stones.get((person.organisation_id, tombstones.mark(person).hex), [])
        if any(stone.what == Removed.What.PERSON for stone in found):
            gone.append(person)
            continue
        again += sum(_forget_again(person, stone) for stone in found)
    for organisation_id, group in _by_organisation(gone).items():
        _remove_again(organisation_id, group, now=now)
    return again + len(gone)


def _forget_again(person: Person, stone: tombstones.Tombstone) -> bool:
    programme = Programme.objects.filter(pk=stone.programme_id).first() if stone.programme_id else None
    if stone.programme_id and programme is None:
        return False
    return bool(evidence.forget(person=person, programme=programme, until=stone.moment))


def _remove_again(organisation_id: int, people: list[Person], *, now: datetime) -> None:
    """Who was removed stays removed, also when a backup of then knows no other administrator."""
    Account.objects.filter(person__in=people).delete()
    _remove(organisation_id, people, now=now)


def _by_organisation(people: Iterable[Person]) -> dict[int, list[Person]]:
    found: dict[int, list[Person]] = defaultdict(list)
    for person in people:
        found[person.organisation_id].append(person)
    return found
