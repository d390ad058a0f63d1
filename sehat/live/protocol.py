"""The WebSocket protocol of the server: gives up a client that takes nothing, and tells at once one that does.

uvicorn closes a connection that does not read only once its buffer is empty, which such a client never lets
happen: its memory and its place would stay taken for as long as it likes. And it sends from a task alone, of which
ten thousand waiting pages would have to wake ten thousand whenever the line moves.
"""

from asyncio import TimerHandle
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from sehat.live.counts import Drop, counts

PATIENCE = 20.0
"""Seconds in which a full buffer must begin to empty."""
AT_ONCE = "sehat.at_once"
"""Where the scope holds `Protocol.say_at_once`."""


class Protocol(WebSocketsSansIOProtocol):
    """A connection whose full buffer does not empty in time is cut."""

    _stuck: TimerHandle | None = None

    async def run_asgi(self) -> None:
        """Serve the socket; what is said may go out from outside its task, too."""
        scope = cast("dict[str, Any]", self.scope)
        scope[AT_ONCE] = self.say_at_once
        try:
            await super().run_asgi()
        finally:
            del scope[AT_ONCE]

    def say_at_once(self, text: str) -> bool:
        """Send a text to a client that takes it now; False where it must wait, or the connection is at its end."""
        standing = self.handshake_complete and not (self.disconnected or self.close_sent or self.transport.is_closing())
        if not standing or not self.writable.is_set():
            return False
        try:
            self.conn.send_text(text.encode())
        except InvalidState:
            return False
        self.transport.write(b"".join(self.conn.data_to_send()))
        return True

    def pause_writing(self) -> None:
        """The buffer is full: the clock runs."""
        super().pause_writing()
        self._stuck = self.loop.call_later(PATIENCE, self._cut)

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        self._forgive()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._forgive()
        super().connection_lost(exc)

    def _forgive(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    def _cut(self) -> None:
        counts.dropped[Drop.STUCK] += 1
        self.transport.abort()
