"""Who may open these pages: L&D professionals, for programmes of their own organisation, on its clock."""

from datetime import date, datetime
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.utils import timezone

from borging import clock
from borging.people.models import Role
from borging.programmes import reads
from borging.programmes.models import Programme
from borging.web.guards import View, for_roles, viewer


def for_ld(view: View) -> View:
    """A page for L&D professionals, on the clock of their organisation."""

    @for_roles(Role.LD)
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with timezone.override(reads.zone_of(viewer(request).organisation)):
            return view(request, *args, **kwargs)

    return guarded


def of_programme(view: View) -> View:
    """A page of one programme of the viewer's organisation; any other programme is not there."""

    @for_ld
    @wraps(view)
    def guarded(request: HttpRequest, programme_id: int, **kwargs: Any) -> HttpResponseBase:
        try:
            programme = reads.programme_for(viewer(request), programme_id)
        except Programme.DoesNotExist:
            raise Http404 from None
        return view(request, programme, **kwargs)

    return guarded


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, also when that is nothing; None when it is only looked at."""
    return request.POST if request.method == "POST" else None


def now() -> datetime:
    return clock.now()


def today() -> date:
    """The day on the clock of the organisation, which the guards have set."""
    return timezone.localdate(clock.now())
