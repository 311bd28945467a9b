"""Starting Borging: as a demonstration on one machine, or as a server."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys

import typer

STUDY_EXAMPLE = """
import sys, django
django.setup()
from borging import tick
from borging.people.models import Account
tick.study_example(Account.objects.get(pk=sys.argv[1]))
"""


def demo(*, port: int) -> None:
    """A finished study of a real experiment, the pages, one worker, and a link that logs in; Ctrl+C ends all of it."""
    os.environ["BORGING_DEMO"] = "1"
    token = os.environ["BORGING_DEMO_TOKEN"] = secrets.token_urlsafe(24)
    from borging.cli import set_up
    from borging.web import server

    port = server.free_port(host="127.0.0.1", first=port)
    os.environ.setdefault("BORGING_URL", f"http://localhost:{port}")  # where the links in its mails lead
    set_up()
    prepare()
    seed_demo()
    server.run(port=port, worker=True, ready=lambda address: welcome(address=address, token=token))


def welcome(*, address: str, token: str) -> None:
    """What the terminal shows once the pages answer."""
    typer.echo(f"\n  Borging is ready.\n\n  Open   {address}demo/{token}\n\n  Ctrl+C stops it.\n")


def serve(*, host: str, port: int, worker: bool) -> None:
    """Serve the pages of this installation."""
    prepare()
    from borging.web import server

    server.run(host=host, port=port, worker=worker, ready=lambda address: typer.echo(f"Borging answers at {address}"))


def prepare() -> None:
    """Bring the database up to date."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def seed_demo() -> None:
    """The demonstration account with the real job-training experiment, studied; done once."""
    from borging.effects.models import Study
    from borging.people.writes import demo_account

    account = demo_account()
    if Study.objects.filter(organisation_id=account.organisation_id).exists():
        return
    typer.echo("Studying a real experiment ...")
    # in a process of its own: what it loads to calculate would stay in the memory of the one that serves
    subprocess.run([sys.executable, "-c", STUDY_EXAMPLE, str(account.pk)], check=True)


def make_account(*, email: str, organisation: str, name: str, password: str) -> str:
    """Make an account and say so, or say why not."""
    from django.core.exceptions import ValidationError

    from borging.people import writes

    try:
        writes.add_account(
            email=email, organisation=writes.open_organisation(name=organisation), name=name, password=password
        )
    except writes.AddressTakenError:
        return f"There is an account for {email} already."
    except ValidationError as error:
        return " ".join(error.messages)
    return f"{email} may log in now."
