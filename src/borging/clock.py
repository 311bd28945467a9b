"""The one clock. Only pages, the worker, the command line and connectors read it; the domain is told what time it is.

In the demonstration it can be turned forward, so that a year of work is seen in an afternoon.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """The present moment in UTC; in the demonstration as far ahead as it was turned."""
    return timezone.now() + (_ahead() if settings.DEMO else timedelta())


def today() -> date:
    """The day it is, on the installation's own clock."""
    return timezone.localdate(now())


def turn(*, by: timedelta) -> None:
    """Turn the clock of the demonstration forward; it never goes back."""
    path = _kept()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(str((_ahead() + max(by, timedelta())).total_seconds()))
    fresh.replace(path)


def _ahead() -> timedelta:
    path = _kept()
    return timedelta(seconds=float(path.read_text())) if path.exists() else timedelta()


def _kept() -> Path:
    return Path(settings.DATA_DIR) / "demo-clock"
