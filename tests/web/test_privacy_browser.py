"""What is kept, how long, and removing somebody, in a browser: accessible, fitting, and without a script."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from borging.people import writes as people
from borging.people.models import Account, Person, Role
from borging.privacy import looks
from tests import journey
from tests.web.looking import assert_fine, assert_shown_fine, browser, context_for, needs_browser, watched

__all__ = ["browser"]
pytestmark = needs_browser


def guarding() -> Account:
    """The data protection officer, who was looked at and may remove somebody who left long ago."""
    made = journey.programme()
    owner = made.owner
    assert owner
    account = people.account_for(person=journey.person(made.organisation, "Fenna de Wit"))
    people.grant_roles(account=account, roles=[Role.PRIVACY])
    assert account.person
    looks.record(viewer=owner, page="person", people=[account.person], now=timezone.now())
    gone = journey.person(made.organisation, "Lena van der Meer", number="4711")
    gone.employments.update(end_date=journey.SINCE)
    return account


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_is_kept_is_accessible_and_fits(
    browser: Browser, live_server: LiveServer, settings: Settings, language: str
) -> None:
    account = guarding()
    with context_for(browser, live_server, account=account, language=language) as context:
        page, complaints = watched(context)
        for address in ("/privacy/", "/privacy/terms", "/privacy/remove", "/privacy/remove?q=4711", "/own/"):
            assert_fine(page, address)
        page.goto("/privacy/")
        for fold in page.locator(".fold > summary").all():
            fold.click()
        assert_shown_fine(page, "/privacy/ unfolded")
        settings.SECOND_STEP = True
        assert_fine(page, "/")  # first to two-step login
        assert page.url.endswith("/account/2fa/")
        assert complaints == []


def test_somebody_is_removed_without_a_script(browser: Browser, live_server: LiveServer) -> None:
    account = guarding()
    with context_for(browser, live_server, account=account, script=False, width=320) as context:
        page = context.new_page()
        page.goto("/privacy/")
        page.get_by_role("link", name="Remove a person everywhere").click()
        page.get_by_label("Who").fill("4711")
        page.get_by_role("button", name="Find").click()
        page.get_by_role("button", name="Remove").click()
        assert "Nothing was removed" in page.locator("main").inner_text()
        page.get_by_label("Yes, remove Lena van der Meer for good").check()
        page.get_by_role("button", name="Remove").click()
        assert "Everything of this person is gone" in page.locator("body").inner_text()
        assert not Person.objects.filter(number="4711").exists()
