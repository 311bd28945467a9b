"""What every test gets: a data folder of its own. What tests of pages and work ask for: a queue that works at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def data_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "var"
    return tmp_path / "var"


@pytest.fixture
def immediate_queue() -> Iterator[None]:
    """Work is done where it is queued, in memory."""
    from borging import tick

    tick.queue.immediate = True
    yield
    tick.queue.storage.flush_all()
    tick.queue.immediate = False


@pytest.fixture(autouse=True)
def plain_passwords(settings: Settings) -> None:
    """The hasher of production takes a quarter of a second each time, on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
