"""Whose mail there is, and one mail as its reader sees it."""

from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from borging.cards.models import Card
from borging.people.models import Account, Person
from borging.people.reads import people_of
from borging.web.middleware import POLICY

from . import backend

# A mail carries its own styles. It may fetch nothing and run nothing; its links open beside the page it is shown in.
MAIL_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    )
)
MOST = 25
"""People that are shown at once, who were written to most first; others are searched for."""
PAGE_POLICY = f"{POLICY}; frame-src 'self'"


def of_person(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of one person of the viewer's organisation."""

    @require_safe
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, person_id: int, **kwargs: Any) -> HttpResponse:
        person = get_object_or_404(people_of(cast(Account, request.user)).exclude(email=""), pk=person_id)
        try:
            return view(request, person, **kwargs)
        except backend.NoSuchMailError:
            raise Http404 from None

    return guarded


@require_safe
@login_required
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who has mail, and in which roles they were asked."""
    known = list(people_of(cast(Account, request.user)).exclude(email=""))
    counts = backend.counts(person.email for person in known)
    reached = [person for person in known if person.email in counts]
    asked = request.GET.get("q", "").strip()
    found = [person for person in reached if asked.lower() in person.name.lower()]
    found.sort(key=lambda person: -counts[person.email])
    shown = found[:MOST]
    roles = _roles(shown)
    rows = [(person, roles[person.pk], counts[person.email]) for person in shown]
    context = {"rows": rows, "q": asked, "any": bool(reached), "more": len(found) - len(shown)}
    return render(request, "inbox/people.html", context)


@of_person
def mailbox(request: HttpRequest, person: Person) -> HttpResponse:
    """The mail of one person; the latest is open."""
    kept = backend.mailbox(person.email)
    return _page(request, person, kept, name=kept[0].name if kept else "")


@of_person
def message(request: HttpRequest, person: Person, name: str) -> HttpResponse:
    return _page(request, person, backend.mailbox(person.email), name=name)


@of_person
@xframe_options_sameorigin
def html(request: HttpRequest, person: Person, name: str) -> HttpResponse:
    """The mail itself, as a page that can do nothing."""
    headers = {"Content-Security-Policy": MAIL_POLICY}
    return HttpResponse(backend.opened(person.email, name).html, headers=headers)


def _page(request: HttpRequest, person: Person, kept: tuple[backend.Kept, ...], *, name: str) -> HttpResponse:
    context = {"person": person, "kept": kept, "opened": backend.opened(person.email, name) if name else None}
    page = render(request, "inbox/mailbox.html", context)
    page.headers["Content-Security-Policy"] = PAGE_POLICY
    return page


def _roles(reached: list[Person]) -> dict[int, list[str]]:
    words = {
        "learner": _("learner"),
        "manager": _("manager"),
        "buddy": _("buddy"),
        "observer": _("observer"),
        "team": _("team meeting"),
        "trainer": _("trainer"),
        "sponsor": _("sponsor"),
        "ld": _("L&D"),
    }
    found: dict[int, list[str]] = defaultdict(list)
    cards = Card.objects.filter(person__in=reached).order_by("person", "moment__actor")
    for pk, actor in cards.values_list("person", "moment__actor").distinct():
        found[pk].append(words[actor])
    return found
