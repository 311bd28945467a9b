"""What `borging doctor` looks at once others than this machine can reach the installation."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host
from django.utils.translation import gettext as _

OVERDUE = timedelta(minutes=15)
PATIENCE = 10


@dataclass(frozen=True, kw_only=True)
class Ailment:
    """Something that is wrong, and its remedy."""

    wrong: str
    remedy: str


Check = Callable[[], Ailment | None]


def checks() -> dict[str, Check]:
    """None where only this machine can reach it."""
    if set(settings.ALLOWED_HOSTS) <= {"localhost", "127.0.0.1", "[::1]"}:
        return {}
    return {
        _("Encrypted connections"): check_https,
        _("Keys"): check_keys,
        _("Key for backups"): check_backup_key,
        _("Rights on the data folder"): check_rights,
        _("Role in the database"): check_role,
        _("Clock and time zones"): check_clock,
        _("The address in mails"): check_address,
        _("The web server in front"): check_front,
        _("Who is asking"): check_proxies,
        _("Mail"): check_mail,
        _("Workers"): check_workers,
    }


def check_https() -> Ailment | None:
    if settings.HTTPS:
        return None
    return Ailment(
        wrong=_("Others can reach this installation, but BORGING_HTTPS is off."),
        remedy=_("Put a web server with a certificate in front and set BORGING_HTTPS=1."),
    )


def check_keys() -> Ailment | None:
    names = ("BORGING_SECRET_KEY", "BORGING_PSEUDONYM_KEY")
    if missing := [name for name in names if not os.environ.get(name)]:
        return Ailment(
            wrong=_("Not set: %(names)s. Keys were made up and lie beside the data.") % {"names": ", ".join(missing)},
            remedy=_("Set them to what stands in the files secret-key and pseudonym-key of the data folder."),
        )
    if min(len(settings.SECRET_KEY), len(settings.PSEUDONYM_KEY)) >= 50 and len(set(settings.SECRET_KEY)) > 5:
        return None
    return Ailment(
        wrong=_("A key is short enough to be guessed."),
        remedy=_("A new BORGING_SECRET_KEY is free to choose (`borging keys`); the pseudonym key stays what it is."),
    )


def check_backup_key() -> Ailment | None:
    from borging.backup import archive

    if not settings.BACKUP_KEY:
        return Ailment(
            wrong=_("BORGING_BACKUP_KEY is not set, so no backup can be made."), remedy=_("`borging keys` prints one.")
        )
    public = archive.public(settings.BACKUP_KEY)
    if public == settings.BACKUP_KEY:
        return None
    return Ailment(
        wrong=_("The key that opens the backups lies on the machine that makes them."),
        remedy=_("Set BORGING_BACKUP_KEY to %(key)s and keep the other one elsewhere.") % {"key": public},
    )


def check_rights() -> Ailment | None:
    folder = Path(settings.DATA_DIR)
    if not folder.stat().st_mode & 0o077:
        return None
    return Ailment(
        wrong=_("Other users of this machine can look into %(folder)s.") % {"folder": folder},
        remedy=f"chmod 700 {folder}",
    )


def check_role() -> Ailment | None:
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            return None
    return Ailment(
        wrong=_("The user in DATABASE_URL is above the locks between organisations that the database keeps."),
        remedy=_("Use a role of its own that is no superuser and has no BYPASSRLS."),
    )


def check_clock() -> Ailment | None:
    """Cards are due by the clock of this machine; the database's own is asked because another one is not at hand."""
    from zoneinfo import available_timezones

    from django.db import connection
    from django.utils import timezone

    from borging.people.models import Organisation

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            apart = abs((cursor.fetchone()[0] - timezone.now()).total_seconds())
            if apart > 5:
                return Ailment(
                    wrong=_("The clock here and the clock of the database are %(n)s seconds apart.")
                    % {"n": round(apart)},
                    remedy=_("Let both machines keep time (timedatectl set-ntp true)."),
                )
    zones = Organisation.objects.values_list("time_zone", flat=True).distinct()
    if unknown := sorted(set(zones) - available_timezones()):
        return Ailment(
            wrong=_("These time zones are not known here: %(names)s.") % {"names": ", ".join(unknown)},
            remedy=_("Install the package tzdata, or put the time zone of the organisation right."),
        )
    return None


def check_address() -> Ailment | None:
    address = urlsplit(settings.BASE_URL)
    own = validate_host(address.hostname or "", settings.ALLOWED_HOSTS)
    if own and address.scheme == ("https" if settings.HTTPS else "http"):
        return None
    return Ailment(
        wrong=_("Links in mails begin with %(url)s; nobody is answered there.") % {"url": settings.BASE_URL},
        remedy=_("Set BORGING_URL to the address people use, with https, and its host in BORGING_HOSTS."),
    )


def check_front() -> Ailment | None:
    """Ask for the login page as a visitor would."""
    url = f"{settings.BASE_URL}/account/login/"
    status, why = _answer(url)
    if status == 200:
        return None
    if 300 <= status < 400:
        why = _("it sends everybody round in a circle: X-Forwarded-Proto is not handed on")
    elif status == 400:
        why = _("it hands on another Host than BORGING_HOSTS has")
    elif status:
        why = _("it answers with %(status)s") % {"status": status}
    return Ailment(
        wrong=_("%(url)s does not open from here: %(why)s.") % {"url": url, "why": why},
        remedy=_("Compare the web server's configuration with docs/how-to/run-in-production.md."),
    )


class _Staying(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer too."""

    def redirect_request(self, *_arguments: Any, **_named: Any) -> None:
        return None


def _answer(url: str) -> tuple[int, str]:
    """The status, or 0 and why there is none."""
    try:
        with urllib.request.build_opener(_Staying).open(url, timeout=PATIENCE) as page:
            return int(page.status), ""
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, ""
    except OSError as error:
        return 0, str(getattr(error, "reason", error))


def check_proxies() -> Ailment | None:
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return None
    return Ailment(
        wrong=_("Everybody seems to come from the web server in front, so one who guesses passwords shuts out all."),
        remedy=_("Set BORGING_TRUSTED_PROXIES to how many web servers stand in front, mostly 1."),
    )


def check_mail() -> Ailment | None:
    from django.core.mail import get_connection

    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        return Ailment(
            wrong=_("EMAIL_URL is not set: mails are written to the log."),
            remedy=_("Set EMAIL_URL and BORGING_FROM_EMAIL; see docs/how-to/send-mail.md."),
        )
    try:
        with get_connection():
            return None
    except OSError as error:  # what goes wrong with a mail server is one of these too
        return Ailment(
            wrong=_("The mail server does not let us in: %(why)s.") % {"why": error},
            remedy=_("Check EMAIL_URL; see docs/how-to/send-mail.md."),
        )


def check_workers() -> Ailment | None:
    from borging import clock
    from borging.cards.models import Contact

    if not Contact.objects.filter(due_at__lt=clock.now() - OVERDUE).exists():
        return None
    return Ailment(
        wrong=_("Mail waits for longer than a quarter of an hour: no worker runs, or the mail server takes nothing."),
        remedy=_("Look whether `borging work` runs and what it writes in its log."),
    )
