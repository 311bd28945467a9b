"""The `borging` command: a study from two files, and the server, worker and care of an installation."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "borging.web.settings")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
UNUSABLE = 2


def set_up(*, language: str = "") -> None:
    """Start Django, and speak the asked language; else Dutch where the terminal is Dutch, English elsewhere."""
    import django
    from django.utils import translation

    django.setup()
    terminal = "nl" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("nl") else "en"
    translation.activate(language or terminal)


def fail(*sentences: str) -> None:
    """Say what is wrong and stop with the status for unusable input."""
    for sentence in sentences:
        typer.echo(sentence, err=True)
    raise typer.Exit(UNUSABLE)


@app.callback()
def main() -> None:
    """Borging makes learning stick at work, and shows honestly whether it mattered."""


Column = Annotated[str | None, typer.Option(metavar="COLUMN", rich_help_panel="Columns")]


@app.command("study")
def run_study(
    participants: Annotated[
        Path, typer.Argument(help="CSV or XLSX: one row a person, with the start of the training.")
    ],
    outcomes: Annotated[Path, typer.Argument(help="CSV or XLSX: what was measured of whom, when.")],
    out: Annotated[
        list[Path] | None,
        typer.Option(help="Write the report: .pdf, .pptx, .xlsx or .html. May be given more than once."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON instead of words.")] = False,
    lang: Annotated[str, typer.Option(help="nl or en.")] = "",
    title: Annotated[str, typer.Option(help="Title of the report.")] = "",
    assigned_by: Annotated[
        str, typer.Option(help="How it was decided who was trained: lottery, wave, choice or unknown.")
    ] = "unknown",
    cost: Annotated[float | None, typer.Option(help="Full cost of the training, hours included.")] = None,
    unit_value: Annotated[float | None, typer.Option(help="What one unit of the outcome is worth in money.")] = None,
    minimum: Annotated[
        int, typer.Option(min=5, help="Fewest people in a group that is shown; 10 for HR registers.")
    ] = 5,
    id: Column = None,  # noqa: A002 - the option is called --id
    start: Column = None,
    team: Column = None,
    arm: Column = None,
    covariates: Annotated[str | None, typer.Option(metavar="COLUMN,...")] = None,
    time: Column = None,
    value: Column = None,
    outcome: Column = None,
    periods: Annotated[str | None, typer.Option(metavar="COLUMN,...", help="Columns that each hold a period.")] = None,
) -> None:
    """Who took part and what was measured, in two files; an honest report out.

    Columns are guessed and shown; the column options overrule the guess. Exit status 0 with a report, also when no
    effect may be claimed; 2 when the input cannot be used.
    """
    if lang not in {"", "nl", "en"}:
        fail("--lang is nl or en.")
    set_up(language=lang)
    from borging.cli import study as studying

    columns = {
        "id": id, "start": start, "team": team, "arm": arm, "covariates": covariates,
        "time": time, "value": value, "outcome": outcome, "periods": periods,
    }  # fmt: skip
    try:
        request = studying.Request(
            participants=participants,
            outcomes=outcomes,
            overrides={name: column for name, column in columns.items() if column is not None},
            options=studying.read_options(assigned_by=assigned_by, cost=cost, unit_value=unit_value, minimum=minimum),
            title=title or outcomes.stem,
            out=tuple(out or ()),
        )
        answer = studying.run(request)
    except studying.UnusableError as error:
        fail(*error.sentences)
        return
    if json:
        sys.stdout.write(answer.as_json() + "\n")
    else:
        answer.show()


@app.command("demo")
def start_demo(port: Annotated[int, typer.Option(help="First port to try.")] = 8000) -> None:
    """Start Borging with an organisation to look around in, and print the address to open."""
    from borging.cli import serving

    serving.demo(port=port)


@app.command("serve")
def start_server(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    worker: Annotated[bool, typer.Option(help="Run one worker beside the web server.")] = True,
) -> None:
    """Serve the pages until SIGTERM; the database is brought up to date first. Any number of these may run at once."""
    set_up()
    from borging.cli import serving

    serving.serve(host=host, port=port, worker=worker)


@app.command()
def work(child: Annotated[bool, typer.Option("--child", hidden=True)] = False) -> None:
    """Do the work that waits: read files, calculate studies. Any number of these may run at once."""
    set_up()
    from borging import tick

    tick.work(child=child)


@app.command()
def account(
    email: str,
    organisation: str = "Borging",
    name: str = "",
    role: Annotated[
        list[str] | None,
        typer.Option(help="ld, hr-data, privacy, works-council or admin. May be given more than once."),
    ] = None,
    link: Annotated[
        bool, typer.Option("--link", help="Print a link to choose a password with; works once, for ten minutes.")
    ] = False,
) -> None:
    """Make an account that may log in, in an organisation that is made when it is new; asks for a password.

    The first account of an organisation gets every role. An account that is there already only gets the roles, or with
    --link a link, for who cannot log in any more.
    """
    set_up()
    from borging.cli import serving

    roles = serving.read_roles(role or [])
    if link:
        typer.echo(serving.password_link(email=email, organisation=organisation, name=name, roles=roles))
        return
    if roles and serving.give_roles(email=email, organisation=organisation, roles=roles):
        typer.echo(f"{email} has these roles now: {', '.join(roles)}.")
        return
    password = typer.prompt("Password (at least 12 characters)", hide_input=True, confirmation_prompt=True)
    typer.echo(serving.make_account(email=email, organisation=organisation, name=name, password=password, roles=roles))


@app.command("keys")
def print_keys() -> None:
    """Print new keys, as lines for the file with settings, and the one key that has to lie elsewhere."""
    keys = {f"BORGING_{name}_KEY": secrets.token_urlsafe(50) for name in ("SECRET", "PSEUDONYM")}
    os.environ |= keys  # so that none are made up and left in a folder
    set_up()
    from borging.cli import keeping

    keeping.print_keys(keys)


@app.command("migrate")
def migrate() -> None:
    """Bring the database up to this version: all of it or nothing. Pages that are being served go on."""
    set_up()
    from borging.cli import serving

    serving.prepare()


Trying = Annotated[bool, typer.Option("--try", help="Put it back into a temporary place too, and compare each row.")]


@app.command("backup")
def back_up(
    to: Annotated[Path, typer.Argument(metavar="DIR|FILE", help="A folder gets a file named after the moment.")],
    trying: Trying = False,
) -> None:
    """Keep the database and the data folder in one encrypted file, while everybody goes on working.

    BORGING_BACKUP_KEY is the public key it is made for. The keys of the installation are not in it.
    """
    set_up()
    from borging.cli import keeping

    keeping.back_up(to, trying=trying)


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `borging backup` made.")],
    key: Annotated[Path | None, typer.Option(help="The file with the secret key; else BORGING_BACKUP_KEY.")] = None,
    trying: Annotated[bool, typer.Option("--try", help="Into a temporary place, that is removed again.")] = False,
) -> None:
    """Put a backup back into an empty database and an empty data folder, and compare each row with what was kept."""
    set_up()
    from borging.cli import keeping

    keeping.restore(file, key=key, trying=trying)


@app.command()
def retention(
    apply: Annotated[bool, typer.Option("--apply", help="Remove it now instead of tonight.")] = False,
) -> None:
    """Say what is over its term and is removed tonight; looking removes nothing."""
    set_up()
    from borging.cli import terms

    terms.remove() if apply else terms.show()


@app.command("doctor")
def examine() -> None:
    """Say what is wrong with this installation, and what to do about it."""
    set_up()
    from borging.cli import doctor as examination

    raise typer.Exit(examination.examine())
