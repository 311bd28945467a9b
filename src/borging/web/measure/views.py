"""The pages of what was measured: parse, one call, render."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from borging import clock
from borging.figures.listing import listed
from borging.measure import reads
from borging.people.access import led_teams
from borging.people.models import Account
from borging.programmes.models import Programme
from borging.web.limits import MINUTE, REPORTS, limited
from borging.web.measure import own, teams
from borging.web.measure import promises as told
from borging.web.studies.reports import FORMS


def of_programme(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page about one programme whose figures the viewer may see; any other is not there."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, programme_id: int, **kwargs: Any) -> HttpResponse:
        try:
            found = reads.programme_for(cast(Account, request.user), programme_id)
        except Programme.DoesNotExist:
            raise Http404 from None
        return view(request, found, **kwargs)

    return guarded


def asked(request: HttpRequest) -> dict[str, Any]:
    """Who looks, in which language, and on which day."""
    return {
        "viewer": cast(Account, request.user),
        "language": cast(reads.Language, get_language() or "en"),
        "today": timezone.localdate(clock.now()),
    }


@require_safe
@of_programme
def evidence(request: HttpRequest, found: Programme) -> HttpResponse:
    """What was released, with the reason for everything that was not."""
    report = reads.released(found, **asked(request))
    return render(request, "measure/evidence.html", {"programme": found, "report": report, "lines": listed(report)})


@require_safe
@limited("report", most=REPORTS, window=MINUTE)
@of_programme
def download(request: HttpRequest, found: Programme, form: str) -> HttpResponse:
    """The same figures as a file, in the language of the page."""
    if form not in FORMS:
        raise Http404
    made = FORMS[form]
    content = made.render(reads.released(found, **asked(request)))
    return HttpResponse(content, content_type=made.content_type, headers=attached(found, form))


@require_safe
@limited("report", most=REPORTS, window=MINUTE)
@of_programme
def friday(request: HttpRequest, found: Programme) -> HttpResponse:
    """One slide for a Friday."""
    from borging.figures.slides import one_slide

    content = one_slide(reads.friday(found, **asked(request)))
    headers = attached(found, "pptx", suffix="-1")
    return HttpResponse(content, content_type=FORMS["pptx"].content_type, headers=headers)


def attached(programme: Programme, form: str, *, suffix: str = "") -> dict[str, str]:
    """Letters, digits and dashes of the name: nothing that a header or a file system could trip over."""
    name = slugify(programme.name) or "borging"
    return {"Content-Disposition": f'attachment; filename="{name}{suffix}.{form}"'}


@require_safe
@login_required
def promises(request: HttpRequest) -> HttpResponse:
    """What was promised, seen and decided, of every programme whose figures the viewer may see."""
    found = told.promises_of(**asked(request))
    if not found:
        raise Http404
    stopped = [each for each in found if each.decided == "stop"]
    page = {"promises": found, "headline": told.headline(found), "stopped": stopped}
    return render(request, "measure/promises.html", page)


@require_safe
@login_required
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    """What a team was seen to do, for who leads it; any other team is not there."""
    account, about = cast(Account, request.user), asked(request)
    led = led_teams(account, day=about["today"])
    found = next((each for each in led if each.pk == team_id), None)
    if found is None:
        raise Http404
    page = {"team": found, "led": led, "told": teams.told_of(found, **about)}
    return render(request, "measure/team.html", page)


@require_safe
@login_required
@never_cache
def own_line(request: HttpRequest) -> HttpResponse:
    """What the viewer answered, for the viewer alone."""
    account = cast(Account, request.user)
    lines = own.pages_of(reads.own_lines(account), language=asked(request)["language"])
    return render(request, "measure/own.html", {"lines": lines, "linked": account.person is not None})
