"""The hub, its sockets, and the teller of places."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from sehat.live import sockets
from sehat.live.hub import Hub, hub
from sehat.live.sockets import TOO_MUCH
from sehat.waiting.teller import Teller
from tests import servers


def test_only_those_who_listen_on_the_topic_are_told() -> None:
    own, heard = Hub(), []
    stop = own.listen(["token:1"], lambda topic, message: heard.append((topic, message)))
    own.listen(["opd:*"], lambda topic, message: heard.append((topic, message)))
    for topic in ("token:1", "token:2", "opd:7"):
        own.fan_out(topic, {"kind": "state"})
    stop()
    own.fan_out("token:1", {"kind": "state"})
    assert [topic for topic, _ in heard] == ["token:1", "opd:7"]


def test_a_thread_of_django_reaches_the_loop() -> None:
    async def run() -> list[Any]:
        own, heard = Hub(), []
        async with own.opened():
            own.listen(["token:1"], lambda topic, message: heard.append(message))
            thread = threading.Thread(target=own.publish_from_thread, args=("token:1", {"kind": "state"}))
            thread.start()
            await asyncio.to_thread(thread.join)
            await asyncio.sleep(0.01)
        own.publish_from_thread("token:1", {"kind": "lost"})  # without a loop nobody is told, and nothing breaks
        return heard

    assert asyncio.run(run()) == [{"kind": "state"}]


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """A real Redis of this test's own."""
    with servers.redis() as url:
        yield url


def test_through_redis_the_hub_of_another_process_hears(redis_url: str, settings: Settings) -> None:
    settings.REDIS_URL = redis_url

    async def run() -> list[Any]:
        here, there, heard = Hub(), Hub(), []
        there.listen(["token:1"], lambda topic, message: heard.append(message))
        async with here.opened(), there.opened():
            for _ in range(100):  # until the other one has subscribed
                await here.publish("token:1", {"kind": "state"})
                await asyncio.sleep(0.02)
                if heard:
                    break
        here.close()
        there.close()
        return heard[:1]

    assert asyncio.run(run()) == [{"kind": "state"}]


def test_without_its_redis_a_process_still_tells_its_own(settings: Settings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{servers.free_port()}/0"

    async def run() -> list[Any]:
        own, heard = Hub(), []
        own.listen(["token:1"], lambda topic, message: heard.append(message))
        async with own.opened():
            await own.publish("token:1", {"kind": "state"})
            await asyncio.sleep(0.01)
        own.close()
        return heard

    assert asyncio.run(run()) == [{"kind": "state"}]


async def _page(websocket: WebSocket) -> None:
    async def heard(message: dict[str, Any]) -> None:
        hub.fan_out("token:1", {"kind": "echo", "of": message})

    await sockets.serve(websocket, who=None, topics=["token:1"], on_message=heard)


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[WebSocketRoute("/page/", _page)]))


def test_what_is_said_comes_back(client: TestClient) -> None:
    with client, client.websocket_connect("/page/") as page:
        page.send_json({"kind": "hello"})
        assert page.receive_json() == {"kind": "echo", "of": {"kind": "hello"}}
    assert not hub.listeners


@pytest.mark.parametrize("garbage", ["not json", "[1, 2]", '"text"', "x" * 70_000])
def test_garbage_ends_the_socket(client: TestClient, garbage: str) -> None:
    with client, client.websocket_connect("/page/") as page:
        page.send_text(garbage)
        with pytest.raises(WebSocketDisconnect) as ended:
            page.receive_json()
        assert ended.value.code == TOO_MUCH


def test_a_thousand_messages_at_once_end_the_socket(client: TestClient) -> None:
    with client, client.websocket_connect("/page/") as page:
        for _ in range(sockets.INCOMING_PER_WINDOW + 1):
            page.send_text('{"kind": "ping"}')
        with pytest.raises(WebSocketDisconnect) as ended:
            page.receive_json()
        assert ended.value.code == TOO_MUCH


def test_the_teller_tells_only_changed_places(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int]] = []
    monkeypatch.setattr(hub, "fan_out", lambda topic, message: told.append((topic, message["place"])))
    teller = Teller()

    def tell(*line: int) -> int:
        return asyncio.run(teller.tell(1, list(line), 0, None))

    with teller.present(11, opd=1), teller.present(12, opd=1):
        assert tell(11, 10, 12) == 2
        assert tell(11, 12) == 1
        assert tell(11, 12) == 0
    assert told == [("token:11", 1), ("token:12", 3), ("token:12", 2)]
    assert tell(11, 12) == 0
    assert not teller.told
