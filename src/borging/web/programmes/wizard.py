"""The questions that make a programme, one on a screen, each saved as soon as it is answered."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods

from borging.figures.words import day as day_words
from borging.programmes import invitation, rules, writes
from borging.programmes.models import Programme, Status
from borging.web.guards import viewer
from borging.web.studies.pages import reader_language

from . import planning
from .forms import IN_WIZARD, QUESTIONS, RETENTIONS, SKILLS, Answer, BehavioursForm, NewForm
from .guards import for_ld, now, of_programme, sent, today
from .words import not_now


@dataclass(frozen=True, kw_only=True)
class Hint:
    """A behaviour nobody could see, and how it might be said instead. `place` is its field."""

    place: int
    text: str
    instead: str


@require_http_methods(["GET", "HEAD", "POST"])
@for_ld
def new(request: HttpRequest) -> HttpResponse:
    """A programme begins with a name, or with the text of its invitation."""
    form = NewForm(sent(request))
    if request.method == "POST" and form.is_valid():
        programme = _begin(request, name=form.cleaned_data["name"], text=form.cleaned_data["invitation"])
        return redirect(_address(programme, IN_WIZARD[0], wizard=True))
    return render(request, "programmes/new.html", {"form": form}, status=422 if form.is_bound else 200)


def _begin(request: HttpRequest, *, name: str, text: str) -> Programme:
    found = invitation.read(text, today=today())
    programme = writes.draft(
        owner=viewer(request),
        name=name or found.name or _("New training"),
        language=reader_language(),
        cohort=_("Cohort %(n)s") % {"n": 1},
        now=now(),
    )
    for session in found.sessions:
        starts_at, ends_at = (timezone.make_aware(at) for at in invitation.moments(session))
        writes.add_session(cohort=programme.cohorts.get(), starts_at=starts_at, ends_at=ends_at, place=found.place)
    if text:
        _tell_found(request, found)
    return programme


def _tell_found(request: HttpRequest, found: invitation.Found) -> None:
    """What was taken out of the invitation, and what was not in it."""
    said = [
        _("%(day)s from %(starts)s to %(ends)s")
        % {"day": day_words(each.day), "starts": f"{each.starts:%H:%M}", "ends": f"{each.ends:%H:%M}"}
        for each in found.sessions
    ]
    if found.place:
        said.append(_("place: %(place)s") % {"place": found.place})
    missing = [] if found.sessions else [_("a day")]
    missing += [] if all(each.timed for each in found.sessions) else [_("the times; the usual ones are filled in")]
    missing += [] if found.place else [_("the place")]
    if said:
        messages.success(request, _("Found in the invitation: %(found)s.") % {"found": "; ".join(said)})
    if missing:
        messages.warning(request, _("Not found: %(missing)s. You can fill that in.") % {"missing": ", ".join(missing)})


@require_http_methods(["GET", "HEAD", "POST"])
@of_programme
def question(request: HttpRequest, found: Programme, name: str) -> HttpResponse:
    """One question: shown, or answered and saved; while typing it saves itself where scripts run."""
    if name not in QUESTIONS:
        raise Http404
    in_wizard = "wizard" in request.GET
    form = QUESTIONS[name](sent(request), programme=found, viewer=viewer(request), today=today())
    hints: list[Hint] = []
    if request.method == "POST" and form.is_valid():
        hints = _hints(form) if "keep" not in request.POST else []
        saved = _save(request, found, form)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204)
        if not (saved and hints):
            return redirect(_after(found, name) if in_wizard else reverse("programme", args=[found.pk]))
        form = QUESTIONS[name](programme=found, viewer=viewer(request), today=today())
    elif request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    context = _context(found, name, form, hints=hints, in_wizard=in_wizard)
    return render(request, "programmes/question.html", context, status=422 if form.is_bound else 200)


def _save(request: HttpRequest, found: Programme, form: Answer) -> bool:
    try:
        form.save(now=now())
    except writes.NotNowError as error:
        messages.warning(request, not_now(str(error)))
        return False
    planning.replan(found, now=now())
    return True


def _after(found: Programme, name: str) -> str:
    place = IN_WIZARD.index(name) + 1 if name in IN_WIZARD else len(IN_WIZARD)
    if place < len(IN_WIZARD):
        return _address(found, IN_WIZARD[place], wizard=True)
    return reverse("programme", args=[found.pk])


def _address(found: Programme, name: str, *, wizard: bool) -> str:
    return reverse("programme_question", args=[found.pk, name]) + ("?wizard=1" if wizard else "")


def _context(found: Programme, name: str, form: Answer, *, hints: list[Hint], in_wizard: bool) -> dict[str, Any]:
    headings = {
        "goal": (_("Which business goal?"), _("A training is a means. What must get better because of it?")),
        "behaviours": (
            _("Which behaviours?"),
            _("One to five things that somebody standing next to them could see or hear people do."),
        ),
        "skill": (_("Open or closed skill?"), _("This decides what weighs most in the weeks after.")),
        "lasting": (_("How long must it last?"), _("The longer, the further apart it is repeated.")),
        "when": (_("When, and who stands for it?"), _("The first day; you can add more on the next page.")),
        "surroundings": (_("What is around it"), _("Training works when there is time, a chance and an owner.")),
    }
    place = IN_WIZARD.index(name) if name in IN_WIZARD else -1
    return {
        "programme": found,
        "question": name,
        "form": form,
        "heading": headings[name][0],
        "under": headings[name][1],
        "hints": hints,
        "in_wizard": in_wizard,
        "step": place + 1,
        "steps": len(IN_WIZARD) - 1,
        "earlier": _address(found, IN_WIZARD[place - 1], wizard=True) if in_wizard and place > 0 else "",
        "skills": SKILLS,
        "retentions": RETENTIONS,
        "may_change": found.status == Status.DRAFT or name != "behaviours",
    }


# --- behaviours -------------------------------------------------------------------------------------------------------


def _hints(form: Answer) -> list[Hint]:
    if not isinstance(form, BehavioursForm):
        return []
    found = [(place, text, rules.unseen(text)) for place, text in enumerate(form.texts, start=1)]
    return [Hint(place=place, text=text, instead=_instead(unseen)) for place, text, unseen in found if unseen]


def _instead(unseen: rules.Unseen) -> str:
    """The behaviour as something to be seen, in the language it was written in."""
    with override(unseen.language):
        words = {
            "understand": _("explains to a colleague: %(rest)s"),
            "know": _("names or shows when it matters: %(rest)s"),
            "aware": _("says aloud when it comes up: %(rest)s"),
            "attitude": _("says or does in the first minute: %(rest)s"),
            "able": _("does: %(rest)s"),
            "learn": _("does at work, without help: %(rest)s"),
        }
        return words[unseen.kind] % {"rest": unseen.rest}
