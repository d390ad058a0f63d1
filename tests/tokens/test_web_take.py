"""From the mobile to the token, as the patient goes it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from sehat.clinic.models import Holiday, Opd
from sehat.entitlement.models import RegisterEntry
from sehat.kernel.clock import india_day
from sehat.kernel.clock import now as clock
from sehat.notices.models import Notice
from sehat.registration.models import Otp, Patient
from sehat.tokens.models import HealthRecord, Token
from sehat.tokens.rules import State
from tests.conftest import IssueToken
from tests.tokens.files import pdf, picture, upload
from tests.tokens.visitor import RAMESHS_MOBILE, details, error_beside, otp_of, prove, stored_files

pytestmark = pytest.mark.django_db


@pytest.fixture
def ramesh(client: Client, register: list[RegisterEntry], opd: Opd) -> Client:
    """Ramesh at a browser, his mobile proved, not yet registered."""
    prove(client, RAMESHS_MOBILE)
    return client


def test_the_whole_way_from_mobile_to_waiting_room(client: Client, register: list[RegisterEntry], opd: Opd) -> None:
    assert prove(client, RAMESHS_MOBILE).headers["Location"] == "/register/details/"
    page = client.get("/register/details/")
    assert page.status_code == 200
    files = [upload(pdf()), upload(picture(), "photo.jpg")]
    done = client.post("/register/details/", details(opd) | {"records": files})
    assert (done.status_code, done.headers["Location"]) == (302, "/register/done/")
    token = Token.objects.get()
    patient = token.patient
    assert (patient.state, patient.district, token.state) == ("Maharashtra", "Pune", State.ISSUED)
    assert sorted(HealthRecord.objects.values_list("kind", flat=True)) == ["jpg", "pdf"]
    shown = client.get("/register/done/").content.decode()
    assert token.code in shown
    assert patient.grouped_id in shown
    sms = Notice.objects.get(kind="token_issued", channel="sms")
    assert token.code in sms.text
    assert patient.grouped_id in sms.text
    entered = client.post("/register/enter/")
    assert (entered.status_code, entered.headers["Location"]) == (302, "/waiting/")
    token.refresh_from_db()
    assert token.state == State.WAITING
    assert client.session["patient"] == patient.pk


def test_a_stranger_begins_with_the_mobile(client: Client, opd: Opd) -> None:
    for path in ("/register/details/", "/register/done/", "/register/otp/"):
        assert client.get(path).headers["Location"] == "/register/"
    assert client.post("/register/details/", details(opd)).headers["Location"] == "/register/"
    assert client.post("/register/enter/").headers["Location"] == "/login/"


def test_a_forged_cookie_proves_nothing(client: Client) -> None:
    client.cookies["otp_mobile"] = "9876543210:forged"
    assert client.get("/register/otp/").headers["Location"] == "/register/"


@pytest.mark.parametrize("mobile", ["", "12345", "asha", "+1 415 555 2671"])
def test_a_wrong_mobile_gets_a_sentence_and_stays_typed(client: Client, db: None, mobile: str) -> None:
    response = client.post("/register/", {"mobile": mobile})
    assert response.status_code == 422
    assert error_beside(response, "mobile").startswith("Please enter")
    assert f'value="{mobile}"' in response.content.decode() or not mobile
    assert not Otp.objects.exists()


def test_too_soon_too_wrong_and_resend(client: Client, db: None) -> None:
    client.post("/register/", {"mobile": RAMESHS_MOBILE})
    page = client.get("/register/otp/").content.decode()
    assert 'data-wait="30"' in page or 'data-wait="29"' in page
    early = client.post("/register/otp/", {"again": "1"})
    assert early.status_code == 429
    assert "seconds" in error_beside(early, "code")
    assert client.post("/register/otp/", {"code": "12ab"}).status_code == 422
    again = client.post("/register/", {"mobile": RAMESHS_MOBILE})
    assert again.headers["Location"] == "/register/otp/", "one is on its way: there it is typed in"
    assert Notice.objects.filter(to=RAMESHS_MOBILE).count() == 1


def test_the_otp_may_be_typed_in_devanagari(client: Client, db: None) -> None:
    client.post("/register/", {"mobile": "९८७६५४३२१०"})
    code = otp_of(RAMESHS_MOBILE).translate(str.maketrans("0123456789", "०१२३४५६७८९"))
    assert client.post("/register/otp/", {"code": f"{code[:3]} {code[3:]}"}).status_code == 302


def test_a_known_and_an_unknown_mobile_see_the_same(db: None, asha: Patient) -> None:
    answers = []
    for mobile in (asha.mobile, "9876543298"):
        client = Client()
        sent = client.post("/register/", {"mobile": mobile})
        page = client.get("/register/otp/").content.decode()
        answers.append((sent.status_code, sent.headers["Location"], page.replace(f"{mobile[:5]} {mobile[5:]}", "M")))
    first, second = ([part if not isinstance(part, str) else _bare(part) for part in answer] for answer in answers)
    assert first == second


def _bare(page: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": |data-wait=)"[^"]*"', "", page)


@pytest.mark.parametrize(
    ("changes", "field", "word"),
    [
        ({"name": ""}, "name", "fill"),
        ({"name": "12"}, "name", "full name"),
        ({"gender": ""}, "gender", "choose"),
        ({"gender": "robot"}, "gender", "choose"),
        ({"date_of_birth": ""}, "date_of_birth", "or the age"),
        ({"date_of_birth": "17th of May"}, "date_of_birth", "day, month and year"),
        ({"date_of_birth": "2050-01-01"}, "date_of_birth", "check the year"),
        ({"date_of_birth": "", "age": "200"}, "age", "0 to 120"),
        ({"age": "30"}, "age", "do not fit"),
        ({"category": ""}, "category", "choose"),
        ({"service_number": "?"}, "service_number", "4 to 20"),
        ({"service_number": "IC99999M"}, "service_number", "AMA desk"),
        ({"category": "dependent"}, "relation", "what you are"),
        ({"category": "dependent", "relation": "son", "service_number": "X9999"}, "service_number", "do not know"),
        ({"email": "asha@"}, "email", "leave it empty"),
        ({"address": ""}, "address", "fill"),
        ({"pincode": "000000"}, "pincode", "six digits"),
        ({"pincode": "4110"}, "pincode", "six digits"),
        ({"pincode": "900056"}, "state", "State"),
        ({"pincode": "110025"}, "district", "District"),
        ({"state": "Delhi", "district": "Pune"}, "district", "choose"),
        ({"city": ""}, "city", "fill"),
        ({"complaint": "  "}, "complaint", "what troubles you"),
        ({"opd": "999"}, "opd", "choose"),
        ({"agree": None}, "agree", "I agree"),
    ],
)
def test_each_bad_field_gets_its_sentence_and_nothing_is_lost(
    ramesh: Client, opd: Opd, changes: dict[str, str], field: str, word: str
) -> None:
    filled = details(opd, **changes)
    response = ramesh.post("/register/details/", filled)
    assert response.status_code == 422
    assert word in error_beside(response, field)
    page = response.content.decode()
    for name in ("name", "address", "city", "service_number"):
        if filled[name]:
            assert f'value="{filled[name]}"' in page
    assert filled["complaint"].strip() in page
    assert not Patient.objects.exists()
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ([(pdf(), "a.pdf")] * 4, "up to 3"),
        ([(pdf(), "a.pdf"), (b"MZ" + bytes(99), "game.jpg")], "game.jpg"),
        ([(pdf()[:-99], "torn.pdf")], "torn.pdf"),
        ([(b"", "empty.pdf")], "empty"),
    ],
)
def test_a_bad_file_gets_its_sentence_and_nothing_is_half_stored(
    ramesh: Client, opd: Opd, files: list[tuple[bytes, str]], word: str
) -> None:
    before = stored_files()
    filled = details(opd) | {"records": [upload(data, name) for data, name in files]}
    response = ramesh.post("/register/details/", filled)
    assert response.status_code == 422
    assert word in error_beside(response, "records")
    assert "Fever and cough" in response.content.decode()
    assert not HealthRecord.objects.exists()
    assert stored_files() == before


def test_an_age_alone_is_enough(ramesh: Client, opd: Opd) -> None:
    ramesh.post("/register/details/", details(opd, date_of_birth="", age="46"))
    patient = Patient.objects.get()
    assert patient.only_age_known
    assert patient.age(india_day(clock())) == 46


def test_a_soldier_in_the_field_names_the_place_himself(ramesh: Client, opd: Opd) -> None:
    filled = details(opd, pincode="900056", state="Ladakh", district="Leh Ladakh", city="56 APO")
    assert client_districts(ramesh, "Ladakh") == ["Kargil", "Leh Ladakh"]
    assert ramesh.post("/register/details/", filled).status_code == 302


def client_districts(client: Client, state: str) -> list[str]:
    return client.get("/register/place/", {"state": state}).json()["districts"]


def test_the_script_is_told_where_to_go_and_what_is_wrong(ramesh: Client, opd: Opd) -> None:
    by_script = {"X-Upload": "1"}
    refused = ramesh.post("/register/details/", details(opd, name=""), headers=by_script)
    assert refused.status_code == 422
    assert error_beside(refused, "name")
    done = ramesh.post("/register/details/", details(opd), headers=by_script)
    assert (done.status_code, done.json()) == (201, {"next": "/register/done/"})


def test_the_button_pressed_twice_makes_one_token(ramesh: Client, opd: Opd) -> None:
    for _ in range(2):
        assert ramesh.post("/register/details/", details(opd)).headers["Location"] == "/register/done/"
    assert Token.objects.count() == 1
    assert ramesh.get("/register/details/").headers["Location"] == "/register/done/"


def test_a_closed_opd_says_when_it_opens(ramesh: Client, opd: Opd, settings: Settings) -> None:
    settings.OPEN_AT_ANY_HOUR = False
    today = india_day(clock())
    Holiday.objects.create(day=today, name="Holi")
    assert "It opens" in ramesh.get("/register/details/").content.decode()
    response = ramesh.post("/register/details/", details(opd))
    assert response.status_code == 409
    assert "opens" in error_beside(response, "opd")
    assert not Patient.objects.exists()
    for day in range(40):
        Holiday.objects.create(day=today + timedelta(days=day), name="Long holiday")
    assert ramesh.get("/register/details/").status_code == 200


def test_a_specialist_needs_a_referral(ramesh: Client, opd: Opd, medicine: Opd) -> None:
    assert error_beside(ramesh.post("/register/details/", details(medicine)), "opd")


def test_who_comes_back_finds_the_form_filled_and_the_identity_locked(client: Client, asha: Patient, opd: Opd) -> None:
    prove(client, asha.mobile)
    page = client.get("/register/details/").content.decode()
    assert asha.grouped_id in page
    assert 'value="14 Shanti Vihar"' in page
    assert "ask the AMA desk for a correction" in page
    filled = details(opd, name="Somebody Else", gender="male", city="Pune", service_number="4057811N")
    assert client.post("/register/details/", filled).status_code == 302
    asha.refresh_from_db()
    assert (asha.name, asha.gender, asha.service_number) == ("Asha Verma", "female", "IC60417M")
    assert asha.city == "Pune"


def test_a_name_that_stands_in_the_records_is_not_judged_anew(client: Client, asha: Patient, opd: Opd) -> None:
    Patient.objects.filter(pk=asha.pk).update(name="Asha Verma 2nd")
    prove(client, asha.mobile)
    assert client.post("/register/details/", details(opd)).status_code == 302
    asha.refresh_from_db()
    assert asha.name == "Asha Verma 2nd"


def test_the_page_speaks_hindi(ramesh: Client, opd: Opd) -> None:
    page = ramesh.post("/register/details/", details(opd, name=""), headers={"Accept-Language": "hi"})
    assert error_beside(page, "name") == "कृपया यह भरें।"
    assert "महाराष्ट्र" in page.content.decode()


def test_places_for_the_script(client: Client) -> None:
    answer = client.get("/register/place/", {"pincode": "411001"}).json()
    assert (answer["state"], answer["here"]) == ("Maharashtra", ["Pune"])
    nothing = {"state": "", "here": [], "districts": []}
    assert client.get("/register/place/", {"pincode": "abc"}).json() == nothing
    assert client.get("/register/place/").json() == nothing


def test_few_queries(ramesh: Client, opd: Opd, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(12):
        ramesh.get("/register/details/")
    ramesh.post("/register/details/", details(opd))
    with django_assert_max_num_queries(12):
        ramesh.get("/register/done/")


def test_a_signed_in_patient_takes_the_next_token_without_otp(
    client: Client, asha: Patient, opd: Opd, issue_token: IssueToken
) -> None:
    session = client.session
    session["patient"] = asha.pk
    session.save()
    assert client.get("/register/details/").status_code == 200
