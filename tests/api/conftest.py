"""An app, signed in by OTP as a person would."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from sehat.api import services
from sehat.kernel.clock import now
from sehat.registration.models import Patient
from tests.consultation.conftest import doctors_browser, meet, met
from tests.prescription.conftest import issued, written

__all__ = ["doctors_browser", "issued", "meet", "met", "written"]


@dataclass
class App:
    """Asks with a key, or with none; `says` is the language of its person."""

    key: str = ""
    says: str = "en"

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """One request; a body is sent as JSON."""
        headers = {"Accept-Language": self.says} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(Client(), method)(f"/api/v1/{path}", headers=headers, **sent, **more)

    def get(self, path: str) -> Any:
        """Ask for something."""
        return self.ask("get", path)

    def post(self, path: str, body: Any = None) -> Any:
        """Change something."""
        return self.ask("post", path, {} if body is None else body)


@pytest.fixture
def stranger() -> App:
    """Without a key."""
    return App()


AppOf = Callable[[Patient], App]


@pytest.fixture
def app_of() -> AppOf:
    """The app of a patient."""
    return lambda patient: App(services.sign_in(mobile=patient.mobile, now=now())[0])
