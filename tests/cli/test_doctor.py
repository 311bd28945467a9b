"""`borging doctor` says in a sentence what is wrong once others can reach an installation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.utils import timezone, translation
from pytest_django import Settings

from borging.backup import archive
from borging.cards.models import Contact
from borging.cli import reachable
from tests import journey
from tests.backup import earlier

pytestmark = pytest.mark.django_db


@pytest.fixture
def reached(settings: Settings, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """An installation that others can reach, with nothing wrong."""
    data_folder.mkdir(mode=0o700)
    settings.ALLOWED_HOSTS, settings.BASE_URL, settings.HTTPS = (
        ["borging.example.org"],
        "https://borging.example.org",
        True,
    )
    settings.SECRET_KEY, settings.PSEUDONYM_KEY = "abcdefghij" * 6, "klmnopqrst" * 6
    for name in ("SECRET", "PSEUDONYM"):
        monkeypatch.setenv(f"BORGING_{name}_KEY", getattr(settings, f"{name}_KEY"))
    settings.BACKUP_KEY = archive.new_key()[1]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(reachable, "_answer", lambda _url: (200, ""))
    monkeypatch.setattr(reachable, "check_role", lambda: None)  # the suite is a superuser on PostgreSQL
    with translation.override("en"):
        yield settings


def findings() -> dict[str, str]:
    return {name: found.wrong for name, check in reachable.checks().items() if (found := check())}


def test_an_installation_with_nothing_wrong_has_no_findings(reached: Settings) -> None:
    assert len(reachable.checks()) == 11
    assert findings() == {}


def test_an_installation_for_one_machine_is_not_asked_for_any_of_this(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    assert reachable.checks() == {}


@pytest.mark.parametrize(
    ("name", "value", "check", "said"),
    [
        ("HTTPS", False, "Encrypted connections", "BORGING_HTTPS is off"),
        ("SECRET_KEY", "short", "Keys", "short enough to be guessed"),
        ("BACKUP_KEY", "", "Key for backups", "no backup can be made"),
        ("BACKUP_KEY", earlier.KEY, "Key for backups", "lies on the machine that makes them"),
        ("BASE_URL", "https://elsewhere.example.org", "The address in mails", "nobody is answered there"),
        ("BASE_URL", "http://borging.example.org", "The address in mails", "nobody is answered there"),
        ("ALLAUTH_TRUSTED_PROXY_COUNT", 0, "Who is asking", "shuts out all"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "Mail", "written to the log"),
    ],
)
def test_each_setting_that_is_wrong_is_named(reached: Settings, name: str, value: Any, check: str, said: str) -> None:
    setattr(reached, name, value)
    assert said in findings()[check]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((301, ""), "X-Forwarded-Proto is not handed on"),
        ((400, ""), "another Host than BORGING_HOSTS has"),
        ((502, ""), "it answers with 502"),
        ((0, "Connection refused"), "Connection refused"),
    ],
)
def test_a_web_server_in_front_that_hands_on_too_little_is_told_what(
    reached: Settings, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, str], said: str
) -> None:
    monkeypatch.setattr(reachable, "_answer", lambda _url: answer)
    assert said in findings()["The web server in front"]


def test_keys_that_lie_beside_the_data_a_folder_others_may_read_and_mail_that_waits_are_found(
    reached: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BORGING_SECRET_KEY")
    Path(configured.DATA_DIR).chmod(0o750)
    home = journey.programme(learners=1).organisation
    home.time_zone = "Europe/Utopia"
    home.save()
    Contact.objects.create(
        organisation=home,
        person=home.people.all()[0],
        made_at=timezone.now(),
        due_at=timezone.now() - 2 * reachable.OVERDUE,
    )
    assert set(findings()) == {"Keys", "Rights on the data folder", "Clock and time zones", "Workers"}
