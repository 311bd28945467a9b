"""Serving on one machine: the web server in this process's care, one worker beside it, nothing left behind."""

import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

logger = logging.getLogger(__name__)

GRACE = 20
"""Seconds a worker gets to put its work down."""
PARENT = "BORGING_PARENT"
"""Where a child finds the process id of the one that serves."""
WORK = "import django; django.setup(); from borging import tick; tick.work(child=True)"
PROCESSES = 1
THREADS = 8
"""Threads that answer requests. Measured with 8 clients on SQLite and two cores, a quarter of the requests writing:
2 threads 103 requests a second, slowest percent 138 ms; 8 threads 92 and 279 ms. But a slow upload holds a thread.
"""


class NoPortError(OSError):
    """None of the ports tried is free."""


def free_port(*, host: str, first: int, tries: int = 20) -> int:
    """The first port from `first` on that nobody listens on."""
    for port in range(first, first + tries):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise NoPortError(f"no free port from {first} to {first + tries - 1}")


def die_with_parent() -> None:
    """Have this process end when the one that serves ends, however that happens; nothing where there is no such one.

    On Linux the kernel sees to it, elsewhere a thread that watches.
    """
    parent = int(os.environ.get(PARENT, "0"))
    if not parent:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def worker_beside() -> Iterator[None]:
    """One worker process for as long as this block lasts; one that dies is replaced."""
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(stopping,))
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join()


def _keep_worker(stopping: threading.Event) -> None:
    while not stopping.is_set():
        worker = subprocess.Popen([sys.executable, "-c", WORK], start_new_session=True)
        while worker.poll() is None and not stopping.wait(0.2):
            pass
        if stopping.is_set():
            worker.terminate()
            try:
                worker.wait(GRACE)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        else:
            logger.error("the worker stopped with status %s; starting another", worker.returncode)
            stopping.wait(2)


def run(
    *,
    port: int,
    worker: bool,
    ready: Callable[[str], None],
    host: str = "127.0.0.1",
    processes: int = PROCESSES,
    threads: int = THREADS,
) -> None:
    """Serve until SIGINT or SIGTERM. A taken port becomes the next free one; `ready` gets the address once it answers.

    processes, threads: how many answer requests, and how many at once in each.

    Raises NoPortError when none is free.
    """
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    port = free_port(host=host, first=port)
    os.environ[PARENT] = str(os.getpid())
    server = Server(
        "borging.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=threads,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=GRACE,
    )
    address = f"http://{'localhost' if host == '127.0.0.1' else host}:{port}/"
    threading.Thread(target=_when_up, args=(port, host, address, ready), daemon=True).start()
    with worker_beside() if worker else nullcontext():
        server.serve()


def _when_up(port: int, host: str, address: str, ready: Callable[[str], None]) -> None:
    for _try in range(600):
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                break
        time.sleep(0.05)
    ready(address)
