"""What every test gets: a data folder of its own. What tests of pages and work ask for: a queue that works at once."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

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


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process instead of a limited one of its own, for tests that are not about the limits."""
    from borging.connectors.files import child, reading
    from borging.connectors.files.rules import Limits

    def answer(
        request: Mapping[str, Any], *, limits: Limits, on_progress: Callable[[float], None] | None = None
    ) -> dict[str, Any]:
        monkeypatch.setattr(child, "say", lambda **line: on_progress and on_progress(line.get("progress", 0)))
        told: dict[str, Any] = json.loads(json.dumps(child.answer_to(json.loads(json.dumps(request)))))
        return told

    monkeypatch.setattr(reading, "ask_child", answer)
