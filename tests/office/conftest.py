"""Browsers of the office, and a morning in the General OPD."""

from datetime import datetime

import pytest
from django.test import Client

from sehat.accounts.models import Staff
from tests.consultation.conftest import doctors_browser, meet, met, patients_browser
from tests.prescription.conftest import issued, written

__all__ = ["doctors_browser", "issued", "meet", "met", "patients_browser", "written"]


def browser_of(staff: Staff) -> Client:
    """A browser in which this member of staff is logged in."""
    client = Client()
    client.force_login(staff, backend="sehat.accounts.backend.StaffBackend")
    return client


@pytest.fixture
def commandants(commandant: Staff) -> Client:
    """The commandant's browser."""
    return browser_of(commandant)


@pytest.fixture
def hqs(hq: Staff) -> Client:
    """HQ's browser."""
    return browser_of(hq)


@pytest.fixture
def clerks(ama_clerk: Staff) -> Client:
    """The AMA desk's browser."""
    return browser_of(ama_clerk)


@pytest.fixture
def at_ten(monkeypatch: pytest.MonkeyPatch, ten_o_clock: datetime) -> datetime:
    """The office looks at its clock at ten."""
    for room in ("views", "reports", "said", "command", "ama"):
        monkeypatch.setattr(f"sehat.office.{room}.now", lambda: ten_o_clock)
    return ten_o_clock
