"""One ASGI application: the live sockets in Starlette, Django's pages beside them in threads.

Django runs behind the house's own bridge to WSGI and not behind its own ASGI handler, which starts a thread for each
sync view (architecture.md, "Stack").
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from django.conf import settings
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from sehat.config.bridge import Bridge
from sehat.config.wsgi import application as django_application

# Rooms may be imported only after Django is set up, which the line above does.
from sehat.config import background  # isort: skip
from sehat.consultation import sockets as consultation_sockets  # isort: skip
from sehat.desk import sockets as desk_sockets  # isort: skip
from sehat.live import hub  # isort: skip
from sehat.live.pulse import Heart  # isort: skip
from sehat.live.warden import warden  # isort: skip
from sehat.site.simulation import running as simulation  # isort: skip
from sehat.waiting import sockets as waiting_sockets  # isort: skip
from sehat.waiting.teller import teller  # isort: skip

WEB_THREADS = 16


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Open the hub; in the embedded process also the worker's and the sweeper's threads."""
    robots = simulation.opened() if settings.SEHAT_DEMO else nullcontext()
    async with hub.opened(), teller.opened(), warden.opened(), robots, Heart(is_worker=False).beating():
        if settings.EMBEDDED_WORKER:
            background.start()
        try:
            yield
        finally:
            if settings.EMBEDDED_WORKER:
                background.stop()


pages = Bridge(django_application, threads=WEB_THREADS)
sockets = Starlette(
    routes=[Mount("/live", routes=[*waiting_sockets.routes, *desk_sockets.routes, *consultation_sockets.routes])],
    lifespan=lifespan,
)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Pages to Django; sockets, and the start and end of the process, to the live app."""
    await (pages if scope["type"] == "http" else sockets)(scope, receive, send)
