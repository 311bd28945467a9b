"""`borging account`: logins and roles from the command line."""

import pytest
from django.conf import settings
from django.test import Client
from typer.testing import CliRunner

from borging.cli import app
from borging.people import reads, writes
from borging.people.models import Account, Person, Role
from tests.web.makers import PASSWORD

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["account", *arguments], input=f"{PASSWORD}\n{PASSWORD}\n")
    return result.output


def roles(email: str) -> set[Role]:
    return set(reads.roles_of(Account.objects.get(email=email)))


def test_the_first_account_may_do_everything_and_the_next_what_is_said() -> None:
    run("noor@example.org")
    run("samira@example.org", "--role", "privacy", "--role", "works-council")
    run("jan@example.org")
    assert roles("noor@example.org") == set(Role)
    assert roles("samira@example.org") == {Role.PRIVACY, Role.WORKS_COUNCIL}
    assert roles("jan@example.org") == {Role.LD, Role.HR_DATA}


def test_an_account_that_is_there_gets_the_role_beside_those_it_has_and_keeps_its_password() -> None:
    run("noor@example.org")
    run("samira@example.org", "--role", "ld")
    assert "has these roles now" in run("samira@example.org", "--role", "admin")
    assert roles("samira@example.org") == {Role.LD, Role.ADMIN}
    assert Account.objects.get(email="samira@example.org").check_password(PASSWORD)


def test_a_role_that_is_none_is_answered_with_those_there_are() -> None:
    assert "There is no role boss. Choose from: ld, hr-data" in run("noor@example.org", "--role", "boss")
    assert not Account.objects.exists()


def test_an_account_is_that_of_the_person_with_its_address() -> None:
    samira = Person.objects.create(
        organisation=writes.open_organisation(name="Borging"), name="Samira", email="samira@example.org"
    )
    run("samira@example.org")
    assert Account.objects.get().person == samira


def test_a_link_that_is_printed_chooses_a_password_once() -> None:
    said = run("noor@example.org", "--organisation", "De Vaart", "--link").strip()
    assert roles("noor@example.org") == set(Role)
    path = said.removeprefix(settings.BASE_URL)
    browser = Client()
    form = browser.get(path, follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert Account.objects.get().check_password(PASSWORD)
    assert "This link no longer works" in Client().get(path, headers={"accept-language": "en"}).content.decode()


def test_a_link_for_an_account_that_is_there_leaves_the_rest_of_it_alone() -> None:
    run("noor@example.org")
    run("samira@example.org", "--role", "ld")
    assert run("samira@example.org", "--link", "--role", "admin").startswith(settings.BASE_URL)
    assert roles("samira@example.org") == {Role.LD, Role.ADMIN}
    assert Account.objects.get(email="samira@example.org").check_password(PASSWORD)
