"""People: every file here is read in the process of the test."""

import pytest


@pytest.fixture(autouse=True)
def _files(read_here: None) -> None:
    """A process for each file is what the tests of connectors are about."""
