"""Starting Borging: as a demonstration on one machine, or as a server."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from borging.people.models import Role

SEED = """
import django
django.setup()
from borging import clock, tick
from borging.demo.seed import seed
tick.study_example(seed(now=clock.now()))
"""


def demo(*, port: int) -> None:
    """An organisation with a past, the pages, one worker, and a link that logs in; Ctrl+C ends all of it."""
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
    """Serve the pages of this installation, at this port and no other: who is sent here must find them."""
    prepare()
    from borging.cli import fail
    from borging.web import server

    try:
        server.free_port(host=host, first=port, tries=1)
    except server.NoPortError:
        fail(f"Port {port} is taken.")
    server.run(host=host, port=port, worker=worker, ready=lambda address: typer.echo(f"Borging answers at {address}"))


def prepare() -> None:
    """Bring the database up to date, or stop with a sentence that says why not."""
    from django.db import OperationalError
    from django.utils.translation import gettext as _

    from borging import upgrade
    from borging.cli import fail

    try:
        upgrade.migrate()
    except upgrade.TooNewError:
        fail(_("A newer version of Borging has worked with this database. Use that version."))
    except upgrade.InUseError:
        fail(
            _("Something uses the database for long, a backup perhaps. Nothing was changed. Try again when it is done.")
        )
    except OperationalError as error:
        fail(_("The database does not answer: %(why)s.") % {"why": str(error).strip()})


def seed_demo() -> None:
    """The organisation that is made up, and the real job-training experiment, studied; done once."""
    from borging.effects.models import Study
    from borging.people.writes import demo_account

    account = demo_account()
    if Study.objects.filter(organisation_id=account.organisation_id).exists():
        return
    typer.echo("Making up an organisation with a year behind it, and studying a real experiment ...")
    # in a process of its own: what it loads to calculate would stay in the memory of the one that serves
    subprocess.run([sys.executable, "-c", SEED], check=True)


def read_roles(names: list[str]) -> list[Role]:
    """The roles by their names; stops with a sentence for a name that is none."""
    from borging.cli import fail
    from borging.people.models import Role

    if wrong := [name for name in names if name not in Role.values]:
        fail(f"There is no role {wrong[0]}. Choose from: {', '.join(Role.values)}.")
    return [Role(name) for name in names]


def give_roles(*, email: str, organisation: str, roles: list[Role]) -> bool:
    """Give roles to an account that is there already, beside those it has; False when there is none."""
    from borging.people import writes
    from borging.people.models import Account

    account = Account.objects.filter(email__iexact=email, organisation__name=organisation).first()
    if account is not None:
        writes.grant_roles(account=account, roles=roles)
    return account is not None


def password_link(*, email: str, organisation: str, name: str, roles: list[Role]) -> str:
    """A link with which the owner of an account, made when it is new, chooses a password."""
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str
    from django.conf import settings
    from django.urls import reverse

    from borging.people import writes
    from borging.people.models import Account

    account = Account.objects.filter(email__iexact=email).first()
    if account:
        writes.grant_roles(account=account, roles=roles)
    else:
        account = writes.add_account(
            email=email,
            organisation=writes.open_organisation(name=organisation),
            name=name,
            roles=roles or writes.WORKING_ROLES,
        )
    names = {"uidb36": user_pk_to_url_str(account), "key": default_token_generator.make_token(account)}
    return str(settings.BASE_URL) + reverse("account_reset_password_from_key", kwargs=names)


def make_account(*, email: str, organisation: str, name: str, password: str, roles: list[Role]) -> str:
    """Make an account and say so, or say why not. It works with studies when no role is named."""
    from django.core.exceptions import ValidationError

    from borging.people import writes

    try:
        writes.add_account(
            email=email,
            organisation=writes.open_organisation(name=organisation),
            name=name,
            password=password,
            roles=roles or writes.WORKING_ROLES,
        )
    except writes.AddressTakenError:
        return f"There is an account for {email} already."
    except ValidationError as error:
        return " ".join(error.messages)
    return f"{email} may log in now."
