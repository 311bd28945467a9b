"""What a log may hold: no address that is a key, and nobody's mail address, wherever in a line they stand."""

import logging
import re

KEYED = re.compile(r"/([a-z])/[^/\s'\"]+")
MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+")


class Masked(logging.Formatter):
    """Takes keys and mail addresses out of a whole line: its words, what is put into them, and where it went wrong."""

    def format(self, record: logging.LogRecord) -> str:
        return MAIL.sub("[address]", KEYED.sub(r"/\1/[key]", super().format(record)))
