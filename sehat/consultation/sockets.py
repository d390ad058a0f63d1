"""The sockets between the two pages of a consultation: they carry what browsers say to each other, unread.

A page says `here` with its own random name when its socket stands; the other page answers with a `signal`. A
`signal` goes to the other side's pages; each takes what is meant for it. When a socket ends, the others hear
`gone` with the page's name.
"""

import asyncio
import logging
from typing import Any

from django.db import DatabaseError, close_old_connections
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from sehat.accounts.rules import CLINICAL
from sehat.consultation import services
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Side
from sehat.kernel.clock import now
from sehat.live import sessions, sockets, topics
from sehat.live.hub import hub
from sehat.live.sessions import Who

log = logging.getLogger(__name__)

CHECK_SECONDS = 120
SEEN_SECONDS = 60
NAME_LENGTH = 64


def _consultation(ref: str, side: Side, who: Who) -> int | None:
    """The open consultation of that reference, if this side of it is the caller's."""
    close_old_connections()
    try:
        open_ones = Consultation.objects.filter(ref=ref, ended_at=None)
        if side is Side.PATIENT:
            mine = open_ones.filter(token__patient=who.patient)
        else:
            mine = open_ones.filter(
                doctor__staff=who.staff, doctor__staff__is_active=True, doctor__staff__role__in=CLINICAL
            )
        return mine.values_list("pk", flat=True).first()
    finally:
        close_old_connections()


def _seen(pk: int) -> None:
    close_old_connections()
    try:
        consultation = Consultation.objects.filter(pk=pk).first()
        if consultation is not None:
            services.seen(consultation=consultation, now=now())
    except DatabaseError as error:
        log.warning("the doctor's presence was not noted: %s", error)
    finally:
        close_old_connections()


async def _doctor_sits(pk: int) -> None:
    """Note the doctor's presence for as long as the page's socket stands."""
    while True:
        await asyncio.to_thread(_seen, pk)
        await asyncio.sleep(SEEN_SECONDS)


async def consultation(websocket: WebSocket) -> None:
    """`/live/consultation/<ref>/<side>/`: for the patient or the doctor of an open consultation."""
    side = websocket.path_params["side"]
    if side not in set(Side) or not sessions.same_origin(websocket):
        return await sockets.turn_away(websocket)
    who = await sessions.who(websocket)
    pk = await asyncio.to_thread(_consultation, websocket.path_params["ref"], Side(side), who)
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

    def concerns(_topic: str, message: dict[str, Any]) -> bool:
        # A page need not hear its own side, except that another window of it came.
        return message.get("side") != side or message["kind"] == "here"

    sitting = asyncio.create_task(_doctor_sits(pk)) if side == Side.DOCTOR else None
    try:
        await sockets.serve(websocket, who=who, topics=[topic], on_message=hear, accepts=concerns)
    finally:
        if sitting is not None:
            sitting.cancel()
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
