"""Who sits behind a socket: read from the session cookie of the pages, in a thread (the ORM is sync)."""

import asyncio
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import urlsplit

from django.conf import settings
from django.db import close_old_connections
from starlette.websockets import WebSocket


@dataclass(frozen=True)
class Who:
    """The primary keys of the people signed in to one browser; None where nobody is."""

    staff: int | None
    patient: int | None


PATIENT_KEY = "patient"


def _read(session_key: str) -> Who:
    close_old_connections()
    try:
        store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
        staff, patient = store.get("_auth_user_id"), store.get(PATIENT_KEY)
        return Who(staff=int(staff) if staff else None, patient=int(patient) if patient else None)
    finally:
        close_old_connections()


async def who(websocket: WebSocket) -> Who:
    """The people of the session cookie; nobody where there is none."""
    key = websocket.cookies.get(settings.SESSION_COOKIE_NAME)
    return await asyncio.to_thread(_read, key) if key else Who(None, None)


def same_origin(websocket: WebSocket) -> bool:
    """Whether the page that opens the socket is one of this portal: a cookie alone proves nothing."""
    origin = urlsplit(websocket.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == websocket.headers.get("host")
