"""Mail that stays here: a file per message in a folder per address."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage as Parsed
from email.policy import default
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

NAME = re.compile(r"[0-9a-f]{32}")


class NoSuchMailError(LookupError):
    """There is no such message in this mailbox."""


class Backend(BaseEmailBackend):
    """Keeps what Django sends. A second copy of a message is the same file."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            keep(message)
        return len(email_messages)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A message in a mailbox, by its name there."""

    name: str
    subject: str
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A message as it is read. `html` is what somebody sent: to be shown apart from our own pages."""

    kept: Kept
    to: str
    text: str
    html: str


def keep(message: EmailMessage) -> None:
    """Write a message into the mailbox of everybody it is for, in one go."""
    made = message.message()
    name = _hashed(str(made["Message-ID"]))
    for recipient in message.recipients():
        folder = _mailbox(parseaddr(recipient)[1])
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(made.as_bytes())
        Path(file.name).replace(folder / f"{name}.eml")


def counts(addresses: Iterable[str]) -> dict[str, int]:
    """How many messages there are for each address that has any."""
    found = {address: len(list(_mailbox(address).glob("*.eml"))) for address in addresses}
    return {address: n for address, n in found.items() if n}


def mailbox(address: str) -> tuple[Kept, ...]:
    """The messages for an address, the latest first."""
    messages = (_kept(path, _parsed(path)) for path in _mailbox(address).glob("*.eml"))
    return tuple(sorted(messages, key=lambda kept: (kept.sent_at, kept.name), reverse=True))


def opened(address: str, name: str) -> Opened:
    """Raises NoSuchMailError."""
    path = _mailbox(address) / f"{name}.eml"
    if not NAME.fullmatch(name) or not path.exists():
        raise NoSuchMailError(name)
    message = _parsed(path)
    bodies = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    text, html = (str(body.get_content()) if (body := bodies[kind]) else "" for kind in ("plain", "html"))
    return Opened(kept=_kept(path, message), to=str(message["To"]), text=text, html=html)


def _parsed(path: Path) -> Parsed:
    return message_from_bytes(path.read_bytes(), policy=default)


def _kept(path: Path, message: Parsed) -> Kept:
    return Kept(name=path.stem, subject=str(message["Subject"]), sent_at=message["Date"].datetime)


def _mailbox(address: str) -> Path:
    return Path(settings.DATA_DIR) / "inbox" / _hashed(address.lower())


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
