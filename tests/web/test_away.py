"""When the database or the disk is away: a page that says nothing was saved, and everything goes on when it is back."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, Never

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from borging.cards import links
from borging.cards.models import Card, CardStatus
from borging.evidence.models import Entry
from borging.web.away import passes
from borging.web.logs import Brief
from tests import journey, reading
from tests.dying import plan


@contextmanager
def database_away() -> Iterator[None]:
    """Every question to it fails, as when the server is restarted."""

    def away(*_question: Any) -> Never:
        raise OperationalError("the connection is closed")

    with connection.execute_wrapper(away):
        yield


@pytest.mark.django_db
def test_an_answer_that_comes_while_the_database_is_away_is_not_said_to_be_saved_and_can_be_given_again() -> None:
    plan("baseline-learner", people=1)
    card = Card.objects.get()
    Card.objects.update(status=CardStatus.OPEN, next_at=None, closes_at=journey.at(date(2100, 1, 1)))
    path = reverse("card", args=[links.token(card)])
    reader = Client(raise_request_exception=False)
    form = reading.filled(reader.get(path).content.decode(), reading.middling)
    with database_away():
        for language, word in (("en", "Nothing you sent just now was saved"), ("nl", "is niet bewaard")):
            refused = reader.post(path, form, headers={"accept-language": language})
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
            assert word in refused.content.decode()
    assert not Entry.objects.exists()
    assert reader.post(path, form).status_code == 302
    assert Entry.objects.exists()


@pytest.mark.django_db
def test_a_watcher_is_told_whether_it_runs_and_whether_it_can_work_whatever_name_it_comes_by() -> None:
    watcher = Client(headers={"host": "10.0.0.7"})
    assert [watcher.get(f"/health/{name}").content for name in ("alive", "ready")] == [b"alive\n", b"ready\n"]
    with database_away():
        assert watcher.get("/health/alive").status_code == 200
        assert watcher.get("/health/ready").status_code == 503
    assert not watcher.cookies


def trouble(statement: str, *, pages: int = 0) -> OperationalError:
    """What Django makes of an error of SQLite."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE kept (words TEXT)")
    if pages:
        database.execute(f"PRAGMA max_page_count = {pages}")
    try:
        with pytest.raises(sqlite3.OperationalError) as found:
            database.execute(statement)
    finally:
        database.close()
    made = OperationalError(str(found.value))
    made.__cause__ = found.value
    return made


def test_a_full_disk_is_told_apart_from_a_mistake_of_ours() -> None:
    assert passes(trouble("INSERT INTO kept VALUES (zeroblob(1000000))", pages=2))
    assert passes(OSError(28, "No space left on device"))
    assert not passes(trouble("SELECT * FROM nowhere"))
    assert not passes(OSError(2, "No such file or directory"))
    assert not passes(ValueError())


def logged(error: Exception) -> list[str]:
    """The lines of the log about an error."""
    try:
        raise error
    except Exception as raised:
        info = (type(raised), raised, raised.__traceback__)
    record = logging.LogRecord("web", logging.ERROR, "", 0, "error %s", ("12",), info)
    Brief().filter(record)
    return logging.Formatter().format(record).splitlines()


def test_what_passes_is_one_line_in_the_log_and_a_mistake_of_ours_keeps_its_trace() -> None:
    assert logged(OperationalError("closed\n")) == ["error 12: closed"]
    assert logged(ValueError("ours"))[:2] == ["error 12", "Traceback (most recent call last):"]
