"""From playbook to moments: what is asked of whom on which day."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from borging.cards import writes as cards
from borging.cards.writes import Planned
from borging.programmes.models import Cohort, Programme, Status

from . import calendars, floor
from .playbooks import playbook
from .rules import CLOSES, OPENS, Slot, asked_of, timeline

LATEST_PART = timedelta(minutes=20)
"""What is made in the session is made in its last twenty minutes."""
SMALLEST_SAMPLE = 20
"""A smaller cohort is asked whole: of half of it no figure could be shown."""


def plan(*, programme: Programme, now: datetime) -> int:
    """Set every moment of a programme's cohorts and make the cards that come up. Returns how many cards were made.

    Done again after a change it moves what is not done yet, and doubles nothing.
    """
    for cohort in programme.cohorts.prefetch_related("sessions"):
        cards.schedule(cohort=cohort, moments=moments(cohort, programme))
        calendars.keep_sessions(cohort=cohort, sessions=cohort.sessions.all(), now=now)
    if programme.status != Status.LIVE:
        return 0
    made = cards.issue(now=now, programme=programme)
    floor.propose(now=now, programme=programme)
    return made


def look_ahead(*, now: datetime) -> int:
    """Make the cards of moments that come up, for whoever has the role by then, and find times for who are to meet.

    Meetings that cannot be as agreed get another time first. Returns how many cards were made.
    """
    floor.mend_observers(now=now)
    made = cards.issue(now=now)
    floor.mend(now=now)
    floor.propose(now=now)
    return made


def moments(cohort: Cohort, programme: Programme) -> list[Planned]:
    """The moments of one cohort; none while it has no session."""
    sessions = list(cohort.sessions.all())
    if not sessions:
        return []
    zone = ZoneInfo(programme.organisation.time_zone)
    first, latest = sessions[0].starts_at, max(session.ends_at for session in sessions)
    slots = timeline(
        playbook(programme.playbook),
        first_day=first.astimezone(zone).date(),
        latest_day=latest.astimezone(zone).date(),
        retention_days=programme.retention_days,
    )
    behaviours = programme.behaviours.count()
    sampled = cohort.enrolments.count() >= SMALLEST_SAMPLE
    return [
        _planned(slot, zone=zone, first=first, latest=latest, sampled=sampled)
        for slot in slots
        if asked_of(slot.step, behaviours=behaviours)
    ]


def _planned(slot: Slot, *, zone: ZoneInfo, first: datetime, latest: datetime, sampled: bool) -> Planned:
    step = slot.step
    closes_at = _at(slot.closes_on, CLOSES, zone)
    before = step.anchor == "start" and step.day < 0
    return Planned(
        step=step.key,
        occurrence=slot.occurrence,
        actor=slot.actor,
        fallback=step.fallback_actor if slot.actor == step.actor else "",
        due_on=slot.due_on,
        closes_on=slot.closes_on,
        due_at=latest - LATEST_PART if step.uncounted else _at(slot.due_on, OPENS, zone),
        # What prepares for a training is not asked once it has begun.
        closes_at=min(closes_at, first) if before else closes_at,
        yields=step.skip == "merged",
        uncounted=step.uncounted,
        anonymous=step.anonymous,
        sampled=step.sample and sampled,
    )


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone)
