"""The bridge between the event loop and Django's threads."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from starlette.types import Message

from sehat.config import bridge
from sehat.config.bridge import Bridge

Start = Callable[[str, list[tuple[str, str]]], object]


def scope(method: str = "POST", **more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": "/प्रतीक्षा/",
        "query_string": b"a=1",
        "http_version": "1.1",
        "headers": [(b"content-type", b"text/plain"), (b"cookie", b"a=1"), (b"cookie", b"b=2")],
        **more,
    }


async def ask(one: Bridge, messages: Iterable[dict[str, Any]], **more: Any) -> list[Message]:
    """What the bridge sends for a request that comes in these messages."""
    coming = iter(messages)
    sent: list[Message] = []

    async def receive() -> dict[str, Any]:
        return next(coming)

    async def send(message: Message) -> None:
        sent.append(message)

    await one(scope(**more), receive, send)
    return sent


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def echo(environ: dict[str, Any], start: Start) -> list[bytes]:
    start("200 OK", [("X-Cookie", environ["HTTP_COOKIE"]), ("X-Length", environ["CONTENT_LENGTH"])])
    return [environ["wsgi.input"].read(), environ["PATH_INFO"].encode("latin-1")]


@pytest.mark.parametrize("size", [10, 3 * bridge.IN_MEMORY])
def test_a_body_arrives_whole_whatever_parts_it_comes_in(size: int) -> None:
    third = b"x" * size
    sent = asyncio.run(ask(Bridge(echo, threads=1), [part(third, more=True), part(third, more=True), part(third)]))
    assert dict(sent[0]["headers"]) == {b"x-cookie": b"a=1;b=2", b"x-length": str(3 * size).encode()}
    assert b"".join(message.get("body", b"") for message in sent) == 3 * third + "/प्रतीक्षा/".encode()


def test_a_body_beyond_all_measure_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "MOST_BYTES", 1000)
    asked: list[object] = []

    def application(environ: dict[str, Any], start: Start) -> list[bytes]:
        asked.append(environ)
        return []

    sent = asyncio.run(ask(Bridge(application, threads=1), [part(b"x" * 600, more=True)] * 2))
    assert sent[0]["status"] == 413
    assert not asked


def test_who_has_gone_is_not_answered() -> None:
    gone = [part(b"half", more=True), {"type": "http.disconnect"}]
    assert asyncio.run(ask(Bridge(echo, threads=1), gone)) == []


def test_a_slow_sender_holds_no_thread() -> None:
    async def day() -> bytes:
        one, rest = Bridge(echo, threads=1), asyncio.Event()

        async def slowly() -> dict[str, Any]:
            await rest.wait()
            return part(b"slow")

        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        slow = asyncio.create_task(one(scope(), slowly, send))
        quick = await ask(one, [part(b"quick")])
        assert not sent
        rest.set()
        await slow
        return bytes(quick[1]["body"] + sent[1]["body"])

    answered = asyncio.run(day())
    assert answered.startswith(b"quick") and b"slow" in answered


def test_a_long_answer_is_handed_out_in_parts_and_closed() -> None:
    class Long:
        closed = 0

        def __iter__(self) -> Iterator[bytes]:
            return iter([b"x" * bridge.AT_ONCE] * 3)

        def close(self) -> None:
            self.closed += 1

    answer = Long()

    def application(environ: dict[str, Any], start: Start) -> Long:
        start("200 OK", [])
        return answer

    sent = asyncio.run(ask(Bridge(application, threads=1), [part(b"")], method="GET"))
    bodies = [len(message["body"]) for message in sent[1:]]
    assert bodies == [bridge.AT_ONCE] * 3 + [0]
    assert [message.get("more_body", False) for message in sent[1:]] == [True, True, True, False]
    assert answer.closed == 1


def test_an_asker_who_goes_in_the_middle_leaves_nothing_open() -> None:
    closed: list[bool] = []

    class Long:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"x" * bridge.AT_ONCE] * 3)

        def close(self) -> None:
            closed.append(True)

    def application(environ: dict[str, Any], start: Start) -> Long:
        start("200 OK", [])
        return Long()

    async def day() -> None:
        async def receive() -> dict[str, Any]:
            return part(b"")

        async def send(message: Message) -> None:
            if message["type"] == "http.response.body":
                raise OSError("gone")

        with pytest.raises(OSError, match="gone"):
            await Bridge(application, threads=1)(scope(), receive, send)

    asyncio.run(day())
    assert closed == [True]


def test_what_fails_in_a_thread_fails_in_the_loop() -> None:
    def application(environ: dict[str, Any], start: Start) -> list[bytes]:
        raise ZeroDivisionError

    one = Bridge(application, threads=1)
    for _ in range(2):  # the thread goes on
        with pytest.raises(ZeroDivisionError):
            asyncio.run(ask(one, [part(b"")]))


def test_a_header_that_only_looks_like_the_proxys_is_dropped() -> None:
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start: Start) -> list[bytes]:
        seen.update(environ)
        start("204 No Content", [])
        return []

    asyncio.run(ask(Bridge(application, threads=1), [part(b"")], headers=[(b"x_forwarded_for", b"10.0.0.1")]))
    assert "HTTP_X_FORWARDED_FOR" not in seen
