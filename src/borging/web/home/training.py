"""Today for an L&D professional: at most three things, what runs, and one slide for Friday."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from borging.cards import reads as cards
from borging.cards.models import Actor, Card, CardStatus
from borging.figures.listing import Line, Told, lines_of
from borging.measure.models import Release
from borging.measure.reads import Language, decision_on, friday
from borging.people.models import Account, Person
from borging.programmes import reads as programmes
from borging.programmes.models import Programme, Status
from borging.transfer import facts, playbooks
from borging.transfer import reads as transfer
from borging.transfer.rules import Step
from borging.web.programmes.page import place_of, places

WEEK = timedelta(days=7)
DECIDED_FROM = 180
"""Days after the first session from which a programme can be decided on."""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One thing that asks attention: why, and the one action.

    kind: stuck or decision. people: who are named. line: its figure.
    """

    kind: str
    eyebrow: str
    heading: str
    why: str
    action: str
    address: str
    people: tuple[Person, ...] = ()
    promised: str = ""
    line: Line | None = None


@dataclass(frozen=True, kw_only=True)
class Running:
    """A programme that runs, with its place on the chain."""

    name: str
    address: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Training:
    """`done`: what Borging did in the last week, as words and a count; never a zero."""

    things: tuple[Thing, ...]
    done: tuple[tuple[str, int], ...]
    running: tuple[Running, ...]
    slide: str = ""
    any_programme: bool = True


def training_of(viewer: Account, *, language: Language, now: datetime) -> Training:
    """What an L&D professional sees today, on the clock of the organisation."""
    today = timezone.localdate(now)
    listed = list(programmes.listed_programmes(viewer).select_related("organisation"))
    going = [each for each in listed if each.status in (Status.LIVE, Status.PAUSED)]
    stuck = _stuck(viewer, going, today=today, now=now)
    decisions = _decisions(viewer, going, language=language, now=now)
    first, decision = next(stuck, None), next(decisions, None)
    second = None if decision else next(stuck, None)
    things = tuple(thing for thing in (first, decision, second) if thing)
    return Training(
        things=things,
        done=_done(viewer.organisation_id, now=now),
        running=tuple(_running(each, today=today) for each in going),
        slide=_slide(going),
        any_programme=bool(listed),
    )


def _stuck(viewer: Account, going: list[Programme], *, today: date, now: datetime) -> Iterator[Thing]:
    """What does not go by itself, the most urgent first."""
    if missed := list(cards.unreachable(viewer.organisation_id)):
        yield Thing(
            kind="stuck",
            eyebrow=_("Stuck"),
            heading=ngettext("Mail to one person does not arrive", "Mail to %(n)s people does not arrive", len(missed))
            % {"n": len(missed)},
            why=_("Borging tried five times and stopped. Check the address: %(names)s.")
            % {"names": ", ".join(person.name for person in missed[:3])},
            action=_("Look at the address"),
            address=reverse("person", args=[missed[0].pk]),
            people=tuple(missed[:3]),
        )
    for programme in going:
        if programme.status == Status.LIVE:
            yield from _stuck_in(programme, today=today, now=now)


def _stuck_in(programme: Programme, *, today: date, now: datetime) -> Iterator[Thing]:
    eyebrow = _("Stuck · %(programme)s") % {"programme": programme.name}
    address = reverse("programme", args=[programme.pk])
    people = reverse("programme_people", args=[programme.pk])
    waiting, asked = _talks(programme, now=now)
    if waiting:
        yield Thing(
            kind="stuck",
            eyebrow=eyebrow,
            heading=ngettext(
                "One of %(of)s talks before the training has not been held",
                "%(n)s of %(of)s talks before the training have not been held",
                waiting,
            )
            % {"n": waiting, "of": asked},
            why=_("A training works better when the manager joins in. Once the training has begun it is too late."),
            action=_("Open the programme"),
            address=address,
        )
    if missing := facts.without_manager(programme, today=today):
        yield Thing(
            kind="stuck",
            eyebrow=eyebrow,
            heading=ngettext(
                "One person who takes part has no manager here",
                "%(n)s people who take part have no manager here",
                missing,
            )
            % {"n": missing},
            why=_("Without a manager nobody is asked for a talk or for what they see at work."),
            action=_("See who takes part"),
            address=people,
        )
    if _without_baseline(programme, now=now):
        yield Thing(
            kind="stuck",
            eyebrow=eyebrow,
            heading=_("Nobody has answered the baseline yet"),
            why=_("Without a measurement before the training, nobody can say later whether anything changed."),
            action=_("Open the programme"),
            address=address,
        )


def _talks(programme: Programme, *, now: datetime) -> tuple[int, int]:
    """Talks before a training that were asked and not held, and all that were asked, of moments still open."""
    before = _steps(programme, lambda step: step.kind == "talk" and step.anchor == "start" and step.day < 0)
    asked = Card.objects.filter(programme=programme, moment__step__in=before, moment__closes_at__gt=now)
    asked = asked.filter(moment__due_at__lte=now).exclude(status=CardStatus.WITHDRAWN)
    return asked.exclude(status=CardStatus.ANSWERED).count(), asked.count()


def _is_baseline(step: Step) -> bool:
    return step.kind == "measure" and step.anchor == "start" and step.day < 0 and step.actor == Actor.LEARNER


def _steps(programme: Programme, chosen: Callable[[Step], bool]) -> list[str]:
    """The keys of these steps in the playbook of a programme."""
    return [step.key for step in playbooks.playbook(programme.playbook).steps if chosen(step)]


def _without_baseline(programme: Programme, *, now: datetime) -> bool:
    baseline = _steps(programme, _is_baseline)
    asked = Card.objects.filter(programme=programme, moment__step__in=baseline, moment__due_at__lte=now)
    asked = asked.filter(opened_at__isnull=False)
    return asked.exists() and not asked.filter(status=CardStatus.ANSWERED).exists()


def _decisions(viewer: Account, going: list[Programme], *, language: Language, now: datetime) -> Iterator[Thing]:
    today = timezone.localdate(now)
    for programme in going:
        since = _since(programme, today=today)
        if since is not None and since >= DECIDED_FROM and not decision_on(programme):
            slide = friday(programme, viewer=viewer, language=language, today=today)
            told = Told(name=programme.name, figure=slide.figure, promised=programme.promised_change)
            (line,) = lines_of([told])
            yield Thing(
                promised=slide.promised,
                line=line,
                kind="decision",
                eyebrow=_("One decision · %(programme)s") % {"programme": programme.name},
                heading=_("Go on, adapt or stop?"),
                why=_("The training was %(n)s days ago. What was seen since stands on one page.") % {"n": since},
                action=_("Look and decide"),
                address=reverse("evidence", args=[programme.pk]),
            )
    for programme in going:
        if n := Release.objects.filter(programme=programme, released_at__gte=now - WEEK).count():
            yield Thing(
                kind="decision",
                eyebrow=_("Just released · %(programme)s") % {"programme": programme.name},
                heading=ngettext("There is one new figure", "There are %(n)s new figures", n) % {"n": n},
                why=_("Each with its margin and its rung, and the reason for everything that is not there yet."),
                action=_("Look at the figures"),
                address=reverse("evidence", args=[programme.pk]),
            )


def _done(organisation_id: int, *, now: datetime) -> tuple[tuple[str, int], ...]:
    """What Borging did in the last seven days, counted from what is kept of it."""
    since = now - WEEK
    known = map(playbooks.playbook, playbooks.keys())
    talks = {step.key for each in known for step in each.steps if step.kind == "talk"}
    sent = cards.sent_since(organisation_id, since=since, talks=tuple(sorted(talks)))
    released = Release.objects.filter(programme__organisation=organisation_id, released_at__gte=since).count()
    counts = (
        (_("Mails sent"), sent.mails),
        (_("Reminders in them, at most one per question"), sent.reminders),
        (_("Talks asked for"), sent.talks),
        (
            _("Barriers laid with who can remove them"),
            transfer.barriers_laid(organisation_id, since=timezone.localdate(since)),
        ),
        (_("Figures released"), released),
    )
    return tuple((words, n) for words, n in counts if n)


def _since(programme: Programme, *, today: date) -> int | None:
    first = programmes.first_day(programme)
    return (today - first).days if first else None


def _running(programme: Programme, *, today: date) -> Running:
    place = places()[place_of(programme, since=_since(programme, today=today))]
    paused = programme.status == Status.PAUSED
    return Running(
        name=programme.name,
        address=reverse("programme", args=[programme.pk]),
        place=_("paused") if paused else place.lower(),
    )


def _slide(going: list[Programme]) -> str:
    """Where the slide for Friday is: of the programme with the newest figures; empty while there are none."""
    newest = Release.objects.filter(programme__in=[each.pk for each in going]).order_by("-released_at").first()
    return reverse("evidence_friday", args=[newest.programme_id]) if newest else ""
