"""The start, and the barriers on it: parse, one call, render."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from borging import clock
from borging.measure.reads import Language
from borging.people.models import Account, Person, Role
from borging.people.reads import roles_of
from borging.programmes.reads import zone_of
from borging.transfer import reads, writes
from borging.transfer.models import Barrier
from borging.web.guards import viewer
from borging.web.measure import promises
from borging.web.shown import shown

from . import training, work

PARTS = ("waiting", "mine", "around", "barriers", "team", "training", "promises")


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What asks attention today; of several roles one below the other."""
    account = viewer(request)
    with timezone.override(zone_of(account.organisation)):
        page = page_of(account, language=cast(Language, get_language() or "en"))
        shown(request, named_on(page))
        return render(request, "home/home.html", page)


def page_of(account: Account, *, language: Language) -> dict[str, Any]:
    now = clock.now()
    today = timezone.localdate(now)
    roles = roles_of(account)
    page: dict[str, Any] = {"today": today, "person": account.person}
    if person := account.person:
        waiting, more = work.waiting_for(person, language=language, now=now)
        page |= {
            "waiting": waiting,
            "more": more,
            "mine": work.mine_of(account, today=today),
            "around": work.people_of(person, today=today),
            "barriers": work.barriers_of(person, language=language),
            "team": work.team_of(account, language=language, today=today),
        }
    if Role.LD in roles:
        page["training"] = training.training_of(account, language=language, now=now)
    else:
        page["promises"] = promises.promises_of(account, language=language, today=today)
    page["reads_figures"] = bool(roles & {Role.PRIVACY, Role.WORKS_COUNCIL})
    page["quiet"] = not any(page.get(part) for part in PARTS)
    return page


def named_on(page: dict[str, Any]) -> list[Person | None]:
    """Everybody whose name stands on the start page."""
    around = [person for _heading, groups in page.get("around", ()) for each in groups for person in each.people]
    stuck = [person for thing in page["training"].things for person in thing.people] if "training" in page else []
    return [*around, *stuck, *(each.buddy for each in page.get("mine", ()))]


def _barrier(request: HttpRequest, barrier_id: int) -> Barrier:
    try:
        return reads.barrier_for(viewer(request), barrier_id)
    except Barrier.DoesNotExist:
        raise Http404 from None


@require_POST
@login_required
def promise(request: HttpRequest, barrier_id: int) -> HttpResponse:
    """Say what one will do about a barrier, and by when."""
    barrier = _barrier(request, barrier_id)
    follow_up = request.POST.get("follow_up", "").strip()[:200]
    try:
        day = parse_date(request.POST.get("day", ""))
    except ValueError:
        day = None
    if not follow_up or day is None or day < clock.today():
        messages.error(request, _("Choose what you will do, and a day from today on."))
    else:
        writes.promise_removal(barrier=barrier, follow_up=follow_up, day=day)
        messages.success(request, _("Noted. It stays here until you say it is gone."))
    return redirect("home")


@require_POST
@login_required
def upward(request: HttpRequest, barrier_id: int) -> HttpResponse:
    """Lay a barrier one level higher, where it can be removed."""
    try:
        above = writes.route_upward(barrier=_barrier(request, barrier_id), today=clock.today())
    except writes.NobodyAboveError:
        messages.error(request, _("There is nobody above you to lay this with. Choose what you can do yourself."))
    else:
        messages.success(request, _("It now lies with %(name)s, without a name of who said it.") % {"name": above.name})
    return redirect("home")


@require_POST
@login_required
def removed(request: HttpRequest, barrier_id: int) -> HttpResponse:
    writes.remove_barrier(barrier=_barrier(request, barrier_id), today=clock.today())
    messages.success(request, _("That no longer stands in the way."))
    return redirect("home")
