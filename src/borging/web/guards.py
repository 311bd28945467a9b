"""Who may open which pages, and so what stands in the menu. Rights are read anew for each request."""

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from borging.measure.reads import programmes_seen
from borging.people.access import GIVES_ROLES, NEEDS_SECOND_STEP, READS_WINDOW, RUNS_STUDIES, SEES_EVERYONE
from borging.people.models import Account, Role
from borging.people.reads import roles_of
from borging.programmes.models import Status

View = Callable[..., HttpResponseBase]


def viewer(request: HttpRequest) -> Account:
    """The account of a request that is logged in."""
    return cast(Account, request.user)


def for_roles(*roles: Role) -> Callable[[View], View]:
    """A page for accounts with one of these roles."""

    def guard(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not roles_of(viewer(request)).intersection(roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard


class Menu:
    """What an account may open; asked at most once in a page, and only where the page asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def _roles(self) -> frozenset[Role]:
        account = getattr(self._request, "user", None)
        return roles_of(account) if isinstance(account, Account) else frozenset()

    @property
    def programmes(self) -> bool:
        return Role.LD in self._roles

    @property
    def studies(self) -> bool:
        return bool(self._roles & RUNS_STUDIES)

    @property
    def people(self) -> bool:
        return bool(self._roles & SEES_EVERYONE)

    @property
    def roles(self) -> bool:
        return bool(self._roles & GIVES_ROLES)

    @cached_property
    def promises(self) -> bool:
        account = getattr(self._request, "user", None)
        return isinstance(account, Account) and programmes_seen(account).exclude(status=Status.DRAFT).exists()

    @property
    def window(self) -> bool:
        return bool(self._roles & READS_WINDOW)

    @property
    def consents(self) -> bool:
        return bool(self._roles & {Role.PRIVACY, Role.WORKS_COUNCIL})

    @property
    def removal(self) -> bool:
        return Role.PRIVACY in self._roles

    @property
    def second_step(self) -> bool:
        """Whether this account may not do without two-step login."""
        return settings.SECOND_STEP and bool(self._roles & NEEDS_SECOND_STEP)

    @property
    def channels(self) -> bool:
        return bool(self._roles & {Role.LD, Role.ADMIN})

    @property
    def anything(self) -> bool:
        return self.programmes or self.studies or self.people or self.roles or self.window


def menu(request: HttpRequest) -> dict[str, Menu]:
    """For every page: `opens.programmes`, `opens.studies`, `opens.people`, `opens.roles`."""
    return {"opens": Menu(request)}
