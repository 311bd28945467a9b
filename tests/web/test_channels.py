"""Channels in Teams and Slack: who adds them, what is kept of an address, and what is said there by itself."""

import json
from datetime import datetime, time, timedelta

import pytest
from django.test import Client

from borging import clock
from borging.cards.jobs import AwayError, RefusedError
from borging.cards.models import Posting, Webhook
from borging.cards.webhooks import Payload
from borging.measure import jobs as measure
from borging.people.models import Account, Membership, Organisation, Person, Role, Team
from borging.people.writes import grant_roles
from borging.programmes.models import Programme, Status
from borging.transfer.jobs import plan
from borging.web.channels import jobs, views
from tests import journey
from tests.journey import SINCE, TRAINING_DAY, at
from tests.measure import answers
from tests.web import makers

pytestmark = pytest.mark.django_db
SLACK = "https://hooks.slack.com/services/a-secret-key"
VOTE = at(TRAINING_DAY + timedelta(days=28), time(10, 0))
TALK = at(TRAINING_DAY + timedelta(days=30), time(10, 0))


class Service:
    """Takes what is posted, or does not."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.problem: Exception | None = None

    def __call__(self, _kind: str, _url: str, payload: Payload) -> None:
        if self.problem:
            raise self.problem
        self.got.append(json.dumps(payload, ensure_ascii=False))


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def programme() -> Programme:
    return journey.programme(learners=6)


def ld_of(organisation: Organisation) -> Client:
    account = Account.objects.create_user("ld@example.org", organisation=organisation)
    grant_roles(account=account, roles=[Role.LD])
    return makers.client_of(account)


def channel(of: Programme, **values: object) -> Webhook:
    return Webhook.objects.create(organisation=of.organisation, kind="slack", name="Care East", url=SLACK, **values)


def work(service: Service, now: datetime) -> int:
    jobs.announce(now=now)
    return jobs.post_due(now=now, post=service)


def test_an_address_is_taken_once_and_never_shown_again(programme: Programme) -> None:
    client = ld_of(programme.organisation)
    form = {"kind": "slack", "url": SLACK, "name": "Care East", "audience": "team", "programme": "", "team": ""}
    page = client.post("/channels/", form, follow=True).content.decode()
    assert "Care East" in page
    assert "a-secret-key" not in page
    assert Webhook.objects.get().url == SLACK
    again = client.post("/channels/", form)
    assert again.status_code == 422
    assert "a-secret-key" not in again.content.decode()


@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "http://hooks.slack.com/x", "https://evil.example/x"])
def test_an_address_elsewhere_is_refused(programme: Programme, url: str) -> None:
    form = {"kind": "slack", "url": url, "name": "X", "audience": "team"}
    assert ld_of(programme.organisation).post("/channels/", form).status_code == 422
    assert not Webhook.objects.exists()


def test_a_channel_is_tried_and_forgotten(
    programme: Programme, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "post_webhook", service)
    client, made = ld_of(programme.organisation), channel(programme)
    client.post(f"/channels/{made.pk}/test")
    assert "Borging can post here" in service.got[0]
    service.problem = RefusedError("404", permanent=True)
    page = client.post(f"/channels/{made.pk}/test", follow=True).content.decode()
    assert "did not take the message" in page
    client.post(f"/channels/{made.pk}/remove")
    assert not Webhook.objects.exists()


def test_a_team_reads_once_that_its_vote_and_its_talk_are_there_without_any_link_or_name(
    programme: Programme, service: Service
) -> None:
    plan(programme=programme, now=VOTE)
    channel(programme)
    for _minute in range(3):
        work(service, VOTE)
    assert len(service.got) == 1
    assert "your own mail" in service.got[0]
    work(service, TALK)
    work(service, TALK)
    assert len(service.got) == 2
    assert "Who tried something that worked?" in service.got[1]
    for said in service.got:
        assert "http" not in said
        assert "/k/" not in said
        assert not any(name in said for name in Person.objects.values_list("name", flat=True))


def test_a_channel_of_a_team_or_programme_hears_nothing_of_others(programme: Programme, service: Service) -> None:
    plan(programme=programme, now=VOTE)
    team = Team.objects.create(organisation=programme.organisation, name="Night")
    made = channel(programme, team=team)
    work(service, VOTE)
    assert not service.got
    learner = Person.objects.get(name__startswith="Learner 00")
    Membership.objects.create(person=learner, team=team, start_date=SINCE)
    work(service, VOTE)
    assert len(service.got) == 1
    other = journey.programme(learners=1, organisation=Organisation.objects.create(name="De Dijk"))
    Webhook.objects.filter(pk=made.pk).update(organisation=other.organisation, team=None)
    Posting.objects.all().delete()
    work(service, VOTE)
    assert len(service.got) == 1


def test_nothing_is_said_at_night_on_a_day_off_or_when_a_programme_is_paused(
    programme: Programme, service: Service
) -> None:
    plan(programme=programme, now=VOTE)
    channel(programme)
    work(service, at(TRAINING_DAY + timedelta(days=28), time(22, 0)))
    work(service, at(TRAINING_DAY + timedelta(days=32), time(10, 0)))  # a Saturday
    Programme.objects.update(status=Status.PAUSED)
    work(service, VOTE)
    assert not service.got


def test_on_friday_the_training_department_reads_that_the_slide_is_there(
    programme: Programme, service: Service
) -> None:
    enrolments = answers.people(programme)
    answers.everything(enrolments)
    friday = at(TRAINING_DAY + timedelta(days=108), time(10, 0))
    assert friday.isoweekday() == 5
    channel(programme, audience="ld")
    work(service, friday)
    assert not service.got, "nothing is released yet"
    measure.pair(programme=programme, now=friday)
    for moment in (friday, friday + timedelta(minutes=1), friday - timedelta(days=1)):
        work(service, moment)
    assert len(service.got) == 1
    assert f"/programmes/{programme.pk}/" in service.got[0]
    work(service, friday + timedelta(days=7))
    assert len(service.got) == 2


def test_a_service_that_is_away_is_tried_again_and_one_that_refuses_is_not(
    programme: Programme, service: Service
) -> None:
    plan(programme=programme, now=VOTE)
    channel(programme)
    service.problem = AwayError("timeout")
    work(service, VOTE)
    assert not work(service, VOTE + timedelta(seconds=30))
    service.problem = None
    assert work(service, VOTE + timedelta(minutes=3)) == 1
    Posting.objects.update(posted_at=None, due_at=VOTE)
    service.problem = RefusedError("410", permanent=True)
    work(service, VOTE)
    assert Posting.objects.get().due_at is None


def test_the_slide_asks_who_opens_it_to_log_in(programme: Programme) -> None:
    note = jobs.note_of(Posting(webhook=channel(programme, audience="ld"), key=f"friday:{programme.pk}:2027-01"))
    assert note
    assert note.button
    assert Client().get(note.button.url.split("8000")[-1]).headers["Location"].startswith("/account/login/")
    assert clock.now().tzinfo
