"""What the page of a programme shows: where it stands, what happens when, what is missing, and what is next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from borging.figures.words import day as day_words
from borging.figures.words import number
from borging.programmes import reads as programmes
from borging.programmes.models import Programme, Status
from borging.transfer import facts, promises
from borging.transfer.promises import Seal

from .checks import checked
from .forms import SKILLS, PaperForm
from .proof import proof_of
from .timeline import Timeline, timeline_of

Context = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Node:
    """One place on the chain. state: done, here or later."""

    name: str
    fact: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of the go-live checklist. `needed`: without it there is no start."""

    words: str
    address: str
    done: bool
    needed: bool = False


@dataclass(frozen=True, kw_only=True)
class State:
    """Where a programme stands, in a word with an icon; tone: go, fix or busy."""

    words: str
    icon: str
    tone: str


def state_of(programme: Programme) -> State:
    states = {
        Status.DRAFT: (_("being prepared"), "pencil", "busy"),
        Status.LIVE: (_("running"), "check", "go"),
        Status.PAUSED: (_("paused"), "pause", "fix"),
        Status.STOPPED: (_("stopped"), "x", "fix"),
        Status.DONE: (_("finished"), "check", "go"),
    }
    words, icon, tone = states[Status(programme.status)]
    return State(words=words, icon=icon, tone=tone)


def page_of(programme: Programme, *, cohort_id: str, today: date) -> Context:
    """Everything on the page of a programme, for one of its cohorts."""
    cohorts = list(programme.cohorts.prefetch_related("sessions").select_related("programme__organisation"))
    cohort = next((each for each in cohorts if str(each.pk) == cohort_id), cohorts[0])
    people = {each.pk: each.enrolments.filter(left_on=None).count() for each in cohorts}
    total = sum(people.values())
    timeline = timeline_of(programme, days=programmes.session_days(cohort), today=today)
    proof = proof_of(programme, people=people[cohort.pk], others=total - people[cohort.pk])
    known = facts.facts_of(programme, smallest_change=proof.smallest, today=today)
    seal = promises.seal_of(programme)
    return {
        "programme": programme,
        "state": state_of(programme),
        "cohort": cohort,
        "cohorts": [(each, people[each.pk]) for each in cohorts],
        "people": total,
        "behaviours": list(programme.behaviours.all()),
        "situations": _situations(programme),
        "seal": seal,
        "broken": _broken(seal),
        "seal_words": _seal_words(seal),
        "paper_form": PaperForm(today=today, initial={"signed_on": today}),
        "chain": _chain(programme, timeline, seal=seal),
        "timeline": timeline,
        "check": checked(programme, known),
        "proof": proof,
        "items": _items(programme, seal=seal, total=total, today=today) if programme.status == Status.DRAFT else [],
        "skill": next(words for value, words, _why in SKILLS if value == programme.skill),
        "promised": number(programme.promised_change, decimals=1) if programme.promised_change else "",
        "may_change": programme.status in (Status.DRAFT, Status.LIVE, Status.PAUSED),
        "in_draft": programme.status == Status.DRAFT,
        "without_buddy": known.without_buddy,
    }


def _situations(programme: Programme) -> dict[str, int]:
    forms = list(programme.situations.filter(retired_at=None).values_list("form", flat=True))
    return {form: forms.count(form) for form in ("A", "B", "R")}


def _seal_words(seal: Seal | None) -> str:
    if seal is None:
        return ""
    words = {"name": seal.signer.name if seal.signer else _("the sponsor"), "day": day_words(seal.signed_at)}
    if seal.on_paper:
        return _("promise signed on paper by %(name)s on %(day)s") % words
    return _("promise signed by %(name)s on %(day)s") % words


def _broken(seal: Seal | None) -> str:
    """What was changed after the signature, in words; empty when nothing was."""
    if seal is None or seal.holds:
        return ""
    names = {
        "goal": _("the business goal"),
        "behaviours": _("the behaviours"),
        "kpi": _("the figure"),
        "promised_change": _("the promised change"),
        "first_day": _("the first day"),
        "playbook": _("the template"),
        "playbook_version": _("the template"),
    }
    return ", ".join(dict.fromkeys(names[part] for part in seal.changed))


def _chain(programme: Programme, timeline: Timeline, *, seal: Seal | None) -> list[Node]:
    here = place_of(programme, since=None if timeline.days_to_start is None else -timeline.days_to_start)
    said = {
        "promise": _promise_fact(seal),
        "action": _action_fact(programme, timeline),
        "evidence": _baseline_fact(timeline),
        "outcome": _("no verdict before day +90"),
        "embedding": _owner_fact(programme),
    }
    names = places()
    place = list(names).index(here)
    return [
        Node(name=name, fact=said[key], state="done" if i < place else "here" if i == place else "later")
        for i, (key, name) in enumerate(names.items())
    ]


def places() -> dict[str, str]:
    """The places on the chain, in order, in words."""
    return {
        "promise": _("Promise"),
        "action": _("Transfer action"),
        "evidence": _("Evidence"),
        "outcome": _("Outcome"),
        "embedding": _("Embedding"),
    }


def place_of(programme: Programme, *, since: int | None) -> str:
    """Where a programme stands on the chain. since: days from its first session; None without one."""
    if programme.status == Status.DRAFT:
        return "promise"
    if since is None or since < 0:
        return "action"
    return "outcome" if since >= 90 else "evidence"


def _promise_fact(seal: Seal | None) -> str:
    if seal is None:
        return _("not signed yet")
    return _("signed by the sponsor") if seal.holds else _("changed after signing")


def _action_fact(programme: Programme, timeline: Timeline) -> str:
    now = next((row for part in (timeline.before, timeline.during, timeline.after) for row in part if row.now), None)
    if now is None:
        return _("%(n)s steps are ready") % {"n": len(timeline.before) + len(timeline.during) + len(timeline.after)}
    done = facts.progress(programme).get(now.key)
    if done is None:
        return _("now: day %(day)s") % {"day": now.day}
    return _("now: day %(day)s, %(n)s of %(of)s done") % {"day": now.day, "n": done.answered, "of": done.made}


def _baseline_fact(timeline: Timeline) -> str:
    baseline = next((row for row in timeline.before if row.key == "baseline-learner"), None)
    if baseline is None:
        return _("no baseline: no behaviour is named")
    if baseline.on is None:
        return _("baseline on day %(day)s") % {"day": baseline.day}
    return _("baseline from %(date)s") % {"date": day_words(baseline.on)}


def _owner_fact(programme: Programme) -> str:
    owner = programme.embedding_owner
    return _("owner: %(name)s") % {"name": owner.name} if owner else _("nobody owns it yet")


def _items(programme: Programme, *, seal: Seal | None, total: int, today: date) -> list[Item]:
    def question(name: str) -> str:
        return reverse("programme_question", args=[programme.pk, name])

    people = reverse("programme_people", args=[programme.pk])
    page = reverse("programme", args=[programme.pk])
    no_manager = facts.without_manager(programme, today=today)
    no_address = facts.without_address(programme)
    has_session = programmes.first_day(programme) is not None
    return [
        Item(
            words=_("Behaviour is named"),
            address=question("behaviours"),
            done=programme.behaviours.exists(),
            needed=True,
        ),
        Item(words=_("There is a session"), address=question("when"), done=has_session, needed=True),
        Item(words=_("People take part"), address=people, done=total > 0, needed=True),
        Item(
            words=_("Every manager is known")
            if not no_manager
            else ngettext("One manager is not known", "%(n)s managers are not known", no_manager) % {"n": no_manager},
            address=people,
            done=total > 0 and not no_manager,
        ),
        Item(
            words=_("Everyone can be written to")
            if not no_address
            else ngettext("One person has no address", "%(n)s people have no address", no_address) % {"n": no_address},
            address=people,
            done=total > 0 and not no_address,
        ),
        Item(
            words=_("There are situations to ask about"),
            address=reverse("programme_situations", args=[programme.pk]),
            done=programme.situations.filter(retired_at=None).exists(),
        ),
        Item(words=_("The promise is signed"), address=f"{page}#promise", done=seal is not None and seal.holds),
        Item(
            words=_("You have seen every card yourself"),
            address=f"{page}#rehearsal",
            done=programme.rehearsed_at is not None,
        ),
    ]


def next_cohort_name(programme: Programme) -> str:
    """The name a next cohort gets."""
    return _("Cohort %(n)s") % {"n": programme.cohorts.count() + 1}
