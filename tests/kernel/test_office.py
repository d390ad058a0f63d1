"""The office is Django's admin in the portal's dress, with the portal's one login."""

import pytest
from django.test import Client

from sehat.accounts.models import Staff
from sehat.clinic.models import Doctor

BACKEND = "sehat.accounts.backend.StaffBackend"


def test_a_stranger_is_led_to_the_one_staff_login(client: Client, db: None) -> None:
    page = client.get("/admin/", follow=True).content.decode()
    assert '/staff/login/?next=/admin/"' in page
    assert 'type="password"' not in page


def test_a_doctor_is_told_that_the_office_is_not_for_doctors(client: Client, dr_rao: Doctor) -> None:
    client.force_login(dr_rao.staff, backend=BACKEND)
    page = client.get("/admin/", follow=True).content.decode()
    assert "Your role has no pages in the office." in page


@pytest.mark.parametrize("path", ["/admin/", "/admin/clinic/doctor/", "/admin/site/contactmessage/"])
def test_hq_sees_the_portals_dress(client: Client, hq: Staff, path: str) -> None:
    client.force_login(hq, backend=BACKEND)
    page = client.get(path).content.decode()
    assert "SeHAT OPD office" in page
    assert 'action="/staff/logout/"' in page
    assert "हिन्दी" in page
