"""The patient's OPD day by an app."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from sehat.api.models import AppKey
from sehat.audit.models import Entry
from sehat.clinic.models import Doctor, Opd
from sehat.consultation import services as consultations
from sehat.consultation.models import Feedback
from sehat.desk import services as desk
from sehat.entitlement.models import RegisterEntry
from sehat.kernel.clock import now
from sehat.notices.models import Notice
from sehat.prescription.models import Prescription
from sehat.registration.models import Consent, Patient
from sehat.tokens.models import Token
from tests.api.conftest import App, AppOf

pytestmark = pytest.mark.django_db

MOBILE = "9876543211"
ASHA = {
    "name": "Asha Verma",
    "gender": "female",
    "date_of_birth": "1992-03-08",
    "category": "serving",
    "service_number": "IC-60417M",
    "address": "14 Shanti Vihar",
    "pincode": "110010",
    "state": "Delhi",
    "district": "South West",
    "city": "Delhi Cantt",
    "language": "en",
    "agree": True,
}


def _otp() -> str:
    found = re.search(r"\b\d{6}\b", Notice.objects.filter(to=MOBILE).latest("pk").text)
    assert found
    return found[0]


def _signed_in(stranger: App) -> App:
    sent = stranger.post("otp", {"mobile": "+91 98765 43211"})
    assert (sent.status_code, sent.json()["resend_after"]) == (202, 30)
    answer = stranger.post("otp/verify", {"mobile": MOBILE, "code": _otp()})
    assert answer.status_code == 200, answer.content
    return App(answer.json()["key"])


def test_from_the_otp_to_call_now(
    stranger: App,
    register: list[RegisterEntry],
    dr_rao: Doctor,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    app = _signed_in(stranger)
    assert app.get("me").json()["error"] == "NotRegistered"
    me = app.ask("put", "me", ASHA)
    assert me.status_code == 200, me.content
    assert (me.json()["name"], me.json()["verification"]) == ("Asha Verma", "verified")
    assert Consent.objects.count() == 1

    taken = app.post("token", {"opd": "G", "complaint": "Fever", "duration": "3 days", "agree": True})
    assert taken.status_code == 201, taken.content
    assert (taken.json()["state"], taken.json()["place"]) == ("issued", None)
    joined = app.post("token/join").json()
    assert (joined["state"], joined["place"], joined["ahead"], joined["wait"]) == ("waiting", 1, 0, None)
    assert joined["moves"][0]["why"] == "You came into the waiting room."
    assert app.post("token/call-now").json()["error"] == "NotCalled"

    with django_capture_on_commit_callbacks(execute=True):
        desk.go_available(doctor=dr_rao, now=now())
    called = app.get("token").json()
    assert called["state"] == "called"
    assert called["call"]["state"] == "summoned"
    assert 0 < called["call"]["seconds_left"] <= 120
    assert app.post("token/call-now").json()["call"]["state"] == "ringing"
    assert app.post("token/cancel").json()["state"] == "cancelled"
    assert app.post("token/cancel").json()["error"] == "NoToken"


def test_what_is_wrong_stands_beside_its_field(stranger: App, opd: Opd, register: list[RegisterEntry]) -> None:
    app = _signed_in(stranger)
    answer = app.ask("put", "me", ASHA | {"name": "A", "pincode": "1"})
    assert answer.status_code == 422
    assert answer.json()["error"] == "Invalid"
    assert answer.json()["fields"].keys() == {"name", "pincode"}
    assert app.ask("put", "me", ASHA | {"agree": False}).json()["fields"].keys() == {"agree"}
    assert not Patient.objects.exists()
    stolen = app.ask("put", "me", ASHA | {"service_number": "JC-481205K"})
    assert (stolen.status_code, stolen.json()["error"]) == (422, "NotInRegister")


def test_a_sentence_is_said_in_the_askers_language(stranger: App, asha: Patient, app_of: AppOf) -> None:
    app = app_of(asha)
    english = app.get("token").json()["sentence"]
    app.says = "hi-IN,hi;q=0.9"
    hindi = app.get("token").json()["sentence"]
    assert english == "You have no token. Please take one first."
    assert re.search("[\u0900-\u097f]", hindi)
    stranger.says = "hi"
    assert re.search("[\u0900-\u097f]", stranger.post("otp", {"mobile": "12"}).json()["fields"]["mobile"][0])


def test_the_opds_and_their_hours(
    stranger: App, opd: Opd, medicine: Opd, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(4):
        general, specialist = stranger.get("opds").json()
    assert (general["code"], general["walk_in"], general["open"]) == ("G", True, True)
    assert (specialist["name"], specialist["walk_in"]) == ("Medicine", False)
    assert general["hours"][0] == {"weekday": 0, "opens": "09:00", "closes": "17:00"}


def test_lists_and_places(stranger: App) -> None:
    assert {"value": "chest_pain", "label": "Chest pain or pressure, or pain going to the arm or jaw"} in (
        stranger.get("choices").json()["red_flags"]
    )
    assert stranger.get("places?pincode=110010").json()["state"] == "Delhi"
    assert stranger.get("places?state=Atlantis").json()["districts"] == []


def test_a_specialist_opd_needs_a_referral(asha: Patient, app_of: AppOf, medicine: Opd, opd: Opd) -> None:
    answer = app_of(asha).post("token", {"opd": "M", "complaint": "Fever", "agree": True})
    assert answer.status_code == 422
    assert "opd" in answer.json()["fields"]


def test_one_open_token(asha: Patient, app_of: AppOf, opd: Opd) -> None:
    visit = {"opd": "G", "complaint": "Fever", "agree": True}
    app = app_of(asha)
    assert app.post("token", visit).status_code == 201
    again = app.post("token", visit)
    assert (again.status_code, again.json()["error"]) == (409, "OneOpenToken")
    assert Token.objects.count() == 1


def test_a_record_is_added(asha: Patient, app_of: AppOf, opd: Opd) -> None:
    app = app_of(asha)
    app.post("token", {"opd": "G", "complaint": "Fever", "agree": True})
    picture = BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "PNG")

    def send(data: bytes) -> tuple[int, str]:
        answer = Client().post(
            "/api/v1/token/records",
            {"file": SimpleUploadedFile("report.png", data)},
            headers={"Authorization": f"Bearer {app.key}"},
        )
        return answer.status_code, answer.json().get("error", answer.json().get("kind"))

    assert send(picture.getvalue()) == (201, "png")
    assert send(b"MZ\x90") == (422, "UnknownKind")
    assert app.post("token/records").status_code in {400, 422}


def test_past_consultations_and_their_papers(issued: Prescription, asha: Patient, app_of: AppOf) -> None:
    app = app_of(asha)
    (row,) = app.get("consultations").json()["consultations"]
    assert (row["number"], row["opd"]) == (issued.number, "General OPD")
    paper = app.get(f"prescriptions/{row['ref']}/pdf")
    assert b"".join(paper.streaming_content).startswith(b"%PDF")
    bundle = app.get(f"prescriptions/{row['ref']}/fhir/consultation")
    assert bundle.headers["Content-Type"] == "application/fhir+json"
    assert bundle.json()["type"] == "document"
    assert app.post(f"consultations/{row['consultation']}/feedback", {"stars": 5, "text": "Good"}).status_code == 204
    assert Feedback.objects.get().stars == 5


def test_anothers_papers_do_not_exist(issued: Prescription, mohan: Patient, app_of: AppOf, stranger: App) -> None:
    there = [
        f"prescriptions/{issued.ref}/pdf",
        f"prescriptions/{issued.ref}/fhir/prescription",
    ]
    for path in there:
        assert app_of(mohan).get(path).status_code == 404
        assert app_of(mohan).get(path).json() == app_of(mohan).get("prescriptions/nobodys/pdf").json()
        assert stranger.get(path).status_code == 401
    feedback = f"consultations/{issued.consultation.ref}/feedback"
    assert app_of(mohan).post(feedback, {"stars": 1}).status_code == 404


def test_a_doctor_who_answered_is_met_in_a_web_view(met: object, asha: Patient, app_of: AppOf, dr_rao: Doctor) -> None:
    app = app_of(asha)
    room = app.get("token").json()["room"]
    assert room.endswith("/consultation/")
    browser = Client()
    answer = browser.post("/api/v1/session", headers={"Authorization": f"Bearer {app.key}"})
    assert answer.status_code == 204
    assert browser.get(room).status_code == 302  # to the room itself, and not to the login
    assert "/consultation/" in browser.get(room).headers["Location"]


def test_a_key_ends(stranger: App, asha: Patient, app_of: AppOf) -> None:
    first, second, third = app_of(asha), app_of(asha), app_of(asha)
    assert first.post("logout").status_code == 204
    assert first.get("me").status_code == 401
    assert second.get("me").status_code == 200
    AppKey.objects.filter(pk=AppKey.objects.latest("pk").pk).update(expires_at=now() - timedelta(seconds=1))
    assert third.get("me").status_code == 401
    fourth = app_of(asha)
    assert second.post("logout", {"everywhere": True}).status_code == 204
    assert fourth.get("me").status_code == 401
    assert {"app.sign_in", "app.sign_out"} <= set(Entry.objects.values_list("action", flat=True))


def test_the_key_is_in_no_table(asha: Patient, app_of: AppOf) -> None:
    app = app_of(asha)
    (row,) = AppKey.objects.values()
    assert app.key not in str(row)
    assert app.key not in str(list(Entry.objects.values()))


def test_a_mobile_that_is_anothers_now_opens_nothing(asha: Patient, app_of: AppOf) -> None:
    app = app_of(asha)
    Patient.objects.filter(pk=asha.pk).update(mobile="9876500000")
    assert app.get("me").status_code == 401


def test_wrong_otps_are_counted_as_on_the_page(stranger: App) -> None:
    stranger.post("otp", {"mobile": MOBILE})
    assert stranger.post("otp", {"mobile": MOBILE}).json()["error"] == "OtpTooSoon"
    wrong = "000000" if _otp() != "000000" else "111111"
    errors = [stranger.post("otp/verify", {"mobile": MOBILE, "code": wrong}).json()["error"] for _ in range(6)]
    assert errors == ["OtpWrong"] * 4 + ["OtpSpent"] * 2
    assert not AppKey.objects.exists()


def test_a_completed_consultation_only(met: object, asha: Patient, app_of: AppOf) -> None:
    ref = consultations.queries.open_of_patient(asha)
    assert ref is not None
    assert app_of(asha).post(f"consultations/{ref.ref}/feedback", {"stars": 3}).status_code == 404
