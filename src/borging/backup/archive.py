"""The file a backup is: a tar of small parts, encrypted as age does (age-encryption.org), written and read in one go.

Whoever has the secret key can look inside without Borging: `age -d -i KEY FILE | tar -t`.
"""

import io
import os
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pyrage import DecryptError, decrypt_io, encrypt_io, x25519

OPENING = "AGE-SECRET-KEY-"
PIECE = 1024 * 1024


class KeyUnreadableError(ValueError):
    """This is not a key of the kind that is asked for."""


class NotOpenedError(ValueError):
    """This is no backup, it is damaged, or it was made for another key."""


def new_key() -> tuple[str, str]:
    """A secret key, and the public key that backups are made with."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def public(key: str) -> str:
    """The public key of a secret or a public key. Raises KeyUnreadableError."""
    try:
        if key.startswith(OPENING):
            return str(x25519.Identity.from_str(key).to_public())
        return str(x25519.Recipient.from_str(key))
    except Exception as error:  # the library has an exception for each kind of key
        raise KeyUnreadableError from error


@contextmanager
def writing(path: Path, *, keys: Sequence[str]) -> Iterator[tarfile.TarFile]:
    """A tar to add parts to, which only the secret keys of these public keys open. It is there once it is whole."""
    recipients = [x25519.Recipient.from_str(key) for key in keys]
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("wb") as target:
            os.fchmod(target.fileno(), 0o600)
            plain, sink = _pipe()
            with (
                _beside(lambda: encrypt_io(plain, target, recipients), theirs=plain, ours=sink),
                tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                yield tar
            target.flush()
            os.fsync(target.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def reading(path: Path, *, key: str) -> Iterator[tarfile.TarFile]:
    """The parts, in their order. Raises NotOpenedError, and KeyUnreadableError."""
    try:
        identity = x25519.Identity.from_str(key)
    except Exception as error:  # of no class that the library shows
        raise KeyUnreadableError from error
    source, sink = _pipe()
    try:
        with (
            path.open("rb") as file,
            _beside(lambda: decrypt_io(file, sink, [identity]), theirs=sink, ours=source),
        ):
            with tarfile.open(fileobj=source, mode="r|") as tar:
                yield tar
            while source.read(PIECE):  # to the end: only then it is sure that nothing was cut off
                pass
    except (DecryptError, tarfile.TarError) as error:
        raise NotOpenedError from error
    except OSError as error:
        if error.errno is None:  # the library's, about what is in the file
            raise NotOpenedError from error
        raise


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    tar.addfile(entry, io.BytesIO(content))


def pieces(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    """The content of a part, a piece at a time."""
    found = tar.extractfile(entry)
    while found and (piece := found.read(PIECE)):
        yield piece


def content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    return b"".join(pieces(tar, entry))


def _pipe() -> tuple[BinaryIO, BinaryIO]:
    reader, writer = os.pipe()
    return os.fdopen(reader, "rb"), os.fdopen(writer, "wb")


@contextmanager
def _beside(work: Callable[[], None], *, theirs: BinaryIO, ours: BinaryIO) -> Iterator[None]:
    """Let `work` do its end of a pipe in a thread while this block does ours; what goes wrong there is raised here."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with theirs:
                work()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        with ours:
            yield
    except (BrokenPipeError, tarfile.TarError) as error:  # what is seen here of what went wrong there
        thread.join()
        raise (failed or [error])[0] from error
    finally:
        thread.join()
    if failed:
        raise failed[0]
