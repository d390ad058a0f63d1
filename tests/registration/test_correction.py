"""The identity changes only through the AMA desk."""

from datetime import datetime

import pytest
from django.test import Client

from sehat.accounts.models import Staff
from sehat.live.sessions import PATIENT_KEY
from sehat.notices.models import Notice
from sehat.registration import corrections
from sehat.registration.errors import CorrectionDecided
from sehat.registration.models import CorrectionRequest, Patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def ashas_browser(asha: Patient) -> Client:
    """Asha is signed in."""
    client = Client()
    session = client.session
    session[PATIENT_KEY] = asha.pk
    session.save()
    return client


def details(asha: Patient, **changed: str) -> dict[str, str]:
    """The form as it comes to Asha, with what she changes."""
    return {
        "name": asha.name,
        "gender": asha.gender,
        "date_of_birth": asha.date_of_birth.isoformat(),
        "age": "",
        "category": asha.category,
        "service_number": asha.service_number,
        "relation": "",
        "reason": "As on my identity card",
    } | changed


def test_asha_asks_and_nothing_changes_before_the_desk_decides(ashas_browser: Client, asha: Patient) -> None:
    page = ashas_browser.get("/correction/").content.decode()
    assert 'value="Asha Verma"' in page
    answer = ashas_browser.post("/correction/", details(asha, name="Asha Rani Verma"))
    assert "with the AMA desk" in answer.content.decode()
    asha.refresh_from_db()
    assert asha.name == "Asha Verma"
    assert CorrectionRequest.objects.get().changes == {"name": "Asha Rani Verma"}


def test_a_form_that_changes_nothing_is_told_so(ashas_browser: Client, asha: Patient) -> None:
    answer = ashas_browser.post("/correction/", details(asha))
    assert answer.status_code == 422
    assert "Nothing is changed" in answer.content.decode()


def test_a_second_request_waits_for_the_first(ashas_browser: Client, asha: Patient) -> None:
    ashas_browser.post("/correction/", details(asha, name="Asha Rani Verma"))
    assert ashas_browser.post("/correction/", details(asha, gender="other")).status_code == 409
    assert CorrectionRequest.objects.count() == 1


def test_the_desk_approves_and_asha_is_told(
    ashas_browser: Client, asha: Patient, ama_clerk: Staff, client: Client
) -> None:
    ashas_browser.post("/correction/", details(asha, name="Asha Rani Verma", date_of_birth="1991-03-08"))
    request = CorrectionRequest.objects.get()
    client.force_login(ama_clerk, "sehat.accounts.backend.StaffBackend")
    where = "/admin/registration/correctionrequest/"
    assert "Asha Verma → Asha Rani Verma" in client.get(where).content.decode()
    client.post(where, {"action": "approve", "_selected_action": [request.pk]})
    asha.refresh_from_db()
    assert (asha.name, asha.date_of_birth.year) == ("Asha Rani Verma", 1991)
    assert "Corrected" in Notice.objects.get(kind="correction_decided", channel="sms").text


def test_a_corrected_service_number_is_verified_by_the_desk(
    meera: Patient, ama_clerk: Staff, ten_o_clock: datetime
) -> None:
    request = corrections.ask(
        patient=meera, changes={"service_number": "JC481206L"}, reason="Typing error", now=ten_o_clock
    )
    corrections.decide(request=request, approve=True, by=ama_clerk, now=ten_o_clock)
    meera.refresh_from_db()
    assert (meera.service_number, meera.is_verified) == ("JC481206L", True)


def test_what_is_refused_stays_and_is_decided_once(meera: Patient, ama_clerk: Staff, ten_o_clock: datetime) -> None:
    request = corrections.ask(patient=meera, changes={"name": "Mira"}, reason="-", now=ten_o_clock)
    corrections.decide(request=request, approve=False, by=ama_clerk, now=ten_o_clock)
    meera.refresh_from_db()
    assert meera.name == "Meera Kumar"
    with pytest.raises(CorrectionDecided):
        corrections.decide(request=request, approve=True, by=ama_clerk, now=ten_o_clock)


def test_a_stranger_is_sent_to_the_login(client: Client) -> None:
    assert client.get("/correction/").headers["Location"].startswith("/login/")
