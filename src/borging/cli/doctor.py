"""`borging doctor`: what is wrong with an installation, and what to do about it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from rich.console import Console

from borging.cli import reachable
from borging.cli.reachable import Ailment, Check

LEAST_FREE_BYTES = 1024**3


def examine() -> int:
    """Run every check, print what was found, and return how many things are wrong (0: healthy)."""
    console = Console(highlight=False, soft_wrap=True)
    found = 0
    for name, check in checks().items():
        ailment = attempt(check)
        if ailment is None:
            console.print(f"[green]✓[/green] {name}")
            continue
        found += 1
        console.print(f"[red]✗[/red] {name}")
        console.print(f"    {ailment.wrong}\n    {ailment.remedy}", markup=False)
    console.print(_("Nothing is wrong.") if not found else _("%(n)s things need attention.") % {"n": found})
    return min(found, 1)


def attempt(check: Check) -> Ailment | None:
    """A check that itself breaks is a finding too."""
    try:
        return check()
    except Exception as error:  # whatever it is, the next checks must still run
        return Ailment(
            wrong=f"{type(error).__name__}: {error}", remedy=_("Run `make demo` again, or reinstall Borging.")
        )


def checks() -> dict[str, Check]:
    """Every check under the name it is shown with, in the order things depend on each other."""
    return {
        _("Data folder"): check_data_folder,
        _("Database"): check_database,
        _("Styles"): check_styles,
        _("Fonts for the PDF"): check_fonts,
        _("Translations"): check_translations,
        _("Reading a file in a child process"): check_reading,
        _("Calculating"): check_calculating,
        _("Writing a PDF"): check_pdf,
        _("Log of who looked at whom"): check_looks,
    } | reachable.checks()


def check_data_folder() -> Ailment | None:
    folder = Path(settings.DATA_DIR)
    named = {"folder": folder}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Ailment(
            wrong=_("%(folder)s cannot be written: %(why)s.") % (named | {"why": error.strerror}),
            remedy=_("Give this user the right to write there, or set BORGING_DATA_DIR to another folder."),
        )
    if shutil.disk_usage(folder).free >= LEAST_FREE_BYTES:
        return None
    return Ailment(
        wrong=_("Less than 1 GB is free where %(folder)s lies.") % named,
        remedy=_("Make room, or set BORGING_DATA_DIR to a folder on a larger disk."),
    )


def check_database() -> Ailment | None:
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    from borging import upgrade

    try:
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        return Ailment(wrong=str(error).strip(), remedy=_("Check DATABASE_URL, and that the database server runs."))
    try:
        upgrade.check(executor.loader)
    except upgrade.TooNewError:
        return Ailment(
            wrong=_("A newer version of Borging has worked with this database."), remedy=_("Use that version.")
        )
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return None
    return Ailment(wrong=_("The database is older than this version of Borging."), remedy=_("Run `borging migrate`."))


def check_styles() -> Ailment | None:
    from django.contrib.staticfiles import finders

    missing = [name for name in ("vendor/designsystemet.css", "web/borging.css") if finders.find(name) is None]
    if not missing:
        return None
    return Ailment(
        wrong=_("Missing: %(names)s.") % {"names": ", ".join(missing)}, remedy=_("In a checkout: `make .venv/run`.")
    )


def check_fonts() -> Ailment | None:
    from borging import figures

    if any((Path(figures.__file__).parent / "fonts").glob("*.ttf")):
        return None
    return Ailment(
        wrong=_("The PDF will be set in another typeface."),
        remedy=_("In a checkout: `make .venv/run` fetches the fonts."),
    )


def check_translations() -> Ailment | None:
    from django.utils import translation

    with translation.override("nl"):
        if translation.gettext("difference") == "verschil":
            return None
    return Ailment(wrong=_("Dutch is not compiled."), remedy=_("In a checkout: `make .venv/run` compiles it."))


def check_reading() -> Ailment | None:
    from borging.connectors import files

    files.inspect(*example_files(), limits=files.Limits.WEB)
    return None


def check_calculating() -> Ailment | None:
    """The example has a published answer: 1,794 dollars."""
    from borging.connectors import files
    from borging.effects import jobs
    from borging.effects.rules import Options

    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as folder:
        converted = files.convert(*example_files(), folder=Path(folder), limits=files.Limits.WEB)
        estimate = jobs.analyse(tables=converted.tables, options=Options()).outcomes[0].estimate
    if estimate is not None and round(estimate.value) == 1794:
        return None
    return Ailment(wrong=_("A known study comes out differently."), remedy=_("Reinstall Borging from its lock."))


def check_pdf() -> Ailment | None:
    import typst

    typst.compile(b"Borging")
    return None


def check_looks() -> Ailment | None:
    from borging.privacy import looks

    broken = [f"{each.organisation} ({each.number})" for each in looks.breaks()]
    if not broken:
        return None
    return Ailment(
        wrong=_("The log was changed: %(where)s.") % {"where": ", ".join(broken)},
        remedy=_("Find out who can write to the database, and tell the data protection officer."),
    )


def example_files() -> tuple[Path, Path]:
    """The real job-training experiment that comes with Borging."""
    from borging import effects

    folder = Path(effects.__file__).parent / "examples"
    return folder / "participants.csv", folder / "outcomes.csv"
