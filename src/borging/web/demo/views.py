"""Turn the clock of the demonstration, watch it turn, and become somebody else in it."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.module_loading import import_string
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from borging import clock
from borging.people.reads import personas_of
from borging.web.demo import progress
from borging.web.guards import viewer

STEPS = {"1": 1, "7": 7}


@require_safe
@login_required
def demonstration(request: HttpRequest) -> HttpResponse:
    latest, roles = progress.latest(), _roles()
    people = [(account, roles.get(account.email.partition("@")[0], "")) for account in personas_of(viewer(request))]
    context = {"now": localtime(clock.now()), "latest": latest, "personas": people}
    return render(request, "demo/demonstration.html", context)


@require_POST
@login_required
def turn(request: HttpRequest) -> HttpResponse:
    """Have the worker turn the clock; while it does so, asking again changes nothing."""
    days = STEPS.get(request.POST.get("days", ""))
    if days is None:
        return HttpResponseBadRequest()
    latest = progress.latest()
    if latest is None or not latest.running:
        progress.keep(progress.Turn(days=days))
        import_string(settings.DEMO_TURN)(days)
    return redirect("demonstration")


@require_safe
@login_required
def turning(request: HttpRequest) -> HttpResponse:
    """The part of the page that moves; once the clock stands still the whole page comes anew."""
    latest = progress.latest()
    if latest is None:
        raise Http404
    headers = {} if latest.running else {"HX-Refresh": "true"}
    return HttpResponse(render(request, "demo/turning.html", {"latest": latest}).content, headers=headers)


@require_POST
@login_required
def become(request: HttpRequest, account_id: int) -> HttpResponse:
    """Log in as one of the people of the demonstration."""
    account = get_object_or_404(personas_of(viewer(request)), pk=account_id)
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("home")


def _roles() -> dict[str, str]:
    """What each persona is, by the first part of their address."""
    return {
        "demo": _("L&D professional: makes programmes and studies"),
        "manager": _("manager of people in a training"),
        "learner": _("takes part in a training"),
        "buddy": _("buddy of somebody in a training, and takes part too"),
        "observer": _("watches people at work, and owns the embedding"),
        "trainer": _("trainer: gives the trainings"),
        "sponsor": _("sponsor: signed the promise, and decides"),
        "works-council": _("works council: sees what was agreed, and the figures"),
        "privacy": _("data protection officer"),
        "hr-data": _("HR data owner: brings people in"),
        "admin": _("administrator: gives roles"),
    }
