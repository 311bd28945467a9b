"""The second lock: PostgreSQL itself keeps organisations apart, also where a question forgets the viewer."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from borging.people import access, locks, writes
from borging.people.models import Account, Leave, Organisation, Person
from tests.people.makers import LONG_AGO, as_ordinary_role, person
from tests.web import makers

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row security"),
]


def run(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def ordinary_role() -> Iterator[None]:
    with as_ordinary_role():
        yield


@pytest.fixture
def two() -> tuple[Account, Account]:
    mine, other = makers.account(), makers.account("b@example.org", organisation="De Dijk")
    for account, name in ((mine, "Samira"), (other, "Canary")):
        writes.add_leave(person=person(account.organisation, name), start=LONG_AGO, end=None)
    return mine, other


def test_every_table_that_belongs_to_an_organisation_is_locked() -> None:
    tables = {model._meta.db_table for model, _condition in locks.conditions(apps)}
    locked = run("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    policies = run("SELECT tablename FROM pg_policies WHERE policyname = 'organisation'")
    assert tables - {str(name) for (name,) in locked} == set()
    assert tables - {str(name) for (name,) in policies} == set()
    assert {"people_person", "people_leave", "cards_contactcard", "evidence_entry", "effects_study"} <= tables


def test_rows_of_another_organisation_do_not_exist_inside_the_lock(
    two: tuple[Account, Account], ordinary_role: None
) -> None:
    assert Person.objects.count() == Leave.objects.count() == Organisation.objects.count() == 2
    with locks.only(two[0].organisation_id):
        assert [person.name for person in Person.objects.all()] == ["Samira"]
        assert [leave.person.name for leave in Leave.objects.all()] == ["Samira"]
        assert Organisation.objects.get() == two[0].organisation
        assert Person.objects.filter(name="Canary").update(name="taken") == 0
    assert Person.objects.count() == 2


def test_a_row_cannot_be_put_into_another_organisation(two: tuple[Account, Account], ordinary_role: None) -> None:
    with locks.only(two[0].organisation_id):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Person.objects.create(organisation=two[1].organisation, name="Smuggled")
        Person.objects.create(organisation=two[0].organisation, name="Ours")


def test_a_page_that_forgets_its_viewer_still_shows_nobody_of_another_organisation(
    two: tuple[Account, Account], ordinary_role: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "visible_people", lambda viewer, day: Person.objects.all())
    page = makers.client_of(two[0]).get("/people/").content.decode()
    assert "Samira" in page
    assert "Canary" not in page
    assert Person.objects.count() == 2  # the lock is off again once the page is served
