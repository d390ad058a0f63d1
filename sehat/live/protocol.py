"""The WebSocket protocol of the server, which gives up a client that takes nothing.

uvicorn closes such a connection only once its buffer is empty, which a client that does not read never lets
happen: its memory and its place would stay taken for as long as it likes.
"""

from asyncio import TimerHandle

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from sehat.live.counts import Drop, counts

PATIENCE = 20.0
"""Seconds in which a full buffer must begin to empty."""


class Protocol(WebSocketsSansIOProtocol):
    """A connection whose full buffer does not empty in time is cut."""

    _stuck: TimerHandle | None = None

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
