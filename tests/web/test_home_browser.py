"""Today and one's own data in a browser: accessible and fitting for each role, and all of it without a script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from borging.measure import jobs
from borging.people import writes as people
from borging.people.models import Account, Reporting, Role
from borging.programmes.models import Programme
from borging.transfer.models import Barrier
from tests import journey
from tests.measure import answers
from tests.web import makers
from tests.web.looking import assert_fine, assert_shown_fine, browser, context_for, needs_browser, watched
from tests.web.test_home import account_of, opened

__all__ = ["browser"]
pytestmark = needs_browser


def busy_home(language: str) -> tuple[Programme, Account]:
    """Somebody with everything at once: L&D, taking part, with cards, people, and a barrier to remove."""
    now = timezone.now()
    made = journey.programme(language=language, day=timezone.localdate(now) + timedelta(days=9))
    opened(made, now=now)
    first, *others = answers.people(made)
    answers.everything([first, *others])
    for question, text in (("goal", "ask before I tell"), ("plan-1", "somebody is angry\nI ask what happened")):
        said = answers.entry(first, "if-then-plan", question)
        said.text = text
        said.save()
    Reporting.objects.filter(person=others[-1].person).update(manager=first.person)
    Barrier.objects.create(
        cohort=made.cohorts.get(), key="time", remover=first.person, named_on=timezone.localdate(now)
    )
    jobs.pair(programme=made, now=now)
    return made, account_of(first.person, Role.LD)


def unfold(page: Page) -> None:
    """Open everything that lies behind a tap."""
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_today_and_own_data_are_accessible_and_fit_light_and_dark_wide_and_narrow(
    browser: Browser, live_server: LiveServer, language: str
) -> None:
    made, account = busy_home(language)
    with context_for(browser, live_server, account=account, language=language) as context:
        page, complaints = watched(context)
        for address in ("/", "/own/", f"/own/forget?programme={made.pk}", "/own/forget"):
            assert_fine(page, address)
        page.goto("/own/")
        unfold(page)
        assert_shown_fine(page, "/own/ unfolded")
        page.goto("/")
        unfold(page)
        assert_shown_fine(page, "/ unfolded")
        assert complaints == []


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("roles", [(), (Role.LD,), (Role.WORKS_COUNCIL,), (Role.HR_DATA, Role.ADMIN)])
def test_a_quiet_day_is_accessible_and_fits(
    browser: Browser, live_server: LiveServer, language: str, roles: tuple[Role, ...]
) -> None:
    account = makers.account()
    account.grants.all().delete()
    people.grant_roles(account=account, roles=roles)
    with context_for(browser, live_server, account=account, language=language) as context:
        page, complaints = watched(context)
        assert_fine(page, "/")
        assert complaints == []


def test_a_barrier_is_promised_away_and_answers_are_forgotten_without_a_script(
    browser: Browser, live_server: LiveServer
) -> None:
    _made, account = busy_home("en")
    with context_for(browser, live_server, account=account, script=False, width=320) as context:
        page = context.new_page()
        page.goto("/")
        page.get_by_text("Say what you will do").click()
        page.get_by_label("Drop a meeting").check()
        page.get_by_label("By when?").fill((timezone.localdate() + timedelta(days=3)).isoformat())
        page.get_by_role("button", name="Promise it").click()
        assert "You said: Drop a meeting" in page.locator("main").inner_text()
        page.get_by_role("button", name="It is gone").click()
        assert Barrier.objects.get().removed_on
        page.goto("/own/")
        page.get_by_role("link", name="Remove these answers").click()
        page.get_by_role("button", name="Remove").click()
        assert "Nothing was removed" in page.locator("main").inner_text()
        page.get_by_label("Yes, remove my answers").check()
        page.get_by_role("button", name="Remove").click()
        assert "No answers of yours are kept." in page.locator("main").inner_text()
