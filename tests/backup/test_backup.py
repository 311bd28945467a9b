"""A backup holds everything at one moment and comes back as it was, on either database, or says why it does not."""

import gzip
import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.utils import ConnectionHandler
from pytest_django import Settings
from typer.testing import CliRunner, Result

from borging import clock, upgrade
from borging.backup import archive, jobs, rows
from borging.backup.rules import FORMAT, Head, Manifest, Part, Reason, differences, latest, reason_to_refuse
from borging.cards import links
from borging.cards.models import Card
from borging.cli import app
from borging.effects.models import Study
from borging.evidence.models import Entry
from borging.people.models import Account, Organisation, Person
from borging.privacy import tombstones
from tests.backup import earlier

EARLIER = sorted(earlier.FOLDER.glob("*.age"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A file with the secret key, as `age-keygen` writes it."""
    path = tmp_path / "key"
    path.write_text(f"# created: long ago\n{earlier.KEY}\n")
    return path


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", EARLIER, ids=lambda path: path.stem)
def test_a_backup_of_an_earlier_version_comes_back_is_kept_again_while_others_write_and_comes_back_again(
    elsewhere: str, path: Path, key: Path, tmp_path: Path, settings: Settings
) -> None:
    killed = die_while_migrating(elsewhere, tmp_path)
    assert killed == -signal.SIGKILL
    removed_since(path, name="Tess Trainer")
    back = run("restore", str(path), "--key", str(key))
    assert back.exit_code == 0, back.output
    assert not Person.objects.filter(name="Tess Trainer").exists()
    assert Card.objects.filter(status="answered").count() == 3
    assert Entry.objects.count() > 10
    assert "and 3 files came back" in back.output
    assert not Study.objects.get().folder.exists()  # gone with the one who was removed: they may stand in those files
    upgrade.check(MigrationLoader(connection))
    no_link_leads_astray()

    settings.BACKUP_KEY = archive.public(earlier.KEY)
    with others_writing():
        again = run("backup", str(tmp_path / "again.age"), "--try")
    assert again.exit_code == 0, again.output
    assert "each as it was" in again.output
    assert (
        "There is something in this database" in run("restore", str(tmp_path / "again.age"), "--key", str(key)).stderr
    )


def removed_since(path: Path, *, name: str) -> None:
    """This person was removed for good after the backup was made, which the list beside the database tells."""
    with archive.reading(path, key=earlier.KEY) as tar:
        lines = next(archive.content(tar, entry) for entry in tar if entry.name.startswith("rows/people_person/"))
    names, *people = map(json.loads, gzip.decompress(lines).splitlines())
    row = next(found for person in people if (found := dict(zip(names, person, strict=True)))["name"] == name)
    person = Person(organisation_id=row["organisation_id"], secret=row["secret"])
    stone = tombstones.Tombstone(
        organisation_id=person.organisation_id,
        mark=tombstones.mark(person).hex,
        what="person",
        programme_id=None,
        at=clock.now().isoformat(),
    )
    tombstones.add([stone])


def no_link_leads_astray() -> None:
    """A card that was made and mailed after the backup is gone: no new one gets its number, and so its link."""
    last = Card.objects.latest("pk")
    mailed = links.token(Card(pk=last.pk + 1))
    last.pk, last.enrolment = None, None
    last.save()
    with pytest.raises(links.BadLinkError):
        links.card_for(mailed, now=clock.now())


def die_while_migrating(elsewhere: str, folder: Path) -> int:
    """The status of a process that is killed when the last change was made and nothing is settled yet."""
    environment = {
        **os.environ,
        "DATABASE_URL": elsewhere,
        "BORGING_FAILPOINT": "upgraded",
        "BORGING_DATA_DIR": str(folder),
    }
    return subprocess.run([sys.executable, "-m", "borging.cli", "migrate"], env=environment, check=False).returncode


class others_writing:  # noqa: N801 - reads as what it is
    """Inside this somebody makes organisations with an account, always both in one transaction."""

    def __enter__(self) -> None:
        self._over = threading.Event()
        self._busy = threading.Event()
        self._thread = threading.Thread(target=self._write, args=(connections["default"].settings_dict,))
        self._thread.start()
        assert self._busy.wait(10)

    def _write(self, database: dict[str, str]) -> None:
        connections["default"] = ConnectionHandler({"default": database})["default"]
        number = 0
        while not self._over.is_set():
            with transaction.atomic():
                made = Organisation.objects.create(name=f"Other {number}")
                Account.objects.create_user(f"other{number}@example.org", organisation=made)
            number += 1
            self._busy.set()
            self._over.wait(0.005)
        connections["default"].close()

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "said"),
    [("key", "belongs to another pseudonym key"), ("schema", "was made by a newer version, 0.1.0")],
)
def test_a_backup_that_does_not_belong_here_is_refused_before_anything_is_written(
    key: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, wrong: str, said: str
) -> None:
    settings.PSEUDONYM_KEY = "another" if wrong == "key" else earlier.PSEUDONYMS
    monkeypatch.setattr(jobs, "check_empty", lambda: None)
    if wrong == "schema":
        monkeypatch.setattr(jobs, "known", lambda _loader: frozenset())
    refused = run("restore", str(EARLIER[-1]), "--key", str(key))
    assert (refused.exit_code, said in refused.stderr) == (2, True)
    assert not Organisation.objects.exists()


@pytest.mark.django_db
def test_a_database_that_a_newer_version_changed_is_neither_changed_nor_kept() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('people', '9999_later', '2030-01-01')"
        )
    with pytest.raises(upgrade.TooNewError):
        upgrade.check(MigrationLoader(connection))
    with pytest.raises(upgrade.TooNewError):
        jobs.make(Path("never.age"), keys=[], now=clock.now())


def head(**changes: object) -> Head:
    made = {"format": FORMAT, "version": "1", "made_at": "", "migrations": frozenset({("a", "1")}), "pseudonyms": "p"}
    return Head(**(made | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (head(), None),
        (head(migrations=frozenset()), None),
        (head(format=FORMAT + 1), Reason.FORMAT),
        (head(migrations=frozenset({("a", "1"), ("a", "3")})), Reason.NEWER),
        (head(pseudonyms="q"), Reason.OTHER_KEY),
    ],
)
def test_only_a_backup_of_this_schema_or_an_earlier_one_and_of_the_same_key_comes_back(
    given: Head, reason: Reason | None
) -> None:
    assert reason_to_refuse(given, known=frozenset({("a", "1"), ("a", "2")}), pseudonyms="p") is reason


def test_of_changes_that_build_on_each_other_the_last_in_each_app_leads_to_all() -> None:
    one, two, other = ("a", "1"), ("a", "2"), ("b", "1")
    assert latest([one, two, other], before={two: {one}, other: {two}}) == [two, other]
    assert latest([one], before={two: {one}}) == [one]


def test_a_table_or_file_that_is_missing_changed_or_new_is_named() -> None:
    was = Manifest(
        tables={"a": Part(size=1, sha256="x"), "b": Part(size=1, sha256="y")}, files={"f": Part(size=2, sha256="z")}
    )
    now = Manifest(
        tables={"a": Part(size=1, sha256="x"), "b": Part(size=1, sha256="w")}, files={"g": Part(size=2, sha256="z")}
    )
    assert differences(was, was) == ()
    assert differences(was, now) == ("b", "f", "g")


def test_numbers_in_a_structure_are_written_as_every_database_gives_them_back() -> None:
    assert rows.settled({"a": [-0.0, 1e22, 1.5, 3, True, "x", None]}) == {"a": [0.0, 10**22, 1.5, 3, True, "x", None]}
    assert str(rows.settled(-0.0)) == "0.0"


class TestTheFile:
    """Without the key there is nothing to read; with it, age's own command opens it."""

    def test_without_the_secret_key_not_a_word_of_it_can_be_read(self, tmp_path: Path) -> None:
        secret, public = archive.new_key()
        with archive.writing(tmp_path / "kept.age", keys=[public]) as tar:
            archive.add(tar, "part", b"CANARY " * 100)
        assert b"CANARY" not in (tmp_path / "kept.age").read_bytes()
        assert (tmp_path / "kept.age").stat().st_mode & 0o077 == 0
        with pytest.raises(archive.NotOpenedError), archive.reading(tmp_path / "kept.age", key=archive.new_key()[0]):
            pass
        with archive.reading(tmp_path / "kept.age", key=secret) as tar:
            assert [archive.content(tar, entry) for entry in tar] == [b"CANARY " * 100]

    @pytest.mark.parametrize("left", [0, 10, 1_000, 150_000, -1])
    def test_a_file_that_was_cut_off_does_not_open_as_if_it_were_whole(self, tmp_path: Path, left: int) -> None:
        secret, public = archive.new_key()
        with archive.writing(tmp_path / "kept.age", keys=[public]) as tar:
            for name in "abc":
                archive.add(tar, name, os.urandom(100_000))
        (tmp_path / "cut.age").write_bytes((tmp_path / "kept.age").read_bytes()[:left])
        with pytest.raises(archive.NotOpenedError), archive.reading(tmp_path / "cut.age", key=secret) as tar:
            assert [archive.content(tar, entry) for entry in tar]

    def test_what_goes_wrong_while_it_is_made_leaves_no_file(self, tmp_path: Path) -> None:
        key = archive.new_key()[1]
        with pytest.raises(TypeError), archive.writing(tmp_path / "kept.age", keys=[key]) as tar:
            archive.add(tar, "part", None)  # type: ignore[arg-type]
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("name", ["../out", "a/../../out", "/out"])
    def test_a_file_in_it_never_lands_outside_the_data_folder(
        self, data_folder: Path, tmp_path: Path, name: str
    ) -> None:
        with tarfile.open(tmp_path / "odd.tar", "w") as tar:
            archive.add(tar, "odd", b"x")
        with tarfile.open(tmp_path / "odd.tar") as tar, pytest.raises(archive.NotOpenedError):
            jobs._put_file(tar, tar.getmembers()[0], name=name)

    def test_keys_of_other_kinds_are_told_apart(self) -> None:
        secret, public = archive.new_key()
        assert archive.public(secret) == archive.public(public) == public
        for wrong in ("", "age1nothing", "AGE-SECRET-KEY-1NOTHING"):
            with pytest.raises(archive.KeyUnreadableError):
                archive.public(wrong)
