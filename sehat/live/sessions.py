"""Who sits behind a socket: read from the session cookie of the pages, in a thread (the ORM is sync)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare
from starlette.websockets import WebSocket

from sehat.kernel.clock import now
from sehat.kernel.prepared import prepared
from sehat.live.asking import ask

PATIENT_KEY = "patient"


@dataclass(frozen=True)
class Who:
    """The primary keys of the people signed in to one browser, None where nobody is; and by which session."""

    staff: int | None
    patient: int | None
    session: str = ""
    stamp: str = ""
    """What Django put into the session at the staff login; a new password makes another."""


def _store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


@prepared
def _active(staff: int) -> QuerySet[AbstractBaseUser]:
    return get_user_model().objects.filter(pk=staff, is_active=True)


def _works(person: AbstractBaseUser | None, who: Who) -> bool:
    """Whether who is signed in as staff still works here, by the password that the person has now."""
    stamps = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()] if person else []
    return any(constant_time_compare(stamp, who.stamp) for stamp in stamps)


def _read(session_key: str) -> Who:
    store = _store()(session_key)
    staff, patient = store.get(SESSION_KEY), store.get(PATIENT_KEY)
    who = Who(
        staff=int(staff) if staff else None,
        patient=int(patient) if patient else None,
        session=session_key,
        stamp=store.get(HASH_SESSION_KEY, ""),
    )
    return who if who.staff is None or _works(_active.first(who.staff), who) else replace(who, staff=None)


async def who(websocket: WebSocket) -> Who:
    """The people of the session cookie; nobody where there is none."""
    key = websocket.cookies.get(settings.SESSION_COOKIE_NAME)
    return await ask(_read, key) if key else Who(None, None)


def ended(those: Iterable[Who]) -> set[Who]:
    """Those who have signed out since, whose session is too old, or who no longer work here.

    Two queries however many they are. A logout and a login both give the session a new key.
    """
    sessions = _store().get_model_class().objects
    alive = set(
        sessions.filter(session_key__in=[who.session for who in those], expire_date__gt=now()).values_list(
            "session_key", flat=True
        )
    )
    staff = get_user_model().objects.filter(is_active=True).in_bulk({who.staff for who in those if who.staff})
    return {
        who
        for who in those
        if who.session not in alive or (who.staff is not None and not _works(staff.get(who.staff), who))
    }


def same_origin(websocket: WebSocket) -> bool:
    """Whether the page that opens the socket is one of this portal: a cookie alone proves nothing."""
    origin = urlsplit(websocket.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == websocket.headers.get("host")
