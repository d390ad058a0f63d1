"""A bare Starlette loop over sockets, served as the portal serves its own: `python -m bench.bare PORT`.

A GET of `/` tells every socket one message of the length of ours.
"""

import json
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

sockets: set[WebSocket] = set()


async def listen(websocket: WebSocket) -> None:
    """Stay until the client goes."""
    await websocket.accept()
    sockets.add(websocket)
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        sockets.discard(websocket)


async def tell(request: Request) -> PlainTextResponse:
    """Tell everybody the place that each has."""
    for place, websocket in enumerate(tuple(sockets), 1):
        await websocket.send_text(json.dumps({"kind": "place", "place": place, "ahead": place - 1}))
    return PlainTextResponse("told")


application = Starlette(routes=[Route("/", tell), WebSocketRoute("/live/waiting/", listen)])

if __name__ == "__main__":
    uvicorn.run(
        application,
        port=int(sys.argv[1]),
        http="httptools",
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        access_log=False,
        log_level="warning",
    )
