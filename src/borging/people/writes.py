"""One function per change to organisations and accounts."""

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction

from .models import Account, Employment, Organisation, Person

DEMO_ADDRESS = "demo@borging.invalid"


class AddressTakenError(ValueError):
    """An account with this address exists already."""


class NumberTakenError(ValueError):
    """Somebody else in this organisation has this staff number."""


def open_organisation(*, name: str) -> Organisation:
    return Organisation.objects.get_or_create(name=name)[0]


def add_account(
    *, email: str, organisation: Organisation, name: str = "", password: str | None = None, language: str = ""
) -> Account:
    """Make an account; without a password its owner logs in with a code by mail.

    Raises AddressTakenError, and django's ValidationError for a password that is too weak.
    """
    if password is not None:
        validate_password(password)
    try:
        with transaction.atomic():
            account = Account.objects.create_user(email, organisation=organisation, name=name, password=password)
            Account.objects.filter(pk=account.pk).update(language=language)
            account.language = language
    except IntegrityError as error:
        raise AddressTakenError(email) from error
    return account


@transaction.atomic
def add_person(*, organisation: Organisation, name: str, email: str, number: str = "", today: date) -> Person:
    """Someone who works here from today on, as far as Borging knows. Raises NumberTakenError."""
    if number and Person.objects.filter(organisation=organisation, number=number).exists():
        raise NumberTakenError(number)
    person = Person.objects.create(organisation=organisation, name=name, email=email, number=number)
    Employment.objects.create(person=person, start_date=today)
    return person


def change_password(*, account: Account, password: str) -> None:
    """Raises django's ValidationError for a password that is too weak."""
    validate_password(password, account)
    account.set_password(password)
    account.save(update_fields=["password"])


def choose_language(*, account: Account, language: str) -> None:
    Account.objects.filter(pk=account.pk).update(language=language)


@transaction.atomic
def demo_account() -> Account:
    """The one account of the demonstration, made when it is not there; it has no password."""
    if account := Account.objects.filter(email=DEMO_ADDRESS).first():
        return account
    organisation = open_organisation(name="Demo")
    return add_account(email=DEMO_ADDRESS, organisation=organisation, name="Demo")
