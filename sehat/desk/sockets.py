"""The desk's socket: hears its own doctor."""

from django.db.models import QuerySet
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from sehat.clinic.models import Doctor
from sehat.kernel.prepared import prepared
from sehat.live import sessions, sockets, topics
from sehat.live.asking import ask


@prepared
def _of(staff: int) -> QuerySet[Doctor, tuple[int, int]]:
    return Doctor.objects.filter(staff=staff, staff__is_active=True).values_list("pk", "opd_id")


async def desk(websocket: WebSocket) -> None:
    """`/live/desk/`: for the doctor of the session; hears calls, own state and the line of the OPD."""
    who = await sessions.who(websocket)
    if who.staff is None or not sessions.same_origin(websocket):
        return await sockets.turn_away(websocket)
    found = await ask(_of.first, who.staff)
    if found is None:
        return await sockets.turn_away(websocket)
    doctor, opd = found
    return await sockets.serve(websocket, who=who, topics=[topics.doctor(doctor), topics.opd(opd)])


routes = [WebSocketRoute("/desk/", desk)]
