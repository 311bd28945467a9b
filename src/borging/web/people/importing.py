"""The pages of a file of people: give it, say what its columns are, look at the differences, bring it in, undo."""

import uuid
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from borging import clock
from borging.connectors import files
from borging.connectors.files import text
from borging.people import imports, reads
from borging.people.access import SEES_EVERYONE
from borging.people.ledger import UsedSinceError
from borging.people.models import ImportStatus, PeopleImport
from borging.web.guards import for_roles, viewer
from borging.web.people import preview, words
from borging.web.people.forms import FileForm, MeaningForm
from borging.web.shown import shown

for_people = for_roles(*SEES_EVERYONE)


def of_import(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of one import of the viewer's organisation; any other is not there."""

    @for_people
    @wraps(view)
    def guarded(request: HttpRequest, import_id: uuid.UUID) -> HttpResponseBase:
        try:
            found = reads.import_for(viewer(request), import_id)
        except PeopleImport.DoesNotExist:
            raise Http404 from None
        try:
            return view(request, found)
        except imports.NotNowError:
            messages.warning(request, _("This file had moved on already. This is how it stands now."))
        except imports.OlderFileError as error:
            day = date_format(error.day, "j F Y")
            messages.error(
                request,
                _("A file of %(day)s was brought in already. An older one cannot change what came after it.")
                % {"day": day},
            )
        return redirect("people_import", import_id=import_id)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def new(request: HttpRequest) -> HttpResponse:
    form = FileForm(request.POST or None, request.FILES or None)
    problem: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        found = imports.receive(account=viewer(request), upload=form.upload(), day=clock.today(), now=now)
        try:
            view, columns = files.inspect_people(found.path)
        except files.UnusableFileError as error:
            imports.discard(found=found)
            problem = {"reason": text.reason(error.problem), "remedy": text.remedy(error.problem)}
        else:
            imports.ask_columns(found=found, inspection=asdict(view), columns=asdict(columns))
            return redirect("people_import", import_id=found.pk)
    context = {"form": form, "problem": problem, "earlier": preview.earlier(viewer(request))}
    return render(request, "people/import.html", context, status=422 if form.is_bound else 200)


@require_safe
@of_import
def show(request: HttpRequest, found: PeopleImport) -> HttpResponse:
    """The one page of an import: what it shows depends on how far it is."""
    if found.status == ImportStatus.RECEIVED:
        return columns_page(request, found)
    if found.status == ImportStatus.STAGED:
        shown(request, everybody=True)
        context = preview.differences(found, show=request.GET.get("show", ""), page=request.GET.get("page"))
        return render(request, "people/preview.html", context)
    return render(request, "people/applied.html", preview.applied(found))


def columns_page(
    request: HttpRequest, found: PeopleImport, *, form: MeaningForm | None = None, problem: str = ""
) -> HttpResponse:
    form = form or MeaningForm(initial={"day": found.day, "everybody": "no"}, today=clock.today())
    shown(request, everybody=True)
    context = {**preview.columns(found), "form": form, "problem": problem}
    return render(request, "people/columns.html", context, status=422 if form.is_bound else 200)


@require_POST
@of_import
def confirm_columns(request: HttpRequest, found: PeopleImport) -> HttpResponse:
    form = MeaningForm(request.POST, today=clock.today())
    headers = found.inspection.get("headers", [])
    chosen = {role: name for role in words.ROLES if (name := request.POST.get(role)) in headers}
    found.columns = chosen
    if not form.is_valid():
        return columns_page(request, found, form=form)
    try:
        read = files.read_people(found.path, columns=files.read_staff_columns(chosen))
    except files.UnusableFileError as error:
        return columns_page(request, found, form=form, problem=text.sentence(error.problem))
    imports.stage(
        found=found,
        columns=chosen,
        sheet=sheet_of(read),
        everybody=form.cleaned_data["everybody"] == "yes",
        day=form.cleaned_data["day"],
    )
    return redirect("people_import", import_id=found.pk)


def sheet_of(read: files.PeopleRows) -> imports.Sheet:
    """The rows as the room of people takes them."""
    told: dict[str, Any] = {
        "left_out": tuple(asdict(problem) for problem in read.left_out),
        "notes": tuple(asdict(note) for note in read.notes),
    }
    return imports.Sheet(rows=read.rows, unread=read.unread, **told)


@require_POST
@of_import
def back(request: HttpRequest, found: PeopleImport) -> HttpResponse:
    imports.reconsider_columns(found=found)
    return redirect("people_import", import_id=found.pk)


@require_POST
@of_import
def apply(request: HttpRequest, found: PeopleImport) -> HttpResponse:
    try:
        done = imports.apply(found=found, leaving_meant="meant" in request.POST, now=clock.now())
    except imports.UnconfirmedError:
        messages.error(request, _("Nothing has changed yet. Tick the box that says so if all these people have left."))
        return redirect("people_import", import_id=found.pk)
    if not done:
        messages.warning(request, _("People changed while you were looking. These are the differences now."))
    return redirect("people_import", import_id=found.pk)


@require_POST
@of_import
def undo(request: HttpRequest, found: PeopleImport) -> HttpResponse:
    try:
        imports.undo(found=found, now=clock.now())
    except UsedSinceError:
        messages.error(
            request,
            _(
                "This can no longer be undone: people from this file take part in something, or have an account or "
                "leave. Bring in a file with what should hold now."
            ),
        )
    else:
        messages.success(request, _("Everything is as it was before this file."))
    return redirect("people_import", import_id=found.pk)


@require_POST
@of_import
def discard(request: HttpRequest, found: PeopleImport) -> HttpResponse:
    imports.discard(found=found)
    messages.success(request, _("The file is gone, and nothing has changed."))
    return redirect("people")
