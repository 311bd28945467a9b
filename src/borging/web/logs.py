"""What a log may hold: the addresses of cards are keys, so they are written without their key."""

import logging
import re

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
