"""Who may open these pages: L&D professionals, for programmes of their own organisation."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from borging import clock
from borging.people.models import Account, Role
from borging.people.reads import has_role
from borging.programmes import reads
from borging.programmes.models import Programme

View = Callable[..., HttpResponse]


def viewer(request: HttpRequest) -> Account:
    """The account of a request that is logged in."""
    return cast(Account, request.user)


def for_ld(view: View) -> View:
    """A page for L&D professionals, on the clock of their organisation."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        account = viewer(request)
        if not has_role(account, Role.LD):
            raise PermissionDenied
        with timezone.override(reads.zone_of(account.organisation)):
            return view(request, *args, **kwargs)

    return guarded


def of_programme(view: View) -> View:
    """A page of one programme of the viewer's organisation; any other programme is not there."""

    @for_ld
    @wraps(view)
    def guarded(request: HttpRequest, programme_id: int, **kwargs: Any) -> HttpResponse:
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
