"""The sockets between the pages of a consultation: they carry what browsers say to each other, unread.

A page says `here` with its own random name when its socket stands; the other page answers with a `signal`. A
`signal` goes to the other side's pages; each takes what is meant for it. When a socket ends, the others hear
`gone` with the page's name.
"""

import asyncio
import contextlib
import logging
from typing import Any

from django.db import DatabaseError
from django.db.models import QuerySet
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from sehat.accounts.rules import CLINICAL
from sehat.consultation import queries, services
from sehat.consultation.inviting import DISMISSED
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Invited, Side
from sehat.kernel.clock import now
from sehat.kernel.prepared import prepared
from sehat.live import sessions, sockets, topics
from sehat.live.asking import ask
from sehat.live.hub import hub
from sehat.live.sessions import Who

log = logging.getLogger(__name__)

CHECK_SECONDS = 120
SEEN_SECONDS = 60
NAME_LENGTH = 64


Key = QuerySet[Consultation, tuple[int]]


@prepared
def _of_patient(ref: str, patient: int) -> Key:
    return Consultation.objects.filter(ref=ref, ended_at=None, token__patient=patient).values_list("pk")


@prepared
def _of_guest(ref: str, staff: int) -> Key:
    mine = Consultation.objects.filter(
        ref=ref,
        ended_at=None,
        invitations__state=Invited.JOINED,
        invitations__doctor__staff=staff,
        invitations__doctor__staff__is_active=True,
        invitations__doctor__staff__role__in=CLINICAL,
    )
    return mine.values_list("pk")


@prepared
def _of_doctor(ref: str, staff: int) -> Key:
    mine = Consultation.objects.filter(
        ref=ref, ended_at=None, doctor__staff=staff, doctor__staff__is_active=True, doctor__staff__role__in=CLINICAL
    )
    return mine.values_list("pk")


SEATS = {Side.PATIENT: _of_patient, Side.GUEST: _of_guest, Side.DOCTOR: _of_doctor}


def _consultation(ref: str, side: Side, who: Who) -> int | None:
    """The open consultation of that reference, if this side of it is the caller's."""
    person = who.patient if side is Side.PATIENT else who.staff
    found = SEATS[side].first(ref, person) if person else None
    return found[0] if found else None


def _seen(pk: int) -> None:
    try:
        consultation = queries.open_by_key(pk)
        if consultation is not None:
            services.seen(consultation=consultation, now=now())
    except DatabaseError as error:
        log.warning("the doctor's presence was not noted: %s", error)


async def _doctor_sits(pk: int) -> None:
    """Note the doctor's presence for as long as the page's socket stands."""
    while True:
        await ask(_seen, pk)
        await asyncio.sleep(SEEN_SECONDS)


async def _send_out(websocket: WebSocket, dismissed: asyncio.Event) -> None:
    """An invited doctor who has left, or was sent out, hears and says nothing more."""
    await dismissed.wait()
    with contextlib.suppress(RuntimeError):  # it closed by itself just now
        await websocket.close(sockets.STRANGER)


async def consultation(websocket: WebSocket) -> None:
    """`/live/consultation/<ref>/<side>/`: for the patient or the doctor of an open consultation, and
    for the doctor who was invited into it."""
    if websocket.path_params["side"] not in set(Side) or not sessions.same_origin(websocket):
        return await sockets.turn_away(websocket)
    side = Side(websocket.path_params["side"])
    who = await sessions.who(websocket)
    pk = await ask(_consultation, websocket.path_params["ref"], side, who)
    if pk is None:
        return await sockets.turn_away(websocket)
    topic, page = topics.consultation(pk), ""

    async def hear(message: dict[str, Any]) -> None:
        nonlocal page
        kind = message.get("kind")
        if kind == "beat":
            await websocket.send_json({"kind": "beat"})
        elif kind == "here":
            page = str(message.get("page"))[:NAME_LENGTH]
            await hub.publish(topic, {"kind": "here", "side": side, "page": page})
        elif kind == "signal":
            await hub.publish(topic, {**message, "side": side})

    dismissed = asyncio.Event()

    def concerns(_topic: str, message: dict[str, Any]) -> bool:
        if message["kind"] == DISMISSED and side == Side.GUEST:
            dismissed.set()
        # A page need not hear its own side, except that another window of it came.
        return message.get("side") != side or message["kind"] == "here"

    beside = {Side.DOCTOR: lambda: _doctor_sits(pk), Side.GUEST: lambda: _send_out(websocket, dismissed)}
    task = asyncio.create_task(beside[side]()) if side in beside else None
    try:
        await sockets.serve(websocket, who=who, topics=[topic], on_message=hear, accepts=concerns)
    finally:
        if task is not None:
            task.cancel()
        await hub.publish(topic, {"kind": "gone", "side": side, "page": page})
    return None


async def check(websocket: WebSocket) -> None:
    """`/live/check/`: sends back what it hears, for two minutes: the line test of the check page."""
    if not sessions.same_origin(websocket):
        return await sockets.turn_away(websocket)
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await sockets.serve(websocket, who=None, topics=[], on_message=websocket.send_json)
    except TimeoutError:
        await websocket.close()
    return None


routes = [
    WebSocketRoute("/consultation/{ref}/{side}/", consultation),
    WebSocketRoute("/check/", check),
]
