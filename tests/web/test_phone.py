"""A card on a phone, from the mail to the thanks: taps are counted and the time is printed."""

import sys
import time
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Locator
from pytest_django.live_server_helper import LiveServer

from borging import clock
from borging.cards.links import token
from borging.cards.mail import message
from borging.cards.models import Card, CardStatus
from borging.cards.rules import Content, Mail, MailCard
from borging.evidence.models import Entry
from borging.transfer.content import content_of
from borging.transfer.jobs import plan
from tests import journey
from tests.journey import TRAINING_DAY, at
from tests.web.looking import browser, context_for, needs_browser

__all__ = ["browser"]
pytestmark = needs_browser


class Phone:
    """A phone with a mail open on it: counts every tap from there on, and the time they take."""

    def __init__(self, context: BrowserContext, mail: str) -> None:
        self.context, self.page, self.taps = context, context.new_page(), 0
        self.page.set_content(mail)
        self.began = time.monotonic()

    def tap(self, locator: Locator) -> None:
        locator.tap()
        self.taps += 1

    def tap_in_mail(self, locator: Locator) -> None:
        with self.context.expect_page() as opened:
            self.tap(locator)
        self.page = opened.value

    def tell(self, what: str, *, script: bool) -> None:
        took = time.monotonic() - self.began
        how = "with" if script else "without"
        sys.stdout.write(f"\n{what}, {how} JavaScript: {self.taps} taps, {took:.1f} s from the mail to saved\n")


def mailed(server: LiveServer, *, step: str, browser: Browser, script: bool) -> tuple[Card, Phone]:
    """The first card of a step, and the phone on which its mail is open."""
    card = Card.objects.filter(moment__step=step, moment__actor="learner").order_by("pk")[0]
    url = f"{server.url}{reverse('card', args=[token(card)])}"
    context = context_for(browser, server, width=360, script=script, touch=True)
    return card, Phone(context, letter(content_of(card, language="en").content, url=url))


@pytest.mark.parametrize("script", [True, False])
def test_a_learner_answers_from_the_mail_on_a_phone_in_two_taps_without_logging_in(
    browser: Browser,
    live_server: LiveServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    script: bool,
) -> None:
    day = at(TRAINING_DAY + timedelta(days=7))
    monkeypatch.setattr(clock, "now", lambda: day)
    plan(programme=journey.programme(learners=2), now=day)
    card, phone = mailed(live_server, step="attempt-log-weekly", browser=browser, script=script)
    with phone.context:
        phone.tap_in_mail(phone.page.get_by_role("link", name="yes, and it worked"))
        phone.tap(phone.page.get_by_role("button", name="Save"))
        phone.page.get_by_role("heading", name="Saved").wait_for()
        with capsys.disabled():
            phone.tell("An attempt", script=script)
    card.refresh_from_db()
    assert phone.taps == 2
    assert card.status == CardStatus.ANSWERED
    assert Entry.objects.get().choice == "worked"


@pytest.mark.parametrize("script", [True, False])
def test_the_first_card_asks_a_goal_that_is_kept_after_three_taps_from_the_mail(
    browser: Browser,
    live_server: LiveServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    script: bool,
) -> None:
    day = at(TRAINING_DAY - timedelta(days=16))
    monkeypatch.setattr(clock, "now", lambda: day)
    plan(programme=journey.programme(learners=2), now=day)
    card, phone = mailed(live_server, step="goal-and-case", browser=browser, script=script)
    with phone.context:
        assert "What do you want to do differently after the training?" in phone.page.locator("body").inner_text()
        phone.tap_in_mail(phone.page.get_by_role("link", name="Answer"))
        phone.tap(phone.page.get_by_role("textbox"))
        phone.page.keyboard.type("ask what is possible before I say what is not", delay=50)
        phone.tap(phone.page.get_by_role("button", name="Save"))
        phone.page.get_by_role("heading", name="Which difficult situation").wait_for()
        with capsys.disabled():
            phone.tell("A goal of 45 letters", script=script)
    assert phone.taps == 3
    kept = Entry.objects.get()
    assert (kept.question, kept.text) == ("goal", "ask what is possible before I say what is not")
    assert kept.programme_id == card.programme_id


def letter(content: Content, *, url: str) -> str:
    """The HTML of the mail a card goes out in."""
    mail = Mail(
        key="1",
        to_name="Samira",
        to_address="samira@example.org",
        language="en",
        organisation="De Vaart",
        cards=(MailCard(content=content, url=url, closes_at=at(TRAINING_DAY + timedelta(days=12))),),
        pause_url=url,
    )
    return str(message(mail, sender="Borging <b@example.org>", domain="example.org").alternatives[0][0])
