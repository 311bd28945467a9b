"""What a signed link gives: the right to one card, whoever is logged in in this browser."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django.views.i18n import set_language

from borging import clock
from borging.cards import links
from borging.people import locks
from borging.web import errors, limits

from . import pages

View = Callable[..., HttpResponse]


def by_link(view: View) -> View:
    """A page that is opened by its signed link. The link is the secret a form token would be (ADR 0018), so there is no
    cookie; and what another site sends is refused all the same. The lock on the organisation of an account that happens
    to be logged in plays no part."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def opened(request: HttpRequest, token: str, **kwargs: str) -> HttpResponse:
        if request.method == "POST":
            if request.headers.get("Sec-Fetch-Site") == "cross-site":
                raise PermissionDenied
            if "language" in request.POST:
                return set_language(request)
        with locks.lifted():
            return view(request, token, **kwargs)

    return opened


def for_card(view: View) -> View:
    """A page about the card of a link, in the language of who it is for; a link that opens nothing says why."""

    @by_link
    @wraps(view)
    def opened(request: HttpRequest, token: str, **kwargs: str) -> HttpResponse:
        try:
            card = links.card_for(token, now=clock.now())
        except links.BadLinkError as error:
            return gone(request, error)
        language = pages.language_of(request, card.person)
        with override(language):
            response = view(request, card, **kwargs)
        response.headers["Content-Language"] = language
        return response

    return opened


def gone(request: HttpRequest, error: links.BadLinkError) -> HttpResponse:
    if error.reason == links.Reason.UNKNOWN and limits.bad_link(request):
        return errors.too_many(request)
    return render(request, "cards/gone.html", {"reason": error.reason.value}, status=404)
