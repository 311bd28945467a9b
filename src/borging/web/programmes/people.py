"""Who takes part in a programme, and who helps them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from borging.people import reads as people
from borging.people import writes as people_writes
from borging.people.models import Account, Person
from borging.programmes import rules, writes
from borging.programmes.models import Cohort, Enrolment, Programme
from borging.web.guards import viewer
from borging.web.limits import MINUTE, SEARCHES, limited
from borging.web.shown import shown

from . import planning, words
from .forms import CompanionsForm, PasteForm, settled
from .guards import now, of_programme, sent, today

MOST_FOUND = 20
MOST_LISTED = 500


@require_safe
@limited("search", most=SEARCHES, window=MINUTE, asks="q")
@of_programme
def listing(request: HttpRequest, found: Programme) -> HttpResponse:
    """Everyone who takes part, and two ways to add people."""
    return render(request, "programmes/people.html", _context(request, found, PasteForm()))


def _context(request: HttpRequest, found: Programme, form: PasteForm) -> dict[str, Any]:
    cohorts = list(found.cohorts.all())
    cohort = _cohort(found, request.POST.get("cohort") or request.GET.get("cohort", ""), cohorts)
    enrolled = list(cohort.enrolments.filter(left_on=None).select_related("person", "buddy", "observer"))
    managers = people.managers_of([row.person_id for row in enrolled], day=today())
    sought = request.GET.get("q", "").strip()
    there = {row.person_id for row in enrolled}
    hits = people.search(viewer(request), words=sought, most=MOST_FOUND + 1) if sought else []
    there_too = [each for row in enrolled[:MOST_LISTED] for each in (row.person, row.buddy, row.observer)]
    shown(request, [*there_too, *managers.values(), *hits[:MOST_FOUND]])
    return {
        "programme": found,
        "cohorts": cohorts,
        "cohort": cohort,
        "rows": [(row, managers.get(row.person_id)) for row in enrolled[:MOST_LISTED]],
        "total": len(enrolled),
        "form": form,
        "sought": sought,
        "hits": [(person, person.pk in there) for person in hits[:MOST_FOUND]],
        "more": len(hits) > MOST_FOUND,
    }


def _cohort(found: Programme, wanted: str, cohorts: list[Cohort]) -> Cohort:
    return next((each for each in cohorts if str(each.pk) == wanted), cohorts[0])


@require_POST
@of_programme
def add(request: HttpRequest, found: Programme) -> HttpResponse:
    """Add the people that were pasted, or picked from those who were found."""
    cohort = _cohort(found, request.POST.get("cohort", ""), list(found.cohorts.all()))
    if "people" in request.POST:
        form = PasteForm(request.POST)
        if not form.is_valid():
            return render(request, "programmes/people.html", _context(request, found, form), status=422)
        meant, unknown = _meant(viewer(request), rules.people_in(form.cleaned_data["people"]))
        if unknown:
            names = "; ".join(str(named) for named in unknown[:20])
            messages.warning(
                request,
                _("Not added, because nobody has this name or more than one has: %(names)s. Add the e-mail address.")
                % {"names": names},
            )
    else:
        meant = list(people.people_of(viewer(request)).filter(pk__in=_numbers(request.POST.getlist("person"))))
    _enrol(request, found, cohort, meant)
    return redirect(f"{request.path.removesuffix('/add')}?cohort={cohort.pk}")


def _numbers(values: list[str]) -> list[int]:
    return [int(value) for value in values if value.isdecimal() and len(value) < 19]


def _enrol(request: HttpRequest, found: Programme, cohort: Cohort, meant: list[Person]) -> None:
    if not meant:
        return
    try:
        added = writes.enrol(cohort=cohort, people=meant, today=today())
    except writes.NotNowError as error:
        messages.warning(request, words.not_now(str(error)))
        return
    planning.replan(found, now=now())
    said = ngettext("%(n)s person added, with a buddy.", "%(n)s people added, each with a buddy.", added)
    messages.success(request, said % {"n": added} if added else _("They took part already."))


def _meant(account: Account, pasted: tuple[rules.Named, ...]) -> tuple[list[Person], list[rules.Named]]:
    """Whom the lines mean, and which lines mean nobody here. A new name with an address is somebody new."""
    names = {name for named in pasted for name in (named.number, named.email, named.name)}
    known = people.recognise(account, names=names)
    meant: list[Person] = []
    unknown: list[rules.Named] = []
    for named in pasted:
        hits = [known.get(name.lower(), []) for name in (named.number, named.email, named.name) if name]
        first = next((hit for hit in hits if hit), [])
        if len(first) == 1:
            meant.append(first[0])
        elif not first and named.name and named.email:
            meant.append(_new(account, named))
        else:
            unknown.append(named)
    return meant, unknown


def _new(account: Account, named: rules.Named) -> Person:
    return people_writes.add_person(
        organisation=account.organisation, name=named.name, email=named.email, number=named.number, today=today()
    )


@require_http_methods(["GET", "HEAD", "POST"])
@of_programme
def companions(request: HttpRequest, found: Programme, enrolment_id: int) -> HttpResponse:
    """The buddy and the observer of one learner; another may be chosen."""
    enrolment = _enrolment(found, enrolment_id)
    manager = people.manager_of(enrolment.person, day=today())
    others = [
        row.person
        for row in enrolment.cohort.enrolments.filter(left_on=None).select_related("person")
        if row.person_id != enrolment.person_id and row.person != manager
    ]
    form = CompanionsForm(
        sent(request),
        viewer=viewer(request),
        others=others,
        initial={"buddy": enrolment.buddy_id, "observer": enrolment.observer},
    )
    if request.method == "POST" and form.is_valid():
        _choose(request, found, enrolment, form)
        return redirect("programme_people", programme_id=found.pk)
    shown(request, [enrolment.person, enrolment.buddy, enrolment.observer, manager, *others])
    context = {"programme": found, "enrolment": enrolment, "form": form, "manager": manager}
    return render(request, "programmes/companions.html", context, status=422 if form.is_bound else 200)


def _choose(request: HttpRequest, found: Programme, enrolment: Enrolment, form: CompanionsForm) -> None:
    buddy = form.buddy()
    observer = settled(form.cleaned_data["observer"], viewer=viewer(request), today=today())
    chosen = words.told(
        request,
        lambda: writes.choose_companions(enrolment=enrolment, buddy=buddy, observer=observer),
        done=_("Saved."),
    )
    if chosen:
        planning.withdraw_from_earlier(enrolment, actor="buddy", person_id=buddy.pk if buddy else None)
        if observer:
            planning.withdraw_from_earlier(enrolment, actor="observer", person_id=observer.pk)
        planning.replan(found, now=now())


@require_POST
@of_programme
def leave(request: HttpRequest, found: Programme, enrolment_id: int) -> HttpResponse:
    enrolment = _enrolment(found, enrolment_id)
    left = words.told(
        request,
        lambda: writes.leave(enrolment=enrolment, today=today()),
        done=_("%(name)s takes no part any more.") % {"name": enrolment.person.name},
    )
    if left:
        planning.withdraw_of(enrolment)
        planning.replan(found, now=now())
    return redirect("programme_people", programme_id=found.pk)


def _enrolment(found: Programme, enrolment_id: int) -> Enrolment:
    row = (
        Enrolment.objects.filter(cohort__programme=found, pk=enrolment_id, left_on=None)
        .select_related("person", "buddy", "observer", "cohort__programme")
        .first()
    )
    if row is None:
        raise Http404
    return row
