"""How often something may be tried: counted in the database, so for all web processes together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from allauth.core.internal.ratelimit import get_ip
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from borging.people.models import Account

from . import errors
from .models import Tally

View = Callable[..., HttpResponseBase]
BAD_LINKS = 30
"""Wrong links from one address in ten minutes, before the answer is "too many"."""
WINDOW = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
SEARCHES = 60
"""Searches of one account in a minute."""
EXPORTS = 10
"""Times in a minute that somebody may take their own data along."""
REPORTS = 40
"""Reports one account may have made in a minute."""


def count(*parts: object, window: timedelta, now: datetime) -> int:
    """Count one more of this in the stretch of time that runs; how many there are now."""
    stretch = int(now.timestamp() // window.total_seconds())
    return _add(*parts, stretch, until=now + window)


def first_use(*parts: object, now: datetime) -> bool:
    """Whether this (a code, say) is used for the first time today; of many at once one hears yes."""
    return _add("once", *parts, until=now + timedelta(days=1)) == 1


def _add(*parts: object, until: datetime) -> int:
    """One statement, so that two processes at once count two."""
    key = hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()
    table = connection.ops.quote_name(Tally._meta.db_table)
    # Only the name of our own table is put in; every value is a parameter.
    sql = (
        f"INSERT INTO {table} AS kept (key, n, until) VALUES (%s, 1, %s) "  # nosec B608
        "ON CONFLICT (key) DO UPDATE SET n = kept.n + 1 RETURNING n"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [key, connection.ops.adapt_datetimefield_value(until)])
        return int(cursor.fetchone()[0])


def bad_link(request: HttpRequest) -> bool:
    """Count a link that we never made; whether there were too many from this address. A right link always opens."""
    return count("bad-link", get_ip(request), window=WINDOW, now=timezone.now()) > BAD_LINKS


def limited(action: str, *, most: int, window: timedelta, asks: str = "") -> Callable[[View], View]:
    """A page that one account, or one address without login, may ask for so often; others are not held up.

    asks: only counted when the address has this in its query.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if asks and asks not in request.GET:
                return view(request, *args, **kwargs)
            who = f"account {request.user.pk}" if isinstance(request.user, Account) else get_ip(request)
            if count(action, who, window=window, now=timezone.now()) > most:
                return errors.too_many(request)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def forget_old(*, now: datetime) -> None:
    """Remove counts of stretches that are over."""
    Tally.objects.filter(until__lt=now).delete()
