"""`borging retention`: what is over its term, and removing it without waiting for the night."""

from __future__ import annotations

import typer
from django.utils.translation import gettext as _

from borging import clock
from borging.people.models import Organisation
from borging.privacy import retention
from borging.privacy.words import told


def show() -> None:
    """Per organisation and kind how much the coming night removes, with the term."""
    now = clock.now()
    for organisation in Organisation.objects.order_by("name"):
        waiting = {over.kind: over.n for over in retention.over(organisation, now=now)}
        typer.echo(f"\n{organisation}")
        for each in told():
            typer.echo(f"{waiting.get(each.kind, 0):>8}  {each.what} ({each.term})")


def remove() -> None:
    """Remove it now, and say how much that was."""
    names = {each.kind: each.what for each in told()}
    removed = {kind: n for kind, n in retention.enforce(now=clock.now()).items() if n}
    for kind, n in removed.items():
        typer.echo(f"{n:>8}  {names[kind]}")
    if not removed:
        typer.echo(_("Nothing is over its term."))
