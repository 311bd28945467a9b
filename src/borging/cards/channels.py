"""Handing mails over, one at a time over one connection, and telling what became of each.

What is wrong with one mail is told as RefusedError. What is wrong with the server raises AwayError: that is no mail's
fault. A connection that breaks while a mail is handed over is told as BrokenError. It leaves open whether the mail was
taken; it is sent again with the same Message-ID, so a second copy is the same mail.
"""

from __future__ import annotations

import logging
import re
import secrets
import smtplib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from django.core.mail import EmailMessage, get_connection

from borging.failpoints import passing

from .jobs import AwayError, BrokenError, RefusedError
from .mail import AddressError, message
from .rules import Mail

logger = logging.getLogger(__name__)

CLOSING = 421
"""The answer of a server that is about to end the connection."""
MOST_BREAKS = 5
"""Mails in a row over which the connection breaks, before it is the server's fault."""
ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


class ClosingError(AwayError):
    """The server ends this connection before it took the mail at hand."""


def post(
    mails: Iterable[Mail | RefusedError], *, sender: str, domain: str, now: datetime | None = None
) -> Iterator[RefusedError | BrokenError | None]:
    """Send mails over one connection; for each in turn None, or why it was not taken. See `mail.message`.

    What could not be written as a mail takes its place in the row as a RefusedError.

    Raises AwayError when the server is not there, takes nothing from us, or breaks the connection again and again.
    """
    outbox, breaks = Outbox(), 0
    try:
        for mail in mails:
            if isinstance(mail, RefusedError):
                yield mail
                continue
            trouble = _trouble(outbox, mail, sender=sender, domain=domain, now=now)
            breaks = breaks + 1 if isinstance(trouble, BrokenError) else 0
            if breaks == MOST_BREAKS:
                raise AwayError(str(trouble))
            yield trouble
    finally:
        outbox.close()


def _trouble(
    outbox: Outbox, mail: Mail, *, sender: str, domain: str, now: datetime | None
) -> RefusedError | BrokenError | None:
    """Send one mail; what went wrong with it, if anything did. Raises AwayError."""
    try:
        made = message(mail, sender=sender, domain=domain, now=now)
        passing("written")
        outbox.send(made)
    except AddressError:
        return RefusedError("address", permanent=True)
    except (RefusedError, BrokenError) as trouble:
        return trouble
    except AwayError:
        raise
    except Exception:
        logger.exception("error %s: a mail cannot be sent", secrets.token_hex(4))
        return RefusedError("cannot be sent")
    return None


class Outbox:
    """A connection to the configured mail server, made when the first mail goes.

    Some servers end it after so many mails: then the next one goes over a new connection.
    """

    def __init__(self) -> None:
        self._connection = get_connection()

    def send(self, made: EmailMessage) -> None:
        """Raises RefusedError or BrokenError for this mail, AwayError for all."""
        try:
            self._hand_over(made)
        except ClosingError:
            self.close()
            self._hand_over(made)

    def _hand_over(self, made: EmailMessage) -> None:
        try:
            self._connection.open()
        except OSError as error:
            raise AwayError(_words(error)) from error
        passing("connected")
        try:
            self._connection.send_messages([made])
        except smtplib.SMTPRecipientsRefused as error:
            raise self._refusal(*next(iter(error.recipients.values()))) from error
        except smtplib.SMTPDataError as error:
            raise self._refusal(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPSenderRefused as error:  # it is about us, not about this mail
            closing = error.smtp_code == CLOSING
            raise (ClosingError if closing else AwayError)(_words(error)) from error
        except smtplib.SMTPResponseException as error:
            raise AwayError(_words(error)) from error
        except OSError as error:
            self.close()
            raise BrokenError(_words(error)) from error

    def _refusal(self, code: int, words: bytes | str) -> RefusedError | BrokenError:
        if code == CLOSING or code < 400:  # it hangs up, or says what is no answer
            self.close()
            return BrokenError(str(code))
        return RefusedError(_code(code, words), permanent=code >= 500)

    def close(self) -> None:
        with suppress(OSError):
            self._connection.close()


def _code(code: int, words: bytes | str) -> str:
    """What a server answered, without its own words: those may hold an address."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    enhanced = ENHANCED.search(text)
    return f"{code} {enhanced.group()}" if enhanced else str(code)


def _words(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _code(error.smtp_code, error.smtp_error)
    return type(error).__name__
