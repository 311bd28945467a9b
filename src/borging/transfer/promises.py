"""The promise and its seal: signed by the sponsor, and visibly broken by whoever changes it afterwards."""

from dataclasses import dataclass
from datetime import datetime

from borging.people.models import Person
from borging.programmes import reads, rules, writes
from borging.programmes.models import Programme

from . import playbooks


class NotTheSponsorError(Exception):
    """Only the sponsor of a programme signs its promise."""


class EmptyPromiseError(Exception):
    """There is nothing to sign: no business goal, or no behaviour."""


@dataclass(frozen=True, kw_only=True)
class Seal:
    """How a promise was signed. `holds` is whether it still says what was signed.

    `changed` names what differs: goal, behaviours, kpi, promised_change, first_day, playbook, playbook_version.
    """

    signer: Person | None
    signed_at: datetime
    on_paper: bool
    sha256: str
    changed: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.changed


def promise_of(programme: Programme) -> rules.Promise:
    """The promise as it stands now."""
    return reads.promise_of(programme, playbook_version=playbooks.playbook(programme.playbook).version)


def seal_of(programme: Programme) -> Seal | None:
    """The signature under the promise; None when nobody signed."""
    if programme.promise_signed_at is None:
        return None
    promise = promise_of(programme)
    intact = rules.seal(promise) == programme.promise_sha256
    return Seal(
        signer=programme.promise_signer,
        signed_at=programme.promise_signed_at,
        on_paper=programme.promise_on_paper,
        sha256=programme.promise_sha256,
        changed=() if intact else rules.changed_parts(programme.promise or {}, promise),
    )


def sign(*, programme: Programme, person: Person, now: datetime, on_paper: bool = False) -> None:
    """Seal the promise as it stands; an earlier signature gives way.

    now: when it was signed. Raises NotTheSponsorError, EmptyPromiseError, and programmes.writes.NotNowError for a
    programme that has ended.
    """
    with writes.held(programme) as locked:
        if locked.sponsor_id != person.pk:
            raise NotTheSponsorError
        promise = promise_of(locked)
        if not (promise.goal and promise.behaviours):
            raise EmptyPromiseError
        Programme.objects.filter(pk=locked.pk).update(
            promise=rules.text_of(promise),
            promise_sha256=rules.seal(promise),
            promise_signed_at=now,
            promise_signer=person,
            promise_on_paper=on_paper,
        )
