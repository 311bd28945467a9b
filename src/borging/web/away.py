"""Telling a database or a disk that is away from a mistake of ours."""

import errno

from django.db import InterfaceError, OperationalError

PASSING = {"SQLITE_BUSY", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_LOCKED"}
"""What SQLite says while the disk is full or away, or somebody else writes for long; its other errors are ours."""
FULL = {errno.ENOSPC, errno.EDQUOT}


def passes(error: BaseException | None) -> bool:
    """Whether this is the database being away, or a disk that is full: nobody's mistake, and over when it is mended."""
    if isinstance(error, OSError):
        return error.errno in FULL
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    name = getattr(error.__cause__, "sqlite_errorname", None)  # PostgreSQL has classes of errors instead
    return name is None or "_".join(name.split("_")[:2]) in PASSING
