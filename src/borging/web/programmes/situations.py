"""The work situations a programme asks about: one by one, or pasted."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from borging import clock
from borging.programmes import rules, writes
from borging.programmes.models import Programme, Situation, Status

from . import words
from .forms import WHEN_ASKED, PastedSituationsForm, SituationForm
from .guards import of_programme, sent


@require_http_methods(["GET", "HEAD", "POST"])
@of_programme
def listing(request: HttpRequest, found: Programme) -> HttpResponse:
    """All situations by when they are asked; add one."""
    form = SituationForm(sent(request))
    if request.method == "POST" and form.is_valid():
        scenario = form.scenario()
        words.told(
            request,
            lambda: words.nothing(writes.add_situations(programme=found, situations=[scenario])),
            done=_("The situation is added."),
        )
        return redirect("programme_situations", programme_id=found.pk)
    return _page(request, found, form=form)


@require_POST
@of_programme
def paste(request: HttpRequest, found: Programme) -> HttpResponse:
    """Add every situation in a pasted text that can be read, and say how many could not."""
    form = PastedSituationsForm(request.POST, prefix="pasted")
    if not form.is_valid():
        return _page(request, found, pasted=form)
    scenarios, unread = rules.scenarios_in(form.cleaned_data["text"], form=form.cleaned_data["form"])
    if unread:
        said = ngettext(
            "%(n)s block could not be read: it needs a situation and two to six options.",
            "%(n)s blocks could not be read: each needs a situation and two to six options.",
            unread,
        )
        messages.warning(request, said % {"n": unread})
    if scenarios:
        said = ngettext("%(n)s situation is added.", "%(n)s situations are added.", len(scenarios))
        words.told(
            request,
            lambda: words.nothing(writes.add_situations(programme=found, situations=scenarios)),
            done=said % {"n": len(scenarios)},
        )
    return redirect("programme_situations", programme_id=found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@of_programme
def change(request: HttpRequest, found: Programme, situation_id: int) -> HttpResponse:
    situation = _situation(found, situation_id)
    best, *others = situation.options
    known = {
        "form": situation.form,
        "text": situation.text,
        "best": best,
        "others": "\n".join(others),
        "explanation": situation.explanation,
    }
    form = SituationForm(sent(request), initial=known)
    if request.method == "POST" and form.is_valid():
        scenario = form.scenario()
        words.told(
            request,
            lambda: writes.change_situation(situation=situation, to=scenario, now=clock.now()),
            done=_("Saved."),
        )
        return redirect("programme_situations", programme_id=found.pk)
    context = {"programme": found, "situation": situation, "form": form}
    return render(request, "programmes/situation.html", context, status=422 if form.is_bound else 200)


@require_POST
@of_programme
def remove(request: HttpRequest, found: Programme, situation_id: int) -> HttpResponse:
    situation = _situation(found, situation_id)
    done = (
        _("The situation is deleted.")
        if found.status == Status.DRAFT
        else _("The situation is asked no more. What was answered on it still counts.")
    )
    words.told(request, lambda: writes.remove_situation(situation=situation, now=clock.now()), done=done)
    return redirect("programme_situations", programme_id=found.pk)


def _situation(found: Programme, situation_id: int) -> Situation:
    situation = found.situations.select_related("programme").filter(pk=situation_id, retired_at=None).first()
    if situation is None:
        raise Http404
    return situation


def _page(
    request: HttpRequest,
    found: Programme,
    *,
    form: SituationForm | None = None,
    pasted: PastedSituationsForm | None = None,
) -> HttpResponse:
    rows = list(found.situations.filter(retired_at=None))
    bound = any(each is not None and each.is_bound for each in (form, pasted))
    context: dict[str, Any] = {
        "programme": found,
        "parts": [(name, [row for row in rows if row.form == key]) for key, name in WHEN_ASKED],
        "form": form or SituationForm(),
        "pasted": pasted or PastedSituationsForm(prefix="pasted"),
    }
    return render(request, "programmes/situations.html", context, status=422 if bound else 200)
