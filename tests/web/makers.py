"""Organisations, accounts and files to test with."""

from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from borging.effects import reads
from borging.people import writes
from borging.people.models import Account

PASSWORD = "a long enough sentence"


def account(email: str = "noor@example.org", *, organisation: str = "De Vaart", password: str | None = None) -> Account:
    return writes.add_account(
        email=email, organisation=writes.open_organisation(name=organisation), name="Noor", password=password
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
