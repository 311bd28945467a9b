"""The page of one's own data: read it, take it along, have it forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from borging import clock
from borging.cards import writes as cards
from borging.evidence.reads import kept_of
from borging.measure import reads as measure
from borging.people.access import SEES_EVERYONE, Relation
from borging.people.models import Person, Role
from borging.privacy import looks, writes
from borging.programmes.models import Programme
from borging.web.guards import viewer
from borging.web.home import work
from borging.web.limits import EXPORTS, MINUTE, limited
from borging.web.measure.own import pages_of
from borging.web.privacy.register import role_names
from borging.web.shown import page_words, shown

from . import export as files
from .kept import tables_of


class What(StrEnum):
    """What of somebody can be seen."""

    PLAN = "plan"
    ANSWERS = "answers"
    NAMELESS = "nameless"
    SPONSORED = "sponsored"
    TAKING_PART = "taking-part"
    DETAILS = "details"
    AWAY = "away"
    WATCHED = "watched"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One kind of thing, and who sees it: `roles` beside oneself, and the same in words."""

    what: str
    who: str
    roles: frozenset[Role | Relation] = frozenset()


def for_oneself(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page about the person of the account that asks; there is none for an account that is nobody here."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        person = viewer(request).person
        if person is None:
            raise Http404
        return view(request, person, **kwargs)

    return guarded


@require_safe
@for_oneself
def own(request: HttpRequest, person: Person) -> HttpResponse:
    """Everything about oneself in one place, with who sees what."""
    account = viewer(request)
    language = get_language() or "en"
    mine = work.mine_of(account, today=timezone.localdate(clock.now()))
    shown(request, [each.buddy for each in mine])
    context = {
        "person": person,
        "mine": mine,
        "lines": pages_of(measure.own_lines(account), language=language),
        "tables": [table for table in tables_of(account, person) if table.key != "answers"],
        "answered": _answered(person),
        "seen": who_sees().values(),
        "looks": looks_at(person),
    }
    return render(request, "own/own.html", context)


def who_sees() -> dict[What, Seen]:
    """Per kind of thing, who sees it. The roles come from where it is decided; a test holds them to every page."""
    work, takes_part = SEES_EVERYONE, SEES_EVERYONE | {Relation.MANAGER, Relation.BUDDY, Relation.OBSERVER}
    return {
        What.PLAN: Seen(what=_("Your goal and your if-then plan"), who=_("you")),
        What.ANSWERS: Seen(
            what=_("Your answers, counts and own words"), who=_("you; others see a group only, from five answers")
        ),
        What.NAMELESS: Seen(
            what=_("What you answered without a name"),
            who=_("nobody knows whose it is; it counts in a group from five answers"),
        ),
        What.WATCHED: Seen(
            what=_("What somebody wrote down who watched you at work"),
            who=_("you and who wrote it; in figures a group only, from five answers"),
        ),
        What.SPONSORED: Seen(
            what=_("What you sign or decide as a sponsor"), who=_("you, and everyone who may see the programme")
        ),
        What.TAKING_PART: Seen(
            what=_("Your name, and that you take part"),
            who=_("you, your manager and theirs, your buddy and your observer; and by role: %(roles)s")
            % {"roles": role_names(*work)},
            roles=takes_part,
        ),
        What.DETAILS: Seen(
            what=_("Your address, team and manager"),
            who=_("you; and by role: %(roles)s") % {"roles": role_names(*work)},
            roles=work,
        ),
        What.AWAY: Seen(
            what=_("Days away"),
            who=_("you; and by role: %(roles)s; never why") % {"roles": role_names(*work)},
            roles=work,
        ),
    }


@dataclass(frozen=True, kw_only=True)
class LookedAt:
    """Somebody looked, at what, and how often."""

    who: str
    what: str
    times: int
    latest_at: datetime


def looks_at(person: Person) -> list[LookedAt]:
    """Who looked at somebody, in words."""
    return [
        LookedAt(
            who=str(seen.viewer) if seen.viewer else _("somebody whose account is gone"),
            what=page_words(seen.page),
            times=seen.times,
            latest_at=seen.latest_at,
        )
        for seen in looks.seen(person)
    ]


def _answered(person: Person) -> list[tuple[Programme, int]]:
    """The programmes in which somebody answered, with how much."""
    counts: dict[int, int] = {}
    for programme in kept_of(person).order_by().values_list("programme_id", flat=True):
        counts[programme] = counts.get(programme, 0) + 1
    return [(each, counts[each.pk]) for each in Programme.objects.filter(pk__in=counts)]


@require_safe
@limited("export", most=EXPORTS, window=MINUTE)
@for_oneself
def export(request: HttpRequest, person: Person) -> HttpResponse:
    """Everything in one file."""
    now = clock.now()
    content = files.packed(tables_of(viewer(request), person), name=person.name, made_at=now)
    name = f"borging-{timezone.localdate(now)}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/zip", headers=headers)


@require_POST
@for_oneself
def revoke(request: HttpRequest, person: Person) -> HttpResponse:
    """A mail was forwarded: the links in one's mails open nothing any more."""
    cards.revoke_links(person=person, now=clock.now())
    told = _("The links in your mails open nothing any more. What is still open comes in a new mail.")
    messages.success(request, told)
    return redirect("own")


@require_http_methods(["GET", "HEAD", "POST"])
@for_oneself
def forget(request: HttpRequest, person: Person) -> HttpResponse:
    """Have one's own answers removed, in one programme or all: first what that means, then the button."""
    answered = _answered(person)
    wanted = request.POST.get("programme", request.GET.get("programme", ""))
    chosen = next((each for each, _n in answered if str(each.pk) == wanted), None)
    if wanted and chosen is None:
        raise Http404
    if request.method == "POST" and "sure" in request.POST:
        n = writes.forget_answers(person=person, programme=chosen, now=clock.now())
        messages.success(request, ngettext("One answer was removed.", "%(n)s answers were removed.", n) % {"n": n})
        return redirect("own")
    n = sum(count for each, count in answered if chosen in (None, each))
    context = {"chosen": chosen, "n": n, "unsure": request.method == "POST"}
    return render(request, "own/forget.html", context, status=422 if request.method == "POST" else 200)
