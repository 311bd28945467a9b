"""What a log may hold: the addresses of cards are keys, so they are written without their key.

While the database is away every request fails: one line each says so, without where in the code that was.
"""

import logging
import re

from .away import passes

KEYED = re.compile(r"/(k|p)/[^/\s]+")


class WithoutKeys(logging.Filter):
    """Takes the key out of card and pause addresses, in the words of a line and in what is put into them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _masked(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_masked(part) for part in record.args)
        return True


def _masked(part: object) -> object:
    return KEYED.sub(r"/\1/[key]", part) if isinstance(part, str) else part


class Brief(logging.Filter):
    """Takes the trace away from what passes by itself, and leaves what it said."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if passes(error):
            record.msg, record.args = f"{record.getMessage()}: {str(error).strip()}", ()
            record.exc_info = record.exc_text = None
        return True
