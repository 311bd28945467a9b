"""The page that turns the clock, the work it gives, and looking around as somebody else."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from borging import clock
from borging.cards.models import Card, CardStatus, Contact
from borging.demo import turning
from borging.evidence.models import Entry
from borging.people import writes as people
from borging.people.models import Account, Person, Role
from borging.programmes.models import Programme
from borging.transfer.jobs import plan
from borging.web.demo import progress
from borging.web.inbox import backend
from tests import journey
from tests.web import makers

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def owner() -> Account:
    return people.demo_account()


@pytest.fixture
def programme(owner: Account) -> Programme:
    """Twelve people who start in nine days, so that the coming week has work."""
    made = journey.programme(learners=12, organisation=owner.organisation, day=clock.today() + timedelta(days=9))
    plan(programme=made, now=clock.now())
    return made


@pytest.mark.parametrize("path", ["/demo/", "/demo/turning"])
def test_without_the_demonstration_nothing_of_it_is_there(owner: Account, path: str) -> None:
    client = makers.client_of(owner)
    assert client.get(path).status_code == 404
    assert client.post("/demo/turn", {"days": "1"}).status_code == 404
    assert client.post(f"/demo/persona/{owner.pk}").status_code == 404
    assert "Demonstration" not in client.get("/people/").text


@pytest.mark.usefixtures("demonstration", "immediate_queue")
def test_a_week_forward_sends_mail_has_cards_answered_and_says_so(owner: Account, programme: Programme) -> None:
    client = makers.client_of(owner)
    before = clock.now()
    page = client.post("/demo/turn", {"days": "7"}, follow=True).text
    latest = progress.latest()
    assert latest is not None
    assert latest.done == 7
    assert clock.now() - before >= WEEK
    assert "7 days passed." in page
    assert f"{latest.mails} mails were sent," in page
    assert f"{latest.answers} cards were answered," in page
    assert Contact.objects.filter(sent_at__isnull=False).count() == latest.mails > 0
    assert Card.objects.filter(status=CardStatus.ANSWERED).count() == latest.answers > 0
    assert Entry.objects.filter(programme=programme).exists()
    read = backend.counts(Person.objects.filter(organisation=owner.organisation).values_list("email", flat=True))
    assert sum(read.values()) == latest.mails


@pytest.mark.usefixtures("demonstration")
def test_cards_of_somebody_with_an_account_are_left_for_the_visitor(owner: Account, programme: Programme) -> None:
    learner = Person.objects.get(name="Learner 03 Cohort 1")
    people.account_for(person=learner)
    turning.turn(7)
    asked = Card.objects.filter(person=learner).exclude(opened_at=None)
    assert asked.exists()
    assert not asked.filter(status=CardStatus.ANSWERED).exists()


@pytest.mark.usefixtures("demonstration")
def test_work_that_stops_half_way_leaves_the_clock_on_the_last_whole_day(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[object] = []

    def failing_later(now: object) -> None:
        passed.append(now)
        if len(passed) == 2:
            raise RuntimeError("the worker is stopped")

    before = clock.now()
    monkeypatch.setattr("borging.tick.night", failing_later)
    with pytest.raises(RuntimeError):
        turning.turn(7)
    latest = progress.latest()
    assert latest is not None
    assert latest.done == 1
    assert not latest.running
    assert timedelta(days=1) <= clock.now() - before < timedelta(days=2)


@pytest.mark.usefixtures("demonstration")
def test_while_the_clock_turns_the_page_shows_how_far_and_starts_no_second_turn(
    owner: Account, settings: Settings
) -> None:
    client = makers.client_of(owner)
    progress.keep(progress.Turn(days=7, done=3))
    settings.DEMO_TURN = "tests.demo.test_turning.never"
    page = client.post("/demo/turn", {"days": "1"}, follow=True).text
    assert "The clock turns: 3 of 7 days" in page
    assert "A week forward" not in page
    assert "HX-Refresh" not in client.get("/demo/turning").headers
    progress.keep(progress.Turn(days=7, done=7))
    assert client.get("/demo/turning").headers["HX-Refresh"] == "true"


@pytest.mark.usefixtures("demonstration")
def test_the_clock_turns_by_a_day_or_a_week_only(owner: Account) -> None:
    client = makers.client_of(owner)
    for days in ("", "0", "-7", "400", "a week"):
        assert client.post("/demo/turn", {"days": days}).status_code == 400
    assert client.get("/demo/turn").status_code == 405
    assert progress.latest() is None


@pytest.mark.usefixtures("demonstration")
def test_one_click_makes_you_somebody_else_of_the_demonstration(owner: Account) -> None:
    council = people.add_account(
        email="works-council@borging.invalid",
        organisation=owner.organisation,
        name="Priya Vos",
        roles=(Role.WORKS_COUNCIL,),
    )
    client = makers.client_of(owner)
    assert "Be Priya Vos" in client.get("/demo/").text
    assert client.post(f"/demo/persona/{council.pk}").status_code == 302
    assert client.session["_auth_user_id"] == str(council.pk)
    page = client.get("/demo/").text
    assert "Be Priya Vos" not in page
    assert "this is you now" in page


@pytest.mark.usefixtures("demonstration")
def test_nobody_becomes_a_real_account_or_comes_in_without_the_link(owner: Account) -> None:
    real = people.add_account(email="real@example.org", organisation=owner.organisation, roles=(Role.ADMIN,))
    client = makers.client_of(owner)
    assert client.post(f"/demo/persona/{real.pk}").status_code == 404
    client.logout()
    assert client.post(f"/demo/persona/{owner.pk}").status_code == 302
    assert "_auth_user_id" not in client.session


def never(days: int) -> None:
    raise AssertionError("a second turn was started")
