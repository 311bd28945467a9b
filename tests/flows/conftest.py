"""Pages and work: every test here has the queue that works at once."""

import pytest


@pytest.fixture(autouse=True)
def _queue(immediate_queue: None) -> None:
    """Nothing is left waiting in a file."""
