"""Accounts: made by an administrator, by address."""

import pytest
from django.core.exceptions import ValidationError

from borging.people import writes
from borging.people.models import Account

pytestmark = pytest.mark.django_db


def test_an_address_has_one_account_however_it_is_written() -> None:
    organisation = writes.open_organisation(name="De Vaart")
    writes.add_account(email="noor@example.org", organisation=organisation)
    with pytest.raises(writes.AddressTakenError):
        writes.add_account(email="Noor@Example.org", organisation=organisation)
    assert Account.objects.count() == 1


def test_a_weak_password_is_refused_and_makes_no_account() -> None:
    with pytest.raises(ValidationError):
        writes.add_account(email="a@b.nl", organisation=writes.open_organisation(name="De Vaart"), password="short")
    assert not Account.objects.exists()


def test_an_account_without_a_password_cannot_be_entered_with_one() -> None:
    account = writes.add_account(email="a@b.nl", organisation=writes.open_organisation(name="De Vaart"))
    assert not account.has_usable_password()
    writes.change_password(account=account, password="a long enough sentence")
    assert account.check_password("a long enough sentence")


def test_the_demonstration_has_one_account_however_often_it_starts() -> None:
    assert writes.demo_account() == writes.demo_account()
    assert str(writes.demo_account()) == "Demo"


def test_an_organisation_is_opened_once() -> None:
    assert writes.open_organisation(name="De Vaart") == writes.open_organisation(name="De Vaart")
