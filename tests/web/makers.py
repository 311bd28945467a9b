"""Organisations, accounts and files to test with."""

import uuid
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.utils import timezone

from borging import tick
from borging.effects import reads, writes
from borging.effects.models import Status, Study
from borging.people import writes as people_writes
from borging.people.models import Account

PASSWORD = "a long enough sentence"


def account(email: str = "noor@example.org", *, organisation: str = "De Vaart", password: str | None = None) -> Account:
    return people_writes.add_account(
        email=email, organisation=people_writes.open_organisation(name=organisation), name="Noor", password=password
    )


def client_of(who: Account, *, language: str = "en") -> Client:
    client = Client()
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = language
    return client


def csv_file(name: str, text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


def example(kind: str) -> SimpleUploadedFile:
    path: Path = reads.example_path(kind)
    return SimpleUploadedFile(path.name, path.read_bytes(), content_type="text/csv")


def people(n: int = 40) -> str:
    """A clumsy but usable participants file: Dutch headers, semicolons, empty starts, one row twice."""
    rows = [f"{i};{'2025-02-01' if i % 2 else ''};{20 + i}" for i in range(n)]
    return "\n".join(["Personeelsnummer;Startdatum;Leeftijd", *rows, rows[0]])


def months(n: int = 40) -> str:
    """An outcomes file with one column a month."""
    rows = [f"{i};{i % 7},5;{i % 5};{i % 3}" for i in range(n)]
    return "\n".join(["Personeelsnummer;jan 2025;feb 2025;mrt 2025", *rows])


def untold(_study_id: uuid.UUID) -> None:
    """A queue that forgets what it is told, so that a study stays as it is."""


@override_settings(WORK_QUEUE="tests.web.makers.untold")
def busy(owner: Account) -> Study:
    """A study whose files nobody has read yet."""
    return writes.receive_example(owner=owner, title="Under way", now=timezone.now())


def in_state(owner: Account, **values: Any) -> Study:
    study = busy(owner)
    Study.objects.filter(pk=study.pk).update(**{"due_at": None, **values})
    study.refresh_from_db()
    return study


def finished(owner: Account) -> Study:
    """The example, studied; the calculation itself is done once and kept for the next test."""
    return in_state(owner, **_answer(), status=Status.READY, finished_at=timezone.now())


_ANSWERS: list[dict[str, Any]] = []


def _answer() -> dict[str, Any]:
    if not _ANSWERS:
        study = tick.study_example(account("calculates@example.org", organisation="Once"))
        names = ("result", "left_out", "rejected", "columns", "inspection")
        _ANSWERS.append({name: getattr(study, name) for name in names})
        study.organisation.delete()
    return _ANSWERS[0]


def study_in_each_state(owner: Account) -> dict[str, Study]:
    """One study for each page a study can have."""
    is_pdf = {"code": "is_pdf", "file": "participants", "params": {}}
    return {
        "progress": busy(owner),
        "mapping": in_state(owner, status=Status.MAPPING, inspection=_answer()["inspection"]),
        "stopped": in_state(owner, status=Status.UNUSABLE, problem=is_pdf),
        "failed": in_state(owner, status=Status.FAILED, problem={"code": "failed", "params": {"error_id": "ab12cd34"}}),
        "report": finished(owner),
    }
