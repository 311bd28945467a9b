"""The mail of the demonstration: kept here instead of sent, and read as the person it is for."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMessage

from borging.cards.channels import post
from borging.cards.links import choice_mark
from borging.people.models import Account, Person
from tests.cards.letters import DOMAIN, SENDER, SITE, mail
from tests.web import makers

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def viewer() -> Account:
    return makers.account()


@pytest.fixture
def samira(viewer: Account) -> Person:
    return Person.objects.create(organisation=viewer.organisation, name="Samira", email="samira@example.org")


def send(*, key: str = "1", now: datetime = MONDAY, address: str = "samira@example.org", language: str = "nl") -> None:
    (refused,) = post([mail(key=key, to_address=address, language=language)], sender=SENDER, domain=DOMAIN, now=now)
    assert refused is None


def test_without_the_demonstration_there_is_no_inbox(viewer: Account) -> None:
    assert makers.client_of(viewer).get("/demo/inbox/").status_code == 404


@pytest.mark.usefixtures("demonstration")
def test_an_empty_inbox_tells_how_mail_comes(viewer: Account, samira: Person) -> None:
    client = makers.client_of(viewer)
    assert "Start a programme" in client.get("/demo/inbox/").text
    assert "As soon as Borging writes to Samira" in client.get(f"/demo/inbox/{samira.pk}/").text


@pytest.mark.usefixtures("demonstration")
def test_mail_is_read_as_the_person_it_is_for_the_latest_first(viewer: Account, samira: Person) -> None:
    send(key="1", language="en")
    send(key="2", now=MONDAY + timedelta(days=2), language="nl")
    client = makers.client_of(viewer)
    assert "2 mails" in client.get("/demo/inbox/").text
    page = client.get(f"/demo/inbox/{samira.pk}/").text
    subjects = re.findall(r"(Kwam het deze week voor\?|Did it come up this week\?)", page)
    assert subjects[0].startswith("Kwam")
    assert subjects[-1].startswith("Did")
    assert f"{SITE}/c/1.0.abc/?a={choice_mark('/c/1.0.abc/', 'done')}" in page  # in the plain text
    names = re.findall(rf'href="(/demo/inbox/{samira.pk}/[0-9a-f]+/)"', page)
    assert "Wednesday 25 November 2026" in client.get(names[0]).text
    assert "Did it come up" in client.get(f"{names[1]}html").text


@pytest.mark.usefixtures("demonstration")
def test_a_second_copy_of_a_message_is_the_same_message(viewer: Account, samira: Person, data_folder: Path) -> None:
    send()
    send()
    assert len([path for path in data_folder.rglob("*") if path.is_file() and "inbox" in path.parts]) == 1
    assert "1 mail" in makers.client_of(viewer).get("/demo/inbox/").text


@pytest.mark.usefixtures("demonstration")
def test_a_mail_is_shown_where_it_can_do_nothing(viewer: Account, samira: Person) -> None:
    send()
    client = makers.client_of(viewer)
    page = client.get(f"/demo/inbox/{samira.pk}/")
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    frame = re.search(r'<iframe[^>]*sandbox="([^"]*)"[^>]*src="([^"]*)"', page.text)
    assert frame is not None
    assert "allow-scripts" not in frame[1]
    assert "allow-same-origin" not in frame[1]
    shown = client.get(frame[2])
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.usefixtures("demonstration")
def test_only_mail_of_the_own_organisation_is_there(viewer: Account, samira: Person) -> None:
    send()
    stranger = makers.client_of(makers.account("eve@example.org", organisation="Elders"))
    assert "Samira" not in stranger.get("/demo/inbox/").text
    name = re.search(r"/([0-9a-f]{32})/", makers.client_of(viewer).get(f"/demo/inbox/{samira.pk}/").text)
    assert name is not None
    for address in ("", f"{name[1]}/", f"{name[1]}/html"):
        assert stranger.get(f"/demo/inbox/{samira.pk}/{address}").status_code == 404


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("name", ["0" * 32, "x", "..", "%2e%2e", "..%2f..%2fsecret-key"])
def test_a_name_that_is_no_message_is_not_there(viewer: Account, samira: Person, name: str) -> None:
    send()
    assert makers.client_of(viewer).get(f"/demo/inbox/{samira.pk}/{name}/").status_code == 404


@pytest.mark.usefixtures("demonstration")
def test_plain_mail_to_several_readers_stands_in_each_of_their_mailboxes(viewer: Account, samira: Person) -> None:
    other = Person.objects.create(organisation=viewer.organisation, name="Bram", email="Bram@Example.org")
    django_mail.get_connection().send_messages(
        [EmailMessage("Code <b>", "Your code", SENDER, ["samira@example.org", "bram@example.org"])]
    )
    client = makers.client_of(viewer)
    for person in (samira, other):
        page = client.get(f"/demo/inbox/{person.pk}/").text
        assert "Code &lt;b&gt;" in page
        assert "Your code" in page
        assert "<iframe" not in page
