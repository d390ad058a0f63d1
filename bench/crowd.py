"""Ten thousand WebSockets that cost the client little: just enough of the protocol to shake hands, read and pong."""

import asyncio
import json
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

AT_ONCE = 40  # handshakes under way
PATIENCE = 300.0
TEXT, CLOSE, PING = 1, 8, 9


class Ear(asyncio.Protocol):
    """One socket; remembers the last place that it was told, and when."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.buffer = b""
        self.stands = asyncio.get_running_loop().create_future()
        self.messages, self.told_at, self.place = 0, 0.0, 0
        self.gone = False
        self.code = 0
        """What the server said when it closed the socket."""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self.transport = transport  # type: ignore[assignment]
        self.transport.write(self.request)  # type: ignore[union-attr]

    def data_received(self, data: bytes) -> None:
        """The answer to the handshake, then frames."""
        self.buffer += data
        if not self.stands.done():
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.stands.set_exception(RuntimeError(head.decode(errors="replace")))
                return
            self.buffer = rest
            self.stands.set_result(None)
        while len(self.buffer) >= 2:
            short = self.buffer[1] & 127
            start = 2 if short < 126 else 4
            length = short if short < 126 else int.from_bytes(self.buffer[2:4])
            if len(self.buffer) < start + length:
                return
            opcode, body = self.buffer[0] & 15, self.buffer[start : start + length]
            self.buffer = self.buffer[start + length :]
            self._frame(opcode, body)

    def _frame(self, opcode: int, body: bytes) -> None:
        if opcode == PING and self.transport is not None:
            # Masked, as a client's frames are, by a mask that leaves it as it is.
            self.transport.write(bytes((0x8A, 0x80 | len(body), 0, 0, 0, 0)) + body)
        elif opcode == CLOSE:
            self.gone, self.code = True, int.from_bytes(body[:2])
        elif opcode == TEXT:
            self.messages += 1
            message = json.loads(body)
            if message["kind"] == "place":
                self.told_at, self.place = time.perf_counter(), message["place"]

    def connection_lost(self, exc: Exception | None) -> None:
        """The server, or we, have ended it."""
        self.gone = True
        if not self.stands.done():
            self.stands.set_exception(exc or ConnectionResetError())


def upgrade(address: str, path: str, session: str = "") -> bytes:
    """The request of a page that opens its socket."""
    host = urlsplit(address).netloc
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Cookie: sessionid={session}\r\n\r\n"
    ).encode()


async def gather(address: str, requests: Sequence[bytes]) -> list[Ear]:
    """Open a socket for each request and wait until all stand, in their order."""
    parts, loop = urlsplit(address), asyncio.get_running_loop()
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(request: bytes) -> Ear:
        async with gate:
            _, ear = await loop.create_connection(lambda: Ear(request), parts.hostname or "", parts.port or 80)
            await ear.stands
            return ear

    return await asyncio.wait_for(asyncio.gather(*map(one, requests)), PATIENCE)


async def scatter(ears: Sequence[Ear]) -> None:
    """Close them all, and wait for it."""
    for ear in ears:
        if ear.transport is not None:
            ear.transport.abort()
    while not all(ear.gone for ear in ears):
        await asyncio.sleep(0.05)
