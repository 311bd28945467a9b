"""What the menu shows: only what the reader may open."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from borging.people.models import Account, Role
from borging.people.reads import has_role


def menu(request: HttpRequest) -> dict[str, object]:
    """`may_run_programmes`, asked only by a page that has a menu."""
    return {"may_run_programmes": SimpleLazyObject(lambda: _is_ld(request))}


def _is_ld(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return isinstance(user, Account) and has_role(user, Role.LD)
