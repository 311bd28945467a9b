"""One function per change to organisations, accounts, and what is kept of a person by hand."""

from collections.abc import Iterable
from datetime import date, time

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import DEMO_DOMAIN, Account, Employment, Grant, Leave, Organisation, Person, Role

DEMO_ADDRESS = f"demo@{DEMO_DOMAIN}"
WORKING_ROLES = (Role.LD, Role.HR_DATA)
"""What an account may do that is made on the command line without saying so."""


class AddressTakenError(ValueError):
    """An account with this address exists already."""


class NoAddressError(ValueError):
    """Without an address nobody can log in."""


class LastAdministratorError(ValueError):
    """Nobody would be left who may give roles."""


class LeaveOverlapsError(ValueError):
    """The person is away on one of these days already."""


class NumberTakenError(ValueError):
    """Somebody else in this organisation has this staff number."""


def open_organisation(*, name: str) -> Organisation:
    """The organisation of this name; a new one speaks the language and keeps the clock of the installation."""
    own = {"language": settings.LANGUAGE_CODE, "time_zone": settings.TIME_ZONE}
    return Organisation.objects.get_or_create(name=name, defaults=own)[0]


def add_account(
    *,
    email: str,
    organisation: Organisation,
    name: str = "",
    password: str | None = None,
    language: str = "",
    roles: Iterable[Role] = (),
) -> Account:
    """Make an account; without a password its owner logs in with a code by mail.

    The first account of an organisation gets every role. It belongs to the one person with its address, if there is.

    Raises AddressTakenError, and django's ValidationError for a password that is too weak.
    """
    if password is not None:
        validate_password(password)
    try:
        with transaction.atomic():
            Organisation.objects.select_for_update().get(pk=organisation.pk)
            first = not Account.objects.filter(organisation=organisation).exists()
            account = Account.objects.create_user(email, organisation=organisation, name=name, password=password)
            Account.objects.filter(pk=account.pk).update(language=language)
            account.language = language
            grant_roles(account=account, roles=Role if first else roles)
            link_person(account=account)
    except IntegrityError as error:
        raise AddressTakenError(email) from error
    return account


def account_for(*, person: Person) -> Account:
    """The account of a person: one of the organisation with their address, else a new one.

    Raises NoAddressError, and AddressTakenError when it is somebody else's.
    """
    if not person.email:
        raise NoAddressError(person.pk)
    with transaction.atomic():
        account = Account.objects.filter(
            organisation=person.organisation_id, email__iexact=person.email, person=None
        ).first() or add_account(
            email=person.email, organisation=person.organisation, name=person.name, language=person.language
        )
        link_person(account=account, person=person)
    return account


def link_person(*, account: Account, person: Person | None = None) -> None:
    """Say whose account this is: the person given, else the only one with its address who has no account yet."""
    if person is None:
        same = Person.objects.filter(organisation=account.organisation_id, email__iexact=account.email, account=None)
        people = list(same[:2])
        person = people[0] if len(people) == 1 else None
    if person is not None:
        account.person = person
        account.save(update_fields=["person"])


def grant_roles(*, account: Account, roles: Iterable[Role]) -> None:
    Grant.objects.bulk_create([Grant(account=account, role=role) for role in roles], ignore_conflicts=True)


def set_roles(*, account: Account, roles: Iterable[Role]) -> None:
    """These roles and no others. Raises LastAdministratorError; of two at once the second one sees the first."""
    wanted = set(roles)
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=account.organisation_id)
        if Role.ADMIN not in wanted and not administrators(account.organisation_id).exclude(pk=account.pk).exists():
            raise LastAdministratorError
        account.grants.exclude(role__in=wanted).delete()
        grant_roles(account=account, roles=wanted)


def set_active(*, account: Account, active: bool) -> None:
    """Open or close an account; a closed one is logged out at its next request. Raises LastAdministratorError."""
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=account.organisation_id)
        if not active and not administrators(account.organisation_id).exclude(pk=account.pk).exists():
            raise LastAdministratorError
        Account.objects.filter(pk=account.pk).update(is_active=active)


def administrators(organisation_id: int) -> QuerySet[Account]:
    """Who may give roles, and log in to do so."""
    return Account.objects.filter(organisation=organisation_id, is_active=True, grants__role=Role.ADMIN)


def accounts_to_close(*, organisation_id: int, people: Iterable[int]) -> list[Account]:
    """The open accounts of people who have left; the last administrator's stays open."""
    gone = set(people)
    open_ones = Account.objects.filter(organisation=organisation_id, is_active=True, person__isnull=False)
    closing = [account for account in open_ones.order_by("pk") if account.person_id in gone]
    if not administrators(organisation_id).exclude(pk__in=[account.pk for account in closing]).exists():
        kept = administrators(organisation_id).order_by("pk").first()
        closing = [account for account in closing if account != kept]
    return closing


def close_accounts_of_leavers(*, day: date) -> int:
    """Close the accounts of people whose last day has passed. Returns how many."""
    closed = 0
    working = Employment.objects.filter(Q(end_date=None) | Q(end_date__gte=day), person=OuterRef("person"))
    left = Account.objects.filter(~Exists(working), is_active=True, person__employments__isnull=False).distinct()
    for organisation_id in left.order_by().values_list("organisation", flat=True).distinct():
        people = [pk for pk in left.filter(organisation=organisation_id).values_list("person_id", flat=True) if pk]
        pks = [account.pk for account in accounts_to_close(organisation_id=organisation_id, people=people)]
        closed += Account.objects.filter(pk__in=pks).update(is_active=False)
    return closed


def set_habits(
    *, person: Person, language: str, work_days: str, hours: tuple[time, time] | None, paused_until: date | None
) -> None:
    """In which language, on which days, and from when this person is written to; empty is as the organisation does.

    hours: when the work of a day starts and ends.
    """
    person.language, person.work_days, person.paused_until = language, work_days, paused_until
    person.works_from, person.works_until = hours or (None, None)
    person.save(update_fields=["language", "work_days", "works_from", "works_until", "paused_until"])


def add_leave(*, person: Person, start: date, end: date | None) -> Leave:
    """Raises LeaveOverlapsError."""
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        overlapping = Leave.objects.filter(Q(end_date=None) | Q(end_date__gte=start), person=person)
        if (overlapping.filter(start_date__lte=end) if end else overlapping).exists():
            raise LeaveOverlapsError
        return Leave.objects.create(person=person, start_date=start, end_date=end)


def remove_leave(*, person: Person, leave_id: int) -> None:
    """Raises Leave.DoesNotExist for a leave of somebody else."""
    person.leaves.get(pk=leave_id).delete()


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
