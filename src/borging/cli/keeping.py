"""Backups on the command line: what they say when they are made, put back and tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import typer
from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from borging import clock
from borging.backup import archive, jobs
from borging.backup.rules import Reason
from borging.cli import fail
from borging.upgrade import TooNewError

NEWER = {Reason.FORMAT, Reason.NEWER}


def print_keys(keys: Mapping[str, str]) -> None:
    """These keys, and a new pair for backups: all for the settings but the one that opens backups."""
    secret, public = archive.new_key()
    for name, key in {**keys, "BORGING_BACKUP_KEY": public}.items():
        typer.echo(f"{name}={key}")
    typer.echo(
        "\n"
        + _("Keep this one somewhere else. It opens the backups, and without it nobody can:")
        + f"\n{secret}\n\n"
        + _("Keep a copy of the first two there as well: they are not in a backup, and a restore needs them."),
        err=True,
    )


def back_up(to: Path, *, trying: bool) -> None:
    """Make a backup and say what is in it. A try has a key of its own, which is forgotten at the end."""
    now = clock.now()
    path = to / f"borging-{now:%Y-%m-%dT%H%M%S}.age" if to.is_dir() else to
    if path.exists():
        fail(_("%(path)s exists already.") % {"path": path})
    drill, public = archive.new_key()
    with _sentences():
        keys = [archive.public(_asked_key())] + ([public] if trying else [])
        kept = jobs.make(path, keys=keys, now=now)
    typer.echo(_("%(what)s are kept in %(path)s.") % {"what": _amount(kept), "path": path})
    if trying:
        _drill(path, key=drill)


def restore(path: Path, *, key: Path | None, trying: bool) -> None:
    """Put a backup back, or try to, and say what came back."""
    secret = _secret_in(key) if key else _asked_key()
    if not secret.startswith(archive.OPENING):
        fail(_("This is a public key: it makes backups but opens none. Give the file with the secret key with --key."))
    if trying:
        return _drill(path, key=secret)
    with _sentences():
        kept = jobs.restore(path, key=secret, now=clock.now())
    names = {"what": _amount(kept), "when": kept.head.made_at, "version": kept.head.version}
    typer.echo(_("%(what)s came back from %(when)s (version %(version)s), each as it was.") % names)
    return None


def _drill(path: Path, *, key: str) -> None:
    done = jobs.drill(path, key=key)
    if done.returncode:
        fail(_("Trying to put it back failed:"), done.stderr.strip())
    typer.echo(_("Tried: %(said)s") % {"said": done.stdout.strip()})


def _asked_key() -> str:
    if not settings.BACKUP_KEY:
        fail(_("BORGING_BACKUP_KEY is not set. `borging keys` prints a new one."))
    return str(settings.BACKUP_KEY)


def _secret_in(path: Path) -> str:
    """The key in a file, which may have lines of comment as `age-keygen` writes them."""
    with _sentences():
        lines = [line.strip() for line in path.read_text().splitlines()]
    return next((line for line in lines if line.startswith(archive.OPENING)), "")


def _amount(kept: jobs.Kept) -> str:
    rows, files = kept.manifest.rows, len(kept.manifest.files)
    return _("%(rows)s and %(files)s") % {
        "rows": ngettext("%(n)s row", "%(n)s rows", rows) % {"n": rows},
        "files": ngettext("%(n)s file", "%(n)s files", files) % {"n": files},
    }


@contextmanager
def _sentences() -> Iterator[None]:
    """What can go wrong, as a sentence that says what to do."""
    try:
        yield
    except jobs.RefusedError as error:
        fail(_refusal(error))
    except TooNewError:
        fail(_("A newer version of Borging has worked with this database. Use that version."))
    except jobs.NothingThereError:
        fail(_("There is nothing in this database yet. Is DATABASE_URL right?"))
    except jobs.NotEmptyError:
        fail(
            _(
                "There is something in this database or data folder already. A backup only comes back into an empty "
                "database (DATABASE_URL) and an empty folder (BORGING_DATA_DIR), so that nothing is lost by it."
            )
        )
    except jobs.DiffersError as error:
        fail(_("This did not come back as it was: %(names)s.") % {"names": ", ".join(error.names)})
    except archive.NotOpenedError:
        fail(_("This file does not open: it was made for another key, it is damaged, or it is no backup."))
    except archive.KeyUnreadableError:
        fail(_("This is no key for backups: a public one begins with age1, a secret one with AGE-SECRET-KEY-1."))
    except DatabaseError as error:
        fail(_("The database says: %(why)s") % {"why": str(error).strip()})
    except OSError as error:
        fail(f"{error.filename or ''}: {error.strerror or error}")


def _refusal(error: jobs.RefusedError) -> str:
    if error.reason in NEWER:
        named = {"version": error.head.version}
        return _("This backup was made by a newer version, %(version)s. Install that version to put it back.") % named
    return _(
        "This backup belongs to another pseudonym key. Set BORGING_PSEUDONYM_KEY to the one of the installation it is "
        "from: without it nobody finds their own answers again."
    )
