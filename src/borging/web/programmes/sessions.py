"""The days of a cohort: add, move, move along, cancel; and cohorts themselves."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from borging.programmes import writes
from borging.programmes.models import Cohort, Programme, Session

from . import page, planning, words
from .forms import MoveForm, SessionForm, session_initial
from .guards import now, of_programme, sent, today


def _back(found: Programme) -> HttpResponse:
    return redirect(reverse("programme", args=[found.pk]) + "#sessions")


@require_POST
@of_programme
def add_cohort(request: HttpRequest, found: Programme) -> HttpResponse:
    name = request.POST.get("name", "").strip() or page.next_cohort_name(found)
    words.told(
        request,
        lambda: words.nothing(writes.add_cohort(programme=found, name=name)),
        done=_("There is a next cohort. Plan its session and add its people."),
    )
    return _back(found)


@require_http_methods(["GET", "HEAD", "POST"])
@of_programme
def add(request: HttpRequest, found: Programme, cohort_id: int) -> HttpResponse:
    cohort = found.cohorts.filter(pk=cohort_id).first()
    if cohort is None:
        raise Http404
    form = SessionForm(sent(request), initial=session_initial(None, today=today()))
    if request.method == "POST" and form.is_valid():
        starts_at, ends_at = form.instants()
        place = form.cleaned_data["place"]
        words.told(
            request,
            lambda: words.nothing(writes.add_session(cohort=cohort, starts_at=starts_at, ends_at=ends_at, place=place)),
            done=_("The session is planned."),
        )
        planning.replan(found, now=now())
        return _back(found)
    return _form(request, found, form, cohort=cohort)


@require_http_methods(["GET", "HEAD", "POST"])
@of_programme
def move(request: HttpRequest, found: Programme, session_id: int) -> HttpResponse:
    """Give a session another time; everything not yet done moves along."""
    session = _session(found, session_id)
    form = MoveForm(sent(request), initial={**session_initial(session, today=today()), "along": True})
    if request.method == "POST" and form.is_valid():
        starts_at, ends_at = form.instants()
        data = form.cleaned_data
        words.told(
            request,
            lambda: writes.move_session(
                session=session,
                starts_at=starts_at,
                ends_at=ends_at,
                place=data["place"],
                along=data["along"],
                now=now(),
            ),
            done=_("Moved. Everything that is not done yet moves along."),
        )
        planning.replan(found, now=now())
        return _back(found)
    return _form(request, found, form, cohort=session.cohort, session=session)


@require_POST
@of_programme
def cancel(request: HttpRequest, found: Programme, session_id: int) -> HttpResponse:
    session = _session(found, session_id)
    words.told(request, lambda: writes.cancel_session(session=session), done=_("The session is cancelled."))
    planning.replan(found, now=now())
    return _back(found)


def _session(found: Programme, session_id: int) -> Session:
    session = Session.objects.select_related("cohort__programme").filter(cohort__programme=found, pk=session_id).first()
    if session is None:
        raise Http404
    return session


def _form(
    request: HttpRequest, found: Programme, form: SessionForm, *, cohort: Cohort, session: Session | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"programme": found, "form": form, "cohort": cohort, "session": session}
    context["several"] = cohort.sessions.count() > 1
    return render(request, "programmes/session.html", context, status=422 if form.is_bound else 200)
