"""How allauth is bent to this house: nobody signs up; an administrator makes accounts; who works here can always see
what is kept of them."""

from contextlib import suppress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from borging import clock
from borging.people.models import Account
from borging.people.reads import person_with_address
from borging.people.writes import AddressTakenError, account_for

from .limits import first_use

SHOWN = 90
"""Seconds within which a phone shows no code twice."""


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Login and passwords as allauth has them, without signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """A request that did not come through the proxies we trust is known by its own address."""
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured:
            return str(request.META["REMOTE_ADDR"])

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Who guesses is stopped where they guess from: the owner of the account still gets in elsewhere."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{self.get_client_ip(request)}"


class CodeRequestForm(RequestLoginCodeForm):  # type: ignore[misc]
    """A code by mail, for everybody who works here and has an address of their own: also without an account yet."""

    def clean_email(self) -> str:
        email = str(super().clean_email())
        known: Account | None = getattr(self, "_user", None)
        if known is None and (person := person_with_address(email, day=clock.today())):
            with suppress(AddressTakenError):  # closed, or of somebody else
                self._user = account_for(person=person)
        return email


class OnceCodeForm(ConfirmLoginCodeForm):  # type: ignore[misc]
    """A code that came by mail opens one session, however many try it at once."""

    def clean_code(self) -> str:
        code = str(super().clean_code())
        if not first_use("login-code", context.request.session.session_key, code, now=timezone.now()):
            raise get_adapter().validation_error("incorrect_code")
        return code


class ActivateForm(ActivateTOTPForm):  # type: ignore[misc]
    """Two-step login is turned on with a code of the app, asked for in our own words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code from the app")


class OnceAuthenticateForm(AuthenticateForm):  # type: ignore[misc]
    """A code of the phone, or a recovery code, opens one session, however many try it at once."""

    def clean_code(self) -> str:
        code = str(super().clean_code())
        now = timezone.now()
        if not first_use("second-step", self.user.pk, code, int(now.timestamp()) // SHOWN, now=now):
            raise get_adapter().validation_error("incorrect_code")
        return code
