"""One function per change to a programme. Each holds its row while it changes, so that of two at once both count."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from borging.people.models import Account, Person, Reporting, holds_on

from . import rules
from .models import MOST_BEHAVIOURS, Behaviour, Cohort, Enrolment, Programme, Session, Situation, Status

ENDED = (Status.STOPPED, Status.DONE)
UNENDED = (Status.DRAFT, Status.LIVE, Status.PAUSED)
TRANSITIONS = {
    "start": ((Status.DRAFT,), Status.LIVE),
    "pause": ((Status.LIVE,), Status.PAUSED),
    "resume": ((Status.PAUSED,), Status.LIVE),
    "stop": ((Status.LIVE, Status.PAUSED), Status.STOPPED),
}
CHANGEABLE = frozenset(
    (
        "name", "language", "playbook", "goal", "kpi", "skill", "retention_days", "situation", "promised_change",
        "practice_share", "practice_minutes", "first_chance_days", "main_barrier", "places", "team_told",
        "sponsor", "trainer", "embedding_owner",
    )
)  # fmt: skip


class NotNowError(Exception):
    """The programme is not in a state that allows this change; the message is that state."""


class NotReadyError(Exception):
    """Something without which a programme cannot start is missing; `missing` names it: behaviours, sessions, people."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


@contextmanager
def held(programme: Programme, *, states: Sequence[Status] = UNENDED) -> Iterator[Programme]:
    """The programme as it stands, for nobody else to change meanwhile. Raises NotNowError in another state."""
    with transaction.atomic():
        locked = Programme.objects.select_for_update().filter(pk=programme.pk).first()
        if locked is None or locked.status not in states:
            raise NotNowError(locked.status if locked else Status.STOPPED)
        yield locked


@transaction.atomic
def draft(*, owner: Account, name: str, language: str, cohort: str, now: datetime) -> Programme:
    """A new programme with one cohort, named by the caller in its own language."""
    programme = Programme.objects.create(
        organisation_id=owner.organisation_id, owner=owner, name=name, language=language, created_at=now
    )
    Cohort.objects.create(programme=programme, name=cohort)
    return programme


def change(*, programme: Programme, **values: Any) -> None:
    """Change answers of a programme that has not ended; of what was signed too, which breaks the seal."""
    if unknown := set(values) - CHANGEABLE:
        raise TypeError(f"a programme has no {', '.join(sorted(unknown))} to change")
    if not Programme.objects.filter(pk=programme.pk, status__in=UNENDED).update(**values):
        raise NotNowError(programme.status)


def name_behaviours(*, programme: Programme, texts: Sequence[str]) -> None:
    """The behaviours of a draft, in this order; empty texts do not count, and of more than five the first five."""
    wanted = [text.strip()[:200] for text in texts if text.strip()][:MOST_BEHAVIOURS]
    with held(programme, states=(Status.DRAFT,)) as locked:
        locked.behaviours.all().delete()
        Behaviour.objects.bulk_create(
            Behaviour(programme=locked, position=place, text=text) for place, text in enumerate(wanted, start=1)
        )


# --- cohorts and sessions ---------------------------------------------------------------------------------------------


def add_cohort(*, programme: Programme, name: str) -> Cohort:
    with held(programme) as locked:
        return Cohort.objects.get_or_create(programme=locked, name=name[:80])[0]


def add_session(*, cohort: Cohort, starts_at: datetime, ends_at: datetime, place: str = "") -> Session:
    with held(cohort.programme):
        return Session.objects.create(cohort=cohort, starts_at=starts_at, ends_at=ends_at, place=place)


def move_session(
    *, session: Session, starts_at: datetime, ends_at: datetime, place: str, along: bool, now: datetime
) -> None:
    """Give a session another time; with `along` the later sessions of its cohort that are still to come move as far."""
    with held(session.cohort.programme):
        stored = Session.objects.select_for_update().get(pk=session.pk)
        shift = starts_at - stored.starts_at
        later = Session.objects.filter(cohort=session.cohort_id, starts_at__gt=max(stored.starts_at, now))
        if along:
            later.exclude(pk=session.pk).update(starts_at=F("starts_at") + shift, ends_at=F("ends_at") + shift)
        Session.objects.filter(pk=session.pk).update(starts_at=starts_at, ends_at=ends_at, place=place)


def cancel_session(*, session: Session) -> None:
    """Raises NotReadyError for the latest session of a programme that runs: stop it instead."""
    with held(session.cohort.programme) as locked:
        others = Session.objects.filter(cohort=session.cohort_id).exclude(pk=session.pk)
        if locked.status != Status.DRAFT and not others.exists():
            raise NotReadyError(("sessions",))
        Session.objects.filter(pk=session.pk).delete()


# --- people -----------------------------------------------------------------------------------------------------------


def enrol(*, cohort: Cohort, people: Iterable[Person], today: date) -> int:
    """Let people take part, each once, and give each a buddy. Returns how many are new."""
    with held(cohort.programme):
        wanted = {person.pk for person in people if person.organisation_id == cohort.programme.organisation_id}
        known = set(cohort.enrolments.filter(person__in=wanted).values_list("person_id", flat=True))
        back = cohort.enrolments.filter(person__in=wanted).exclude(left_on=None).update(left_on=None)
        Enrolment.objects.bulk_create(
            Enrolment(cohort=cohort, person_id=pk, enrolled_on=today) for pk in sorted(wanted - known)
        )
        _give_buddies(cohort, today=today)
        return len(wanted - known) + back


def leave(*, enrolment: Enrolment, today: date) -> None:
    """Take somebody out: of a draft as if never there, else from today on. Whose buddy it was gets another."""
    cohort = enrolment.cohort
    with held(cohort.programme) as locked:
        if locked.status == Status.DRAFT:
            Enrolment.objects.filter(pk=enrolment.pk).delete()
        else:
            Enrolment.objects.filter(pk=enrolment.pk, left_on=None).update(left_on=today, buddy=None)
        cohort.enrolments.filter(buddy=enrolment.person_id).update(buddy=None)
        _give_buddies(cohort, today=today)


def give_buddies(*, programme: Programme, today: date) -> None:
    """A buddy for everyone who has none."""
    with held(programme) as locked:
        for cohort in locked.cohorts.all():
            _give_buddies(cohort, today=today)


def choose_companions(*, enrolment: Enrolment, buddy: Person | None, observer: Person | None) -> None:
    """Who is the buddy, and who looks along on the floor."""
    with held(enrolment.cohort.programme):
        Enrolment.objects.filter(pk=enrolment.pk).update(buddy=buddy, observer=observer)


def split_by_lot(*, programme: Programme, order: Sequence[int], name: str, today: date) -> Cohort:
    """More people than places: the first of a drawn order start, the others come into a next cohort.

    order: primary keys of everyone who takes part, in the order the lot gave. Only in a draft with places. The lot
    must have been drawn by the caller: here is no chance.
    """
    with held(programme, states=(Status.DRAFT,)) as locked:
        enrolled = {row.person_id: row for row in Enrolment.objects.filter(cohort__programme=locked, left_on=None)}
        later = [enrolled[pk] for pk in order[locked.places or len(order) :] if pk in enrolled]
        cohort = Cohort.objects.get_or_create(programme=locked, name=name[:80])[0]
        Enrolment.objects.filter(pk__in=[row.pk for row in later]).update(cohort=cohort, buddy=None)
        for each in locked.cohorts.all():
            here = each.enrolments.values("person_id")
            each.enrolments.exclude(buddy=None).exclude(buddy__in=here).update(buddy=None)
            _give_buddies(each, today=today)
        return cohort


def _give_buddies(cohort: Cohort, *, today: date) -> None:
    rows = list(cohort.enrolments.filter(left_on=None).order_by("pk"))
    people = [row.person_id for row in rows]
    managers = Reporting.objects.filter(holds_on(today), person__in=people).order_by("start_date")
    found = rules.buddies(
        people,
        managers=dict(managers.values_list("person_id", "manager_id")),
        taken={row.person_id: row.buddy_id for row in rows if row.buddy_id},
        needing=[row.person_id for row in rows if row.buddy_id is None],
    )
    for row in rows:
        if row.person_id in found:
            row.buddy_id = found[row.person_id]
    Enrolment.objects.bulk_update([row for row in rows if row.person_id in found], ["buddy"])


# --- situations -------------------------------------------------------------------------------------------------------


def add_situations(*, programme: Programme, situations: Iterable[rules.Scenario]) -> int:
    """Put situations behind those of their form. Returns how many."""
    with held(programme) as locked:
        latest = dict(locked.situations.order_by().values_list("form").annotate(latest=Max("position")))
        rows = []
        for each in situations:
            latest[each.form] = latest.get(each.form, 0) + 1
            rows.append(Situation(programme=locked, position=latest[each.form], **_columns(each)))
        Situation.objects.bulk_create(rows)
        return len(rows)


def change_situation(*, situation: Situation, to: rules.Scenario, now: datetime) -> None:
    """Raises NotNowError. In another form it comes behind those that are there.

    Once the programme has begun, other options or another form make it another situation: the old one is asked no more.
    """
    with held(situation.programme) as locked:
        values = _columns(to)
        same = to.form == situation.form
        if locked.status != Status.DRAFT and not (same and values["options"] == situation.options):
            _retire(situation, now=now)
            add_situations(programme=locked, situations=[to])
            return
        if not same:
            latest = locked.situations.filter(form=to.form).aggregate(latest=Max("position"))["latest"]
            values["position"] = (latest or 0) + 1
        Situation.objects.filter(pk=situation.pk).update(**values)


def remove_situation(*, situation: Situation, now: datetime) -> None:
    """Delete it while the programme is being prepared; afterwards it is asked no more, and what was answered stays."""
    with held(situation.programme) as locked:
        if locked.status == Status.DRAFT:
            Situation.objects.filter(pk=situation.pk).delete()
        else:
            _retire(situation, now=now)


def _retire(situation: Situation, *, now: datetime) -> None:
    Situation.objects.filter(pk=situation.pk, retired_at=None).update(retired_at=now)


def _columns(scenario: rules.Scenario) -> dict[str, Any]:
    return {
        "form": scenario.form,
        "text": scenario.text,
        "options": list(scenario.options),
        "explanation": scenario.explanation,
    }


# --- states -----------------------------------------------------------------------------------------------------------


def start(*, programme: Programme, now: datetime) -> None:
    """From now on cards go out. Raises NotReadyError with what is missing, NotNowError when it is no draft."""
    with held(programme, states=TRANSITIONS["start"][0]) as locked:
        if missing := missing_to_start(locked):
            raise NotReadyError(missing)
        _to(locked, "start", started_at=now)


def missing_to_start(programme: Programme) -> tuple[str, ...]:
    """What a programme cannot start without: behaviours, sessions, people."""
    there = {
        "behaviours": programme.behaviours.exists(),
        "sessions": Session.objects.filter(cohort__programme=programme).exists(),
        "people": Enrolment.objects.filter(cohort__programme=programme, left_on=None).exists(),
    }
    return tuple(name for name, is_there in there.items() if not is_there)


def pause(*, programme: Programme) -> None:
    """Nothing goes out until it is resumed. Raises NotNowError."""
    _to(programme, "pause")


def resume(*, programme: Programme) -> None:
    """Raises NotNowError."""
    _to(programme, "resume")


def stop(*, programme: Programme, now: datetime) -> None:
    """For good: nothing is asked any more, what was answered stays. Raises NotNowError."""
    _to(programme, "stop", ended_at=now)


def discard(*, programme: Programme) -> None:
    """Remove a draft with everything in it. Raises NotNowError once it has started."""
    with held(programme, states=(Status.DRAFT,)) as locked:
        locked.delete()


def mark_rehearsed(*, programme: Programme, now: datetime) -> None:
    Programme.objects.filter(pk=programme.pk).update(rehearsed_at=now)


def _to(programme: Programme, verb: str, **values: Any) -> None:
    """One conditional update, so that of two at once only one happens."""
    sources, target = TRANSITIONS[verb]
    changed = Programme.objects.filter(pk=programme.pk, status__in=sources).update(status=target, **values)
    if not changed:
        raise NotNowError(Programme.objects.values_list("status", flat=True).get(pk=programme.pk))
