"""The names that stay (interface.md, "What people see"): every control is found by role and name."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.consultation import scene
from tests.journey.people import WAIT, Doctor, Patient
from tests.portal import Portal

pytestmark = pytest.mark.browser

LINKS = {
    "/": [
        "Patient Registration",
        "Patient Login",
        "Doctors' Status",
        "Verify Prescription",
        "FAQ",
        "Contact",
        "Staff Login",
    ],
    "/login/": ["Forgot Patient ID and Token No", "Cancel Token", "Login with OTP"],
    "/waiting/": ["Cancel Token", "Check camera and microphone"],
    "/rx/": ["Download"],
}
BUTTONS = {
    "/register/": ["Send OTP"],
    "/register/otp/": ["OK", "Resend OTP"],
    "/register/details/": ["Generate Patient ID & Token"],
    "/login/": ["Login"],
    "/waiting/": ["Refresh", "Upload", "Call Now", "Logout"],
    "/desk/": ["Available", "Pause", "End shift"],
    "/consultation/": ["Microphone", "Camera", "Leave", "Send", "Upload"],
    "/consultation/doctor/": [
        "Microphone",
        "Camera",
        "Put back in queue",
        "End call",
        "Send",
        "Upload",
        "Add medicine",
        "Issue prescription",
    ],
    "/rx/": ["Print"],
    "/staff/login/": ["Login"],
    "/contact/": ["Submit"],
}
FIELDS = {
    "/register/": ["Mobile Number"],
    "/register/otp/": ["Enter OTP"],
    "/register/details/": [
        *("Name", "Gender", "Date of birth", "Age", "Email", "Address", "Pincode", "State", "District", "City"),
        *("Category", "Service number", "Language", "Complaint", "OPD", "Health records", "I agree"),
    ],
    "/login/": ["Mobile Number", "Token Number"],
    "/waiting/": ["Choose File"],
    "/consultation/": ["Doctor's video", "Your video", "Message"],
    "/consultation/doctor/": [
        *("Patient's video", "Your video", "Message", "Complaint", "Findings", "Diagnosis", "Medicine", "Frequency"),
        *("Duration in days", "Instructions", "Advice", "Follow-up on"),
    ],
    "/staff/login/": ["Username", "Password"],
    "/contact/": [
        *("First Name", "Last Name", "Mobile Number", "Email Address", "Town/City", "State", "Message"),
        "I'm not a robot",
    ],
}
HEADINGS = {
    "/waiting/": ["OPD Consultation Room", "Doctor Online", "Patient Details", "Past Consultations"],
}


def _all_there(page: Page, key: str) -> None:
    """Each is there once, and the other language in the header."""
    for role, names in (("link", LINKS), ("button", BUTTONS), ("heading", HEADINGS)):
        for name in names.get(key, []):
            expect(page.get_by_role(role, name=name, exact=True), f"{role} {name} on {key}").to_have_count(1)  # type: ignore[arg-type]
    for name in FIELDS.get(key, []):
        expect(page.get_by_label(name, exact=True), f"{name} on {key}").to_have_count(1)
    for name in ("Doctor's video", "Patient's video", "Your video"):
        # Found by a part of the name, too, and never two.
        expect(page.get_by_label(name), f"{name} on {key}").to_have_count(int(name in FIELDS.get(key, [])))
    expect(page.get_by_role("banner").get_by_role("button", name="हिन्दी")).to_have_count(1)


def _with_session(context: BrowserContext, portal: Portal, session: str) -> Page:
    context.add_cookies([{"name": "sessionid", "value": session, "url": portal.address}])
    return context.new_page()


@pytest.mark.parametrize("path", ["/", "/register/", "/login/", "/staff/login/", "/contact/", "/verify/"])
def test_public_pages(browser: Browser, portal: Portal, path: str) -> None:
    context = browser.new_context(base_url=portal.address)
    context.set_default_timeout(WAIT)
    page = context.new_page()
    page.goto(path)
    _all_there(page, path)
    context.close()


def test_from_registration_to_the_waiting_room(browser: Browser, portal: Portal) -> None:
    patient = Patient(browser, portal, "9876543219")
    page = patient.page
    page.goto("/register/")
    page.get_by_label("Mobile Number").fill(patient.mobile)
    page.get_by_role("button", name="Send OTP").click()
    page.wait_for_url("**/register/otp/")
    _all_there(page, "/register/otp/")
    page.get_by_label("Enter OTP").fill(patient.otp())
    page.get_by_role("button", name="OK", exact=True).click()
    page.wait_for_url("**/register/details/")
    _all_there(page, "/register/details/")
    for category in ("Serving", "Ex-serviceman", "Dependent"):
        page.get_by_label("Category", exact=True).select_option(label=category)
    patient.close()


def test_the_pages_of_a_consultation(browser: Browser, portal: Portal) -> None:
    (met,) = scene.play(portal.data, "meet", "1")
    for who, path in (("patient", ""), ("doctor", "doctor/")):
        context = browser.new_context(base_url=portal.address, permissions=["camera", "microphone"])
        page = _with_session(context, portal, met[who])
        page.goto(f"/consultation/{met['ref']}/{path}")
        page.get_by_role("button", name="Send", exact=True).wait_for()
        if who == "doctor":
            page.get_by_role("button", name="Issue prescription").wait_for()
        _all_there(page, f"/consultation/{path}")
        context.close()


def test_the_desk_and_the_office(browser: Browser, portal: Portal) -> None:
    doctor = Doctor(browser, portal)
    doctor.goes_to_the_desk()
    _all_there(doctor.page, "/desk/")
    doctor.close()
    for role in ("ama", "hq", "commandant", "pharmacist"):
        context = browser.new_context(base_url=portal.address)
        page = context.new_page()
        login = next(one for one in portal.get_json("/demo/people.json")["staff"] if one["role"] == role)
        page.goto("/staff/login/")
        page.get_by_label("Username").fill(login["username"])
        page.get_by_label("Password").fill(login["password"])
        page.get_by_role("button", name="Login", exact=True).click()
        page.wait_for_function("() => !location.pathname.startsWith('/staff/login')")
        expect(page.get_by_role("banner").get_by_role("button", name="हिन्दी"), role).to_have_count(1)
        context.close()


def test_what_scripts_read_of_the_demo(portal: Portal) -> None:
    people = portal.get_json("/demo/people.json")
    assert {frozenset(one) for one in people["staff"]} == {frozenset({"role", "username", "password", "opd"})}
    assert {frozenset(one) for one in people["entitled"]} == {
        frozenset({"category", "service_number", "name", "mobile"})
    }
    general = [one for one in people["staff"] if one["opd"] == "General OPD"]
    assert len(general) == 3
    notices = portal.get_json("/demo/outbox.json?to=9876543219")
    assert {frozenset(one) for one in notices} <= {frozenset({"to", "channel", "kind", "text", "sent_at"})}
    assert [one["sent_at"] for one in notices] == sorted((one["sent_at"] for one in notices), reverse=True)
