"""Between the password and the code: a person at the door, who is signed in to nothing yet.

The session holds who it is under a name that nobody else reads, so that every page, socket and operation of the API
sees a stranger.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from sehat.accounts import codes
from sehat.accounts.models import Staff
from sehat.live.sessions import PATIENT_KEY

AT_DOOR = "staff_at_door"
NEW_KEY = "staff_new_key"
BACKEND = "sehat.accounts.backend.StaffBackend"


def knock(request: HttpRequest, staff: Staff, *, then: str, now: datetime) -> None:
    """The password was right, and more is asked; `then` is the page of ours that was wanted."""
    request.session.cycle_key()
    forget_new_key(request)
    stamp = staff.get_session_auth_hash()
    request.session[AT_DOOR] = {"staff": staff.pk, "stamp": stamp, "at": now.timestamp(), "then": then}


def at_door(request: HttpRequest, *, minutes: int, now: datetime) -> Staff | None:
    """Who gave the password in this browser within that time, if it is still the password and the person works here."""
    said = request.session.get(AT_DOOR)
    if not said or now.timestamp() - said["at"] > timedelta(minutes=minutes).total_seconds():
        return None
    staff = Staff.objects.filter(pk=said["staff"], is_active=True).first()
    return staff if staff and constant_time_compare(staff.get_session_auth_hash(), said["stamp"]) else None


def too_late(request: HttpRequest) -> HttpResponseRedirect:
    """Back to the login, which says why to who was at the door, and goes on to the same page."""
    said = request.session.pop(AT_DOOR, None)
    if not said:
        return redirect("accounts:login")
    return redirect(reverse("accounts:login", query={"late": "1"} | ({"next": said["then"]} if said["then"] else {})))


def sign_in(request: HttpRequest, staff: Staff, *, then: str = "") -> str:
    """The person has proved who it is; return where to go. A patient signed in to the same browser stays so."""
    said = request.session.pop(AT_DOOR, {})
    with _patient_stays(request):
        login(request, staff, BACKEND)
    return resolve_url(then or said.get("then") or "accounts:home")


def sign_out(request: HttpRequest) -> None:
    """End the staff login of this browser, not the patient's."""
    with _patient_stays(request):
        logout(request)


@contextmanager
def _patient_stays(request: HttpRequest) -> Iterator[None]:
    patient = request.session.get(PATIENT_KEY)
    yield
    if patient:
        request.session[PATIENT_KEY] = patient


def new_key(request: HttpRequest, staff: Staff) -> bytes:
    """The key that this browser is about to set up: the same until that is done, sealed as in its table."""
    sealed = request.session.get(NEW_KEY)
    key = codes.opened(sealed, staff.pk) if sealed else None
    if key is None:
        key = codes.new_key()
        request.session[NEW_KEY] = codes.seal(key, staff.pk)
    return key


def forget_new_key(request: HttpRequest) -> None:
    """It has been set up, or another person is here."""
    request.session.pop(NEW_KEY, None)
