"""Who may open the pages of a programme, and what stands on its own page."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from borging.cards.models import Card, Moment
from borging.people.models import Account, Person
from borging.programmes.models import Cohort, Enrolment, Programme, Session
from tests.programmes import makers
from tests.web import makers as web

from .pages import page, post

pytestmark = pytest.mark.django_db
ENDS = ("", "questions/goal", "stop", "cards", "people", "situations")
POSTS = (
    "start", "pause", "resume", "stop", "signature", "rehearsal", "cohorts", "people/add", "situations",
    "situations/paste", "fix/no-time", "questions/goal",
)  # fmt: skip


def test_only_who_has_the_role_opens_programmes_and_sees_them_in_the_menu(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    colleague = web.client_of(web.account("colleague@example.org", organisation="De Vaart"))
    for end in ("", "new", f"{programme.pk}/", f"{programme.pk}/people"):
        assert colleague.get(f"/programmes/{end}").status_code == 403
        assert Client().get(f"/programmes/{end}").headers["Location"].startswith("/account/login/")
    assert 'href="/programmes/"' in client.get("/studies/").content.decode()
    assert 'href="/programmes/"' not in colleague.get("/studies/").content.decode()


def test_a_programme_of_another_organisation_is_not_there_for_any_method(client: Client) -> None:
    other = makers.complete(makers.ld_account("b@example.org", organisation="De Dijk"))
    session = Session.objects.get()
    enrolment = Enrolment.objects.first()
    assert enrolment
    ends = (*ENDS, *POSTS, f"sessions/{session.pk}", f"people/{enrolment.pk}", f"cohorts/{session.cohort_id}/session")
    before = Programme.objects.filter(pk=other.pk).values().get()
    for end in ends:
        for method in (client.get, client.post):
            assert method(f"/programmes/{other.pk}/{end}").status_code in (404, 405), end
    assert Programme.objects.filter(pk=other.pk).values().get() == before
    assert "The good talk" not in client.get("/programmes/").content.decode()


def test_parts_of_another_programme_are_not_reached_through_ones_own(account: Account, client: Client) -> None:
    own = makers.draft(account)
    makers.complete(makers.ld_account("b@example.org", organisation="De Dijk"))
    session, enrolment = Session.objects.get(), Enrolment.objects.first()
    assert enrolment
    for end in (f"sessions/{session.pk}", f"people/{enrolment.pk}", f"cohorts/{session.cohort_id}/session"):
        assert client.get(f"/programmes/{own.pk}/{end}").status_code == 404
    stranger = Person.objects.filter(organisation__name="De Dijk").first()
    assert stranger
    client.post(f"/programmes/{own.pk}/people/add", {"person": stranger.pk})
    assert not own.cohorts.get().enrolments.exists()


def test_a_small_cohort_proves_nothing_and_the_page_says_why(account: Account, client: Client) -> None:
    html = page(client, makers.complete(account, n=4))
    assert "Fewer than 5 people" in html
    assert "can tell" not in html
    assert "Smallest change that shows" not in html


def test_what_a_cohort_can_prove_is_drawn_with_the_promise_and_a_table(account: Account, client: Client) -> None:
    html = page(client, makers.complete(account, n=13))
    assert "13 people show a change from 2.1 times in ten" in html
    assert "The promised 2.5 is within reach." in html
    assert 'class="promise"' in html
    assert "Smallest change that shows" in html


def test_cohorts_together_prove_more_than_one_alone(account: Account, client: Client) -> None:
    programme = makers.complete(account, n=13)
    later = Cohort.objects.create(programme=programme, name="Cohort 2")
    others = makers.people(account, 13, today=datetime.now(UTC).date(), name="Other")
    Enrolment.objects.bulk_create(
        Enrolment(cohort=later, person=person, enrolled_on=datetime.now(UTC).date()) for person in others
    )
    Programme.objects.update(promised_change=1.5)
    html = page(client, programme)
    assert "this cohort alone cannot tell it from chance" in html
    assert "All cohorts together, 26 people, show it from 1.4." in html
    assert "This cohort is too small to show this." not in html


def test_the_name_can_be_changed_and_is_never_lost(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    post(client, programme, "questions/goal", name="", goal="Less absence")
    assert programme.name == "The good talk"
    post(client, programme, "questions/goal", name="A better talk", goal="Less absence")
    assert programme.name == "A better talk"


def test_the_drawing_of_minutes_and_its_table_say_the_same(account: Account, client: Client) -> None:
    html = page(client, makers.complete(account))
    total = re.search(r"</svg>learner (\d+) min", html)
    assert total
    table = html.split("Minutes per day as a table</summary>")[1].split("</table>")[0]
    cells = re.findall(r'<tr><th scope="row">[^<]+</th><td class="r">(\d+)</td>', table)
    assert sum(map(int, cells)) == int(total[1])


def test_today_stands_in_the_drawing_only_within_it(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    assert 'class="today"' not in page(client, programme)  # five weeks ahead, before the first step
    Session.objects.update(
        starts_at=datetime.now(UTC) + timedelta(days=7), ends_at=datetime.now(UTC) + timedelta(days=8)
    )
    assert page(client, programme).count('class="today"') == 2


def test_the_page_takes_as_many_questions_to_the_database_for_many_people_as_for_few(
    account: Account, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    programme = makers.complete(account, n=40)
    with django_assert_max_num_queries(75):
        page(client, programme)


@pytest.mark.usefixtures("immediate_queue")
def test_a_rehearsal_sends_every_card_to_oneself_marked_and_keeps_nothing(
    account: Account, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    programme = makers.complete(account)
    with django_capture_on_commit_callbacks(execute=True):
        html = post(client, programme, "rehearsal")
        assert not mail.outbox  # the page does not wait for it
    assert f"{len(mail.outbox)} cards are on their way to you." in html
    assert len(mail.outbox) > 20
    assert {tuple(each.to) for each in mail.outbox} == {("Noor <noor@example.org>",)}
    assert all("Rehearsal" in each.subject for each in mail.outbox)
    programme.refresh_from_db()
    assert programme.rehearsed_at
    assert not Card.objects.exists()
    assert not Moment.objects.exists()
    where = re.search(rf"{settings.BASE_URL}(/programmes/\d+/cards/[a-z0-9-]+/[a-z]+)", str(mail.outbox[0].body))
    assert where
    assert client.get(where[1]).status_code == 200


@pytest.mark.usefixtures("immediate_queue")
def test_a_rehearsal_that_the_mail_server_does_not_take_is_not_counted_as_held(
    account: Account,
    client: Client,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    programme = makers.complete(account)
    with django_capture_on_commit_callbacks(execute=True):
        html = post(client, programme, "rehearsal")
    assert "If nothing comes, you can read every card here." in html
    programme.refresh_from_db()
    assert programme.rehearsed_at is None
    assert "a rehearsal could not be sent" in caplog.text


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_a_programme_is_light_with_one_heading_and_one_main_button_at_most(
    account: Account, language: str
) -> None:
    client = web.client_of(account, language=language)
    for programme in (makers.draft(account), makers.complete(account, n=30)):
        for end in (*ENDS, "questions/skill", "questions/when", "questions/surroundings", "questions/behaviours"):
            html = page(client, programme, end)
            assert len(re.findall("<h1", html)) == 1, end
            assert html.count('data-variant="primary"') <= 1, end
            assert len(html) < 100_000, end
            assert " style=" not in html
