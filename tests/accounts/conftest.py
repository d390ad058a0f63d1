"""Who has a second factor here."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from sehat.accounts import codes, services
from sehat.accounts.models import Staff
from sehat.clinic.models import Doctor
from sehat.kernel.clock import now
from tests.accounts.app import App
from tests.conftest import PASSWORD

LOGIN = "/staff/login/"
CODE = "/staff/login/code/"
SET_UP = "/staff/login/set-up/"
BACKEND = "sehat.accounts.backend.StaffBackend"

GiveApp = Callable[[Staff], App]


@pytest.fixture
def give_app() -> GiveApp:
    """Set up the second factor of somebody, some minutes ago: every code of now is fresh."""

    def give(staff: Staff) -> App:
        key, then = codes.new_key(), now() - timedelta(minutes=5)
        paper = services.set_up(staff=staff, key=key, code=App(key).code(at=then.timestamp()), now=then)
        return App(key, tuple(paper))

    return give


@pytest.fixture
def rao(dr_rao: Doctor) -> Staff:
    """Dr Rao as a member of staff."""
    return dr_rao.staff


@pytest.fixture
def raos_app(rao: Staff, give_app: GiveApp) -> App:
    """Dr Rao's telephone."""
    return give_app(rao)


def give_password(client: Client, username: str = "rao", password: str = PASSWORD, then: str = "") -> str:
    """Type username and password; where the portal goes on to."""
    answer = client.post(LOGIN, {"username": username, "password": password, "next": then})
    return answer.headers.get("Location", str(answer.status_code))


def signed_in(client: Client) -> bool:
    """Whether a page of the staff opens."""
    return client.get("/staff/account/").status_code == 200
