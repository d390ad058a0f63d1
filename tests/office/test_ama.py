"""The clerk at the AMA desk."""

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sehat.audit.models import Entry
from sehat.entitlement.models import RegisterEntry
from sehat.entitlement.rules import Verification
from sehat.registration import corrections
from sehat.registration.models import CorrectionRequest, Patient
from sehat.registration.rules import Correction

pytestmark = pytest.mark.django_db

LIST = """service_number,name,mobile,category,unit
IC-60417M,Asha Verma,9876543211,serving,7 Signal Regiment
118462W,Thomas Mathew,9876543213,serving,INS Shivalik
"""


def _list(text: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("list.csv", text.encode() if isinstance(text, str) else text, "text/csv")


def test_who_waits_stands_on_the_first_page(clerks: Client, asha: Patient, meera: Patient) -> None:
    page = clerks.get(reverse("office:ama")).content.decode()
    assert "Meera Kumar" in page
    assert "Asha Verma" not in page


def test_the_card_was_seen(clerks: Client, meera: Patient) -> None:
    assert clerks.post(reverse("office:verify", args=[meera.pk]), {"decision": "verified"}).status_code == 302
    meera.refresh_from_db()
    assert meera.is_verified
    assert "Everybody is decided" in clerks.get(reverse("office:ama")).content.decode()


def test_not_entitled_is_asked_for_once_more(clerks: Client, meera: Patient) -> None:
    address = reverse("office:verify", args=[meera.pk])
    assert "Yes, not entitled" in clerks.post(address, {"decision": "refused"}).content.decode()
    meera.refresh_from_db()
    assert meera.verification == Verification.PENDING
    clerks.post(address, {"decision": "refused", "sure": "1"})
    meera.refresh_from_db()
    assert meera.verification == Verification.REFUSED
    for senseless in ("", "pending", "perhaps"):
        assert clerks.post(address, {"decision": senseless}).status_code == 404


@pytest.mark.parametrize("asked", ["98765 43218", "jc-481205k", "+91 9876543218"])
def test_a_patient_is_found_by_number(clerks: Client, meera: Patient, asked: str) -> None:
    meera.verification = Verification.VERIFIED
    meera.save()
    assert "Meera Kumar" in clerks.get(reverse("office:ama"), {"q": asked}).content.decode()


def test_a_patient_is_found_by_id_and_not_by_name(clerks: Client, asha: Patient) -> None:
    assert "Asha Verma" in clerks.get(reverse("office:ama"), {"q": asha.grouped_id}).content.decode()
    assert "No patient has this number" in clerks.get(reverse("office:ama"), {"q": "Asha"}).content.decode()


def test_a_correction_is_decided(clerks: Client, asha: Patient, ten_o_clock: datetime) -> None:
    asked = corrections.ask(patient=asha, changes={"name": "Asha Sharma"}, reason="Married", now=ten_o_clock)
    page = clerks.get(reverse("office:ama")).content.decode()
    assert "Asha Sharma" in page
    address = reverse("office:correct", args=[asked.pk])
    assert clerks.post(address, {"decision": "later"}).status_code == 404
    clerks.post(address, {"decision": "approve"})
    asha.refresh_from_db()
    assert asha.name == "Asha Sharma"
    assert clerks.post(address, {"decision": "refuse"}).status_code == 409
    assert CorrectionRequest.objects.get().state == Correction.APPROVED


def test_a_list_is_tried_then_imported(clerks: Client, register: list[RegisterEntry]) -> None:
    address = reverse("office:register_import")
    tried = clerks.post(address, {"file": _list(LIST)}).content.decode()
    assert "Nothing was changed yet" in tried
    assert RegisterEntry.objects.count() == 2
    done = clerks.post(address, {"file": _list(LIST), "import": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "The list is imported" in done
    assert "<html" not in done
    assert RegisterEntry.objects.count() == 3
    (entry,) = Entry.objects.filter(action="register.import")
    assert entry.actor.startswith("accounts.staff:")


def test_every_bad_row_is_shown_and_nothing_is_changed(clerks: Client, register: list[RegisterEntry]) -> None:
    bad = LIST + "no number here,X Y,123,serving,\n90571T,Abdul Rahman,9876543211,ex,\n"
    page = clerks.post(reverse("office:register_import"), {"file": _list(bad), "import": "1"}).content.decode()
    assert "Nothing was changed" in page
    assert "Line 4" in page
    assert "Line 5" in page
    assert RegisterEntry.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        ("सेवा".encode("utf-16"), "UTF-8"),
        (b"service_number,name,mobile\n\0\0\0", "CSV"),
        (b"service_number,name,mobile\n" + b"a" * 200_000, "CSV"),
        (b"x" * (5 * 1024 * 1024 + 1), "5 MB"),
    ],
)
def test_what_is_no_list(clerks: Client, content: bytes, why: str) -> None:
    answer = clerks.post(reverse("office:register_import"), {"file": _list(content)})
    assert answer.status_code == 422
    assert why in answer.content.decode()
    nothing = clerks.post(reverse("office:register_import"), {})
    assert "choose a file" in nothing.content.decode()
