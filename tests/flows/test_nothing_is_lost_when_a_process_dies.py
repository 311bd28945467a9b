"""Processes are killed where it hurts, work side by side, or find no mail server: nothing is lost and nothing doubles.

The long version, with 1,500 cards and forty kills, is `python -m benchmarks.crashes`.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as configured
from django.db import connection
from pytest_django import Settings

from borging import tick
from borging.cards.models import Card, CardStatus, Contact, ContactStatus
from tests import dying, processes, smtp
from tests.journey import TRAINING_DAY, at
from tests.processes import DUE, Worker

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 60
PER_MINUTE = 25


@pytest.fixture
def sink() -> Iterator[smtp.Sink]:
    with smtp.listening() as listening:
        yield listening


def elsewhere(sink: smtp.Sink, folder: Path) -> Mapping[str, str]:
    """What a process needs to work on the database as it is now: the same one, or a copy where it is in memory."""
    url = os.environ.get("DATABASE_URL", "")
    if connection.vendor == "sqlite":
        with sqlite3.connect(folder / "copy.sqlite3") as copy:
            connection.connection.backup(copy)
        url = f"sqlite:///{folder / 'copy.sqlite3'}"
    else:
        url = urlsplit(url)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return {
        "DATABASE_URL": url,
        "BORGING_DATA_DIR": str(folder / "data"),
        "BORGING_MAILS_PER_MINUTE": str(PER_MINUTE),
        "BORGING_SECRET_KEY": configured.SECRET_KEY,
        "BORGING_PSEUDONYM_KEY": configured.PSEUDONYM_KEY,
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
    }


def test_a_worker_killed_at_the_worst_moments_loses_nobody_and_sends_nobody_two_messages(
    sink: smtp.Sink, tmp_path: Path
) -> None:
    dying.plan("baseline-learner", people=PEOPLE)
    environment = elsewhere(sink, tmp_path)
    points = ("gather-applied:2", "claim-updated:1", "accepted:7", "written:12")
    came = processes.series(environment, sink, *(partial(Worker, environment, dies_at=point) for point in points))
    assert (came.people, came.doubled, came.kills) == (PEOPLE, 0, len(points))
    assert came.copies == 1, "only what was accepted and not yet marked may come again, as the same message"
    assert came.fastest <= PER_MINUTE


def test_two_workers_side_by_side_send_everything_once_and_no_faster(sink: smtp.Sink, tmp_path: Path) -> None:
    dying.plan("baseline-learner", people=PEOPLE)
    came = processes.side_by_side(elsewhere(sink, tmp_path), sink)
    assert (came.people, came.doubled, came.copies) == (PEOPLE, 0, 0)
    assert came.fastest == PER_MINUTE


def test_an_answer_is_kept_whole_or_not_at_all(sink: smtp.Sink, tmp_path: Path) -> None:
    dying.plan("goal-and-case", "reaction", people=1)
    Card.objects.update(status=CardStatus.OPEN)
    kept = processes.answered(
        elsewhere(sink, tmp_path),
        ("goal-and-case", "answer-kept:2", "first words"),
        ("goal-and-case", "card-closed:1", "first words"),
        ("goal-and-case", "", "first words"),
        ("goal-and-case", "answer-replaced:1", "other words"),
        ("goal-and-case", "", "other words"),
        ("reaction", "answers-kept:1", ""),
        ("reaction", "answers-closed:1", ""),
        ("reaction", "", ""),
    )
    assert [(found.status, found.standing, found.replaced) for found in kept] == [
        ("open", 1, 0),
        ("open", 2, 0),
        ("answered", 3, 0),
        ("answered", 3, 0),
        ("answered", 3, 2),
        ("open", 0, 0),
        ("open", 0, 0),
        ("answered", kept[-1].standing, 0),
    ]
    assert kept[-1].standing > 1


def minutes(since: datetime, until: datetime, *, every: int = 1) -> Iterator[datetime]:
    while since < until:
        yield since
        since += timedelta(minutes=every)


def test_after_a_day_without_a_mail_server_everything_comes_at_the_usual_pace_and_nothing_at_night(
    sink: smtp.Sink, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    settings.MAILS_PER_MINUTE = PER_MINUTE
    dying.plan("baseline-learner", people=PEOPLE)
    back = at((DUE + timedelta(days=1)).date(), time(6, 0))
    for now in minutes(DUE, back, every=30):
        tick.minute(now)
    assert Contact.objects.count() == PER_MINUTE
    settings.EMAIL_PORT = sink.port
    morning = at(back.date(), time(7, 30))
    arrived: Counter[datetime] = Counter()
    for now in (*minutes(back, morning, every=15), *minutes(morning, morning + timedelta(minutes=10))):
        tick.minute(now)
        arrived[now] += len(sink.take())
    assert sum(arrived.values()) == PEOPLE
    assert max(arrived.values()) == PER_MINUTE
    assert all(now >= morning for now, mails in arrived.items() if mails)
    assert set(Contact.objects.values_list("status", "attempts")) == {(ContactStatus.SENT, 0)}


def test_what_closed_while_the_mail_server_was_away_lapses_and_is_not_sent(sink: smtp.Sink, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    settings.MAILS_PER_MINUTE = PER_MINUTE
    dying.plan("baseline-learner", people=PEOPLE)
    tick.minute(DUE)
    settings.EMAIL_PORT = sink.port
    for now in minutes(at(TRAINING_DAY, time(13, 0)), at(TRAINING_DAY, time(13, 10))):
        tick.minute(now)
    assert sink.take() == []
    assert set(Card.objects.values_list("status", flat=True)) == {CardStatus.LAPSED}
