"""The promise with its seal, and the transfer check."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from borging.people.models import Account, Person
from borging.programmes.models import Enrolment, Programme, Session
from borging.transfer import promises
from borging.transfer.models import Barrier
from tests.programmes import makers

from .pages import page, post

pytestmark = pytest.mark.django_db


def test_a_promise_signed_on_paper_is_sealed_and_any_change_breaks_the_seal_visibly(
    account: Account, client: Client
) -> None:
    programme = makers.complete(account)
    Programme.objects.update(promise_sha256="", promise_signed_at=None, promise_signer=None)
    day = datetime.now(UTC).date() - timedelta(days=1)
    html = post(client, programme, "signature", signed_on=day.isoformat())
    assert "promise signed on paper by Sponsor 1" in html
    assert programme.promise_sha256 in html
    html = post(client, programme, "questions/goal", goal="Something else", kpi="days", promised_change="2.5")
    assert "the seal is broken: the business goal changed" in html
    html = post(
        client, programme, "questions/goal", goal="Fewer people are away for long.", kpi="days", promised_change="2.5"
    )
    assert "the seal is broken" not in html


def test_moving_the_first_day_breaks_the_seal(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    session = Session.objects.get()
    day = (session.starts_at + timedelta(days=1)).date()
    html = post(client, programme, f"sessions/{session.pk}", day=day.isoformat(), starts="09:00", ends="16:00")
    assert "the seal is broken: the first day changed" in html


def test_nobody_signs_in_the_future_or_without_a_sponsor(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    signed_at = programme.promise_signed_at
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    assert "still to come" in post(client, programme, "signature", signed_on=tomorrow.isoformat())
    assert programme.promise_signed_at == signed_at
    assert "Say first who the sponsor is" in post(client, makers.draft(account), "signature", signed_on="2026-01-01")


def test_only_the_sponsor_signs_and_only_what_says_something(account: Account) -> None:
    programme = makers.complete(account)
    somebody = Person.objects.get(name="Boss 1")
    with pytest.raises(promises.NotTheSponsorError):
        promises.sign(programme=programme, person=somebody, now=datetime.now(UTC))
    assert programme.sponsor
    Programme.objects.update(goal="")
    with pytest.raises(promises.EmptyPromiseError):
        promises.sign(programme=programme, person=programme.sponsor, now=datetime.now(UTC))


def test_the_check_shows_the_three_weakest_first_with_reason_and_source(account: Account, client: Client) -> None:
    html = page(client, makers.complete(account))
    assert "Transfer check: 14 of 20 points in order" in html
    weakest, folded = html.split('<ol class="attend">')[1].split("</ol>")[0], html.split("3 more points")[1]
    assert weakest.count("<h3>") == 3
    assert "No practice time is protected." in weakest
    assert "Botke et al. 2018" in weakest
    assert "Nobody owns the embedding." in folded


def test_a_finding_that_was_not_checked_is_never_shown(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    html = page(client, programme)
    assert "The sponsor has not signed." in html
    assert "Grossman" not in html
    assert "Rowland" not in html


def test_one_press_keeps_practice_time_free(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    html = post(client, programme, "fix/no-time")
    assert programme.practice_minutes == 30
    assert "No practice time is protected." not in html


def test_one_press_gives_everyone_a_buddy(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    Enrolment.objects.update(buddy=None)
    assert "6 people have none." in page(client, programme)
    post(client, programme, "fix/no-buddy")
    assert not Enrolment.objects.filter(buddy=None).exists()


def test_more_people_than_places_are_drawn_by_lot_into_two_cohorts(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    Programme.objects.update(places=4)
    post(client, programme, "fix/too-few-places")
    first, second = programme.cohorts.all()
    assert (first.enrolments.count(), second.enrolments.count()) == (4, 2)
    for row in Enrolment.objects.select_related("cohort"):
        assert row.buddy_id in set(row.cohort.enrolments.values_list("person", flat=True))


def test_training_can_be_the_wrong_answer_and_the_barrier_is_routed_once(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    Programme.objects.update(main_barrier="tools")
    assert "Training is not the answer here." in page(client, programme)
    for _time in range(2):
        html = post(client, programme, "fix/not-training")
    assert "The barrier is with Sponsor 1." in html
    assert Barrier.objects.count() == 1


def test_every_fix_that_is_no_button_leads_to_a_page_with_the_field(account: Account, client: Client) -> None:
    html = page(client, makers.draft(account))
    links = re.findall(r'<a class="ds-button" data-variant="secondary" href="([^"]+)"', html)
    assert len(links) >= 8
    for link in links:
        where, _hash, field = link.partition("#")
        target = client.get(where).content.decode()
        assert not field or f'id="{field}"' in target, link


def test_a_fix_nobody_knows_is_not_there(account: Account, client: Client) -> None:
    assert client.post(f"/programmes/{makers.draft(account).pk}/fix/everything").status_code == 404
