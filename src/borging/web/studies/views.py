"""The pages of a study: parse, one call, render."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from borging.effects import reads, writes
from borging.effects.models import AT_WORK, Status, Study
from borging.people.access import RUNS_STUDIES
from borging.web.guards import for_roles, viewer
from borging.web.limits import MINUTE, REPORTS, limited
from borging.web.studies import mapping, pages, reports
from borging.web.studies.forms import ASSIGNMENTS, NewStudyForm, ReplaceFilesForm

for_studies = for_roles(*RUNS_STUDIES)


def of_study(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of one study the viewer may see; any other study is not there."""

    @for_studies
    @wraps(view)
    def guarded(request: HttpRequest, study_id: uuid.UUID, **kwargs: Any) -> HttpResponseBase:
        try:
            found = reads.study_for(viewer(request), study_id)
        except Study.DoesNotExist:
            raise Http404 from None
        return view(request, found, **kwargs)

    return guarded


@require_safe
@for_studies
def listing(request: HttpRequest) -> HttpResponse:
    listed = [(study, pages.state_of(study)) for study in reads.listed_studies(viewer(request))]
    return render(request, "studies/list.html", {"studies": listed})


@require_http_methods(["GET", "HEAD", "POST"])
@for_studies
def new(request: HttpRequest) -> HttpResponse:
    form = NewStudyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = writes.receive(
            owner=viewer(request),
            title=form.cleaned_data["title"],
            options=form.options(),
            participants=form.cleaned_data["participants"],
            outcomes=form.cleaned_data["outcomes"],
            now=timezone.now(),
        )
        return redirect("study", study_id=made.pk)
    context = {"form": form, "assignments": ASSIGNMENTS, "limit": pages.upload_limit()}
    return render(request, "studies/new.html", context, status=422 if form.is_bound else 200)


@require_POST
@for_studies
def start_example(request: HttpRequest) -> HttpResponse:
    made = writes.receive_example(owner=viewer(request), title=pages.example_title(), now=timezone.now())
    return redirect("study", study_id=made.pk)


@require_safe
@for_studies
def example_file(request: HttpRequest, kind: str) -> FileResponse:
    if kind not in writes.KINDS:
        raise Http404
    return FileResponse(reads.example_path(kind).open("rb"), as_attachment=True, content_type="text/csv")


@require_safe
@of_study
def study(request: HttpRequest, found: Study) -> HttpResponse:
    """The one page of a study: what it shows depends on how far the study is."""
    template, context = pages.page_of(found)
    return render(request, template, context)


@require_safe
@of_study
def progress(request: HttpRequest, found: Study) -> HttpResponse:
    """The part of the page that moves; once the study is further, the whole page is fetched again."""
    if found.status not in AT_WORK:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "studies/progress_part.html", pages.page_of(found)[1])


@require_http_methods(["GET", "HEAD", "POST"])
@of_study
def confirm_columns(request: HttpRequest, found: Study) -> HttpResponse:
    if request.method == "POST":
        columns = mapping.columns_from(request.POST, study=found)
        try:
            writes.confirm_columns(study=found, columns=columns, now=timezone.now())
        except writes.NotNowError:
            messages.warning(request, _("This study had moved on already. This is how it stands now."))
    elif page := pages.columns_of(found):
        return render(request, *page)
    return redirect("study", study_id=found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@of_study
def replace_files(request: HttpRequest, found: Study) -> HttpResponse:
    form = ReplaceFilesForm(request.POST, request.FILES)
    if request.method == "POST" and form.is_valid():
        try:
            writes.replace_files(study=found, now=timezone.now(), **form.cleaned_data)
        except writes.NotNowError:
            messages.warning(request, _("This study had moved on already. This is how it stands now."))
    elif request.method == "POST":
        messages.error(request, _("That file is empty or could not be read. Choose it again."))
    return redirect("study", study_id=found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@of_study
def delete(request: HttpRequest, found: Study) -> HttpResponse:
    if request.method == "POST":
        writes.delete(study=found)
        messages.success(request, _("“%(title)s” and its files are deleted.") % {"title": found.title})
        return redirect("studies")
    return render(request, "studies/delete.html", {"study": found})


@require_safe
@limited("report", most=REPORTS, window=MINUTE)
@of_study
def download(request: HttpRequest, found: Study, form: str) -> HttpResponse:
    """The report as a file, in the language of the page."""
    if found.status != Status.READY or form not in reports.FORMS:
        raise Http404
    made = reports.FORMS[form]
    report = reports.report_of(found, language=pages.reader_language(), rows=made.rows)
    return HttpResponse(
        made.render(report), content_type=made.content_type, headers=attached(f"{file_name(found)}.{form}")
    )


@require_safe
@of_study
def left_out(request: HttpRequest, found: Study) -> HttpResponseBase:
    """Every row that does not count, with the reason, as CSV."""
    if found.status != Status.READY:
        raise Http404
    lines = (line.encode() for line in reports.left_out_csv(found, language=pages.reader_language()))
    headers = attached(f"{file_name(found)}-left-out.csv")
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def file_name(found: Study) -> str:
    """Letters, digits and dashes of the title: nothing that a header or a file system could trip over."""
    return slugify(found.title) or "borging"


def attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
