"""A generator of HTTP load that costs little itself: requests are bytes made before, answers are looked at and dropped.

One thread, one loop, so many connections; on each the next request goes when the last is answered.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import uvloop

from bench.stack import Stack

CONNECTIONS = 32
WARM_UP, SECONDS = 2.0, 8.0
WARM_UP_REQUESTS = 1000
"""By then every connection to the database has prepared its statements."""
LEAST = 200  # answers that make a measurement
PATIENCE = 60.0
CSRF = "c" * 32


def request(
    method: str, path: str, *, session: str = "", cookie: str = "", form: Mapping[str, str] | None = None
) -> bytes:
    """The bytes of one request of a browser that has been here before."""
    cookies = [f"csrftoken={CSRF}", *([f"sessionid={session}"] if session else []), *([cookie] if cookie else [])]
    body = urlencode(form or {}).encode() if method == "POST" else b""
    head = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "User-Agent: Mozilla/5.0 (Linux; Android 10) bench",
        "Accept: text/html",
        "Accept-Language: en-IN,en;q=0.9",
        "Accept-Encoding: gzip, deflate, br",
        f"Cookie: {'; '.join(cookies)}",
    ]
    if method == "POST":
        head += [
            f"X-CSRFToken: {CSRF}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
    return "\r\n".join([*head, "", ""]).encode() + body


@dataclass
class Outcome:
    """What came of it, warm-up left out."""

    answered: int = 0
    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    """CPU seconds of each server."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU-ms an answer, all servers together."""
        return 1000 * sum(self.cpu.values()) / self.answered

    def parts(self) -> str:
        """The same of each server, as text."""
        return ", ".join(f"{name} {1000 * spent / self.answered:.2f}" for name, spent in self.cpu.items() if spent)


class _Line(asyncio.Protocol):
    """One connection: sends, and reads just as much of an answer as tells its status and its end."""

    def __init__(self, drive: "_Drive") -> None:
        self.drive = drive
        self.buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self._next()

    def _next(self) -> None:
        assert self.transport is not None
        wanted = self.drive.next()
        if wanted is None:
            self.transport.close()
        else:
            self.transport.write(wanted)

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found or not _is_whole(head.lower(), body):
            return
        self.buffer = b""
        self.drive.note(head)
        if self.drive.keep_alive:
            self._next()
        else:
            assert self.transport is not None
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.drive.lost(broken=exc is not None or bool(self.buffer))


def _is_whole(head: bytes, body: bytes) -> bool:
    _, found, rest = head.partition(b"content-length:")
    if found:
        return len(body) >= int(rest.partition(b"\r\n")[0])
    if b"chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    return True


class _Drive:
    """The requests, and the lines that they go over."""

    def __init__(self, address: str, requests: Iterator[bytes], *, keep_alive: bool, expects: str) -> None:
        parts = urlsplit(address)
        self.host, self.port = parts.hostname or "", parts.port or 80
        self.requests, self.keep_alive, self.expects = requests, keep_alive, expects.encode()
        self.answered, self.open = 0, 0
        self.stopped = False
        self.wrong: bytes = b""
        self.ended = asyncio.Event()
        self.tasks: set[asyncio.Task[object]] = set()

    def next(self) -> bytes | None:
        """The next request; None when it is over."""
        wanted = None if self.stopped else next(self.requests, None)
        self.stopped = wanted is None
        return wanted

    def note(self, head: bytes) -> None:
        """An answer came."""
        self.answered += 1
        if self.expects not in head and not self.wrong:
            self.wrong = head

    def lost(self, *, broken: bool) -> None:
        """A line has ended."""
        self.open -= 1
        if broken and not self.wrong:
            self.wrong = b"a connection broke"
        if not self.stopped:
            self.connect()
        elif not self.open:
            self.ended.set()

    def connect(self) -> None:
        """One line more."""
        self.open += 1
        loop = asyncio.get_running_loop()
        task: asyncio.Task[object] = loop.create_task(loop.create_connection(lambda: _Line(self), self.host, self.port))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def wait(self, seconds: float, least: int = 0) -> None:
        """So long, and until so many are answered; or until the requests are used up."""
        end = time.perf_counter() + seconds
        while not self.stopped and (time.perf_counter() < end or self.answered < least):
            await asyncio.sleep(0.02)

    async def end(self) -> None:
        """No more requests; those under way are answered."""
        self.stopped = True
        await asyncio.wait_for(self.ended.wait(), PATIENCE)
        if self.wrong:
            raise RuntimeError(f"not {self.expects!r}: {self.wrong.decode(errors='replace')}")


async def _drive(drive: _Drive, cpu: Callable[[], dict[str, float]], connections: int) -> Outcome:
    for _ in range(connections):
        drive.connect()
    await drive.wait(WARM_UP, least=WARM_UP_REQUESTS)
    before, first, began = cpu(), drive.answered, time.perf_counter()
    await drive.wait(SECONDS)
    taken, answered, after = time.perf_counter() - began, drive.answered - first, cpu()
    await drive.end()
    if answered < LEAST:
        raise RuntimeError(f"only {answered} requests were left after the warm-up: more people are needed")
    return Outcome(answered, taken, {name: spent - before[name] for name, spent in after.items()})


def drive(
    stack: Stack,
    requests: Iterable[bytes],
    *,
    expects: str,
    keep_alive: bool = True,
    connections: int = CONNECTIONS,
) -> Outcome:
    """Send the requests, each once, for 2 s of warm-up and 8 s that count; every answer's head must hold `expects`."""
    load = _Drive(stack.address, iter(requests), keep_alive=keep_alive, expects=expects)
    return uvloop.run(_drive(load, stack.cpu, connections))
