"""Bringing people in, over the pages: what a file does, and what it never does."""

import io
import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import xlsxwriter
from django.test import Client
from django.utils import timezone

from borging.people import spans
from borging.people.models import Account, Employment, ImportStatus, PeopleImport, Person, Reporting, Role, Team
from tests.people.makers import bring_in, everything, preview, stage, upload
from tests.web import makers

pytestmark = pytest.mark.django_db
HEADER = "Personeelsnummer;Naam;E-mail;Afdeling;Leidinggevende;In dienst;Uit dienst"
STAFF = [
    "1;Anna Bos;anna@example.org;Zorg;;01-02-2015;",
    "2;Bram Dijk;bram@example.org;Zorg / Oost;1;13-05-2018;",
    "3;Cora Eik;cora@example.org;Zorg / Oost;2;2019-03-01;31-12-9999",
    "4;Dirk Fles;dirk@example.org;Zorg / West;anna@example.org;2020-01-01;",
    "5;Els Geer;els@example.org;Zorg / West;Dirk Fles;2021-06-15;",
]


def file(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines])


@pytest.fixture
def account() -> Account:
    return makers.account()


@pytest.fixture
def client(account: Account) -> Client:
    return makers.client_of(account)


def person(number: str) -> Person:
    return Person.objects.get(number=number)


def manager_on(number: str, day: date) -> str:
    found = person(number).reportings.filter(start_date__lte=day).order_by("-start_date")
    current = next((one for one in found if one.end_date is None or one.end_date >= day), None)
    return current.manager.number if current else ""


def test_a_file_becomes_people_teams_and_managers_once_it_is_confirmed(client: Client) -> None:
    address = stage(client, file(*STAFF))
    assert "5 new · 0 changed · 0 leaving" in preview(client, address)
    assert not Person.objects.exists()
    client.post(f"{address}apply")
    today = timezone.localdate()
    assert [manager_on(number, today) for number in "12345"] == ["", "1", "2", "1", "4"]
    assert person("3").employments.get().start_date == date(2019, 3, 1)
    assert person("3").employments.get().end_date is None
    west = person("5").memberships.get().team
    assert (west.name, west.parent and west.parent.name) == ("West", "Zorg")
    assert Team.objects.count() == 3
    assert "Brought in" in preview(client, address)


def test_the_file_is_gone_once_its_people_are_in(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    address = stage(client, file(*STAFF))
    found = PeopleImport.objects.get()
    assert found.path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{address}apply")
    assert not found.path.exists()
    found.refresh_from_db()
    assert found.rows == found.diff == found.inspection == {}


def test_the_same_file_again_changes_nothing_and_says_so(client: Client) -> None:
    bring_in(client, file(*STAFF))
    before = everything()
    address = stage(client, file(*STAFF))
    assert "Nothing would change" in preview(client, address)
    assert "5 unchanged" in preview(client, address)
    client.post(f"{address}apply")
    assert everything() == before


def test_the_order_of_the_rows_does_not_matter(client: Client) -> None:
    odd = [*STAFF, "6;Fred;fred@example.org;zorg / oost;5;;", "5;Els Geer;els@example.org;Zorg / West;6;2021-06-15;"]
    worlds = []
    for seed in range(4):
        random.Random(seed).shuffle(odd)
        address = bring_in(client, file(*odd))
        worlds.append(everything())
        client.post(f"{address}undo")
        assert not Person.objects.exists()
    assert all(world == worlds[0] for world in worlds)


def test_another_team_and_manager_end_the_old_ones_the_day_before(client: Client) -> None:
    today = timezone.localdate()
    before = today - timedelta(days=30)
    bring_in(client, file(*STAFF), day=before.isoformat())
    address = stage(client, file(*STAFF[:4], "5;Els Geer;els@example.org;Zorg / Oost;2;2021-06-15;"))
    words = preview(client, address)
    assert "Team: Zorg / West → Zorg / Oost" in words
    assert "Manager: Dirk Fles → Bram Dijk" in words
    client.post(f"{address}apply")
    teams = person("5").memberships.order_by("start_date")
    assert [team.team.name for team in teams] == ["West", "Oost"]
    assert [team.end_date for team in teams] == [today - timedelta(days=1), None]
    assert manager_on("5", today - timedelta(days=1)) == "4"
    assert manager_on("5", today) == "2"


def test_a_second_thought_on_the_same_day_leaves_no_trace(client: Client) -> None:
    bring_in(client, file(*STAFF), day=(timezone.localdate() - timedelta(days=30)).isoformat())
    before = everything()
    bring_in(client, file(*STAFF[:4], "5;Els Geer;els@example.org;Zorg / Oost;2;2021-06-15;"))
    bring_in(client, file(*STAFF))
    assert {**everything(), "teams": before["teams"]} == before


def test_undo_puts_everything_back_and_only_the_newest_can_be_undone(client: Client) -> None:
    first = bring_in(client, file(*STAFF), day=(timezone.localdate() - timedelta(days=9)).isoformat())
    before = everything()
    changed = "5;Els de Geer;els@example.org;Nieuw / Noord;1;2021-06-15;31-12-2030"
    second = bring_in(client, file(*STAFF[:3], changed, "6;Fred;fred@example.org;Nieuw;5;;"))
    assert everything() != before
    client.post(f"{first}undo")
    assert everything() != before
    client.post(f"{second}undo")
    assert everything() == before
    client.post(f"{second}undo")
    assert everything() == before
    assert PeopleImport.objects.get(status=ImportStatus.UNDONE).changes == {}


def test_people_something_hangs_on_are_not_taken_away_by_undo(client: Client) -> None:
    address = bring_in(client, file(*STAFF))
    client.post(f"/people/{person('3').pk}/leave", {"start": "2026-01-01"})
    client.post(f"{address}undo")
    assert "can no longer be undone" in preview(client, address)
    assert Person.objects.count() == 5


def test_a_part_of_the_people_can_be_added_without_anybody_leaving(client: Client) -> None:
    bring_in(client, file(*STAFF))
    address = bring_in(client, file("6;Fred;;;;;"), everybody=False)
    assert "1 new · 0 changed · 0 leaving" in preview(client, address)
    assert Employment.objects.filter(end_date=None).count() == 6
    bring_in(client, file("5;;;;;;"), everybody=False)
    assert manager_on("5", timezone.localdate()) == "4"  # an empty cell says nothing


def test_who_is_not_in_a_whole_file_has_left_and_their_login_closes(client: Client, account: Account) -> None:
    today = timezone.localdate()
    many = [f"{n};Name {n};n{n}@example.org;Zorg;1;2015-01-01;" for n in range(10, 30)]
    bring_in(client, file(*STAFF, *many), day=(today - timedelta(days=30)).isoformat())
    client.post(f"/people/{person('5').pk}/account")
    login = makers.client_of(person("5").account)
    assert login.get("/").status_code == 200
    address = bring_in(client, file(*STAFF[:4], *many), meant=False)
    assert person("5").employments.get().end_date == today - timedelta(days=1)
    assert person("5").memberships.get().end_date == today - timedelta(days=1)
    assert login.get("/").status_code == 302
    client.post(f"{address}undo")
    assert Account.objects.get(email="els@example.org").is_active


def test_a_file_that_ends_the_work_of_more_than_a_tenth_stops_and_asks(client: Client) -> None:
    bring_in(client, file(*STAFF), day=(timezone.localdate() - timedelta(days=1)).isoformat())
    address = stage(client, file(*STAFF[:4]))
    assert "1 of 5 people would leave" in preview(client, address)
    client.post(f"{address}apply")
    assert "Nothing has changed yet" in preview(client, address)
    assert Employment.objects.filter(end_date=None).count() == 5
    client.post(f"{address}apply", {"meant": "on"})
    assert Employment.objects.filter(end_date=None).count() == 4


def test_end_dates_in_the_file_count_as_leaving_too(client: Client) -> None:
    bring_in(client, file(*STAFF), day=(timezone.localdate() - timedelta(days=30)).isoformat())
    gone = (timezone.localdate() - timedelta(days=3)).isoformat()
    address = stage(client, file(*STAFF[:4], f"5;Els Geer;els@example.org;;;2021-06-15;{gone}"))
    assert "1 of 5 people would leave" in preview(client, address)


def test_who_comes_back_has_a_second_employment_and_keeps_the_first(client: Client) -> None:
    today = timezone.localdate()
    past = [(today - timedelta(days=days)).isoformat() for days in (90, 60)]
    bring_in(client, file(*STAFF), day=past[0])
    bring_in(client, file(*STAFF[:4]), day=past[1])
    bring_in(client, file(*STAFF))
    bring_in(client, file(*STAFF))
    found = list(person("5").employments.order_by("start_date").values_list("start_date", "end_date"))
    assert found == [(date(2021, 6, 15), today - timedelta(days=61)), (today, None)]
    assert [span.end_date for span in person("5").memberships.order_by("start_date")] == [found[0][1], None]


def test_two_people_with_one_name_are_a_question_and_never_a_guess(client: Client) -> None:
    bring_in(client, file("1;Jan Smit;;;;;", "2;Jan Smit;;;;;"))
    address = stage(client, "Naam;Afdeling\nJan Smit;Zorg\n")
    words = preview(client, address)
    assert "There is more than one Jan Smit, and nobody may guess which" in words
    assert "Add a column with the staff number or the e-mail address" in words
    assert "0 leaving" in words
    client.post(f"{address}discard")
    address = stage(client, "Naam;Afdeling\nPiet;Zorg\nPiet;ICT\n", everybody=False)
    assert "Piet also stands in row 3, and only the name tells who it is" in preview(client, address)


def test_a_shared_mailbox_is_no_person(client: Client) -> None:
    lines = ("1;Anna;balie@example.org;;;;", "2;Bram;balie@example.org;;;;")
    bring_in(client, file(*lines))
    assert Person.objects.count() == 2
    address = stage(client, "E-mail;Naam\nbalie@example.org;Cora\n", everybody=False)
    assert "balie@example.org is the address of more than one person" in preview(client, address)


def test_who_was_known_by_name_gets_their_number_and_address(client: Client) -> None:
    bring_in(client, "Naam;Team\nAnna Bos;Zorg\nBram Dijk;Zorg\n")
    bring_in(client, file(*STAFF[:2]))
    assert Person.objects.count() == 2
    assert person("1").email == "anna@example.org"


def test_zeros_a_spreadsheet_took_off_make_nobody_new(client: Client) -> None:
    bring_in(client, file("007;Anna;;;;;"))
    address = stage(client, file("7;Anna;;;;;"))
    assert "1 unchanged" in preview(client, address)


def test_rows_that_cannot_be_used_are_named_with_column_reason_and_remedy(client: Client) -> None:
    bring_in(client, file(*STAFF))
    lines = (
        "1;Anna Bos;anna at example;Zorg;;;",
        "2;Bram Dijk;bram@example.org;Zorg;1;some day;",
        "9;;;;;;",
        "3;Cora Eik;cora@example.org;Zorg;;2020-01-01;2019-01-01",
        "Totaal;;;;;;",
        "4;Dirk Fles;dirk@example.org;Zorg;Nobody Known;2020-01-01;",
        "5;Els Geer;els@example.org;Zorg;5;2021-06-15;",
        "=1+1;a;b",
    )
    words = preview(client, stage(client, file(*lines)), show="left_out")
    for part in (
        "2 E-mail Row left out. “anna at example” is not an e-mail address. Correct it, or leave the cell empty.",
        "3 In dienst Row left out. “some day” is not a date that can be read.",
        "4 Naam Row left out. 9 is new here, and has no name. Fill in the name.",
        "5 Uit dienst Row left out. The last day 2019-01-01 comes before the first.",
        "“Totaal” is a row of totals",
        "7 Leidinggevende Nobody here is called or numbered “Nobody Known”; the manager stays as it was.",
        "8 Leidinggevende This person would be their own manager",
        "This row has 3 cells where the header has 7.",
    ):
        assert part in words
    assert "Leaving" not in words


def test_managers_in_a_circle_are_said_and_not_taken_over(client: Client) -> None:
    lines = ("1;Anna;;;3;;", "2;Bram;;;1;;", "3;Cora;;;2;;", "4;Dirk;;;1;;")
    address = stage(client, file(*lines))
    words = preview(client, address)
    assert words.count("a circle arises") == 3
    client.post(f"{address}apply")
    assert [(one.person.name, one.manager.name) for one in Reporting.objects.all()] == [("Dirk", "Anna")]


def test_two_people_can_change_places(client: Client) -> None:
    bring_in(client, file("1;Anna;;;;;", "2;Bram;;;1;;"), day=(timezone.localdate() - timedelta(days=9)).isoformat())
    bring_in(client, file("1;Anna;;;2;;", "2;Bram;;;;;"))
    today = timezone.localdate()
    assert (manager_on("1", today), manager_on("2", today)) == ("2", "")


def test_an_older_file_cannot_change_what_came_after_it(client: Client) -> None:
    bring_in(client, file(*STAFF))
    before = everything()
    address = stage(client, file(*STAFF[:2]), day=(timezone.localdate() - timedelta(days=1)).isoformat())
    assert "was brought in already" in preview(client, address)
    client.post(f"{address}apply", {"meant": "on"})
    assert everything() == before


def test_differences_that_changed_meanwhile_are_shown_anew(client: Client) -> None:
    one, other = stage(client, file(*STAFF)), stage(client, file(*STAFF[:2]))
    client.post(f"{other}apply")
    client.post(f"{one}apply")
    assert Person.objects.count() == 2
    assert "People changed while you were looking" in (words := preview(client, one))
    assert "3 new" in words
    client.post(f"{one}apply")
    assert Person.objects.count() == 5


def test_an_import_that_breaks_half_way_leaves_nothing_and_can_be_done_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = stage(client, file(*STAFF))

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as context:
        context.setattr(spans, "accounts_to_close", broken)
        with pytest.raises(RuntimeError):
            client.post(f"{address}apply")
    assert not Person.objects.exists()
    assert PeopleImport.objects.get().status == ImportStatus.STAGED
    client.post(f"{address}apply")
    assert Person.objects.count() == 5


def test_pressing_twice_brings_in_once(client: Client) -> None:
    address = bring_in(client, file(*STAFF))
    before = everything()
    client.post(f"{address}apply")
    assert everything() == before
    assert "had moved on already" in preview(client, address)


def test_a_clumsy_workbook_is_understood(client: Client) -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("Medewerkers")
    dates = book.add_format({"num_format": "dd-mm-yyyy"})
    sheet.write(0, 0, "Export 24-11-2026")
    for column, name in enumerate(
        ("Persnr", "Roepnaam", "Tussenvoegsel", "Achternaam", "In dienst", "Werkdagen", "Taal")
    ):
        sheet.write(2, column, name)
    sheet.write_row(3, 0, [12.0, "Samira", "van der", "Bakker"])
    sheet.write_datetime(3, 4, datetime(2019, 2, 1), dates)  # noqa: DTZ001 - a workbook has no zones
    sheet.write_row(3, 5, ["ma t/m do", "Nederlands"])
    sheet.write_row(4, 0, [13.0, " Jan ", "", "Smit", "", "5", "Klingon"])
    book.close()
    address = stage(client, buffer.getvalue())
    words = preview(client, address)
    assert "“5” does not say which days" in words
    assert "Borging does not speak “Klingon”" in words
    client.post(f"{address}apply")
    samira = person("12")
    assert (samira.name, samira.work_days, samira.language) == ("Samira van der Bakker", "1234", "nl")
    assert samira.employments.get().start_date == date(2019, 2, 1)
    assert person("13").name == "Jan Smit"


def test_a_table_can_be_pasted_and_columns_overruled(client: Client) -> None:
    answer = client.post("/people/import", {"pasted": "Wie\tWaar\nAnna Bos\tZorg\nBram Dijk\tICT\n"})
    address = answer.headers["Location"]
    about = {"everybody": "no", "day": timezone.localdate().isoformat()}
    page = client.post(f"{address}columns", about).content.decode()
    assert "Say which column holds the staff number, the e-mail address or the name" in page
    client.post(f"{address}columns", {"name": "Wie", "team": "Waar", **about})
    client.post(f"{address}apply")
    assert sorted(Team.objects.values_list("name", flat=True)) == ["ICT", "Zorg"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "The submitted file is empty"),
        ("%PDF-1.7 nothing", "This is a PDF"),
        ("Anna;anna@example.org\nBram;bram@example.org\n", "The first row holds a person"),
    ],
)
def test_a_file_that_is_no_table_is_refused_and_not_kept(client: Client, content: str, reason: str) -> None:
    assert reason in upload(client, content)
    assert not PeopleImport.objects.exists()


def test_what_nobody_confirms_is_put_aside_in_the_night(client: Client, account: Account) -> None:
    from borging import tick

    stage(client, file(*STAFF))
    found = PeopleImport.objects.get()
    PeopleImport.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert found.path.exists()
    tick.night()
    assert not PeopleImport.objects.exists()
    assert not found.path.exists()


def test_the_last_administrator_keeps_the_login_when_they_leave(client: Client, account: Account) -> None:
    bring_in(client, file(*STAFF, "6;Noor;noor@example.org;;;;"), day="2026-01-01")
    Account.objects.filter(pk=account.pk).update(person=person("6"))
    bring_in(client, file(*STAFF))
    account.refresh_from_db()
    assert account.is_active
    assert Role.ADMIN in {grant.role for grant in account.grants.all()}


def test_thousands_of_people_come_in_with_few_statements(client: Client, django_assert_max_num_queries: Any) -> None:
    lines = [
        f"{n};Name {n};n{n}@example.org;Unit {n % 50} / Team {n % 300};{n // 10 or ''};2020-01-01;" for n in range(2000)
    ]
    address = stage(client, file(*lines))
    with django_assert_max_num_queries(120):
        client.post(f"{address}apply")
    assert Reporting.objects.count() == 1990
