"""Questions about what a programme does around its training: its timeline, and what the transfer check finds."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from borging.cards.models import Card, CardStatus
from borging.people.models import Membership, Reporting, holds_on
from borging.programmes import reads as programmes
from borging.programmes.models import Enrolment, Programme, Situation

from . import check, playbooks, promises
from .content import FORMS
from .models import Barrier
from .rules import Slot, Step, asked_of, occurrences, timeline

ABSENCE = ("verzuim", "ziek", "absence", "sick")
MEASURING = ("measure", "observe")
STILL_ASKED = (CardStatus.PLANNED, CardStatus.OPEN)


@dataclass(frozen=True, kw_only=True)
class Weakness:
    """One finding of the transfer check with its texts in both languages; `finding` is None when its source has not
    been checked, and is then not shown."""

    key: str
    severity: str
    message: Mapping[str, str]
    fix: Mapping[str, str]
    finding: Mapping[str, Any] | None


def shown_finding(key: str) -> Mapping[str, Any] | None:
    """A finding of the science register as it may be shown: one that was read, or a rule of our own that says so."""
    found = playbooks.finding(key)
    return None if found["status"] == "to-verify" else found


def source_of(found: Mapping[str, Any], language: str) -> str:
    """Where a finding comes from; papers are called the same in every language."""
    return str(found.get("source_nl", found["source"]) if language == "nl" else found["source"])


def weaknesses(facts: check.Facts) -> tuple[Weakness, ...]:
    """What the transfer check finds: what stops a programme first, then in the order of the rules."""
    rows = {row["key"]: row for row in playbooks.records("transfer-check")}
    listed = [
        Weakness(
            key=key,
            severity=rows[key]["severity"],
            message=rows[key]["message"],
            fix=rows[key]["fix"],
            finding=shown_finding(rows[key]["why"]),
        )
        for key in check.found(facts)
    ]
    return tuple(sorted(listed, key=lambda weakness: weakness.severity != "stop"))


def steps_of(programme: Programme) -> tuple[Step, ...]:
    """The steps of the playbook that make sense for a programme."""
    behaviours = programme.behaviours.count()
    return tuple(step for step in playbooks.playbook(programme.playbook).steps if asked_of(step, behaviours=behaviours))


def slots_of(programme: Programme, *, days: tuple[date, date]) -> tuple[Slot, ...]:
    """Every action of a cohort whose first and latest session are on these days."""
    behaviours = programme.behaviours.count()
    slots = timeline(
        playbooks.playbook(programme.playbook),
        first_day=days[0],
        latest_day=days[1],
        retention_days=programme.retention_days,
    )
    return tuple(slot for slot in slots if asked_of(slot.step, behaviours=behaviours))


def facts_of(programme: Programme, *, smallest_change: float | None, today: date) -> check.Facts:
    """What the transfer check judges. smallest_change: what the cohort can show, in times of ten; None is: nothing."""
    steps = steps_of(programme)
    forms = set(Situation.objects.filter(programme=programme, retired_at=None).values_list("form", flat=True))
    people = list(programmes.taking_part(programme))
    slots = _all_slots(programme)
    seal = promises.seal_of(programme)
    return check.Facts(
        behaviours=programme.behaviours.count(),
        has_goal=bool(programme.goal.strip()),
        measured=frozenset(family for step in steps for family in _families(step, forms) if family != "agreement"),
        sources=frozenset(actor for step in steps if _sees_behaviour(step) for actor in _eyes(step)),
        measured_until=max(
            (day for step in steps if _sees_behaviour(step) and step.anchor == "end" for day in _days(step, programme)),
            default=0,
        ),
        baseline=_is_ahead(slots, programme, today=today, wanted=lambda step: bool(_families(step, forms) & _BASELINE)),
        talk_before=_is_ahead(slots, programme, today=today, wanted=lambda step: step.kind == "talk"),
        people=len(people),
        without_buddy=sum(row.buddy_id is None for row in people),
        practice_share=programme.practice_share,
        practice_minutes=programme.practice_minutes,
        first_chance_days=programme.first_chance_days,
        main_barrier=programme.main_barrier,
        retention_days=programme.retention_days,
        repeats_carry_until=_carry_until(steps, programme),
        has_embedding_owner=programme.embedding_owner_id is not None,
        smallest_change=smallest_change,
        promised_change=programme.promised_change,
        places=programme.places,
        team_told=programme.team_told,
        signed=seal is not None and seal.holds,
        contacts=_busiest(programme, people, slots, today=today),
        is_about_absence=any(word in programme.kpi.lower() for word in ABSENCE),
        group=_group_size(people, today=today),
    )


_BASELINE = frozenset({"knowledge", "behaviour", "confidence"})


def _families(step: Step, forms: set[str]) -> frozenset[str]:
    """What a step measures; a question about situations only when there are situations of its form."""
    if step.kind not in (*MEASURING, "reaction"):
        return frozenset()
    return frozenset(q.family for q in step.questions if not q.source or FORMS.get(q.form) in forms)


def _sees_behaviour(step: Step) -> bool:
    return step.kind in MEASURING and any(question.family == "behaviour" for question in step.questions)


def _eyes(step: Step) -> tuple[str, ...]:
    return (step.actor, step.companion.actor) if step.companion and step.companion.own_card else (step.actor,)


def _days(step: Step, programme: Programme) -> tuple[int, ...]:
    return occurrences(step, retention_days=programme.retention_days)


def _carry_until(steps: tuple[Step, ...], programme: Programme) -> int:
    """The latest repeat and the gap that would come after it: until then what was repeated is still there."""
    carried = [0]
    for step in steps:
        if step.repeat and step.repeat.target_days:
            days = _days(step, programme)
            gap = days[-1] - days[-2] if len(days) > 1 else days[-1]
            carried.append(days[-1] + 2 * gap)
    return max(carried)


def _all_slots(programme: Programme) -> list[Slot]:
    ranges = [programmes.session_days(cohort) for cohort in programme.cohorts.select_related("programme__organisation")]
    return [slot for days in ranges if days for slot in slots_of(programme, days=days)]


def _is_ahead(slots: list[Slot], programme: Programme, *, today: date, wanted: Callable[[Step], bool]) -> bool:
    """Whether an action before the start can still be done, or could when the programme started.

    Without a session yet it is ahead when the playbook has it.
    """
    if not slots:
        return any(step.anchor == "start" and step.day < 0 and wanted(step) for step in steps_of(programme))
    since = programme.started_at.date() if programme.started_at else today
    before = [slot for slot in slots if slot.step.anchor == "start" and slot.step.day < 0 and wanted(slot.step)]
    return any(slot.closes_on >= since for slot in before)


def _busiest(programme: Programme, people: list[Enrolment], slots: list[Slot], *, today: date) -> int:
    """The most contacts one learner gets in a week: from this timeline, and from cards of other programmes."""
    own = frozenset(
        slot.due_on.toordinal()
        for slot in slots
        if slot.actor == "learner" and not slot.step.uncounted and slot.due_on >= today
    )
    others: dict[int, set[int]] = defaultdict(set)
    cards = Card.objects.filter(
        person__in=[row.person_id for row in people], status__in=STILL_ASKED, moment__uncounted=False
    ).exclude(programme=programme)
    for person, day in cards.values_list("person_id", "moment__due_on"):
        others[person].add(day.toordinal())
    if not people:
        return 0
    return max(check.busiest_week(own | frozenset(days)) for days in (set(), *others.values()))


def _group_size(people: list[Enrolment], *, today: date) -> int | None:
    """How many people are in the teams of who takes part, or in those they lead; None when no team is known."""
    learners = [row.person_id for row in people]
    below = Reporting.objects.filter(holds_on(today), manager__in=learners).values("person")
    teams = Membership.objects.filter(Q(person__in=learners) | Q(person__in=below), holds_on(today)).values("team")
    return Membership.objects.filter(holds_on(today), team__in=teams).values("person").distinct().count() or None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How many cards of a step there are and how many were answered, over all cohorts."""

    made: int
    answered: int


def progress(programme: Programme) -> dict[str, Progress]:
    """Per step, without anyone's name: for whoever looks after the programme. Anonymous steps are left out."""
    cards = Card.objects.filter(programme=programme, moment__anonymous=False).exclude(status=CardStatus.WITHDRAWN)
    answered = Count("pk", filter=Q(status=CardStatus.ANSWERED))
    rows = cards.order_by().values_list("moment__step").annotate(made=Count("pk"), answered=answered)
    return {step: Progress(made=made, answered=said) for step, made, said in rows}


def routed(programme: Programme) -> Barrier | None:
    """The barrier that was named beforehand, on its way to who can remove it."""
    open_ones = Barrier.objects.filter(cohort__programme=programme, key=programme.main_barrier, removed_on=None)
    return open_ones.select_related("remover").first()


def without_manager(programme: Programme, *, today: date) -> int:
    """How many who take part have no manager known today."""
    managed = Reporting.objects.filter(holds_on(today)).values("person")
    return programmes.taking_part(programme).exclude(person__in=managed).count()


def without_address(programme: Programme) -> int:
    """How many who take part cannot be written to."""
    return programmes.taking_part(programme).filter(person__email="").count()
