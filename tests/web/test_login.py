"""Logging in: by password, by code, in the demonstration; never by signing up."""

import re

import pytest
from allauth.mfa.totp.internal import auth
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from borging.people.models import Account
from tests.web import makers

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def account() -> Account:
    cache.clear()
    return makers.account(password=makers.PASSWORD)


@pytest.fixture
def client() -> Client:
    return Client(headers={"Accept-Language": "en"})


def test_a_password_opens_the_studies_and_gives_a_new_session(client: Client) -> None:
    client.get(LOGIN)
    before = client.session.session_key
    answer = client.post(LOGIN, {"login": "Noor@example.org", "password": makers.PASSWORD})
    assert answer.headers["Location"] == "/"
    assert client.session.session_key != before
    assert client.get("/studies/").status_code == 200


def test_the_session_lasts_twelve_hours(client: Client) -> None:
    client.post(LOGIN, {"login": "noor@example.org", "password": makers.PASSWORD})
    assert client.session.get_expiry_age() == 12 * 3600


def test_a_code_by_mail_opens_the_studies_once(client: Client) -> None:
    client.post("/account/login/code/", {"email": "noor@example.org"})
    assert mail.outbox[0].to == ["noor@example.org"]
    code = re.search(r"^([A-Z0-9-]{6,})$", str(mail.outbox[0].body), re.MULTILINE)
    assert code, mail.outbox[0].body
    page = client.get("/account/login/code/confirm/")
    assert page.status_code == 200
    answer = client.post("/account/login/code/confirm/", {"code": code[1]})
    assert answer.headers["Location"] == "/"
    again = Client()
    again.post("/account/login/code/confirm/", {"code": code[1]})
    assert again.get("/studies/").status_code == 302


@pytest.mark.parametrize("address", ["/account/login/code/", "/account/password/reset/"])
def test_a_known_and_an_unknown_address_get_the_same_answer(client: Client, address: str) -> None:
    known, unknown = (
        client.post(address, {"email": email}).headers["Location"] for email in ("noor@example.org", "else@example.org")
    )
    assert known == unknown


def test_a_wrong_password_and_an_unknown_address_say_the_same(client: Client) -> None:
    pages = [
        client.post(LOGIN, {"login": login, "password": "not the right one"}).content.decode()
        for login in ("noor@example.org", "else@example.org")
    ]
    said = [re.findall(r'class="wrong"[^>]*>(.*?)</div>', page, re.DOTALL) for page in pages]
    assert said[0] == said[1] != []


def test_guessing_is_stopped_and_somebody_else_still_gets_in(client: Client) -> None:
    for _try in range(12):
        answer = client.post(LOGIN, {"login": "noor@example.org", "password": "a wrong guess"})
    assert "Too many" in answer.content.decode()
    makers.account("else@example.org", password=makers.PASSWORD)
    elsewhere = Client(REMOTE_ADDR="10.9.8.7")
    answer = elsewhere.post(LOGIN, {"login": "else@example.org", "password": makers.PASSWORD})
    assert answer.headers["Location"] == "/"


def test_nobody_signs_up_and_the_page_says_whom_to_ask(client: Client) -> None:
    assert "Accounts are made for you" in client.get("/account/signup/").content.decode()
    client.post("/account/signup/", {"email": "new@example.org", "password1": makers.PASSWORD})
    assert not Account.objects.filter(email="new@example.org").exists()


def test_addresses_are_not_changed_by_their_owner() -> None:
    assert makers.client_of(Account.objects.get()).get("/account/email/").status_code == 404


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "https:evil.example"])
def test_logging_in_leads_nowhere_else(client: Client, target: str) -> None:
    answer = client.post(f"{LOGIN}?next={target}", {"login": "noor@example.org", "password": makers.PASSWORD})
    assert answer.headers["Location"] == "/"


def test_after_logging_out_the_old_cookie_opens_nothing(client: Client) -> None:
    client.post(LOGIN, {"login": "noor@example.org", "password": makers.PASSWORD})
    old = client.cookies["sessionid"].value
    client.post("/account/logout/")
    client.cookies["sessionid"] = old
    assert client.get("/studies/").status_code == 302


def test_an_account_that_is_closed_during_a_session_is_out_at_its_next_page() -> None:
    client = makers.client_of(account := Account.objects.get())
    assert client.get("/studies/").status_code == 200
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert client.get("/studies/").status_code == 302


def test_two_step_login_is_set_up_only_by_who_gives_the_password_again(client: Client) -> None:
    client.post(LOGIN, {"login": "noor@example.org", "password": makers.PASSWORD})
    address = "/account/2fa/totp/activate/"
    asked = client.get(address, follow=True)
    assert "data:image/svg" not in asked.content.decode()
    page = client.post(asked.redirect_chain[-1][0], {"password": makers.PASSWORD}, follow=True)
    assert 'src="data:image/svg' in page.content.decode()


def test_two_step_login_asks_for_a_code_from_the_phone_until_it_is_turned_off(client: Client) -> None:
    client.post(LOGIN, {"login": "noor@example.org", "password": makers.PASSWORD})
    client.post("/account/reauthenticate/", {"password": makers.PASSWORD})
    secret = re.search(r"<code>(\w+)</code>", client.get("/account/2fa/totp/activate/").content.decode())
    assert secret
    on = client.post("/account/2fa/totp/activate/", {"code": code_now(secret[1])}, follow=True).content.decode()
    assert "On: each login asks for a code" in client.get("/account/2fa/").content.decode()
    code = re.search(r"<li><code>(\w+)</code>", on)
    assert code

    other = Client(headers={"Accept-Language": "en"})
    asked = other.post(LOGIN, {"login": "noor@example.org", "password": makers.PASSWORD}, follow=True)
    assert "The second step" in asked.content.decode()
    assert other.get("/studies/").status_code == 302
    other.post("/account/2fa/authenticate/", {"code": code[1]})
    assert other.get("/studies/").status_code == 200

    assert "The codes you have now stop working" in client.get("/account/2fa/recovery-codes/generate/").content.decode()
    assert "Turn two-step login off?" in client.get("/account/2fa/totp/deactivate/").content.decode()
    off = client.post("/account/2fa/totp/deactivate/", follow=True).content.decode()
    assert "Two-step login is off" in off
    assert "Off: your password is enough" in off


def code_now(secret: str) -> str:
    """What an app on a phone would show."""
    return str(auth.format_hotp_value(auth.hotp_value(secret, next(auth.yield_hotp_counters_from_time()))))


def test_a_new_password_that_is_too_easy_is_refused_in_the_words_of_the_reader() -> None:
    client = makers.client_of(Account.objects.get(), language="nl")
    given = {"oldpassword": makers.PASSWORD, "password1": "password", "password2": "password"}
    html = client.post("/account/password/change/", given).content.decode()
    assert "Maak het langer: minstens 12 tekens." in html
    assert "Veel mensen gebruiken dit wachtwoord" in html
    changed = client.post(
        "/account/password/change/",
        {**given, "password1": "een zin is beter", "password2": "een zin is beter"},
        follow=True,
    )
    assert "Je wachtwoord is gewijzigd." in changed.content.decode()
    assert "Was jij dit niet?" in str(mail.outbox[-1].body)


def test_a_forgotten_password_is_chosen_anew_through_a_link_that_works_once(client: Client) -> None:
    client.post("/account/password/reset/", {"email": "noor@example.org"})
    link = re.search(r"http://testserver(/\S+)", str(mail.outbox[0].body))
    assert link
    chosen = {"password1": "another long sentence", "password2": "another long sentence"}
    address = client.get(link[1]).headers["Location"]
    assert "Keep this password" in client.get(address).content.decode()
    assert "Your password is changed" in client.post(address, chosen, follow=True).content.decode()
    assert "This link no longer works" in Client(headers={"Accept-Language": "en"}).get(link[1]).content.decode()
    assert client.post(LOGIN, {"login": "noor@example.org", "password": chosen["password1"]}).status_code == 302


def test_an_unknown_address_is_told_whom_to_ask_and_not_to_sign_up(client: Client) -> None:
    client.post("/account/password/reset/", {"email": "else@example.org"})
    body = str(mail.outbox[0].body)
    assert "There is no account for this address." in body
    assert "http" not in body


def test_the_demonstration_has_no_door_in_an_ordinary_installation() -> None:
    assert Client().get("/demo/anything").status_code == 404


@pytest.mark.usefixtures("demonstration")
def test_the_right_token_and_no_other_opens_the_demonstration(settings: Settings) -> None:
    settings.DEMO_TOKEN = "right-token"
    client = Client()
    assert client.get("/demo/wrong").status_code == 404
    assert client.get("/demo/right-tokens").status_code == 404
    assert client.get("/demo/right-token").headers["Location"] == "/demo/"
    assert client.get("/studies/").status_code == 200
    settings.DEMO_TOKEN = ""
    assert Client().get("/demo/right-token").status_code == 404
