"""For who watches over an installation: whether it runs, and whether it can do its work. Nothing else is told here."""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


def answered(get_response: GetResponse) -> GetResponse:
    """`/health/alive`: this process answers. `/health/ready`: its database does too.

    Before everything else, because a watcher comes without the name of the host, without https and without a session.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info == "/health/alive":
            return _said("alive", 200)
        if request.path_info == "/health/ready":
            return _said("ready", 200) if _has_database() else _said("no database", 503)
        return get_response(request)

    return middleware


def _has_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _said(word: str, status: int) -> HttpResponse:
    return HttpResponse(f"{word}\n", content_type="text/plain", status=status, headers={"Cache-Control": "no-store"})
