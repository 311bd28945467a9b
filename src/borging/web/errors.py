"""The pages for when something is not there, not allowed, or not right. In the reader's language, with a way on."""

import logging
import secrets
import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from .away import passes

logger = logging.getLogger(__name__)


def _page(request: HttpRequest, *, code: int, heading: str, sentence: str) -> HttpResponse:
    return render(request, "error.html", {"code": code, "heading": heading, "sentence": sentence}, status=code)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        code=400,
        heading=_("We cannot read this request"),
        sentence=_("Something in the address or the form is not as it should be. Go back and try it once more."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        code=403,
        heading=_("You may not open this"),
        sentence=_("Your account has no access to this page. Ask the person who looks after Borging."),
    )


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: mostly a page that stood open for long; else somebody else's form."""
    return _page(
        request,
        code=403,
        heading=_("This form is no longer valid"),
        sentence=_("The page was probably open for a long time. Go back, reload it and send the form again."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        code=404,
        heading=_("There is nothing here"),
        sentence=_("The page was moved or removed, or it belongs to another organisation."),
    )


def too_large(request: HttpRequest, *, limit: str) -> HttpResponse:
    return _page(
        request,
        code=413,
        heading=_("These files are too large"),
        sentence=_(
            "Together they may be at most %(limit)s. Leave out columns and periods you do not need, or save as CSV."
        )
        % {"limit": limit},
    )


def too_many(request: HttpRequest) -> HttpResponse:
    return _page(
        request,
        code=429,
        heading=_("Too many tries in a short time"),
        sentence=_("Wait a few minutes and try again. This protects accounts against guessing."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """A page that needs no database, with a number that leads to the error in the log.

    Where the fault lies in the machine and passes, it says so: nothing was saved, and the page works again by itself.
    """
    error_id = secrets.token_hex(4)
    route = request.resolver_match.route if request.resolver_match else "?"
    error = sys.exc_info()[1]
    logger.error("error %s on %s %s", error_id, request.method, route, exc_info=error)
    with translation.override(translation.get_language_from_request(request)):
        if not passes(error):
            return render(request, "500.html", {"error_id": error_id}, status=500)
        response = render(request, "503.html", {"error_id": error_id}, status=503)
        response.headers["Retry-After"] = "10"
        return response
