"""What a log may hold: no address that is a key, and nobody's mail address, wherever in a line they stand.

While the database is away every request fails: one line each says so, without where in the code that was.
"""

import logging
import re

from .away import passes

KEYED = re.compile(r"/([a-z])/[^/\s'\"]+")
MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+")


class Masked(logging.Formatter):
    """Takes keys and mail addresses out of a whole line: its words, what is put into them, and where it went wrong."""

    def format(self, record: logging.LogRecord) -> str:
        return MAIL.sub("[address]", KEYED.sub(r"/\1/[key]", super().format(record)))


class Brief(logging.Filter):
    """Takes the trace away from what passes by itself, and leaves what it said."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if passes(error):
            record.msg, record.args = f"{record.getMessage()}: {str(error).strip()}", ()
            record.exc_info = record.exc_text = None
        return True
