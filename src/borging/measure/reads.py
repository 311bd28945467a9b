"""Questions about released figures, each taking the viewer; and a person's own line, which no other can reach."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from borging.cards.models import Moment
from borging.evidence.models import Entry, Source
from borging.evidence.reads import said_by, standing
from borging.figures.records import from_json
from borging.figures.rules import OneSlide, Report
from borging.people.access import led_team
from borging.people.models import Account, Person, Role, Team
from borging.people.reads import has_role
from borging.programmes.models import Programme, Status

from . import story
from .models import Release
from .rules import (
    BARRIERS,
    CHOICES,
    KINDS,
    LOGS,
    PAIRINGS,
    STRETCH_DAYS,
    OwnAnswer,
    OwnAttempts,
    OwnCurve,
    OwnLine,
    Result,
    batch_of,
    counts_as,
    parts_of,
)
from .story import Names, Told

Language = Literal["nl", "en"]
READERS = (Role.LD, Role.PRIVACY, Role.WORKS_COUNCIL)
"""Roles that see the released figures of every programme of their organisation."""
FOLLOWED = timedelta(days=60)
"""How long after its end a programme can still get figures."""
NIGHTS = timedelta(days=2)
WEEKLY = 6
"""The weekday (Monday is 0) on which every programme is looked at."""
OWN_STEPS = ("baseline-learner", "delayed-test", "post-learner", "pulse-180")


def programmes_seen(viewer: Account) -> QuerySet[Programme]:
    """The programmes of which this account may see released figures."""
    own = Programme.objects.filter(organisation_id=viewer.organisation_id)
    if has_role(viewer, *READERS):
        return own
    mine = Q(owner=viewer)
    if viewer.person_id:
        mine |= Q(sponsor=viewer.person_id) | Q(trainer=viewer.person_id)
    return own.filter(mine)


def programme_for(viewer: Account, programme_id: int) -> Programme:
    """Raises Programme.DoesNotExist for all others, whether they exist or not."""
    return programmes_seen(viewer).select_related("organisation").get(pk=programme_id)


def due_programmes(now: datetime) -> QuerySet[Programme]:
    """Programmes that may have new figures tonight: something was answered or closed since the night before last.

    Once a week all are, so that a night that was missed is made up for. For the worker only.
    """
    running = Q(status__in=(Status.LIVE, Status.PAUSED))
    ended = Q(status__in=(Status.STOPPED, Status.DONE), ended_at__gt=now - FOLLOWED)
    followed = Programme.objects.filter(running | ended).select_related("organisation").order_by("pk")
    if now.weekday() == WEEKLY:
        return followed
    since = now - NIGHTS
    answered = Entry.objects.filter(programme=OuterRef("pk"), recorded_at__gt=since)
    closed = Moment.objects.filter(cohort__programme=OuterRef("pk"), closes_at__gt=since, closes_at__lte=now)
    return followed.filter(Exists(answered) | Exists(closed))


def released(programme: Programme, *, viewer: Account, language: Language, today: date) -> Report:
    """The figures that were released, told in a language. Raises Programme.DoesNotExist for who may not see them."""
    programme = programme_for(viewer, programme.pk)
    told, called = _told(programme), _names(programme)
    there = {each.batch for each in told}
    return story.tell(
        told,
        called=called,
        language=language,
        title=programme.name,
        today=today,
        waiting=[batch for batch in _expected(called) if batch not in there],
    )


def friday(programme: Programme, *, viewer: Account, language: Language, today: date) -> OneSlide:
    """The programme on one slide. Raises Programme.DoesNotExist for who may not see it."""
    return _slide(programme_for(viewer, programme.pk), language=language, today=today)


def decided_upon(programme: Programme, *, sponsor: Person, language: Language, today: date) -> OneSlide | None:
    """The same slide for the sponsor who is asked to decide, who needs no account; None for anybody else."""
    if programme.sponsor_id != sponsor.pk:
        return None
    return _slide(programme, language=language, today=today)


def _slide(programme: Programme, *, language: Language, today: date) -> OneSlide:
    return story.friday(
        _told(programme),
        called=_names(programme),
        goal=programme.goal,
        decision=decision_on(programme),
        language=language,
        title=programme.name,
        today=today,
    )


def released_of(team: Team, *, viewer: Account, language: Language, today: date) -> list[tuple[Programme, Report]]:
    """What a team was seen to do, per programme its people take part in, the latest programme first.

    Raises Team.DoesNotExist for who does not lead it.
    """
    team = led_team(viewer, team.pk, day=today)
    known = Programme.objects.filter(organisation_id=viewer.organisation_id).exclude(status=Status.DRAFT)
    found = []
    for programme in known.filter(releases__isnull=False).distinct().order_by("-pk"):
        report = story.tell_unit(
            _told(programme), unit=str(team.pk), called=_names(programme), language=language, title=programme.name
        )
        if report:
            found.append((programme, report))
    return found


def decision_on(programme: Programme) -> str:
    """What the sponsor decided latest, as the key of the option; empty when nothing."""
    decided = standing(programme).filter(source=Source.SPONSOR, step="decide-180", question="decision")
    return decided.order_by("-recorded_at").values_list("choice", flat=True).first() or ""


def latest_days(programme: Programme) -> dict[int, date]:
    """The day of the latest session of each cohort that has one, on the clock of the organisation."""
    zone = ZoneInfo(programme.organisation.time_zone)
    days: dict[int, date] = {}
    for cohort in programme.cohorts.prefetch_related("sessions"):
        if ends := [session.ends_at for session in cohort.sessions.all()]:
            days[cohort.pk] = max(ends).astimezone(zone).date()
    return days


def read(release: Release) -> Result:
    """What a release holds, as what it was made from."""
    return from_json(KINDS[parts_of(release.batch)[0]], release.figures)


def _told(programme: Programme) -> list[Told]:
    """The newest release of each batch."""
    releases = Release.objects.filter(programme=programme).defer("ledger").order_by("pk")
    newest = {release.batch: release for release in releases}
    return [
        Told(
            batch=release.batch,
            result=read(release),
            released_on=timezone.localtime(release.released_at).date(),
        )
        for release in newest.values()
    ]


def _expected(called: Names) -> list[str]:
    """Every batch that a programme with these behaviours gets in the end."""
    paired = [
        batch_of(pairing.key, behaviour)
        for pairing in PAIRINGS
        if pairing.key != "yardstick"
        for behaviour in (called.behaviours if pairing.per_behaviour else (0,))
    ]
    return [*paired, "attempts", *CHOICES, *BARRIERS]


def _names(programme: Programme) -> Names:
    return Names(
        behaviours=dict(programme.behaviours.values_list("pk", "text")),
        cohorts=dict(programme.cohorts.values_list("pk", "name")),
        teams=dict(Team.objects.filter(organisation=programme.organisation_id).values_list("pk", "name")),
        promised=programme.promised_change,
    )


# --- own line ---------------------------------------------------------------------------------------------------------


def own_lines(account: Account) -> tuple[OwnLine, ...]:
    """Everything the person of this account answered under their own name, per programme, the newest first.

    There is no way to ask this for somebody else, whatever an account may do: it takes an account, and looks only at
    who that account is. What was answered without a name is not in it, for nobody knows whose it is.
    """
    if account.person is None or not account.is_active:
        return ()
    entries = said_by(account.person).select_related("behaviour").order_by("happened_on", "recorded_at")
    by_programme: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_programme[entry.programme_id].append(entry)
    programmes = Programme.objects.select_related("organisation").filter(pk__in=by_programme).order_by("-pk")
    return tuple(_own_line(programme, by_programme[programme.pk]) for programme in programmes)


def _own_line(programme: Programme, entries: list[Entry]) -> OwnLine:
    own = [entry for entry in entries if entry.source == Source.SELF]
    return OwnLine(
        programme=programme.pk,
        name=programme.name,
        playbook=programme.playbook,
        curves=_own_curves(own),
        attempts=_own_attempts(own, ends=latest_days(programme)),
        answers=tuple(
            OwnAnswer(
                step=entry.step,
                question=entry.question,
                behaviour=entry.behaviour.text if entry.behaviour else "",
                given_on=entry.happened_on,
                number=entry.number,
                choice=entry.choice,
                text=entry.text,
            )
            for entry in entries
        ),
    )


def _own_curves(own: list[Entry]) -> tuple[OwnCurve, ...]:
    counts: dict[str, dict[str, float | None]] = defaultdict(dict)
    for entry in sorted(own, key=lambda entry: entry.behaviour.position if entry.behaviour else 0):
        if entry.question == "last-ten" and entry.behaviour and entry.step in OWN_STEPS:
            counts[entry.behaviour.text][entry.step] = entry.number
    return tuple(
        OwnCurve(behaviour=text, points=tuple((step, points[step]) for step in OWN_STEPS if step in points))
        for text, points in counts.items()
    )


def _own_attempts(own: list[Entry], *, ends: dict[int, date]) -> tuple[OwnAttempts, ...]:
    """Logs per three weeks after the training."""
    stretches: dict[int, list[bool]] = defaultdict(list)
    for entry in own:
        did = counts_as(entry.choice) if entry.question == "tried" and entry.step in LOGS else None
        if did is not None:
            days = (entry.happened_on - ends.get(entry.cohort_id, entry.happened_on)).days
            stretches[max(days - 1, 0) // STRETCH_DAYS].append(did)
    return tuple(
        OwnAttempts(stretch=stretch, chances=len(tries), tried=sum(tries))
        for stretch, tries in sorted(stretches.items())
    )
