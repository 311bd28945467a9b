"""A real mail server that keeps what it gets, and can be told to misbehave."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session


@dataclass
class Sink:
    """What arrived, in order: (address, message). `answer` is what the server says after DATA."""

    port: int = 0
    answer: str = "250 taken"
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        await asyncio.sleep(0)
        if self.answer.startswith("250"):
            message = BytesParser(policy=default).parsebytes(envelope.content or b"")
            self.mails += [(address, message) for address in envelope.rcpt_tos]
        return self.answer

    def take(self) -> list[tuple[str, EmailMessage]]:
        """What arrived since the last time."""
        taken, self.mails = self.mails, []
        return taken


@contextmanager
def listening() -> Iterator[Sink]:
    """A server for as long as this block lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sink = Sink(port=port)
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
