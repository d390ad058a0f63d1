"""Who asks: an app by its key, or a browser by the session of the pages. And how a refusal is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from sehat.accounts.models import Staff
from sehat.accounts.rules import Role
from sehat.accounts.throttle import address_of
from sehat.api import keys, services
from sehat.api.errors import Invalid, NotFromHere, NotRegistered, NotSignedIn, NotThere, Unreadable
from sehat.api.models import AppKey, HqKey
from sehat.api.schemas import Problem
from sehat.kernel.clock import now
from sehat.kernel.errors import Refusal
from sehat.kernel.middleware import refusal_json
from sehat.registration.models import Patient

PROBLEMS: dict[frozenset[int], type[Problem]] = {frozenset({400, 403, 404, 409, 422, 429, 503}): Problem}
"""What any operation may answer instead."""
SIGNED: dict[frozenset[int], type[Problem]] = {frozenset({400, 401, 403, 404, 409, 422, 429, 503}): Problem}
"""The same, where one has to be signed in."""


@dataclass(frozen=True)
class Asker:
    """Whose mobile was proved; `key` where it is an app, None where it is a browser."""

    mobile: str
    who: Patient | None
    key: AppKey | None = None

    @property
    def patient(self) -> Patient:
        """The patient. Refuses who has not registered yet (NotRegistered)."""
        if self.who is None:
            raise NotRegistered
        return self.who


class AskedBy(HttpRequest):
    """A request that has passed a door."""

    auth: Any


class App(HttpBearer):
    """`Authorization: Bearer <key>`, as `POST /otp/verify` gives it."""

    def authenticate(self, request: HttpRequest, token: str) -> Asker | None:
        """The holder of the key."""
        row = services.holder_of(token, now=now())
        return Asker(row.mobile, row.patient, row) if row else None


class _Session(APIKeyCookie):
    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=False)  # asked below, and only of who is signed in

    def _from_here(self, request: HttpRequest) -> None:
        if check_csrf(request):
            raise NotFromHere


class Browser(_Session):
    """The session of a patient's pages; a change needs the CSRF token (`X-CSRFToken`) too."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Asker | None:
        """The patient of the session."""
        patient: Patient | None = request.patient  # type: ignore[attr-defined]
        if patient is None:
            return None
        self._from_here(request)
        return Asker(patient.mobile, patient)


class Hq(_Session):
    """The session of a member of staff of HQ; a change needs the CSRF token. Other staff find nothing there."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Staff | None:
        """The member of staff."""
        user = request.user
        if not isinstance(user, Staff):
            return None
        if user.role != Role.HQ:
            raise NotThere
        self._from_here(request)
        return user


class Machine(HttpBearer):
    """`Authorization: Bearer sehat-hq.…`, a key that HQ made for one of its machines."""

    def authenticate(self, request: HttpRequest, token: str) -> HqKey | None:
        """The key."""
        return keys.use(token, address=address_of(request), now=now())


PATIENT = [App(), Browser()]
HQ = [Machine(), Hq()]


def checked[F: forms.BaseForm](form: F) -> F:
    """A valid form. Refuses another one, with the sentences of the pages beside their fields (Invalid)."""
    if not form.is_valid():
        raise Invalid({name: [str(text) for text in texts] for name, texts in form.errors.items()})
    return form


def _fields_of(error: ValidationError) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for fault in error.errors:
        place = [str(part) for part in fault["loc"] if part not in {"body", "query", "path", "payload", "file"}]
        fields.setdefault(".".join(place) or "body", []).append(str(fault["msg"]))
    return fields


def _refusal_of(error: Exception) -> Refusal:
    """What the library raises, in the portal's words."""
    if isinstance(error, ValidationError):
        return Invalid(_fields_of(error))
    if isinstance(error, AuthenticationError):
        return NotSignedIn()
    return Unreadable() if isinstance(error, HttpError) else NotThere()


def tell_refusals(api: NinjaAPI) -> None:
    """One way for all: `{"error": …, "sentence": …}`."""

    def refused(request: HttpRequest, error: Exception) -> HttpResponse:
        return refusal_json(error if isinstance(error, Refusal) else _refusal_of(error))

    handled: Mapping[type[Exception], Any] = dict.fromkeys(
        [Refusal, ValidationError, AuthenticationError, HttpError, Http404], refused
    )
    for kind, handler in handled.items():
        api.add_exception_handler(kind, handler)
