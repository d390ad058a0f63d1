"""Who has given the password and not yet the code is nobody: at every address, in every room of the office."""

from dataclasses import dataclass, replace

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from sehat.accounts.models import SecondFactor, Staff
from tests.conftest import PASSWORD
from tests.permissions.conftest import Scene
from tests.permissions.test_table import PEOPLE, ROWS, Row, _read

pytestmark = pytest.mark.django_db

CODE, SET_UP = "accounts:login_code", "accounts:login_set_up"
NOBODY = PEOPLE.index("nobody")


@dataclass
class Half:
    """Half a login."""

    name: str
    other: str
    """The address that asks for the other half."""
    key: str = ""

    def client(self) -> Client:
        """The person's browser after the password, each time as it was then: a logout takes the cookie away."""
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = self.key
        return client


@pytest.fixture(
    params=[Half("rao", CODE), Half("pharmacist", SET_UP), Half("ama", CODE), Half("hq", SET_UP)],
    ids=lambda half: half.name,
)
def half(request: pytest.FixtureRequest, scene: Scene, settings: Settings) -> Half:
    """Whoever has a second factor is at the door for the code, the others to set one up."""
    settings.SECOND_FACTOR_REQUIRED = True
    half: Half = request.param
    staff, client = scene.people[half.name], Client()
    assert isinstance(staff, Staff)
    if half.other == CODE:
        SecondFactor.objects.create(staff=staff, sealed_key="", last_step=0)
    answer = client.post(reverse("accounts:login"), {"username": staff.username, "password": PASSWORD})
    assert answer.headers["Location"] == reverse(half.other)
    return replace(half, key=client.cookies[settings.SESSION_COOKIE_NAME].value)


def _status(half: Half, row: Row, scene: Scene) -> str:
    with transaction.atomic():
        answer = getattr(half.client(), row.method.lower())(row.path(scene))
        _read(answer)
        transaction.set_rollback(True)
    return str(answer.status_code)


def test_half_a_login_opens_nothing(scene: Scene, half: Half) -> None:
    opened = {
        f"{row.method} {row.address}: {status}, not {row.statuses[NOBODY]}"
        for row in ROWS
        if row.address not in {CODE, SET_UP} and (status := _status(half, row, scene)) != row.statuses[NOBODY]
    }
    assert not opened
    assert half.client().get(reverse(half.other)).status_code == 200  # it was half a login all the time


def test_nor_the_office(half: Half) -> None:
    rooms = [reverse("admin:index")]
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        rooms += [reverse(f"admin:{label}_changelist"), reverse(f"admin:{label}_add")]
    client = half.client()
    for room in rooms:
        for answer in (client.get(room), client.post(room, {"action": "take_code_away"})):
            assert answer.status_code == 302
            assert answer.headers["Location"].startswith(reverse("admin:login")), room
