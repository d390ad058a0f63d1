"""A call and nothing else: two pages, a socket between them, camera, microphone, one connection.

What any portal's call has to do at least; `python -m bench.bare_call PORT` serves it.
"""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

PAGE = """<!doctype html><title>call</title><video id="theirs" autoplay playsinline></video><script>
const first = location.hash === "#first";
const socket = new WebSocket("/line".replace(/^/, location.origin.replace("http", "ws")));
const line = new RTCPeerConnection();
line.ontrack = ({ streams }) => (theirs.srcObject = streams[0]);
const say = (message) => socket.send(JSON.stringify(message));
const open = new Promise((resolve) => (socket.onopen = resolve));
const media = navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480 } });
const ready = Promise.all([media, open]).then(([stream]) => {
  for (const track of stream.getTracks()) line.addTrack(track, stream);
  line.onicecandidate = ({ candidate }) => candidate && say({ candidate });
  say({ ready: true });
});
async function offer() {
  await line.setLocalDescription();
  say({ description: line.localDescription });
}
let offered = false;
socket.onmessage = async ({ data }) => {
  const { ready: there, description, candidate } = JSON.parse(data);
  await ready;
  if (there && !offered) {
    offered = true;
    if (first) await offer();
    else say({ ready: true });
  } else if (description) {
    await line.setRemoteDescription(description);
    if (description.type === "offer") await offer();
  } else if (candidate) await line.addIceCandidate(candidate);
};
</script>"""

sockets: set[WebSocket] = set()


async def page(request: Request) -> HTMLResponse:
    """The one page, for both."""
    return HTMLResponse(PAGE)


async def line(websocket: WebSocket) -> None:
    """What one page says, the other hears."""
    await websocket.accept()
    sockets.add(websocket)
    try:
        while True:
            said = await websocket.receive_text()
            for other in sockets - {websocket}:
                await other.send_text(said)
    except WebSocketDisconnect:
        sockets.discard(websocket)


application = Starlette(routes=[Route("/", page), WebSocketRoute("/line", line)])

if __name__ == "__main__":
    uvicorn.run(application, port=int(sys.argv[1]), access_log=False, log_level="warning")
