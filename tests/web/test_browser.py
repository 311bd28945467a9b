"""What only a browser can tell: accessible in every state and size, no policy broken, all of it by keyboard."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from borging import clock, tick
from borging.cards import channels
from borging.cards.links import token
from borging.cards.mail import message
from borging.cards.models import Card, Webhook
from borging.effects import reads
from borging.effects.models import Status, Study
from borging.measure import jobs as measure
from borging.people import writes as people
from borging.people.models import Account, Person, Reporting, Role, Team
from borging.programmes.models import Programme
from borging.transfer import writes as transfer
from borging.transfer.content import content_of
from borging.transfer.jobs import plan
from borging.web.demo import progress
from tests import journey
from tests.cards import letters
from tests.journey import TRAINING_DAY, at
from tests.measure import answers
from tests.people import sheets
from tests.programmes import makers as programmes
from tests.web import makers
from tests.web.looking import assert_fine, assert_shown_fine, browser, context_for, faults, needs_browser, watched

__all__ = ["browser"]
pytestmark = needs_browser

ANONYMOUS = (
    "/account/login/",
    "/account/login/code/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/password/reset/key/x-set-password/",
    "/account/password/reset/key/done/",
    "/account/inactive/",
    "/nowhere",
)
OWN = ("/studies/new", "/account/2fa/", "/account/password/change/", "/account/logout/", "/account/reauthenticate/")


@pytest.fixture
def account(browser: Browser) -> Account:
    return makers.account(password=makers.PASSWORD)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_is_accessible_and_fits_light_and_dark_wide_and_narrow(
    browser: Browser, live_server: LiveServer, account: Account, language: str
) -> None:
    with context_for(browser, live_server, account=account, language=language) as context:
        page, complaints = watched(context)
        assert_fine(page, "/studies/")  # the empty state
        studies = makers.study_in_each_state(account)
        for address in (*OWN, "/studies/", f"/studies/{studies['report'].pk}/delete"):
            assert_fine(page, address)
        for study in studies.values():
            assert_fine(page, f"/studies/{study.pk}/")
        page.locator(".menu > summary").click()
        assert faults(page) == []
        assert complaints == []
    with context_for(browser, live_server, language=language) as context:
        page, complaints = watched(context)
        for address in ANONYMOUS:
            assert_fine(page, address)
        assert complaints == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_people_is_accessible_and_fits_light_and_dark_wide_and_narrow(
    browser: Browser, live_server: LiveServer, account: Account, language: str
) -> None:
    with context_for(browser, live_server, account=account, language=language) as context:
        page, complaints = watched(context)
        assert_fine(page, "/people/")  # the empty state
        for address in sheets.every_page(account):
            assert_fine(page, address)
        assert complaints == []


def test_people_come_in_and_go_out_again_without_a_script(
    browser: Browser, live_server: LiveServer, account: Account
) -> None:
    with context_for(browser, live_server, account=account, script=False, width=320) as context:
        page = context.new_page()
        page.goto("/people/")
        page.get_by_role("link", name="Bring people in").click()
        page.get_by_label("Or paste a table").fill("Name\tTeam\nSamira Bakker\tCare / East\n")
        page.get_by_role("button", name="Read it").click()
        page.get_by_role("button", name="Show what would change").click()
        page.get_by_role("button", name="Bring in").click()
        page.get_by_role("link", name="To the people").click()
        assert "Samira Bakker" in page.locator("main").inner_text()
        page.go_back()
        page.get_by_role("button", name="Undo").click()
        page.goto("/people/")
        assert "Nobody is here yet" in page.locator("main").inner_text()


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("language", ["nl", "en"])
def test_mail_is_accessible_and_fits_and_so_is_the_page_it_is_read_on(
    browser: Browser, live_server: LiveServer, account: Account, language: str
) -> None:
    reader = Person.objects.create(organisation=account.organisation, name="Samira", email="samira@example.org")
    cards = (letters.card(letters.ATTEMPT[language], reminder=True), letters.card(letters.TALK[language]))
    sent = [
        letters.mail(*order, key=f"{order[0].content.minutes}", language=language) for order in (cards, cards[::-1])
    ]
    with context_for(browser, live_server, account=account, language=language) as context:
        page, complaints = watched(context)
        assert_fine(page, f"/demo/inbox/{reader.pk}/")  # the empty state
        assert list(channels.post(sent, sender=letters.SENDER, domain=letters.DOMAIN)) == [None, None]
        assert_fine(page, "/demo/inbox/")
        assert_fine(page, f"/demo/inbox/{reader.pk}/")
        assert complaints == []
        for given in sent:
            page.goto("about:blank")
            html, _kind = message(given, sender=letters.SENDER, domain=letters.DOMAIN).alternatives[0]
            page.set_content(str(html))  # as the mail program shows it; where we show it nothing runs, not even axe
            assert_shown_fine(page, given.key)


def test_two_files_become_a_report_with_the_keyboard_alone(
    browser: Browser, live_server: LiveServer, account: Account
) -> None:
    with context_for(browser, live_server) as context:
        page, complaints = watched(context)
        page.goto("/studies/new")
        press_until(page, "#id_login")
        page.keyboard.type("noor@example.org")
        press_until(page, "#id_password")
        page.keyboard.type(makers.PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("#id_participants")
        for kind in ("participants", "outcomes"):
            press_until(page, f"#id_{kind}")
            page.set_input_files("*:focus", reads.example_path(kind))  # the chooser itself is the browser's
        press_until(page, "[name=assignment]")
        page.keyboard.press("Space")
        press_until(page, "main [type=submit][data-variant=primary]")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        page.wait_for_selector("#participants-person")
        press_until(page, "main [type=submit][data-variant=primary]")
        page.keyboard.press("Enter")
        page.wait_for_selector(".figure")
        assert "Rung 6" in page.locator(".figure").inner_text()
        assert complaints == []


def press_until(page: Page, selector: str) -> None:
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab never reaches {selector}")


def test_the_worth_of_a_unit_is_asked_once_there_is_a_cost(
    browser: Browser, live_server: LiveServer, account: Account
) -> None:
    with context_for(browser, live_server, account=account, script=False) as context:
        page = context.new_page()
        page.goto("/studies/new")
        asked = page.locator("#id_unit_value")
        assert not asked.is_visible()
        page.locator("#id_cost").fill("12.500")
        assert asked.is_visible()
        asked.fill("40")
        page.locator("#id_cost").fill("")
        assert asked.is_visible(), "an answer that is sent can be seen"


def test_progress_moves_by_itself_and_makes_way_for_the_next_page(
    browser: Browser, live_server: LiveServer, account: Account
) -> None:
    study = makers.study_in_each_state(account)["progress"]
    with context_for(browser, live_server, account=account) as context:
        page, complaints = watched(context)
        page.goto(f"/studies/{study.pk}/")
        Study.objects.filter(pk=study.pk).update(status=Status.INSPECTING, stage="reading", progress=0.1)
        page.wait_for_selector("text=Reading the files")
        Study.objects.filter(pk=study.pk).update(status=Status.RECEIVED)
        tick.sweep()
        page.wait_for_selector("text=Did we understand the files?")
        assert complaints == []


def test_all_of_it_works_without_a_script(browser: Browser, live_server: LiveServer, account: Account) -> None:
    with context_for(browser, live_server, account=account, script=False, width=320) as context:
        page = context.new_page()
        page.goto("/studies/")
        page.locator(".menu > summary").click()
        page.locator(".panel nav a[href='/studies/']").click()
        page.get_by_role("button", name="Try it with the example").click()
        page.get_by_role("button", name="Calculate").click()
        assert "1,794" in page.locator(".figure").inner_text()
        assert page.locator("progress").count() == 0


@pytest.mark.parametrize("language", ["nl", "en"])
def test_released_figures_and_an_own_line_are_accessible_in_every_size(
    browser: Browser, live_server: LiveServer, language: str
) -> None:
    made = answers.programme(learners=12, teams=2, language=language)
    answers.another_cohort(made, learners=3)
    for name in ("Cohort 1", "Cohort 2"):
        answers.everything(answers.people(made, cohort=name))
    assert made.owner
    made.owner.person = answers.people(made)[0].person  # one who looks at both pages
    made.owner.save()
    Reporting.objects.all().delete()
    for each in answers.people(made)[1:]:
        Reporting.objects.create(person=each.person, manager=made.owner.person, start_date=journey.SINCE)
    with context_for(browser, live_server, account=made.owner, language=language) as context:
        page, complaints = watched(context)
        assert_fine(page, f"/programmes/{made.pk}/evidence/")  # nothing is released yet
        assert_fine(page, "/promises/")
        measure.pair(programme=made, now=answers.AFTER_ALL)
        assert_fine(page, f"/programmes/{made.pk}/evidence/")
        page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        assert_shown_fine(page, "evidence unfolded")
        assert_fine(page, "/own/line/")
        assert_fine(page, "/promises/")
        assert_fine(page, f"/teams/{Team.objects.get(name='Team 0').pk}/")
        assert complaints == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_moment_of_two_people_and_channels_are_accessible_in_every_size(
    browser: Browser, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    day = at(TRAINING_DAY + timedelta(days=45))
    monkeypatch.setattr(clock, "now", lambda: day)
    made = journey.programme(learners=2, language=language)
    plan(programme=made, now=day)
    asking, watching = (Card.objects.filter(moment__step=f"floor-{name}")[0] for name in ("moment", "observation"))
    account = programmes.ld_account("floor@example.org")
    Webhook.objects.create(
        organisation=account.organisation, kind="slack", name="Care East", url="https://hooks.slack.com/services/x"
    )
    with context_for(browser, live_server, account=account, language=language) as context:
        page, complaints = watched(context)
        assert_fine(page, "/channels/")
        for card in (asking, watching):
            for end in ("", "moment", "revoke"):
                assert_fine(page, f"{reverse('card', args=[token(card)])}{end}")
        page.goto(f"{reverse('card', args=[token(asking)])}moment")
        page.locator("label.opt").first.click()
        page.locator("form.card button").click()
        assert_shown_fine(page, "another moment")
        assert page.locator("[role=status]").count() == 1
        fill_in_three_lines(watching, now=day)
        page.goto(reverse("card", args=[token(asking)]))
        page.locator("label.opt").first.click()
        page.locator("form.card button").click()
        assert "asked first" in page.locator("main").inner_text()
        assert_shown_fine(page, "what was seen")
        assert complaints == []


def fill_in_three_lines(card: Card, *, now: datetime) -> None:
    filled = content_of(card, language="en")
    for name, said in (("strength", "asked first"), ("next-try", "wait longer")):
        transfer.answer(card=card, filled=filled, name=name, given={"answer": said}, now=now)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_a_programme_is_accessible_and_fits(
    browser: Browser, live_server: LiveServer, language: str
) -> None:
    account = programmes.ld_account()
    with context_for(browser, live_server, account=account, language=language) as context:
        page, complaints = watched(context)
        assert_fine(page, "/programmes/")  # the empty state
        draft, complete = programmes.draft(account), programmes.complete(account)
        situation, session = complete.situations.first(), complete.cohorts.get().sessions.get()
        enrolment = complete.cohorts.get().enrolments.first()
        assert situation
        assert enrolment
        ends = (
            "", "stop", "cards", "people?q=learner", f"people/{enrolment.pk}", "floor", "situations",
            f"situations/{situation.pk}", f"sessions/{session.pk}",
            *(f"questions/{name}?wizard=1" for name in ("goal", "behaviours", "skill", "lasting", "when")),
            "questions/surroundings",
        )  # fmt: skip
        for address in ("/programmes/", "/programmes/new", f"/programmes/{draft.pk}/"):
            assert_fine(page, address)
        for end in ends:
            assert_fine(page, f"/programmes/{complete.pk}/{end}")
        page.goto(f"/programmes/{complete.pk}/")
        for summary in page.locator("main summary").all():
            summary.click()
        assert faults(page) == []
        assert complaints == []


def test_a_programme_is_made_and_started_without_a_script(browser: Browser, live_server: LiveServer) -> None:
    account = programmes.ld_account()
    with context_for(browser, live_server, account=account, script=False, width=320) as context:
        page = context.new_page()
        page.goto("/programmes/new")
        page.get_by_label("Or paste the invitation").fill(
            "Course: The good talk\n8 March 2027, 9:00 - 16:30\nPlace: Room 3"
        )
        page.get_by_role("button", name="Next").click()
        page.get_by_label("What must get better for the organisation?").fill("Fewer people are away.")
        page.get_by_role("button", name="Next").click()
        page.get_by_label("Behaviour 1").fill("asks first what is possible")
        for _question in range(4):
            page.get_by_role("button", name="Next").click()
        page.get_by_role("link", name="See and add people").click()
        page.get_by_label("Names, e-mail addresses or staff numbers").fill(
            "Ada <ada@example.org>\nBob <bob@example.org>"
        )
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_role("link", name="The good talk").click()
        page.get_by_role("button", name="Start", exact=True).click()
        assert "Borging takes it from here" in page.locator("main").inner_text()
        assert "8 March 2027" in page.locator("#sessions").inner_text()


def test_a_draft_keeps_what_is_typed_by_itself(browser: Browser, live_server: LiveServer) -> None:
    account = programmes.ld_account()
    draft = programmes.draft(account)
    with context_for(browser, live_server, account=account) as context:
        page, complaints = watched(context)
        page.goto(f"/programmes/{draft.pk}/questions/goal?wizard=1")
        page.wait_for_function("window.htmx")
        with page.expect_response(lambda answer: answer.request.method == "POST") as kept:
            page.get_by_label("What must get better for the organisation?").fill("Fewer people are away.")
            page.keyboard.press("Tab")
        assert kept.value.status == 204
        draft.refresh_from_db()
        assert draft.goal == "Fewer people are away."
        assert complaints == []


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_page_of_the_demonstration_is_accessible_and_fits_while_the_clock_turns_and_after(
    browser: Browser, live_server: LiveServer, language: str
) -> None:
    owner = people.demo_account()
    people.add_account(email="sponsor@borging.invalid", organisation=owner.organisation, name="Priya Vos")
    with context_for(browser, live_server, account=owner, language=language) as context:
        page, complaints = watched(context)
        assert_fine(page, "/demo/")
        progress.keep(progress.Turn(days=7, done=3))
        assert_fine(page, "/demo/")
        page.goto("/demo/")
        progress.keep(progress.Turn(days=7, done=7, mails=3, answers=2, figures=1))
        page.get_by_role("status").wait_for()  # the page comes anew by itself
        assert complaints == []


@pytest.mark.usefixtures("demonstration")
def test_the_longest_menu_fits_on_every_width(browser: Browser, live_server: LiveServer) -> None:
    owner = people.demo_account()
    people.grant_roles(account=owner, roles=[Role.LD, Role.WORKS_COUNCIL])
    Account.objects.filter(pk=owner.pk).update(name="Annemarie van der Sluijs")
    Programme.objects.create(
        organisation=owner.organisation, owner=owner, name="Feedback", created_at=clock.now(), status="live"
    )
    with context_for(browser, live_server, account=owner, language="nl") as context:
        page = context.new_page()
        page.goto("/")
        shown = page.locator("nav:visible a").count()
        assert shown == 7
        for width in (1440, 1280, 1210, 1100, 1024, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, width
