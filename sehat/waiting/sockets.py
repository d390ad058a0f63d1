"""The waiting page's socket: hears its own token."""

from django.db.models import QuerySet
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from sehat.kernel.prepared import prepared
from sehat.live import sessions, sockets, topics
from sehat.live.asking import ask
from sehat.tokens.models import Token
from sehat.tokens.rules import OPEN_STATES
from sehat.waiting.teller import teller


@prepared
def _open_of(patient: int) -> QuerySet[Token, tuple[int, int]]:
    return Token.objects.filter(patient=patient, state__in=OPEN_STATES).values_list("pk", "opd_id")


async def waiting(websocket: WebSocket) -> None:
    """`/live/waiting/`: for the patient of the session who holds an open token."""
    who = await sessions.who(websocket)
    if who.patient is None or not sessions.same_origin(websocket):
        return await sockets.turn_away(websocket)
    found = await ask(_open_of.first, who.patient)
    if found is None:
        return await sockets.turn_away(websocket)
    token, opd = found
    with teller.present(token, opd):
        await sockets.serve(websocket, who=who, topics=[topics.token(token)])
    return None


routes = [WebSocketRoute("/waiting/", waiting)]
