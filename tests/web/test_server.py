"""Serving: a page soon, the next port when one is taken, and nothing left behind however it ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from borging.web import server

MIGRATE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
START = """
import django
django.setup()
from borging.web import server
server.run(port=18200, worker=True, ready=lambda address: print(address, flush=True))
"""


def test_a_taken_port_becomes_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        first = taken.getsockname()[1]
        assert first < server.free_port(host="127.0.0.1", first=first) < first + 20
        with pytest.raises(server.NoPortError):
            server.free_port(host="127.0.0.1", first=first, tries=1)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated")
    subprocess.run([sys.executable, "-c", MIGRATE], env=environment_of(folder), check=True)
    return folder / "db"


def environment_of(folder: Path) -> dict[str, str]:
    return {**os.environ, "BORGING_DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'db'}"}


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the children in /proc, which only Linux has")
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda end: end.name)
def test_however_serving_ends_no_process_is_left(end: signal.Signals, tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path / "db")
    environment = environment_of(tmp_path)
    serving = subprocess.Popen([sys.executable, "-c", START], env=environment, stdout=subprocess.PIPE, text=True)
    assert serving.stdout
    address = serving.stdout.readline().strip()
    with urllib.request.urlopen(f"{address}account/login/") as page:
        assert page.status == 200
    wait_until(lambda: len(children(serving.pid)) >= 2)
    family = children(serving.pid)
    wait_until(lambda: all(has_settled(pid) for pid in family))
    serving.send_signal(end)
    serving.wait(20)
    serving.stdout.close()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def has_settled(pid: int) -> bool:
    """Whether a child is past its start, where it asks to end with its parent: it then waits on something."""
    return "S (sleeping)" in Path(f"/proc/{pid}/status").read_text()


def wait_until(true: Callable[[], bool]) -> None:
    for _try in range(400):
        if true():
            return
        time.sleep(0.05)
    pytest.fail("it never came to that")
