"""The page of one's own data: read it, take it along, have it forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
from borging.evidence import writes
from borging.evidence.reads import kept_of
from borging.measure import reads as measure
from borging.people.models import Person
from borging.programmes.models import Programme
from borging.web.guards import viewer
from borging.web.home import work
from borging.web.measure.own import pages_of

from . import export as files
from .kept import tables_of


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One kind of thing, and who sees it."""

    what: str
    who: str


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
    context = {
        "person": person,
        "mine": work.mine_of(person, today=timezone.localdate(clock.now())),
        "lines": pages_of(measure.own_lines(account), language=language),
        "tables": [table for table in tables_of(account, person) if table.key != "answers"],
        "answered": _answered(person),
        "seen": who_sees(),
    }
    return render(request, "own/own.html", context)


def who_sees() -> tuple[Seen, ...]:
    """Per kind of thing, who sees it: as it is built, not as it is meant."""
    you = _("you")
    return (
        Seen(what=_("Your goal and your if-then plan"), who=you),
        Seen(
            what=_("Your answers, counts and own words"),
            who=_("you; others see a group only, from five answers"),
        ),
        Seen(
            what=_("What you answered without a name"),
            who=_("nobody knows whose it is; it counts in a group from five answers"),
        ),
        Seen(what=_("What you sign or decide as a sponsor"), who=_("you, and everyone who may see the programme")),
        Seen(
            what=_("What somebody wrote down who watched you at work"),
            who=_("you and who wrote it; in figures a group only, from five answers"),
        ),
        Seen(
            what=_("That you take part, and when"),
            who=_("you, your manager and theirs, your buddy, your observer and the training department"),
        ),
        Seen(
            what=_("Your name, address, team and manager"),
            who=_("you, the training department, HR data and the administrator; your manager and buddy see your name"),
        ),
        Seen(
            what=_("Days away"),
            who=_("you, the training department, HR data and the administrator; never why"),
        ),
    )


def _answered(person: Person) -> list[tuple[Programme, int]]:
    """The programmes in which somebody answered, with how much."""
    counts: dict[int, int] = {}
    for programme in kept_of(person).order_by().values_list("programme_id", flat=True):
        counts[programme] = counts.get(programme, 0) + 1
    return [(each, counts[each.pk]) for each in Programme.objects.filter(pk__in=counts)]


@require_safe
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
        n = writes.forget(person=person, programme=chosen)
        messages.success(request, ngettext("One answer was removed.", "%(n)s answers were removed.", n) % {"n": n})
        return redirect("own")
    n = sum(count for each, count in answered if chosen in (None, each))
    context = {"chosen": chosen, "n": n, "unsure": request.method == "POST"}
    return render(request, "own/forget.html", context, status=422 if request.method == "POST" else 200)
