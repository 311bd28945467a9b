"""From four questions or an invitation to a draft."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from borging.people.models import Account
from borging.programmes.models import Programme, Session
from tests.programmes import makers

from .pages import page, post

pytestmark = pytest.mark.django_db


def test_four_questions_and_a_day_make_a_draft_on_its_own_page(client: Client) -> None:
    answer = client.post("/programmes/new", {"name": "The good talk"})
    where = answer.headers["Location"]
    answers: list[dict[str, object]] = [
        {"goal": "Fewer people are away.", "kpi": "absence", "promised_change": "2.5"},
        {"behaviour_1": "asks first what is possible", "behaviour_2": "calls back within a week"},
        {"skill": "closed", "situation": "somebody calls in ill"},
        {"retention_days": "90"},
        {
            "day": "2027-03-08",
            "starts": "09:00",
            "ends": "16:30",
            "place": "Room 3",
            "sponsor": "Ada Boss <ada@example.org>",
        },
    ]
    for given in answers:
        assert client.get(where).status_code == 200
        where = client.post(where, given).headers["Location"]
    programme = Programme.objects.get()
    assert where == f"/programmes/{programme.pk}/"
    session = Session.objects.get()
    assert (programme.status, programme.promised_change, programme.retention_days) == ("draft", 2.5, 90)
    assert [b.text for b in programme.behaviours.all()] == ["asks first what is possible", "calls back within a week"]
    assert programme.sponsor
    assert programme.sponsor.email == "ada@example.org"
    assert session.starts_at == datetime(2027, 3, 8, 8, 0, tzinfo=UTC)  # nine o'clock in Amsterdam
    html = page(client, programme)
    assert "calls back within a week" in html
    assert "Fewer people are away." in html


def test_an_invitation_is_read_and_what_was_found_is_shown(client: Client) -> None:
    text = "Training: Het goede gesprek\nWe zien elkaar op 8 maart 2027, 9:00 - 16:30.\nLocatie: Zaal 3"
    answer = client.post("/programmes/new", {"invitation": text}, follow=True)
    html = answer.content.decode()
    assert "8 March 2027 from 09:00 to 16:30; place: Zaal 3" in html
    programme = Programme.objects.get()
    assert programme.name == "Het goede gesprek"
    assert Session.objects.get().place == "Zaal 3"


def test_an_invitation_in_which_nothing_is_found_says_so(client: Client) -> None:
    html = client.post("/programmes/new", {"invitation": "Dear all, see you soon"}, follow=True).content.decode()
    assert "Not found: a day, the place." in html
    assert Programme.objects.get().name == "New training"


def test_nothing_at_all_is_no_programme(client: Client) -> None:
    answer = client.post("/programmes/new", {})
    assert answer.status_code == 422
    assert "Write a name, or paste the invitation." in answer.content.decode()
    assert not Programme.objects.exists()


def test_a_behaviour_nobody_can_see_gets_a_suggestion_and_may_be_kept(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    address = f"/programmes/{programme.pk}/questions/behaviours?wizard=1"
    answer = client.post(address, {"behaviour_1": "begrijpt het belang van rust"})
    html = answer.content.decode()
    assert "Can somebody see or hear this?" in html
    assert "legt uit aan een collega: het belang van rust" in html
    assert programme.behaviours.get().text == "begrijpt het belang van rust"
    kept = client.post(address, {"behaviour_1": "begrijpt het belang van rust", "keep": "1"})
    assert kept.headers["Location"].endswith("questions/skill?wizard=1")


def test_a_draft_saves_itself_while_it_is_filled_in(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    address = f"/programmes/{programme.pk}/questions/goal?wizard=1"
    assert client.post(address, {"goal": "Half a"}, headers={"HX-Request": "true"}).status_code == 204
    programme.refresh_from_db()
    assert programme.goal == "Half a"


def test_behaviours_stand_once_the_programme_has_started(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    post(client, programme, "start")
    html = post(client, programme, "questions/behaviours", behaviour_1="something else")
    assert "runs already" in html
    assert [b.text for b in programme.behaviours.all()] == list(makers.BEHAVIOURS)
