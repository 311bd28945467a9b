"""How allauth is bent to this house: nobody signs up; an administrator makes accounts."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Login and passwords as allauth has them, without signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
