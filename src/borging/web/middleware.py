"""What every answer carries and every request brings: the headers that guard a page, and the account's own language."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

from borging.people import locks
from borging.people.access import NEEDS_SECOND_STEP
from borging.people.models import Account
from borging.people.reads import roles_of
from borging.web import errors

GetResponse = Callable[[HttpRequest], HttpResponse]

# Nothing from elsewhere, nothing inline: styles and scripts are our own files.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)


def guarded_headers(get_response: GetResponse) -> GetResponse:
    """Send the content security policy with every answer, errors and files included; no page is kept by a cache."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response

    return middleware


def own_organisation(get_response: GetResponse) -> GetResponse:
    """While an account is served, the database itself shows the rows of its organisation only (PostgreSQL)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not locks.available() or not isinstance(request.user, Account):
            return get_response(request)
        with locks.only(request.user.organisation_id):
            return get_response(request)

    return middleware


def own_language(get_response: GetResponse) -> GetResponse:
    """The language of the page: what this browser chose, else what the account prefers, else the browser's own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get("django_language") or getattr(request.user, "language", "")
        language = chosen if translation.check_for_language(chosen) else translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
        return response

    return middleware


def second_step(get_response: GetResponse) -> GetResponse:
    """Who sees others by name first turns two-step login on; until then only the pages to do so open."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not settings.SECOND_STEP or not isinstance(request.user, Account) or _opens_without(request.path_info):
            return get_response(request)
        if roles_of(request.user) & NEEDS_SECOND_STEP and not is_mfa_enabled(request.user):
            return redirect("mfa_index")
        return get_response(request)

    return middleware


def _opens_without(path: str) -> bool:
    """Logging in and out and setting it up, the language, and what needs no login at all."""
    return path.startswith(("/account/", "/language", "/k/", "/p/", "/static/"))


def refused_when_large(get_response: GetResponse) -> GetResponse:
    """Refuse a body that is too large by its announced length, before a byte of it is read or stored."""

    def middleware(request: HttpRequest) -> HttpResponse:
        limit = settings.UPLOAD_MAX_BYTES
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdecimal() and int(announced) > limit:
            return errors.too_large(request, limit=f"{limit // 1024**2} MB")
        return get_response(request)

    return middleware
