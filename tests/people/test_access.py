"""Who may see whom: by role, by who is below whom on that day, and by pairing; never across organisations."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from borging.people import access, reads, writes
from borging.people.access import Relation
from borging.people.models import Account, Employment, Grant, Organisation, Person, Reporting, Role
from borging.people.rules import closed_under
from borging.programmes.models import Cohort, Enrolment, Programme
from tests.people.makers import person
from tests.web import makers

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 1)
DAY = timedelta(days=1)


@pytest.fixture
def home() -> Organisation:
    return makers.account().organisation


def login(who: Person, *roles: Role) -> Account:
    address = f"{who.name.lower()}@example.org"
    account = writes.add_account(email=address, organisation=who.organisation, name=who.name, roles=roles)
    writes.link_person(account=account, person=who)
    return account


def seen(viewer: Account, *, day: date = TODAY) -> set[str]:
    return set(access.visible_people(viewer, day=day).values_list("name", flat=True))


def enrol(learner: Person, *, buddy: Person | None = None, observer: Person | None = None) -> Enrolment:
    programme = Programme.objects.create(organisation=learner.organisation, name="Training", created_at=timezone.now())
    cohort = Cohort.objects.create(programme=programme, name="A")
    return Enrolment.objects.create(
        cohort=cohort, person=learner, buddy=buddy, observer=observer, enrolled_on=TODAY - DAY
    )


@pytest.mark.parametrize("role", [Role.LD, Role.HR_DATA, Role.ADMIN])
def test_whose_work_is_with_everyone_sees_everyone_of_their_own_organisation(home: Organisation, role: Role) -> None:
    person(makers.account("b@example.org", organisation="De Dijk").organisation, "Stranger")
    person(home, "Samira")
    assert seen(login(person(home, "Nadia"), role)) == {"Samira", "Nadia"}


@pytest.mark.parametrize("roles", [(), (Role.PRIVACY,), (Role.WORKS_COUNCIL,)])
def test_other_accounts_see_themselves_only(home: Organisation, roles: tuple[Role, ...]) -> None:
    person(home, "Samira")
    assert seen(login(person(home, "Nadia"), *roles)) == {"Nadia"}


def test_an_account_of_nobody_sees_nobody(home: Organisation) -> None:
    person(home, "Samira")
    assert seen(makers.account("robot@example.org")) == set()


def test_a_manager_two_levels_up_sees_the_people_under_and_not_those_beside(home: Organisation) -> None:
    top = person(home, "Anna")
    middle = person(home, "Bram", manager=top)
    person(home, "Cora", manager=middle)
    beside = person(home, "Dirk")
    person(home, "Els", manager=beside)
    assert seen(login(top)) == {"Anna", "Bram", "Cora"}
    assert seen(login(middle)) == {"Bram", "Cora"}


def test_after_a_reorganisation_sight_moves_with_the_day(home: Organisation) -> None:
    old, new = person(home, "Anna"), person(home, "Bram")
    moved = person(home, "Cora", manager=old)
    person(home, "Dirk", manager=moved)
    Reporting.objects.filter(person=moved).update(end_date=TODAY - DAY)
    Reporting.objects.create(person=moved, manager=new, start_date=TODAY)
    before, after = login(old), login(new)
    assert seen(before, day=TODAY - DAY) == {"Anna", "Cora", "Dirk"}
    assert seen(before) == {"Anna"}
    assert seen(after, day=TODAY - DAY) == {"Bram"}
    assert seen(after) == {"Bram", "Cora", "Dirk"}


def test_who_has_left_is_no_longer_seen_by_their_manager(home: Organisation) -> None:
    boss = person(home, "Anna")
    Employment.objects.filter(person=person(home, "Bram", manager=boss)).update(end_date=TODAY - DAY)
    assert seen(login(boss)) == {"Anna"}


def test_buddies_and_observers_see_each_other_while_it_lasts(home: Organisation) -> None:
    learner, buddy, observer = (person(home, name) for name in ("Anna", "Bram", "Cora"))
    enrolment = enrol(learner, buddy=buddy, observer=observer)
    accounts = [login(one) for one in (learner, buddy, observer)]
    assert [seen(one) for one in accounts] == [{"Anna", "Bram", "Cora"}, {"Anna", "Bram"}, {"Anna", "Cora"}]
    enrolment.left_on = TODAY
    enrolment.save()
    assert [seen(one) for one in accounts] == [{"Anna"}, {"Bram"}, {"Cora"}]


def test_what_an_account_is_follows_from_grants_and_from_others(home: Organisation) -> None:
    boss = person(home, "Anna")
    learner = person(home, "Bram", manager=boss)
    programme = enrol(learner, buddy=person(home, "Cora"), observer=boss).cohort.programme
    Programme.objects.filter(pk=programme.pk).update(sponsor=boss, trainer=boss)
    relations = {Relation.MANAGER, Relation.OBSERVER, Relation.SPONSOR, Relation.TRAINER}
    assert access.viewer_roles(login(boss, Role.LD), day=TODAY) == {Role.LD} | relations
    account = login(learner)
    assert access.viewer_roles(account, day=TODAY) == {Relation.LEARNER}
    account.is_active = False
    assert access.viewer_roles(account, day=TODAY) == frozenset()
    assert seen(account) == set()


def test_the_first_account_of_an_organisation_may_do_everything_and_the_next_nothing_by_itself() -> None:
    first, second = makers.account(), makers.account("b@example.org")
    assert reads.roles_of(first) == set(Role)
    assert reads.roles_of(second) == set()


def test_an_account_belongs_to_the_one_person_with_its_address(home: Organisation) -> None:
    samira = person(home, "Samira", email="Samira@example.org")
    person(home, "Desk one", email="desk@example.org")
    person(home, "Desk two", email="desk@example.org")
    assert makers.account("samira@example.org").person == samira
    assert makers.account("desk@example.org").person is None


def test_roles_are_given_and_taken_but_never_the_last_administrator(home: Organisation) -> None:
    first, second = Account.objects.get(), makers.account("b@example.org")
    with pytest.raises(writes.LastAdministratorError):
        writes.set_roles(account=first, roles=[Role.LD])
    with pytest.raises(writes.LastAdministratorError):
        writes.set_active(account=first, active=False)
    writes.set_roles(account=second, roles=[Role.ADMIN])
    writes.set_roles(account=first, roles=[Role.LD])
    assert reads.roles_of(first) == {Role.LD}
    assert Grant.objects.filter(account=second).count() == 1


def test_a_last_day_that_passes_closes_the_account_in_the_night(home: Organisation) -> None:
    account = login(person(home, "Samira"))
    Employment.objects.update(end_date=TODAY)
    assert writes.close_accounts_of_leavers(day=TODAY) == 0
    assert writes.close_accounts_of_leavers(day=TODAY + DAY) == 1
    account.refresh_from_db()
    assert not account.is_active


moves = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30)


@given(moves=moves, manager=st.integers(0, 7))
@settings(max_examples=300)
def test_whoever_is_below_is_who_a_chain_of_managers_leads_from(moves: list[tuple[int, int]], manager: int) -> None:
    above = {person: boss for person, boss in moves if person != boss}
    reports: dict[int, frozenset[int]] = {}
    for one, boss in above.items():
        reports[boss] = reports.get(boss, frozenset()) | {one}
    expected = {one for one in above if one != manager and leads_to(one, manager, above)}
    assert closed_under(reports, manager) == expected


def leads_to(one: int, manager: int, above: dict[int, int]) -> bool:
    """By walking up, eight steps at most."""
    for _step in range(8):
        if one not in above:
            return False
        one = above[one]
        if one == manager:
            return True
    return False
