"""Guessing and hammering are stopped, for all web processes together; who does neither is not held up."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from pytest_django import Settings

from borging.cards import links
from borging.cards.models import Card
from borging.evidence.models import Entry
from borging.people import writes as people
from borging.people.models import Account, Organisation, Person, Role
from borging.transfer.jobs import plan
from borging.web.limits import BAD_LINKS, EXPORTS, MINUTE, SEARCHES, count
from borging.web.models import Tally
from tests import journey
from tests.people.makers import person
from tests.web import makers
from tests.web.test_cards import path
from tests.web.test_login import code_now

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"
CODE = "/account/login/code/"
CONFIRM = "/account/login/code/confirm/"


def test_links_that_nobody_made_open_nothing_and_are_soon_too_many() -> None:
    client = Client()
    seen = [client.get(f"/k/{secrets.token_urlsafe(24)}/").status_code for _try in range(200)]
    seen += [client.get(f"/p/1.{secrets.token_urlsafe(16)}/").status_code for _try in range(50)]
    assert set(seen) == {404, 429}
    assert seen.count(404) == BAD_LINKS
    assert seen[-1] == 429
    assert Tally.objects.count() == 1


def test_twenty_thousand_made_up_signatures_are_none_of_ours() -> None:
    for number in range(20_000):
        with pytest.raises(links.BadLinkError) as found:
            links.card_for(f"{number % 62}.0.{secrets.token_urlsafe(16)}", now=journey.at(date(2026, 12, 1)))
        assert found.value.reason == links.Reason.UNKNOWN


def test_a_right_link_opens_also_from_where_somebody_guesses() -> None:
    made = journey.programme()
    plan(programme=made, now=journey.at(date(2026, 12, 7)))
    client = Client()
    for _try in range(BAD_LINKS + 5):
        client.get("/k/1.0.AAAAAAAAAAAAAAAAAAAAAA/")
    card = Card.objects.filter(person__name__startswith="Learner").earliest("pk")
    Card.objects.filter(pk=card.pk).update(closes_at=journey.at(date(2030, 1, 1)))
    assert client.get(path(card)).status_code == 200
    assert Entry.objects.count() == 0


def test_searching_and_taking_along_are_limited_per_account() -> None:
    noor = makers.account()
    other = makers.account("other@example.org", organisation="Elsewhere")
    client = makers.client_of(noor)
    seen = [client.get("/people/?q=a").status_code for _try in range(SEARCHES + 1)]
    assert seen == [200] * SEARCHES + [429]
    assert client.get("/people/").status_code == 200
    assert makers.client_of(other).get("/people/?q=a").status_code == 200
    Account.objects.filter(pk=noor.pk).update(person=person(noor.organisation, "Noor"))
    client = makers.client_of(Account.objects.get(pk=noor.pk))
    assert [client.get("/own/export.zip").status_code for _try in range(EXPORTS + 1)] == [200] * EXPORTS + [429]


def test_the_address_of_a_caller_is_believed_only_from_a_proxy_that_is_trusted(settings: Settings) -> None:
    client = Client()
    for n in range(BAD_LINKS + 1):
        answer = client.get("/k/nothing/", headers={"X-Forwarded-For": f"10.0.0.{n}"})
    assert answer.status_code == 429
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client.get("/k/nothing/", headers={"X-Forwarded-For": "10.0.0.1"}).status_code == 404
    # made up by the caller, with the proxy's own word behind it
    for n in range(BAD_LINKS + 1):
        answer = client.get("/k/nothing/", headers={"X-Forwarded-For": f"9.9.9.{n}, 10.0.0.2"})
    assert answer.status_code == 429


def test_a_request_that_came_around_the_proxy_is_known_by_its_own_address(settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    assert Client().get("/k/nothing/", headers={"X-Forwarded-For": "10.0.0.1"}).status_code == 404


def test_a_thousand_guesses_are_stopped_and_the_owner_gets_in_from_elsewhere() -> None:
    makers.account(password=makers.PASSWORD)
    guesser = Client(headers={"Accept-Language": "en"})
    said = [
        guesser.post(LOGIN, {"login": "noor@example.org", "password": f"a wrong guess {n}"}).content.decode()
        for n in range(1_000)
    ]
    assert sum("Too many" in page for page in said) >= 990
    owner = Client(REMOTE_ADDR="10.9.8.7")
    answer = owner.post(LOGIN, {"login": "noor@example.org", "password": makers.PASSWORD})
    assert answer.headers["Location"] == "/"


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_count_two() -> None:
    moment = journey.at(date(2026, 12, 1))

    def one(_n: int) -> int:
        try:
            return count("test", window=MINUTE, now=moment)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        counted = list(pool.map(one, range(40)))
    assert sorted(counted) == list(range(1, 41))


# --- logging in without a password ------------------------------------------------------------------------------------


def mailed_code(body: object) -> str:
    found = re.search(r"^([A-Z0-9-]{6,})$", str(body), re.MULTILINE)
    assert found, body
    return found[1]


@pytest.fixture
def learner() -> Person:
    """Somebody who never logged in, in an organisation that uses Borging."""
    noor = makers.account()
    return person(noor.organisation, "Lena Visser", email="Lena@example.org")


def test_a_learner_without_account_gets_a_code_and_sees_what_is_kept_and_nothing_else(learner: Person) -> None:
    client = Client(headers={"Accept-Language": "en"})
    client.post(f"{CODE}?next=/own/", {"email": "lena@example.org", "next": "/own/"})
    assert mail.outbox[0].to == ["lena@example.org"]
    answer = client.post(CONFIRM, {"code": mailed_code(mail.outbox[0].body), "next": "/own/"})
    assert answer.headers["Location"] == "/own/"
    assert "Everything that is known about you" in client.get("/own/").content.decode()
    account = Account.objects.get(person=learner)
    assert not account.grants.exists()
    assert client.get("/people/").status_code == 403


def test_a_code_is_bound_to_the_browser_that_asked_for_it(learner: Person) -> None:
    client = Client()
    client.post(CODE, {"email": "lena@example.org"})
    code = mailed_code(mail.outbox[0].body)
    other = Client()
    other.post(CODE, {"email": "noor@example.org"})
    other.post(CONFIRM, {"code": code})
    assert other.get("/own/").status_code == 302


def test_a_code_lives_ten_minutes(learner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    client.post(CODE, {"email": "lena@example.org"})
    code = mailed_code(mail.outbox[0].body)
    begun = time.time()
    monkeypatch.setattr("allauth.account.internal.flows.code_verification.time.time", lambda: begun + 601)
    client.post(CONFIRM, {"code": code})
    assert client.get("/own/").status_code == 302


@pytest.mark.parametrize(
    "email", ["nobody@example.org", "shared@example.org", "left@example.org", "alone@example.org", "closed@example.org"]
)
def test_an_address_that_means_nobody_gets_the_same_answer_and_no_account(learner: Person, email: str) -> None:
    home = learner.organisation
    for name in ("One", "Two"):
        person(home, name, email="shared@example.org")
    left = person(home, "Left", email="left@example.org")
    left.employments.update(end_date=date(2020, 1, 1))
    person(Organisation.objects.create(name="Nobody logs in here"), "Alone", email="alone@example.org")
    closed = makers.account("closed@example.org")
    Account.objects.filter(pk=closed.pk).update(is_active=False)
    before = Account.objects.count()
    known, unknown = Client(), Client()
    answers = [client.post(CODE, {"email": one}) for client, one in ((known, "lena@example.org"), (unknown, email))]
    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    pages = [client.get(CONFIRM).content.decode() for client in (known, unknown)]
    told = [re.sub(r"[\w.]+@example.org|value=\"[^\"]*\"", "", page) for page in pages]
    assert told[0] == told[1]
    assert Account.objects.count() == before + 1
    assert len(mail.outbox) == 2  # the second one says that there is no account


def test_one_address_is_not_buried_in_codes(learner: Person) -> None:
    for n in range(30):
        Client(REMOTE_ADDR=f"10.0.0.{n}").post(CODE, {"email": "lena@example.org"})
    assert len(mail.outbox) == 3


@pytest.mark.django_db(transaction=True)
def test_a_code_that_is_used_fifty_times_at_once_opens_one_session() -> None:
    makers.account()
    client = Client()
    client.post(CODE, {"email": "noor@example.org"})
    code = mailed_code(mail.outbox[0].body)
    session = client.cookies["sessionid"].value

    def use(_n: int) -> bool:
        try:
            one = Client()
            one.cookies["sessionid"] = session
            answer = one.post(CONFIRM, {"code": code})
            return bool(answer.status_code == 302 and answer.headers["Location"] == "/")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use, range(50))) == 1


# --- two-step login ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "asked"),
    [("admin", True), ("ld", True), ("hr-data", True), ("privacy", True), ("works-council", False), ("", False)],
)
def test_who_sees_others_by_name_first_turns_two_step_login_on(settings: Settings, role: str, asked: bool) -> None:
    makers.account("first@example.org")
    account = makers.account()
    people.grant_roles(account=account, roles=[Role(role)] if role else [])
    client = makers.client_of(account)
    assert client.get("/").status_code == 200
    settings.SECOND_STEP = True
    assert client.get("/").status_code == (302 if asked else 200)
    if not asked:
        return
    assert client.get("/").headers["Location"] == "/account/2fa/"
    assert client.post("/programmes/new", {"name": "x"}).headers["Location"] == "/account/2fa/"
    page = client.get("/account/2fa/").content.decode()
    assert "asks you to turn this on before you go on" in page
    secret = re.search(r"<code>(\w+)</code>", client.get("/account/2fa/totp/activate/").content.decode())
    assert secret
    client.post("/account/2fa/totp/activate/", {"code": code_now(secret[1])})
    assert client.get("/").status_code == 200
    settings.SECOND_STEP = False


def test_production_asks_for_the_second_step_and_the_demonstration_does_not() -> None:
    ask = "from borging.web import settings; print(settings.SECOND_STEP)"
    safe, demo = {"BORGING_HTTPS": "1"}, {"BORGING_DEMO": "1"}
    for given, told in ((safe, "True"), ({}, "False"), (safe | demo, "False")):
        command = [sys.executable, "-c", ask]
        made = subprocess.run(command, env=os.environ | given, capture_output=True, text=True, check=True)
        assert made.stdout.strip() == told, given
