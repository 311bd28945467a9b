"""A hundred people who answer cards at once, in a process of its own: `python -m benchmarks.readers PORT SECONDS`.

The cards' paths come in as lines. Each reader has a connection and a card, and goes through its questions round after
round, each round with other answers: a GET for the form, a POST for the answer. What came of it goes out as JSON.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

OPTION = re.compile(r'type="radio" name="answer" value="([^"]+)"')
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
QUESTIONS = 9
"""Of the learner's baseline card: five situations, twice how sure, two behaviours."""


@dataclass
class Tally:
    """`took` holds seconds of each request, `kept` how many answers the server said it keeps."""

    took: list[float] = field(default_factory=list)
    kept: int = 0
    errors: int = 0


class Reader:
    """One person with one connection."""

    def __init__(self, port: int, path: str, tally: Tally) -> None:
        self._port, self._path, self._tally = port, path, tally
        self._closed = True

    async def answer_until(self, end: float) -> None:
        turn = 0
        while time.monotonic() < end:
            await self._answer(number=turn % QUESTIONS + 1, turn=turn // QUESTIONS)
            turn += 1
        self._to.close()

    async def _answer(self, *, number: int, turn: int) -> None:
        status, page = await self._request("GET", f"{self._path}?q={number}")
        options = OPTION.findall(page)
        if status != 200 or not options:
            self._tally.errors += 1
            return
        form = {"q": number, "answer": options[turn % len(options)]}
        status, _page = await self._request("POST", self._path, urlencode(form).encode())
        self._tally.kept += status == 302
        self._tally.errors += status != 302

    async def _request(self, method: str, target: str, body: bytes = b"") -> tuple[int, str]:
        head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nAccept-Language: nl\r\n"
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if body else ""
        began = time.perf_counter()
        if self._closed:
            self._from, self._to = await asyncio.open_connection("127.0.0.1", self._port)
        self._to.write(head.encode() + b"\r\n" + body)
        head_in = await self._from.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head_in)
        content = await self._from.readexactly(int(length.group(1))) if length else b""
        self._closed = b"connection: close" in head_in.lower()
        if self._closed:
            self._to.close()
        self._tally.took.append(time.perf_counter() - began)
        if b"content-encoding: gzip" in head_in.lower():
            content = gzip.decompress(content)
        return int(head_in[9:12]), content.decode()


async def read(port: int, seconds: float, paths: list[str]) -> Tally:
    tally, end = Tally(), time.monotonic() + seconds
    await asyncio.gather(*(Reader(port, path, tally).answer_until(end) for path in paths))
    return tally


if __name__ == "__main__":
    found = asyncio.run(read(int(sys.argv[1]), float(sys.argv[2]), sys.stdin.read().split()))
    print(json.dumps(vars(found)))
