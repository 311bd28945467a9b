"""Who watches whom at work, cohort by cohort, and how far the minutes on the floor are."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from borging.people import reads as people
from borging.people.models import Account, Person
from borging.programmes import rules
from borging.programmes.models import Cohort, Programme
from borging.transfer import floor
from borging.web.guards import viewer
from borging.web.shown import shown

from . import planning
from .forms import ObserversForm, written
from .guards import now, of_programme, today

MOST_LISTED = 500


@require_http_methods(["GET", "HEAD", "POST"])
@of_programme
def observers(request: HttpRequest, found: Programme) -> HttpResponse:
    """The observers of a cohort: as Borging proposes, or chosen here."""
    cohorts = list(found.cohorts.all())
    wanted = request.POST.get("cohort") or request.GET.get("cohort", "")
    cohort = next((each for each in cohorts if str(each.pk) == wanted), cohorts[0])
    if request.method != "POST":
        chosen = "\n".join(written(person) for person in floor.observers_of(cohort))
        return _page(request, found, cohorts, cohort, ObserversForm(initial={"observers": chosen}))
    if "buddies" in request.POST:
        floor.let_buddies_watch(cohort=cohort)
        return _chosen(request, found, cohort, _("Buddies watch each other."))
    form = ObserversForm(request.POST)
    meant, unknown = _meant(viewer(request), form.data.get("observers", ""))
    if not form.is_valid() or unknown:
        if unknown:
            words = {"names": "; ".join(unknown[:10])}
            form.add_error(
                "observers", _("Nobody here has this name, or more than one has: %(names)s. Use the address.") % words
            )
        return _page(request, found, cohorts, cohort, form)
    floor.choose_observers(cohort=cohort, observers=meant, today=today())
    divided = _("The people of this cohort are divided over them.")
    return _chosen(request, found, cohort, divided if meant else _("The line manager of each watches."))


def _chosen(request: HttpRequest, found: Programme, cohort: Cohort, done: str) -> HttpResponse:
    planning.withdraw_earlier_observers(cohort, today=today())
    planning.replan(found, now=now())
    messages.success(request, done)
    return redirect(f"{reverse('programme_floor', args=[found.pk])}?cohort={cohort.pk}")


def _meant(account: Account, text: str) -> tuple[list[Person], list[str]]:
    """Whom the lines mean, and which lines mean nobody or more than one."""
    pasted = rules.people_in(text)
    known = people.recognise(account, names={name for row in pasted for name in (row.number, row.email, row.name)})
    meant: list[Person] = []
    unknown: list[str] = []
    for row in pasted:
        hits = [known.get(name.lower(), []) for name in (row.number, row.email, row.name) if name]
        first = next((hit for hit in hits if hit), [])
        if len(first) == 1:
            meant.append(first[0])
        else:
            unknown.append(str(row))
    return meant, unknown


def _page(
    request: HttpRequest, found: Programme, cohorts: list[Cohort], cohort: Cohort, form: ObserversForm
) -> HttpResponse:
    rows = list(cohort.enrolments.filter(left_on=None).select_related("person", "observer")[:MOST_LISTED])
    managers = people.managers_of([row.person_id for row in rows], day=today())
    watching = [row.observer or managers.get(row.person_id) for row in rows]
    shown(request, [*(row.person for row in rows), *watching, *floor.observers_of(cohort)])
    context: dict[str, Any] = {
        "programme": found,
        "cohorts": cohorts,
        "cohort": cohort,
        "form": form,
        "rows": [(row, who, row.observer is None) for row, who in zip(rows, watching, strict=True)],
        "count": floor.counted(cohort, now=now()),
    }
    return render(request, "programmes/floor.html", context, status=422 if form.is_bound else 200)
