"""People and files of people to test with, brought in over the pages as anybody would."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from django.db.models.functions import Coalesce
from django.test import Client

from borging.people.models import Employment, Membership, Organisation, PeopleImport, Person, Reporting, Team

LONG_AGO = date(2019, 2, 1)


def person(organisation: Organisation, name: str, *, manager: Person | None = None, **values: str) -> Person:
    """Someone who has worked here for long."""
    made = Person.objects.create(organisation=organisation, name=name, **values)
    Employment.objects.create(person=made, start_date=LONG_AGO)
    if manager:
        Reporting.objects.create(person=made, manager=manager, start_date=LONG_AGO)
    return made


def upload(client: Client, text: str | bytes, *, name: str = "people.csv") -> str:
    """Give a file; the address of its page, or the page that says why not."""
    content = text if isinstance(text, bytes) else text.encode()
    answer = client.post("/people/import", {"file": SimpleUploadedFile(name, content)})
    return answer.headers["Location"] if answer.status_code == 302 else answer.content.decode()


def stage(client: Client, text: str | bytes, *, everybody: bool = True, day: str = "", **columns: str) -> str:
    """Give a file and confirm its columns as guessed, but for `columns`; the address of its page."""
    address = upload(client, text, **({"name": "people.xlsx"} if isinstance(text, bytes) else {}))
    found = PeopleImport.objects.get(pk=address.split("/")[-2])
    chosen = {role: header for role, header in found.columns.items() if header} | columns
    about = {"everybody": "yes" if everybody else "no", "day": day or found.day.isoformat()}
    client.post(f"{address}columns", chosen | about)
    return address


def preview(client: Client, address: str, show: str = "") -> str:
    """The words of a page, without its marks."""
    html = client.get(address + (f"?show={show}" if show else "")).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<main", 1)[-1]).split())


def bring_in(client: Client, text: str | bytes, *, everybody: bool = True, day: str = "", meant: bool = True) -> str:
    """The whole way: file, columns, differences, done."""
    address = stage(client, text, everybody=everybody, day=day)
    client.post(f"{address}apply", {"meant": "on"} if meant else {})
    return address


def everything(organisation: Organisation | None = None) -> dict[str, list[tuple[object, ...]]]:
    """All that is known of people, without primary keys: two worlds are equal when these are."""
    own = {} if organisation is None else {"person__organisation": organisation}
    people = Person.objects.filter(**({} if organisation is None else {"organisation": organisation}))
    name, dates = ("person__name", "person__number"), ("start_date", "end_date")
    return {
        "people": sorted(people.values_list("number", "name", "email", "language", "work_days")),
        "teams": sorted(Team.objects.values_list("name", Coalesce("parent__name", models.Value("")))),
        "employments": rows(Employment.objects.filter(**own).values_list(*name, *dates)),
        "memberships": rows(Membership.objects.filter(**own).values_list(*name, "team__name", *dates)),
        "reportings": rows(Reporting.objects.filter(**own).values_list(*name, "manager__name", *dates)),
    }


def rows(found: "models.QuerySet[models.Model, tuple[object, ...]]") -> list[tuple[object, ...]]:
    return sorted((tuple(row) for row in found), key=repr)


@contextmanager
def as_ordinary_role() -> Iterator[None]:
    """A database role like that of an installation: the tests' own is a superuser, whom no row lock holds. On SQLite
    there is no such lock."""
    if connection.vendor != "postgresql":
        yield
        return
    role = f"ordinary_{connection.settings_dict['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE ROLE "{role}" NOLOGIN')
        cursor.execute(f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{role}"')
        cursor.execute(f'GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
        cursor.execute(f'SET ROLE "{role}"')
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
