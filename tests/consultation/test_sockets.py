"""The sockets between the two pages: who may listen, what is carried, what ends one."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from sehat.clinic.models import Doctor
from sehat.consultation import services, sockets
from sehat.consultation.models import Consultation
from sehat.consultation.rules import PutBack
from sehat.kernel.clock import now
from sehat.live import hub
from sehat.live.sockets import STRANGER
from sehat.registration.models import Patient
from tests.consultation.conftest import logged_in

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = {"origin": "http://testserver"}


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    # One thread for all questions to the database, so that its connection can be closed at the end.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    async with hub.opened():
        yield
    await asyncio.to_thread(connections.close_all)


@pytest.fixture
def live() -> Iterator[TestClient]:
    routes = [Mount("/live", routes=sockets.routes)]
    with TestClient(Starlette(routes=routes, lifespan=lifespan)) as client:
        yield client


def connect(live: TestClient, met: Consultation, side: str, browser: Client) -> WebSocketTestSession:
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    path = f"/live/consultation/{met.ref}/{side}/"
    return live.websocket_connect(path, headers=ORIGIN | {"cookie": cookie})


def closing_code(socket: WebSocketTestSession) -> int:
    with pytest.raises(WebSocketDisconnect) as end, socket:
        while True:
            socket.receive_json()
    return end.value.code


def test_what_one_side_says_the_other_hears(
    live: TestClient, met: Consultation, patients_browser: Client, doctors_browser: Client
) -> None:
    with (
        connect(live, met, "patient", patients_browser) as patient,
        connect(live, met, "doctor", doctors_browser) as doctor,
    ):
        patient.send_json({"kind": "here", "page": "1-a"})
        assert doctor.receive_json() == {"kind": "here", "side": "patient", "page": "1-a"}
        assert patient.receive_json() == {"kind": "here", "side": "patient", "page": "1-a"}
        doctor.send_json({"kind": "signal", "side": "patient", "hello": True})
        assert patient.receive_json() == {"kind": "signal", "side": "doctor", "hello": True}
        patient.send_json({"kind": "beat"})
        assert patient.receive_json() == {"kind": "beat"}
        patient.close()
        assert doctor.receive_json() == {"kind": "gone", "side": "patient", "page": "1-a"}


def test_strangers_are_turned_away(
    live: TestClient, met: Consultation, patients_browser: Client, meera: Patient, dr_iyer: Doctor
) -> None:
    for side, browser in (
        ("patient", logged_in(patient=meera)),
        ("doctor", logged_in(doctor=dr_iyer)),
        ("doctor", patients_browser),
        ("nurse", patients_browser),
    ):
        assert closing_code(connect(live, met, side, browser)) == STRANGER


def test_an_ended_consultation_has_no_socket(live: TestClient, met: Consultation, patients_browser: Client) -> None:
    services.put_back(consultation=met, reason=PutBack.LINE, now=now())
    assert closing_code(connect(live, met, "patient", patients_browser)) == STRANGER


@pytest.mark.parametrize("garbage", ["{", "[]", "x" * 70_000])
def test_garbage_ends_the_socket(live: TestClient, met: Consultation, patients_browser: Client, garbage: str) -> None:
    socket = connect(live, met, "patient", patients_browser)
    with pytest.raises(WebSocketDisconnect), socket:
        socket.send_text(garbage)
        while True:
            socket.receive_json()


def test_the_line_check_answers_what_it_hears(live: TestClient) -> None:
    with live.websocket_connect("/live/check/", headers=ORIGIN) as socket:
        socket.send_json({"kind": "echo", "at": 1.5})
        assert socket.receive_json() == {"kind": "echo", "at": 1.5}
