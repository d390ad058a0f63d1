"""Who may do what in the office (Django's admin): role × list × see, add."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from sehat.accounts.models import Staff
from sehat.clinic.models import Doctor

pytestmark = pytest.mark.django_db

SEES, ADDS = "sees", "adds"
LISTS = {
    "ama": {
        "entitlement.registerentry": ADDS,
        "registration.correctionrequest": SEES,
        "registration.patient": SEES,
    },
    "commandant": {},
    "hq": {
        "accounts.staff": ADDS,
        "clinic.doctor": ADDS,
        "clinic.holiday": ADDS,
        "clinic.hospital": ADDS,
        "clinic.opd": ADDS,
        "clinic.posting": ADDS,
        "clinic.store": ADDS,
        "entitlement.registerentry": ADDS,
        "notices.notice": SEES,
        "registration.correctionrequest": SEES,
        "registration.patient": SEES,
        "site.contactmessage": SEES,
    },
    "rao": {},
    "nair": {},
    "pharmacist": {},
}
CLINICAL_ROOMS = {
    "tokens",
    "waiting",
    "desk",
    "consultation",
    "papers",
    "prescription",
    "letters",
    "history",
    "pharmacy",
}


@pytest.fixture
def staff(
    dr_rao: Doctor, dr_nair: Doctor, ama_clerk: Staff, pharmacist: Staff, commandant: Staff, hq: Staff
) -> dict[str, Staff]:
    """Everybody with a login."""
    return {person.username: person for person in Staff.objects.all()}


@pytest.mark.parametrize("username", LISTS)
def test_who_sees_and_adds_what(username: str, staff: dict[str, Staff]) -> None:
    client = Client()
    client.force_login(staff[username], backend="sehat.accounts.backend.StaffBackend")
    found = {}
    for model in admin.site._registry:
        label = model._meta.label_lower
        name = label.replace(".", "_")
        if client.get(reverse(f"admin:{name}_changelist")).status_code == 200:
            adds = client.get(reverse(f"admin:{name}_add")).status_code == 200
            found[label] = ADDS if adds else SEES
    assert found == LISTS[username]


def test_no_clinical_text_is_in_the_office() -> None:
    """HQ and commandants administer; they read no complaint, no chat, no prescription (domain.md, "People")."""
    assert not {model._meta.app_label for model in admin.site._registry} & CLINICAL_ROOMS
