"""From the prescription to the door: chosen in Hindi on a telephone, prepared and sent by keyboard, told by SMS."""

import re
import subprocess
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.consultation import scene
from tests.journey import camera
from tests.journey.people import WAIT
from tests.portal import Portal

pytestmark = pytest.mark.browser


def _context(browser: Browser, portal: Portal, language: str, width: int, session: str = "") -> BrowserContext:
    context = browser.new_context(
        base_url=portal.address,
        viewport={"width": width, "height": 800},
        permissions=["camera"],
        reduced_motion="reduce",
    )
    context.set_default_timeout(WAIT)
    cookies = {"django_language": language} | ({"sessionid": session} if session else {})
    context.add_cookies([{"name": name, "value": value, "url": portal.address} for name, value in cookies.items()])
    return context


def _look(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    faults = [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
    assert not faults, (page.url, faults)
    size = page.viewport_size
    assert size
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url


def _at_the_store(browser: Browser, portal: Portal) -> Page:
    login = next(one for one in portal.get_json("/demo/people.json")["staff"] if one["role"] == "pharmacist")
    page = _context(browser, portal, "en", 1280).new_page()
    page.goto("/staff/login/")
    page.get_by_label("Username").fill(login["username"])
    page.get_by_label("Password").fill(login["password"])
    page.get_by_role("button", name="Login", exact=True).click()
    expect(page).to_have_url(re.compile("/pharmacy/$"))
    return page


def test_medicines_come_home(browser: Browser, portal: Portal, tmp_path: Path) -> None:
    (met,) = scene.play(portal.data, "meet", "1")
    rx = scene.play(portal.data, "prescribe", met["ref"], "hi")

    # The patient, in Hindi, on a telephone.
    patient = _context(browser, portal, "hi", 360, met["patient"]).new_page()
    patient.goto("/history/")
    patient.get_by_role("link", name="दवाएँ").click()
    expect(patient.get_by_role("heading", name="आपकी दवाएँ")).to_be_visible()
    expect(patient.get_by_label("पता", exact=True)).to_be_hidden()
    _look(patient)
    patient.get_by_label("घर पर मँगाएँगे").check()
    expect(patient.get_by_label("पता", exact=True)).to_have_value("14 Shanti Vihar")
    patient.get_by_label("पता", exact=True).fill("Quarter 12, Station Road")
    patient.get_by_role("button", name="दवाएँ मँगाएँ").click()
    expect(patient.get_by_text("कृपया पता देख लें")).to_be_visible()
    _look(patient)
    expect(patient.get_by_label("पता", exact=True)).to_have_value("Quarter 12, Station Road")
    patient.get_by_label("यह पता सही है").check()
    patient.get_by_role("button", name="दवाएँ मँगाएँ").click()
    expect(patient.get_by_text("ऑर्डर मिला")).to_be_visible()
    _look(patient)

    # The store, by keyboard alone from the look-up to the parcel's leaving.
    store = _at_the_store(browser, portal)
    _look(store)
    expect(store.get_by_label("Prescription number or code")).to_be_focused()
    store.keyboard.type(rx["number"].lower())
    store.keyboard.press("Enter")
    expect(store.get_by_role("link", name="Open the order")).to_be_focused()
    _look(store)
    store.keyboard.press("Enter")
    expect(store.get_by_text("Quarter 12, Station Road")).to_be_visible()
    expect(store.get_by_role("button", name="Begin to prepare")).to_be_focused()
    store.keyboard.press("Enter")
    expect(store.get_by_label("Quantity").first).to_have_value("15")
    _look(store)
    store.get_by_label("Quantity").last.press("Enter")
    expect(store.get_by_role("button", name="Sent: tell the patient")).to_be_focused()
    _look(store)
    labels = store.get_by_role("link", name="Print labels").get_attribute("href")
    assert labels
    (tmp_path / "labels.pdf").write_bytes(store.context.request.get(labels).body())
    text = subprocess.run(["pdftotext", "labels.pdf", "-"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "PARACETAMOL tablet 500 mg" in text.stdout
    assert "खाने के बाद" in text.stdout
    store.get_by_label("Number of the parcel").fill("EJ123456789IN")
    store.get_by_role("button", name="Sent: tell the patient").press("Enter")
    expect(store.get_by_role("button", name="Delivered")).to_be_visible()

    # Told by SMS, in her language and without a clinical word; anybody who verifies reads how much was dispensed.
    told = [notice for notice in portal.outbox(rx["mobile"]) if notice["channel"] == "sms"]
    assert [notice["kind"] for notice in told[:2]] == ["medicine_sent", "parcel_chosen"]
    assert "EJ123456789IN" in told[0]["text"]
    assert "भेज दिया गया है" in told[0]["text"]
    assert "दवा" not in told[0]["text"] + told[1]["text"]
    anybody = _context(browser, portal, "en", 360).new_page()
    anybody.goto(f"/verify/?number={rx['number']}")
    expect(anybody.get_by_text("2 of 2 medicines")).to_be_visible()
    _look(anybody)

    # She follows the link of the SMS, and says that it has come.
    link = re.search(r"https?://\S+", told[0]["text"])
    assert link
    patient.goto(re.sub(r"^https?://[^/]+", portal.address, link[0]))
    expect(patient.get_by_text("EJ123456789IN")).to_be_visible()
    _look(patient)
    patient.get_by_role("button", name="दवाएँ मिल गईं").click()
    expect(patient.get_by_text("पहुँच गईं")).to_be_visible()
    for page in (patient, store, anybody):
        page.context.close()


def test_a_code_is_scanned_by_camera_and_read_off_a_photograph(
    browser: Browser, portal: Portal, tmp_path: Path
) -> None:
    (met,) = scene.play(portal.data, "meet", "1")
    rx = scene.play(portal.data, "prescribe", met["ref"], "en")
    store = _at_the_store(browser, portal)
    expect(store.get_by_role("button", name="Scan with the camera")).to_be_hidden()

    (tmp_path / "rx.pdf").write_bytes(store.context.request.get(f"/rx/{rx['ref']}/pdf/").body())
    picture = ["pdftoppm", "-r", "150", "-f", "1", "-l", "1", "-jpeg", "-singlefile", "rx.pdf", "rx"]
    subprocess.run(picture, cwd=tmp_path, check=True)
    store.get_by_text("Without the number").click()
    _look(store)
    store.get_by_label("Photo of the code").set_input_files(tmp_path / "rx.jpg")
    store.get_by_role("button", name="Read the picture").click()
    expect(store.get_by_role("heading", name=rx["number"])).to_be_visible()

    store.context.add_init_script(camera.reads(rx["number"]))
    store.goto("/pharmacy/")
    store.get_by_role("button", name="Scan with the camera").click()
    expect(store.get_by_role("heading", name=rx["number"])).to_be_visible()
    expect(store.get_by_role("button", name="Dispense here")).to_be_focused()
    store.context.close()
