"""The store's list and parcels, and the patient's page, as people see them."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from sehat.accounts.models import Staff
from sehat.clinic.models import Store
from sehat.kernel.clock import now
from sehat.papers.rules import Kind, new_letters, written_number
from sehat.pharmacy import labels, services
from sehat.pharmacy.models import Dispensed, Supply
from sehat.pharmacy.packing import Packed
from sehat.pharmacy.queries import AT_ONCE
from sehat.pharmacy.rules import State, Way
from sehat.pharmacy.services import Choice
from sehat.prescription.models import Prescription
from sehat.registration.models import Patient
from tests.papers.reading import pages_of, text_of
from tests.pharmacy.conftest import HOME, browser_of, left, parcel

HOME_FORM = {"way": "home", "address": "9 Cantonment Road", "city": "Pune", "pincode": "411001", "confirmed": "on"}


def words(response: object) -> str:
    """The page's text with blanks drawn together."""
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


@pytest.fixture
def page(issued: Prescription) -> str:
    """The patient's page of the medicines."""
    return reverse("pharmacy:medicines", args=[issued.ref])


# The patient


def test_the_prescription_and_past_consultations_lead_there(
    issued: Prescription, patients_browser: Client, page: str
) -> None:
    assert page in patients_browser.get(reverse("prescription:rx", args=[issued.ref])).content.decode()
    assert page in patients_browser.get(reverse("history:past")).content.decode()


def test_a_stranger_with_the_link_logs_in_first_and_sees_no_address(
    issued: Prescription, page: str, meera: Patient
) -> None:
    response = Client().get(page)
    assert (response.status_code, response.headers["Location"].split("?")[0]) == (302, "/login/")


def test_she_chooses_home_and_the_known_address_is_shown(
    patients_browser: Client, page: str, store: Store, issued: Prescription
) -> None:
    shown = patients_browser.get(page).content.decode()
    assert 'value="14 Shanti Vihar"' in shown
    assert 'value="110010"' in shown
    assert patients_browser.post(page, HOME_FORM).status_code == 302
    supply = Supply.objects.get()
    assert (supply.way, supply.place) == (Way.HOME, "9 Cantonment Road, Pune, Maharashtra 411001")
    shown = words(patients_browser.get(page))
    assert "Home delivery" in shown
    assert "9 Cantonment Road" in shown
    assert "You chose how to get the medicines." in shown


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"way": ""}, "Please choose one."),
        ({"confirmed": ""}, "Please look at the address and tick this box."),
        ({"pincode": "999999"}, "We do not know this pincode."),
        ({"pincode": ""}, "We do not know this pincode."),
        ({"address": " "}, "Please fill this in."),
        ({"way": "collect"}, "Please choose a store."),
        ({"way": "collect", "store": "999"}, "Please choose one of the list."),
        ({"way": "by pigeon"}, "Select a valid choice"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    patients_browser: Client, page: str, store: Store, change: dict[str, str], sentence: str
) -> None:
    response = patients_browser.post(page, HOME_FORM | change)
    assert response.status_code == 422
    assert sentence in words(response)
    assert 'value="Pune"' in response.content.decode()
    assert not Supply.objects.exists()


def test_the_army_post_has_pincodes_too(patients_browser: Client, page: str, store: Store) -> None:
    assert patients_browser.post(page, HOME_FORM | {"pincode": "900056"}).status_code == 302
    assert Supply.objects.get().area == "Delhi"


def test_the_stores_of_the_own_state_come_first(
    patients_browser: Client, page: str, other_store: Store, store: Store
) -> None:
    shown = patients_browser.get(page).content.decode()
    assert shown.index("Military Hospital Shantipur") < shown.index("Naval Hospital Sagarpur")
    Store.objects.filter(pk=store.pk).update(is_open=False)
    shown = patients_browser.get(page).content.decode()
    assert "Military Hospital Shantipur" not in shown
    assert 'value="home"' not in shown, "no store is left that sends home"


def test_she_changes_it_until_the_store_has_begun(
    patients_browser: Client, page: str, ordered: Supply, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    assert "Change" in words(patients_browser.get(page))
    assert patients_browser.post(page, HOME_FORM).status_code == 302
    ordered.refresh_from_db()
    assert ordered.way == Way.HOME
    services.begin(supply=ordered, staff=pharmacist, now=ten_o_clock)
    assert "Order the medicines" not in words(patients_browser.get(page + "?change"))
    response = patients_browser.post(page, {"way": "collect", "store": ordered.store_id})
    assert response.status_code == 409
    assert "has begun to prepare your medicines" in words(response)


def test_her_page_asks_little(
    patients_browser: Client, page: str, ordered: Supply, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        patients_browser.get(page + "?change")


def test_she_says_that_it_has_arrived(
    patients_browser: Client, issued: Prescription, asha: Patient, store: Store, pharmacist: Staff, page: str
) -> None:
    supply = services.choose(patient=asha, prescription=issued, choice=Choice(store, HOME), now=now())
    services.begin(supply=supply, staff=pharmacist, now=now())
    packed = parcel(supply, 15, 5)
    services.pack(supply=supply, packed=packed, staff=pharmacist, now=now(), then=State.SENT, parcel="EJ1IN")
    shown = words(patients_browser.get(page))
    assert "EJ1IN" in shown
    assert "It has arrived" in shown
    assert patients_browser.post(reverse("pharmacy:arrived", args=[issued.ref])).status_code == 302
    assert "Delivered" in words(patients_browser.get(page))


# The store


def _many(issued: Prescription, store: Store, number: int) -> None:
    papers = Prescription.objects.bulk_create(
        Prescription(
            number=written_number(Kind.PRESCRIPTION, new_letters()),
            consultation=issued.consultation,
            patient=issued.patient,
            issued_at=issued.issued_at,
            status="revoked",
            mode=issued.mode,
            people=issued.people,
            complaint="Fever",
            diagnoses=[],
            size=1,
            sha256="0",
        )
        for _ in range(number)
    )
    Supply.objects.bulk_create(
        Supply(prescription=paper, patient=issued.patient, store=store, way=Way.COLLECT, moved_at=now())
        for paper in papers
    )


def test_an_empty_list_says_what_to_do(stores_browser: Client) -> None:
    assert "No new orders" in words(stores_browser.get("/pharmacy/"))
    for part, sentence in (("ready", "Nothing waits"), ("sent", "on its way"), ("done", "Nothing was finished")):
        assert sentence in words(stores_browser.get(f"/pharmacy/?show={part}"))


def test_the_list_goes_by_pages_with_a_constant_number_of_queries(
    stores_browser: Client,
    issued: Prescription,
    store: Store,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    _many(issued, store, 2 * AT_ONCE + 1)
    seen: list[str] = []
    address = "/pharmacy/?show=received"
    for _ in range(3):
        with django_assert_max_num_queries(6):
            response = stores_browser.get(address)
        page = response.context["page"]
        seen += [supply.ref for supply in page.supplies]
        address = f"/pharmacy/?show=received&after={page.after}"
    assert page.after is None
    assert len(set(seen)) == 2 * AT_ONCE + 1
    assert "New <strong>41</strong>" in words(response)


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30])
def test_a_wrong_page_is_the_first(stores_browser: Client, ordered: Supply, after: str) -> None:
    assert "Asha Verma" in words(stores_browser.get(f"/pharmacy/?show=received&after={after}"))


def test_who_asks_again_gets_the_list_alone(stores_browser: Client, ordered: Supply) -> None:
    piece = words(stores_browser.get("/pharmacy/?show=received", headers={"HX-Request": "true"}))
    assert piece.startswith("<section")
    assert "Asha Verma" in piece
    assert "Look up" not in piece


def test_another_stores_orders_do_not_exist(ordered: Supply, other_pharmacist: Staff, ten_o_clock: datetime) -> None:
    browser = browser_of(other_pharmacist)
    assert "Asha Verma" not in words(browser.get("/pharmacy/"))
    assert browser.get(reverse("pharmacy:supply", args=[ordered.ref])).status_code == 404
    for verb in ("pack", "move"):
        assert browser.post(reverse(f"pharmacy:{verb}", args=[ordered.ref]), {"to": "preparing"}).status_code == 404


def test_from_new_to_handed_over_by_the_pages(stores_browser: Client, ordered: Supply) -> None:
    page = reverse("pharmacy:supply", args=[ordered.ref])
    move, pack = (reverse(f"pharmacy:{verb}", args=[ordered.ref]) for verb in ("move", "pack"))
    assert "Begin to prepare" in words(stores_browser.get(page))
    assert stores_browser.post(move, {"to": "preparing"}).status_code == 302
    shown = stores_browser.get(page).content.decode()
    assert 'name="line1-quantity" value="15"' in shown
    form = {"line1-quantity": "10", "line2-quantity": "5", "then": "ready"}
    assert stores_browser.post(pack, form).status_code == 302
    listed = words(stores_browser.get("/pharmacy/"))
    assert "Ready to collect <strong>1</strong>" in listed
    assert "In part" in listed
    assert stores_browser.post(move, {"to": "handed_over"}).status_code == 302
    assert "Done today <strong>1</strong>" in words(stores_browser.get("/pharmacy/?show=done"))
    assert left(ordered.prescription) == [5, 0]


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"line1-quantity": "16"}, "Only 15 tablets are left"),
        ({"line1-quantity": ""}, "Enter how many, 0 for none."),
        ({"line1-quantity": "-1"}, "Enter how many, 0 for none."),
        ({"line1-quantity": "ten"}, "Enter a whole number."),
        ({"line1-code": "paracetamol-syrup-250-mg-5-ml"}, "Write why another strength or form is given."),
        ({"line1-code": "cetirizine-tablet-10-mg", "line1-note": "why"}, "Select a valid choice"),
        ({"line1-brand": "💊"}, "cannot be printed"),
    ],
)
def test_a_slip_in_the_parcel_is_told_and_nothing_typed_is_lost(
    stores_browser: Client, preparing: Supply, form: dict[str, str], sentence: str
) -> None:
    whole = {"line1-quantity": "3", "line2-quantity": "2", "line2-brand": "Cetzine", "then": "ready"}
    response = stores_browser.post(reverse("pharmacy:pack", args=[preparing.ref]), whole | form)
    assert response.status_code == 422
    assert sentence in words(response)
    assert 'value="Cetzine"' in response.content.decode()
    preparing.refresh_from_db()
    assert preparing.state == State.PREPARING
    assert not Dispensed.objects.exists()


def test_an_empty_parcel_is_told_on_the_page(stores_browser: Client, preparing: Supply) -> None:
    form = {"line1-quantity": "0", "line2-quantity": "0", "then": "ready"}
    response = stores_browser.post(reverse("pharmacy:pack", args=[preparing.ref]), form)
    assert response.status_code == 422
    assert "Nothing is packed yet." in words(response)


@pytest.mark.parametrize("to", ["", "nowhere", "received"])
def test_a_made_up_move_moves_nothing(stores_browser: Client, ordered: Supply, to: str) -> None:
    response = stores_browser.post(reverse("pharmacy:move", args=[ordered.ref]), {"to": to})
    assert response.status_code in {400, 409, 422}
    ordered.refresh_from_db()
    assert ordered.state == State.RECEIVED


def test_a_page_of_an_order_asks_little(
    stores_browser: Client, preparing: Supply, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        stores_browser.get(reverse("pharmacy:supply", args=[preparing.ref]))
    with django_assert_max_num_queries(12):
        stores_browser.get(reverse("pharmacy:prescription", args=[preparing.prescription.ref]))


# Verify


@pytest.mark.parametrize(
    ("quantities", "told"),
    [((), "0 of 2 medicines"), ((4, 5), "1 of 2 medicines, 1 in part"), ((15, 5), "2 of 2 medicines")],
)
def test_verify_says_how_many_were_dispensed_and_nothing_clinical(
    preparing: Supply, pharmacist: Staff, ten_o_clock: datetime, quantities: tuple[int, ...], told: str
) -> None:
    services.pack(supply=preparing, packed=parcel(preparing, *quantities), staff=pharmacist, now=ten_o_clock)
    page = words(Client().get(reverse("papers:verify"), {"number": preparing.prescription.number}))
    assert f"<dt>Dispensed</dt><dd>{told}</dd>" in page
    for clinical in ("paracetamol", "fever", "asha"):
        assert clinical not in page.lower()


# Labels


def test_labels_carry_who_what_how_and_from_where(
    stores_browser: Client, preparing: Supply, pharmacist: Staff, ten_o_clock: datetime, tmp_path: Path
) -> None:
    address = reverse("pharmacy:labels", args=[preparing.ref])
    assert stores_browser.get(address).status_code == 404
    paracetamol, cetirizine = preparing.prescription.lines.all()
    packed = [
        Packed(paracetamol, 15, "paracetamol-syrup-250-mg-5-ml", "Calpol", "Cannot swallow"),
        Packed(cetirizine, 5),
    ]
    services.pack(supply=preparing, packed=packed, staff=pharmacist, now=ten_o_clock)
    response = stores_browser.get(address)
    assert response.headers["Content-Type"] == "application/pdf"
    text = " ".join(text_of(response.content, tmp_path).split())
    for said in (
        "Asha Verma",
        "PARACETAMOL syrup 250 mg/5 ml",
        "Calpol",
        "150 ml",
        "10 ml in the morning, at noon and at night",
        "after food",
        "खाने के बाद",
        "सुबह",
        "CETIRIZINE tablet 10 mg",
        "Drink plenty of water",
        "5 tablets",
        "Military Hospital Shantipur",
        preparing.prescription.number,
    ):
        assert said in text, said


def test_twenty_labels_flow_on_and_strange_signs_do_not_stop_them(
    preparing: Supply, pharmacist: Staff, ten_o_clock: datetime, tmp_path: Path
) -> None:
    preparing.prescription.people["patient"]["name"] = "Ḻongest தமிழ் " * 4
    services.pack(supply=preparing, packed=parcel(preparing, 15), staff=pharmacist, now=ten_o_clock)
    (row,) = Dispensed.objects.select_related("line")
    row.line.instructions = "Only when it hurts a lot " * 8
    pdf = labels.make(preparing, [row] * 20, now=ten_o_clock + timedelta(days=1))
    assert pages_of(pdf, tmp_path) in {2, 3, 4}
    assert text_of(pdf, tmp_path).count("24 Nov 2026") == 20
