"""`python -m borging.cli` is the `borging` command."""

from borging.cli import app

app()
