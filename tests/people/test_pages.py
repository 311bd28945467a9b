"""The pages of people: for whom they open, what they show, and what can be changed on them."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from borging.people import reads, writes
from borging.people.models import Account, Employment, Membership, Organisation, PeopleImport, Person, Role, Team
from tests.people.makers import LONG_AGO, bring_in, person, stage
from tests.web import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return makers.account()


@pytest.fixture
def home(account: Account) -> Organisation:
    return account.organisation


@pytest.fixture
def client(account: Account) -> Client:
    return makers.client_of(account)


def colleague(*roles: Role, email: str = "c@example.org") -> Client:
    organisation = Organisation.objects.get(name="De Vaart")
    return makers.client_of(writes.add_account(email=email, organisation=organisation, name="Colleague", roles=roles))


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.parametrize(
    ("roles", "opens"),
    [
        ((Role.LD,), {"/people/": 200, "/people/import": 200, "/people/roles": 403, "/studies/": 200}),
        ((Role.HR_DATA,), {"/people/": 200, "/people/import": 200, "/people/roles": 403, "/studies/": 200}),
        ((Role.ADMIN,), {"/people/": 200, "/people/import": 200, "/people/roles": 200, "/studies/": 403}),
        ((Role.PRIVACY,), {"/people/": 403, "/people/import": 403, "/people/roles": 403, "/studies/": 403, "/": 200}),
        ((), {"/people/": 403, "/people/import": 403, "/people/roles": 403, "/studies/new": 403, "/": 200}),
    ],
)
def test_pages_open_for_the_roles_that_work_with_them(
    account: Account, roles: tuple[Role, ...], opens: dict[str, int]
) -> None:
    own = colleague(*roles)
    assert {address: own.get(address).status_code for address in opens} == opens
    menu = page(own, "/account/2fa/")
    assert (">People</a>" in menu) == (opens["/people/"] == 200)
    assert (">Studies</a>" in menu) == (opens.get("/studies/") == 200)


def test_a_role_that_is_taken_away_closes_the_page_at_once(account: Account) -> None:
    other = colleague(Role.LD)
    assert other.get("/people/").status_code == 200
    writes.set_roles(account=Account.objects.get(email="c@example.org"), roles=[])
    assert other.get("/people/").status_code == 403


def test_nobody_who_is_not_logged_in_sees_a_page_of_people(home: Organisation) -> None:
    samira = person(home, "Samira")
    for address in ("/people/", f"/people/{samira.pk}/", "/people/import", "/people/roles", "/"):
        assert Client().get(address).headers["Location"].startswith("/account/login/")


def test_nothing_of_another_organisation_is_there(client: Client, home: Organisation) -> None:
    stranger = makers.account("b@example.org", organisation="De Dijk")
    theirs = makers.client_of(stranger)
    address = stage(theirs, "Naam\tTeam\nCanary\tCanaries\n")
    theirs.post(f"{address}apply")
    canary = Person.objects.get()
    leave = writes.add_leave(person=canary, start=LONG_AGO, end=None)
    own = person(home, "Samira")
    for target in (
        f"/people/{canary.pk}/",
        f"/people/{canary.pk}/habits",
        f"/people/{canary.pk}/leave",
        f"/people/{canary.pk}/leave/{leave.pk}/remove",
        f"/people/{own.pk}/leave/{leave.pk}/remove",
        f"/people/{canary.pk}/account",
        f"/people/{canary.pk}/account/closed",
        f"/people/roles/{stranger.pk}",
        *(address + verb for verb in ("", "columns", "back", "apply", "undo", "discard")),
    ):
        assert {client.get(target).status_code, client.post(target).status_code} <= {404, 405}, target
    team = Team.objects.get()
    for target in ("/people/", "/people/?q=Canary", f"/people/?team={team.pk}", "/people/?left=on", "/people/import"):
        assert "Canar" not in page(client, target).replace('value="Canary"', "")
    assert "Canar" not in page(client, "/people/roles")
    assert canary.leaves.count() == 1


def test_the_list_finds_people_by_name_number_address_and_team(client: Client, home: Organisation) -> None:
    care = Team.objects.create(organisation=home, name="Care")
    east = Team.objects.create(organisation=home, name="East", parent=care)
    boss = person(home, "Anna Bos", number="77")
    samira = person(home, "Samira Bakker", email="sb@example.org", manager=boss)
    Membership.objects.create(person=samira, team=east, start_date=LONG_AGO)
    for query in ("q=bakker+sam", "q=sb%40example", f"team={care.pk}", f"team={east.pk}&q=sam"):
        found = page(client, f"/people/?{query}")
        assert "Samira Bakker" in found, query
        assert "1 person" in found
    assert "reports to Anna Bos" in page(client, "/people/?q=samira")
    assert "Anna Bos" in page(client, "/people/?q=77")
    assert "Nobody fits this" in page(client, "/people/?q=nobody")


def test_who_has_left_is_on_a_list_of_its_own(client: Client, home: Organisation) -> None:
    gone = person(home, "Gone Already")
    Employment.objects.filter(person=gone).update(end_date=timezone.localdate() - timedelta(days=1))
    person(home, "Still Here")
    assert "Gone Already" not in page(client, "/people/")
    assert "Gone Already" in page(client, "/people/?left=on")
    assert "Still Here" not in page(client, "/people/?left=on")


def test_ten_thousand_people_are_a_light_page_with_few_questions(
    client: Client, home: Organisation, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    people = Person.objects.bulk_create(Person(organisation=home, name=f"Name {n:05}") for n in range(10_000))
    Employment.objects.bulk_create(Employment(person=one, start_date=LONG_AGO) for one in people)
    with django_assert_max_num_queries(21):  # type: ignore[operator]
        answer = client.get("/people/?page=100")
    assert "Page 100 of 200" in answer.content.decode()
    assert len(answer.content) < 100_000


def test_a_person_page_shows_what_is_known_with_its_dates(client: Client, home: Organisation) -> None:
    bring_in(client, "Nr;Naam;Team;Manager\n1;Anna;Zorg;\n2;Bram;Zorg / Oost;1\n", day="2026-01-05")
    bring_in(client, "Nr;Naam;Team;Manager\n1;Anna;Zorg;\n2;Bram;ICT;1\n", day="2026-03-02")
    found = page(client, f"/people/{Person.objects.get(number='2').pk}/")
    for words in ("Zorg / Oost", "5 January 2026 until 1 March 2026", "ICT", "since 2 March 2026", "Anna"):
        assert words in found
    assert "1 person" in page(client, f"/people/{Person.objects.get(number='1').pk}/")


def test_habits_and_days_away_are_kept_and_wrong_ones_are_said(client: Client, home: Organisation) -> None:
    samira = person(home, "Samira")
    own = f"/people/{samira.pk}/"
    client.post(f"{own}habits", {"language": "en", "work_days": ["4", "1"], "paused_until": "2027-01-31"})
    samira.refresh_from_db()
    assert (samira.language, samira.work_days, str(samira.paused_until)) == ("en", "14", "2027-01-31")
    assert client.post(f"{own}habits", {"language": "xx"}).status_code == 422
    client.post(f"{own}leave", {"start": "2026-07-01", "end": "2026-07-14"})
    overlapping = client.post(f"{own}leave", {"start": "2026-07-10"})
    assert "Some of these days are in the list already" in overlapping.content.decode()
    backwards = client.post(f"{own}leave", {"start": "2026-09-02", "end": "2026-09-01"})
    assert "The last day comes before the first" in backwards.content.decode()
    leave = samira.leaves.get()
    client.post(f"{own}leave/{leave.pk}/remove")
    assert not samira.leaves.exists()


def test_a_login_is_made_from_the_page_of_a_person_and_told_by_mail(client: Client, home: Organisation) -> None:
    samira = person(home, "Samira", email="samira@example.org", language="nl")
    client.post(f"/people/{samira.pk}/account")
    made = Account.objects.get(email="samira@example.org")
    assert made.person == samira
    assert not made.has_usable_password()
    assert reads.roles_of(made) == set()
    assert "/account/login/code/" in str(mail.outbox[0].body)
    client.post(f"/people/{samira.pk}/account")
    assert Account.objects.filter(email="samira@example.org").count() == 1
    nobody = person(home, "Without")
    client.post(f"/people/{nobody.pk}/account")
    assert not Account.objects.filter(person=nobody).exists()


def test_an_account_that_was_there_before_is_used_for_its_person(client: Client, home: Organisation) -> None:
    colleague(Role.LD, email="samira@example.org")
    samira = person(home, "Samira", email="Samira@example.org")
    client.post(f"/people/{samira.pk}/account")
    assert Account.objects.get(person=samira).email == "samira@example.org"
    assert Account.objects.count() == 2


def test_an_administrator_closes_and_opens_an_account_and_nobody_else(client: Client, home: Organisation) -> None:
    samira = person(home, "Samira", email="samira@example.org")
    client.post(f"/people/{samira.pk}/account")
    assert colleague(Role.LD).post(f"/people/{samira.pk}/account/closed").status_code == 403
    own = makers.client_of(Account.objects.get(person=samira))
    client.post(f"/people/{samira.pk}/account/closed")
    assert own.get("/").status_code == 302
    client.post(f"/people/{samira.pk}/account/closed", {"open": ""})
    assert Account.objects.get(person=samira).is_active


def test_roles_are_given_on_their_page_and_extra_fields_do_nothing(client: Client, account: Account) -> None:
    colleague()
    other = Account.objects.get(email="c@example.org")
    client.post(f"/people/roles/{other.pk}", {"role": ["ld", "nonsense"], "organisation": "2", "is_superuser": "on"})
    other.refresh_from_db()
    assert reads.roles_of(other) == {Role.LD}
    assert not other.is_superuser
    client.post(f"/people/roles/{account.pk}", {"role": ["ld"]})
    assert "This is the last administrator" in page(client, "/people/roles")
    assert Role.ADMIN in reads.roles_of(account)


def test_a_person_page_is_no_door_to_answers_whatever_the_role(client: Client, home: Organisation) -> None:
    found = page(client, f"/people/{person(home, 'Samira').pk}/")
    assert "No answers, no plans, no reflections" in found


def test_looking_changes_nothing(client: Client, home: Organisation) -> None:
    samira = person(home, "Samira")
    address = stage(client, "Naam;Team\nSamira;Zorg\n")
    before = str(PeopleImport.objects.values().get())
    for target in ("/people/", f"/people/{samira.pk}/", address, f"{address}?show=changed", "/people/roles"):
        assert client.get(target).status_code == 200
    assert str(PeopleImport.objects.values().get()) == before
    assert client.get(f"{address}apply").status_code == 405
