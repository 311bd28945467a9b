"""Starting, pausing, stopping, and sessions that move."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from borging.cards.models import Card, CardStatus, Moment
from borging.people.models import Account, Person
from borging.programmes.models import Cohort, Programme, Session, Status
from tests.programmes import makers

from .pages import page, post

pytestmark = pytest.mark.django_db


def test_a_start_makes_the_moments_of_the_whole_timeline(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    assert not Moment.objects.exists()
    assert "Borging takes it from here" in post(client, programme, "start")
    assert programme.status == Status.LIVE
    assert Moment.objects.filter(step="baseline-learner").exists()


def test_what_a_start_needs_is_said_and_nothing_starts_without(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    html = post(client, programme, "start")
    assert "Name at least one behaviour first" in html
    assert "Add the people who take part first" in html
    assert programme.status == Status.DRAFT


@pytest.mark.parametrize(
    ("status", "verb"),
    [
        (Status.DRAFT, "pause"),
        (Status.DRAFT, "resume"),
        (Status.LIVE, "start"),
        (Status.LIVE, "resume"),
        (Status.PAUSED, "pause"),
        (Status.STOPPED, "start"),
        (Status.STOPPED, "resume"),
        (Status.STOPPED, "stop"),
        (Status.DONE, "pause"),
    ],
)
def test_a_step_from_the_wrong_state_changes_nothing_and_says_why(
    account: Account, client: Client, status: Status, verb: str
) -> None:
    programme = makers.complete(account)
    Programme.objects.filter(pk=programme.pk).update(status=status)
    html = post(client, programme, verb)
    assert programme.status == status
    assert re.search(r'class="note warn" role="status">This programme', html)


def test_pausing_and_resuming_go_back_and_forth(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    for verb, status in (("start", "live"), ("pause", "paused"), ("resume", "live")):
        post(client, programme, verb)
        assert programme.status == status


def test_stopping_asks_once_says_what_happens_and_withdraws_every_card(account: Account, client: Client) -> None:
    programme = makers.complete(account, now=datetime.now(UTC) - timedelta(days=7))
    post(client, programme, "start")
    assert Card.objects.filter(status=CardStatus.PLANNED).exists()
    assert "What happens to the data" in page(client, programme, "stop")
    assert programme.status == Status.LIVE
    post(client, programme, "stop")
    assert programme.status == Status.STOPPED
    assert set(Card.objects.values_list("status", flat=True)) == {CardStatus.WITHDRAWN}


def test_a_draft_that_is_thrown_away_is_gone(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    client.post(f"/programmes/{programme.pk}/stop")
    assert not Programme.objects.exists()
    assert Person.objects.exists()


def test_a_programme_that_has_ended_changes_no_more(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    Programme.objects.update(status=Status.STOPPED)
    for end, data in (
        ("questions/goal", {"goal": "another"}),
        ("people/add", {"people": "New One <new@example.org>"}),
        ("cohorts", {"name": "Late"}),
        ("fix/no-time", {}),
    ):
        assert "has ended" in post(client, programme, end, **data)
    assert programme.goal == "Fewer people are away for long."
    assert programme.practice_minutes == 0
    assert Cohort.objects.count() == 1


def test_moving_a_session_moves_everything_not_yet_done_along(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    cohort = programme.cohorts.get()
    first = Session.objects.get()
    second = Session.objects.create(
        cohort=cohort, starts_at=first.starts_at + timedelta(days=14), ends_at=first.ends_at + timedelta(days=14)
    )
    post(client, programme, "start")
    before = dict(Moment.objects.values_list("pk", "due_on"))
    day = (first.starts_at + timedelta(days=7)).date()
    post(
        client,
        programme,
        f"sessions/{first.pk}",
        day=day.isoformat(),
        starts="10:00",
        ends="17:00",
        along="on",
        place="",
    )
    second.refresh_from_db()
    after = dict(Moment.objects.values_list("pk", "due_on"))
    assert (second.starts_at.date() - first.starts_at.date()).days == 21
    assert {after[pk] - before[pk] for pk in before} == {timedelta(days=7)}


def test_the_only_session_of_a_running_programme_is_not_cancelled(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    post(client, programme, "start")
    html = post(client, programme, f"sessions/{Session.objects.get().pk}/cancel")
    assert "has at least one session" in html
    assert Session.objects.count() == 1


def test_a_session_that_ends_before_it_begins_is_not_planned(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    address = f"/programmes/{programme.pk}/cohorts/{programme.cohorts.get().pk}/session"
    answer = client.post(address, {"day": "2027-03-08", "starts": "12:00", "ends": "09:00"})
    assert answer.status_code == 422
    assert not Session.objects.exists()
