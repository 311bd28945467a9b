"""The list of people, one person, and who may do what: parse, one call, render."""

import smtplib
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.mail import send_mail
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from borging import clock
from borging.people import access, reads, writes
from borging.people.access import GIVES_ROLES, SEES_EVERYONE
from borging.people.models import Account, Leave, Person, Role
from borging.web.guards import for_roles, viewer
from borging.web.limits import MINUTE, SEARCHES, limited
from borging.web.people.forms import HabitsForm, LeaveForm
from borging.web.shown import shown

PER_PAGE = 50
for_people = for_roles(*SEES_EVERYONE)
for_administrators = for_roles(*GIVES_ROLES)


def of_person(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of one person the viewer may see; anybody else is not there."""

    @for_people
    @wraps(view)
    def guarded(request: HttpRequest, person_id: int, **kwargs: Any) -> HttpResponseBase:
        try:
            found = access.person_for(viewer(request), person_id, day=clock.today())
        except Person.DoesNotExist:
            raise Http404 from None
        return view(request, found, **kwargs)

    return guarded


@require_safe
@limited("search", most=SEARCHES, window=MINUTE, asks="q")
@for_people
def listing(request: HttpRequest) -> HttpResponse:
    today = clock.today()
    paths = reads.team_paths(viewer(request).organisation_id)
    asked = request.GET.get("team", "")
    team = int(asked) if asked.isdecimal() and int(asked) in paths else None
    search, left = request.GET.get("q", "").strip()[:100], "left" in request.GET
    people = access.listed_people(viewer(request), day=today, search=search, team_id=team, left=left)
    kept = request.GET.copy()
    kept.pop("page", None)
    page = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    shown(request, [each for row in page for each in (row, *(one.manager for one in row.managers_now))])  # type: ignore[attr-defined]
    context = {
        "page": page,
        "teams": sorted((" / ".join(path), pk) for pk, path in paths.items()),
        "team": team,
        "search": search,
        "left": left,
        "narrowed": bool(search or team or left),
        "anybody": reads.people_of(viewer(request)).exists(),
        "kept": kept.urlencode(),
    }
    return render(request, "people/list.html", context)


@require_safe
@of_person
def person(request: HttpRequest, found: Person) -> HttpResponse:
    return person_page(request, found)


def person_page(
    request: HttpRequest, found: Person, *, habits: HabitsForm | None = None, leave: LeaveForm | None = None
) -> HttpResponse:
    """The page of a person, with a form that was filled in wrongly where there is one."""
    today = clock.today()
    paths = reads.team_paths(found.organisation_id)
    reportings = list(found.reportings.select_related("manager").order_by("-start_date"))
    shown(request, [found, *(span.manager for span in reportings)])
    context = {
        "person": found,
        "employments": found.employments.order_by("-start_date"),
        "memberships": [(span, " / ".join(paths[span.team_id])) for span in found.memberships.order_by("-start_date")],
        "reportings": reportings,
        "leaves": found.leaves.order_by("-start_date"),
        "under": len(reads.below(found, day=today)),
        "account": Account.objects.filter(person=found).first(),
        "habits": habits or HabitsForm(person=found),
        "leave": leave or LeaveForm(),
    }
    wrong = bool((habits and habits.is_bound) or (leave and leave.is_bound))
    return render(request, "people/person.html", context, status=422 if wrong else 200)


@require_POST
@of_person
def change_habits(request: HttpRequest, found: Person) -> HttpResponse:
    form = HabitsForm(request.POST, person=found)
    if not form.is_valid():
        return person_page(request, found, habits=form)
    writes.set_habits(person=found, **form.habits())
    messages.success(request, _("Saved."))
    return redirect("person", person_id=found.pk)


@require_POST
@of_person
def add_leave(request: HttpRequest, found: Person) -> HttpResponse:
    form = LeaveForm(request.POST)
    if not form.is_valid():
        return person_page(request, found, leave=form)
    start: date = form.cleaned_data["start"]
    try:
        writes.add_leave(person=found, start=start, end=form.cleaned_data["end"])
    except writes.LeaveOverlapsError:
        form.add_error("start", _("Some of these days are in the list already."))
        return person_page(request, found, leave=form)
    messages.success(request, _("Nothing goes out to %(name)s on these days.") % {"name": found.name})
    return redirect("person", person_id=found.pk)


@require_POST
@of_person
def remove_leave(request: HttpRequest, found: Person, leave_id: int) -> HttpResponse:
    try:
        writes.remove_leave(person=found, leave_id=leave_id)
    except Leave.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("These days are ordinary days again."))
    return redirect("person", person_id=found.pk)


@require_POST
@of_person
def make_account(request: HttpRequest, found: Person) -> HttpResponse:
    """A login for a person: no password, a code by mail each time."""
    try:
        account = writes.account_for(person=found)
    except writes.NoAddressError:
        messages.error(request, _("There is no e-mail address to send a code to. Bring in a file that has it."))
    except writes.AddressTakenError:
        messages.error(request, _("There is an account with this address already, of somebody else."))
    else:
        address = request.build_absolute_uri(reverse("account_request_login_code"))
        if invite(account, language=reads.language_of(found), address=address):
            messages.success(request, _("%(name)s may log in, and gets a mail that says how.") % {"name": found.name})
        else:
            messages.warning(
                request,
                _("%(name)s may log in, but the mail could not be sent. Tell them the address: %(address)s")
                % {"name": found.name, "address": address},
            )
    return redirect("person", person_id=found.pk)


def invite(account: Account, *, language: str, address: str) -> bool:
    """Tell the owner of a new account how to log in; False when the mail could not be sent."""
    with override(language):
        subject = _("You may log in to Borging")
        body = _(
            "Hello %(name)s,\n\nYou have a login for Borging, for %(organisation)s. You need no password: open the "
            "address below, fill in %(email)s, and you get a code by mail.\n\n%(address)s\n"
        ) % {
            "name": account.name,
            "organisation": account.organisation,
            "email": account.email,
            "address": address,
        }
    try:
        send_mail(subject, body, None, [account.email])
    except (smtplib.SMTPException, OSError):
        return False
    return True


@require_POST
@for_administrators
def close_account(request: HttpRequest, person_id: int) -> HttpResponse:
    """Close the account of a person, or open it again."""
    account = reads.accounts_of(viewer(request)).filter(person=person_id).first()
    if account is None:
        raise Http404
    try:
        writes.set_active(account=account, active="open" in request.POST)
    except writes.LastAdministratorError:
        messages.error(request, _("This is the last administrator. Make somebody else administrator first."))
    return redirect("person", person_id=person_id)


@require_safe
@for_administrators
def roles(request: HttpRequest) -> HttpResponse:
    found = Paginator(reads.accounts_of(viewer(request)), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(account, {grant.role for grant in account.grants.all()}) for account in found]
    shown(request, [account.person for account in found])
    return render(request, "people/roles.html", {"rows": rows, "roles": Role.choices, "page": found})


@require_POST
@for_administrators
def change_roles(request: HttpRequest, account_id: int) -> HttpResponse:
    account = reads.accounts_of(viewer(request)).filter(pk=account_id).first()
    if account is None:
        raise Http404
    wanted = [Role(role) for role in request.POST.getlist("role") if role in Role.values]
    try:
        writes.set_roles(account=account, roles=wanted)
    except writes.LastAdministratorError:
        messages.error(request, _("This is the last administrator. Make somebody else administrator first."))
    else:
        messages.success(request, _("Saved: what %(name)s may do holds from now on.") % {"name": account})
    return redirect("roles")
