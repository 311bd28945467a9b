"""Pages and work: every test here has the queue that works at once."""

import importlib
from collections.abc import Iterator

import pytest
from django.urls import clear_url_caches
from pytest_django import Settings

from borging.web import urls


@pytest.fixture(autouse=True)
def _queue(immediate_queue: None, read_here: None) -> None:
    """Nothing is left waiting in a file."""


@pytest.fixture
def demonstration(settings: Settings) -> Iterator[None]:
    """Its addresses are there only while this lasts."""
    settings.DEMO = True
    settings.EMAIL_BACKEND = "borging.web.inbox.Backend"
    _read_addresses()
    yield
    settings.DEMO = False
    _read_addresses()


def _read_addresses() -> None:
    importlib.reload(urls)
    clear_url_caches()
