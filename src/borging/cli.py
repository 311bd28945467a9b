"""The `borging` command."""

import os

import typer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "borging.web.settings")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def main() -> None:
    """Borging makes learning stick at work, and shows honestly whether it mattered."""
