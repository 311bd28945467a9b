"""The pages of a programme: parse, one call, render."""

from collections.abc import Callable
from secrets import SystemRandom

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from borging.programmes import reads, writes
from borging.programmes.models import Programme
from borging.transfer import promises
from borging.transfer import writes as transfer
from borging.web.guards import viewer
from borging.web.studies.pages import reader_language

from . import page, planning, rehearsal, words
from .checks import BY_BUTTON
from .forms import PaperForm
from .guards import for_ld, now, of_programme, today


@require_safe
@for_ld
def listing(request: HttpRequest) -> HttpResponse:
    listed = [(programme, page.state_of(programme)) for programme in reads.listed_programmes(viewer(request))]
    return render(request, "programmes/list.html", {"programmes": listed})


@require_safe
@of_programme
def programme(request: HttpRequest, found: Programme) -> HttpResponse:
    """The one page of a programme."""
    return render(
        request,
        "programmes/programme.html",
        page.page_of(found, cohort_id=request.GET.get("cohort", ""), today=today()),
    )


def back(found: Programme, place: str = "") -> HttpResponse:
    return redirect(reverse("programme", args=[found.pk]) + place)


# --- states -----------------------------------------------------------------------------------------------------------


@require_POST
@of_programme
def start(request: HttpRequest, found: Programme) -> HttpResponse:
    if words.told(
        request, lambda: writes.start(programme=found, now=now()), done=_("Started. Borging takes it from here.")
    ):
        planning.replan(found, now=now())
    return back(found)


@require_POST
@of_programme
def pause(request: HttpRequest, found: Programme) -> HttpResponse:
    words.told(request, lambda: writes.pause(programme=found), done=_("Paused. Nothing goes out until you resume."))
    return back(found)


@require_POST
@of_programme
def resume(request: HttpRequest, found: Programme) -> HttpResponse:
    if words.told(
        request, lambda: writes.resume(programme=found), done=_("Resumed. What was missed meanwhile is not asked.")
    ):
        planning.resume(found, now=now())
    return back(found)


@require_http_methods(["GET", "HEAD", "POST"])
@of_programme
def stop(request: HttpRequest, found: Programme) -> HttpResponse:
    """Stop a programme that runs, or throw a draft away; asked once, with what happens to the data."""
    in_draft = found.status == "draft"
    if request.method != "POST":
        return render(request, "programmes/stop.html", {"programme": found, "in_draft": in_draft})
    if in_draft:
        gone = words.told(
            request,
            lambda: writes.discard(programme=found),
            done=_("“%(name)s” is deleted.") % {"name": found.name},
        )
        return redirect("programmes") if gone else back(found)
    if words.told(
        request, lambda: writes.stop(programme=found, now=now()), done=_("Stopped. Nothing is asked any more.")
    ):
        planning.withdraw_all(found)
    return back(found)


# --- mending, signing, rehearsing -------------------------------------------------------------------------------------


@require_POST
@of_programme
def fix(request: HttpRequest, found: Programme, rule: str) -> HttpResponse:
    """Mend one finding of the transfer check at a press."""
    if rule not in BY_BUTTON:
        raise Http404
    fixes: dict[str, tuple[Callable[[], object], str]] = {
        "no-buddy": (
            lambda: writes.give_buddies(programme=found, today=today()),
            _("Everyone in a cohort of two or more has a buddy now."),
        ),
        "no-time": (
            lambda: writes.change(programme=found, practice_minutes=30),
            _("30 minutes a week are written down. Agree them with the managers."),
        ),
        "not-training": (
            lambda: transfer.route_barrier_of(programme=found, today=today()),
            _("The barrier is on its way to who can remove it."),
        ),
        "too-small": (
            lambda: writes.add_cohort(programme=found, name=page.next_cohort_name(found)),
            _("There is a next cohort. Plan its session and add its people."),
        ),
        "too-few-places": (
            lambda: _draw(found),
            _("The lot decided who starts first; the others are in a next cohort."),
        ),
    }
    change, done = fixes[rule]
    if words.told(request, lambda: words.nothing(change()), done=done):
        planning.replan(found, now=now())
    return back(found, "#check")


def _draw(found: Programme) -> None:
    order = list(reads.taking_part(found).order_by("pk").values_list("person", flat=True))
    SystemRandom().shuffle(order)
    writes.split_by_lot(programme=found, order=order, name=page.next_cohort_name(found), today=today())


@require_POST
@of_programme
def sign_on_paper(request: HttpRequest, found: Programme) -> HttpResponse:
    form = PaperForm(request.POST, today=today())
    if found.sponsor is None:
        messages.error(request, _("Say first who the sponsor is."))
    elif not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    else:
        _sign(request, found, form)
    return back(found, "#promise")


def _sign(request: HttpRequest, found: Programme, form: PaperForm) -> None:
    try:
        promises.sign(programme=found, person=found.sponsor, now=form.instant(), on_paper=True)  # type: ignore[arg-type]
    except promises.EmptyPromiseError:
        messages.error(request, _("A promise needs a business goal and a behaviour."))
    except writes.NotNowError as error:
        messages.warning(request, words.not_now(str(error)))
    else:
        messages.success(request, _("The signature is recorded. Changing the promise breaks its seal."))


@require_POST
@of_programme
def rehearse(request: HttpRequest, found: Programme) -> HttpResponse:
    """Send everything to me; the worker does it."""
    me, language = viewer(request), reader_language()
    n = sum(1 for _card in rehearsal.cards_of(found, viewer=me, language=language, today=today()))
    send = import_string(settings.REHEARSAL)
    transaction.on_commit(lambda: send(found.pk, account_id=me.pk, language=language))
    said = ngettext(
        "%(n)s card is on its way to you. If nothing comes, you can read every card here.",
        "%(n)s cards are on their way to you. If nothing comes, you can read every card here.",
        n,
    )
    messages.success(request, said % {"n": n})
    return back(found, "#rehearsal")


@require_safe
@of_programme
def cards(request: HttpRequest, found: Programme) -> HttpResponse:
    """Every card as its reader will see it, below each other."""
    rehearsed = rehearsal.cards_of(found, viewer=viewer(request), language=reader_language(), today=today())
    return render(request, "programmes/cards.html", {"programme": found, "cards": rehearsal.rows(rehearsed)})


@require_safe
@of_programme
def card(request: HttpRequest, found: Programme, step: str, actor: str) -> HttpResponse:
    """One card as its reader will see it; nothing can be answered here."""
    rehearsed = rehearsal.cards_of(found, viewer=viewer(request), language=reader_language(), today=today())
    rows = rehearsal.rows(row for row in rehearsed if (row.step.key, row.actor) == (step, actor))
    if not rows:
        raise Http404
    return render(request, "programmes/cards.html", {"programme": found, "cards": rows, "one": True})
