"""What is kept and who sees it, how long, and removing a person: parse, one call, render."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast, get_args

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from borging import clock
from borging.cards.rules import BUDGET
from borging.people import reads as people
from borging.people.access import READS_WINDOW
from borging.people.models import Person, Role
from borging.people.writes import LastAdministratorError
from borging.privacy import retention, words, writes
from borging.privacy.looks import check
from borging.privacy.models import Chain
from borging.web.guards import for_roles, viewer
from borging.web.limits import MINUTE, SEARCHES, limited
from borging.web.shown import shown

from . import register
from .register import Language

DOCUMENTS = ("consent", "dpia", "register")


@require_safe
@for_roles(*READS_WINDOW)
def window(request: HttpRequest) -> HttpResponse:
    """Every kind of data, with its purpose, viewers, smallest group and term, as this installation works now."""
    return render(request, "privacy/window.html", _context(request))


def _context(request: HttpRequest) -> dict[str, object]:
    organisation = viewer(request).organisation
    language = cast(Language, get_language() or "en")
    rows = register.register(organisation.pk, language=language)
    consent = organisation.consents.first()
    return {
        "consent": consent,
        "changes": register.changes(consent.register[language], rows) if consent else (),
        "organisation": organisation,
        "today": timezone.localdate(clock.now()),
        "rows": rows,
        "never": register.never(),
        "budget": BUDGET,
        "terms": words.told(),
    }


@require_safe
@for_roles(*READS_WINDOW)
def document(request: HttpRequest, paper: str) -> HttpResponse:
    """A draft made from how Borging works here: consent request, impact assessment, or the register of article 30."""
    if paper not in DOCUMENTS:
        raise Http404
    answer = render(request, f"privacy/{paper}.html", _context(request))
    answer.headers["Content-Disposition"] = f'attachment; filename="borging-{paper}.html"'
    return answer


@require_POST
@for_roles(Role.PRIVACY, Role.WORKS_COUNCIL)
def record_consent(request: HttpRequest) -> HttpResponse:
    """Keep what the works council agreed to, so that later changes show."""
    organisation, now = viewer(request).organisation, clock.now()
    try:
        day = parse_date(request.POST.get("day", ""))
    except ValueError:
        day = None
    if day is None or day > timezone.localdate(now):
        messages.error(request, _("Fill in the day on which the works council agreed: today or earlier."))
        return redirect("window")
    agreed = {}
    for language in get_args(Language):
        with override(language):
            agreed[language] = [asdict(row) for row in register.register(organisation.pk, language=language)]
    writes.record_consent(organisation=organisation, agreed_on=day, register=agreed, now=now)
    messages.success(request, _("Recorded. From now on this page shows what changes."))
    return redirect("window")


@require_safe
@for_roles(Role.PRIVACY)
def terms(request: HttpRequest) -> HttpResponse:
    """How long each kind is kept, and what the coming night removes: a look ahead, which removes nothing."""
    organisation = viewer(request).organisation
    waiting = {over.kind: over.n for over in retention.over(organisation, now=clock.now())}
    chain = Chain.objects.select_related("organisation").filter(organisation=organisation).first()
    context = {
        "rows": [(told, waiting.get(told.kind, 0)) for told in words.told()],
        "looks": chain.length - chain.pruned if chain else 0,
        "broken": check(chain) if chain else None,
    }
    return render(request, "privacy/terms.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("search", most=SEARCHES, window=MINUTE, asks="q")
@for_roles(Role.PRIVACY)
def remove(request: HttpRequest) -> HttpResponse:
    """Remove somebody everywhere: first who is meant, then what it means, then the button."""
    if request.method == "POST":
        return _removed(request)
    sought = request.GET.get("q", "").strip()[:200]
    found = people.recognise(viewer(request), names=[sought]).get(sought.lower(), []) if sought else []
    shown(request, found)
    return render(request, "privacy/remove.html", {"sought": sought, "found": found})


def _removed(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("person", "")
    own = people.people_of(viewer(request)).select_related("organisation")
    person = own.filter(pk=wanted).first() if wanted.isdecimal() and len(wanted) < 19 else None
    if person is None:
        raise Http404
    if "sure" not in request.POST:
        shown(request, [person])
        context = {"sought": person.name, "found": [person], "unsure": True}
        return render(request, "privacy/remove.html", context, status=422)
    return _gone(request, person)


def _gone(request: HttpRequest, person: Person) -> HttpResponse:
    try:
        writes.remove_person(person=person, now=clock.now())
    except LastAdministratorError:
        messages.error(request, _("This is the last administrator. Make somebody else administrator first."))
        return redirect("remove_person")
    messages.success(request, _("Everything of this person is gone. After a restored backup they stay away too."))
    return redirect("terms")
