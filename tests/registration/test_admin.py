"""The office: the AMA desk keeps the register and decides; nobody edits an identity."""

import pytest
from django.test import Client

from sehat.accounts.models import Staff
from sehat.audit.models import Entry
from sehat.entitlement.models import RegisterEntry
from sehat.entitlement.rules import Verification
from sehat.registration.models import Patient

pytestmark = pytest.mark.django_db

ENTRY = {"name": "Ramesh Kumar", "category": "serving", "unit": "14 Rajput"}


@pytest.fixture
def desk(client: Client, ama_clerk: Staff) -> Client:
    """The clerk of the AMA desk, signed in."""
    client.force_login(ama_clerk, backend="sehat.accounts.backend.StaffBackend")
    return client


def test_the_desk_enters_a_person_however_the_numbers_are_written(desk: Client) -> None:
    filled = ENTRY | {"service_number": "jc-481205 k", "mobile": "+91 98765 43210"}
    assert desk.post("/admin/entitlement/registerentry/add/", filled).status_code == 302
    entry = RegisterEntry.objects.get()
    assert (entry.service_number, entry.mobile) == ("JC481205K", "9876543210")
    assert Entry.objects.filter(action="register.add", actor__contains="staff").count() == 1


@pytest.mark.parametrize(("field", "value"), [("service_number", "?"), ("mobile", "12345")])
def test_a_wrong_number_is_told(desk: Client, field: str, value: str) -> None:
    filled = ENTRY | {"service_number": "JC481205K", "mobile": "9876543210", field: value}
    page = desk.post("/admin/entitlement/registerentry/add/", filled)
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert not RegisterEntry.objects.exists()


def test_changes_and_deletions_are_written_down(desk: Client, register: list[RegisterEntry]) -> None:
    first, second = RegisterEntry.objects.order_by("pk")
    filled = ENTRY | {"service_number": first.service_number, "mobile": first.mobile, "name": "Asha Rani Verma"}
    desk.post(f"/admin/entitlement/registerentry/{first.pk}/change/", filled)
    desk.post(f"/admin/entitlement/registerentry/{first.pk}/delete/", {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [second.pk], "post": "yes"}
    desk.post("/admin/entitlement/registerentry/", chosen)
    assert not RegisterEntry.objects.exists()
    actions = Entry.objects.filter(action__startswith="register.").order_by("id").values_list("action", flat=True)
    assert list(actions) == ["register.change", "register.delete", "register.delete"]


@pytest.mark.parametrize(
    ("action", "decision"),
    [("mark_verified", Verification.VERIFIED), ("mark_not_entitled", Verification.REFUSED)],
)
def test_the_desk_decides(desk: Client, meera: Patient, action: str, decision: Verification) -> None:
    desk.post("/admin/registration/patient/", {"action": action, "_selected_action": [meera.pk]})
    meera.refresh_from_db()
    assert meera.verification == decision
    assert Entry.objects.get(action="patient.verify").details == {"decision": decision}


def test_nobody_edits_or_deletes_a_patient(client: Client, hq: Staff, meera: Patient) -> None:
    client.force_login(hq, backend="sehat.accounts.backend.StaffBackend")
    path = f"/admin/registration/patient/{meera.pk}"
    assert client.get(f"{path}/change/").status_code == 200
    assert client.post(f"{path}/change/", {"name": "Somebody Else"}).status_code == 403
    assert client.post(f"{path}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/registration/patient/add/").status_code == 403
    meera.refresh_from_db()
    assert meera.name == "Meera Kumar"
