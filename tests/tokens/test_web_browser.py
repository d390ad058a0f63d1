"""The registration form in a real browser: with its script, and without."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from tests.portal import Portal
from tests.tokens.files import pdf

pytestmark = pytest.mark.browser

RUNS: FilePayload = {"name": "game.pdf", "mimeType": "application/pdf", "buffer": b"MZ" + bytes(500)}
REPORT: FilePayload = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": pdf()}
GENERATE = "Generate Patient ID & Token"


def to_the_form(portal: Portal, context: BrowserContext, mobile: str) -> Page:
    """Prove the mobile; the page with the form. The veteran's number needs no register."""
    page = context.new_page()
    page.goto("/register/")
    page.get_by_label("Mobile Number").fill(mobile)
    page.get_by_role("button", name="Send OTP").click()
    page.wait_for_url("**/register/otp/")
    otp = re.search(r"\b\d{6}\b", portal.outbox(mobile)[0]["text"])
    assert otp
    page.get_by_label("Enter OTP").fill(otp[0])
    page.get_by_role("button", name="OK", exact=True).click()
    page.wait_for_url("**/register/details/")
    return page


def fill(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("Harbhajan Singh")
    page.get_by_label("Gender").select_option(label="Male")
    page.get_by_label("Age", exact=True).fill("71")
    page.get_by_label("Category").select_option(label="Ex-serviceman")
    page.get_by_label("Service number").fill("4057811N")
    page.get_by_label("Address").fill("14 Shanti Vihar")
    page.get_by_label("Pincode").fill("411001")
    page.get_by_label("City").fill("Pune")
    page.get_by_label("Complaint").fill("Knee pain")
    page.get_by_label("I agree").check()


def test_a_refused_file_costs_neither_text_nor_files(portal: Portal, browser: Browser) -> None:
    context = browser.new_context(base_url=portal.address, locale="en-IN")
    page = to_the_form(portal, context, "9812345601")
    expect(page.get_by_label("Relation")).to_be_hidden()
    fill(page)
    expect(page.get_by_label("State")).to_have_value("Maharashtra")
    expect(page.get_by_label("District")).to_have_value("Pune")
    page.get_by_label("State").select_option(label="Goa")
    expect(page.get_by_label("District")).to_have_value("")
    page.get_by_label("District").select_option(label="North Goa")
    files = page.get_by_label("Health records")
    files.set_input_files([RUNS, REPORT])
    page.get_by_role("button", name=GENERATE).click()
    expect(page.locator("#id_records_error")).to_contain_text("game.pdf")
    expect(files).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Complaint")).to_have_value("Knee pain")
    assert files.evaluate("input => input.files.length") == 2
    files.set_input_files([REPORT])
    page.get_by_role("button", name=GENERATE).click()
    page.wait_for_url("**/register/done/")
    page.get_by_role("link", name="Go to Waiting Room").click()
    page.wait_for_url("**/waiting/")
    expect(page.get_by_role("link", name="report.pdf")).to_be_visible()
    context.close()


def test_a_broken_line_says_so_and_the_button_works_again(portal: Portal, browser: Browser) -> None:
    context = browser.new_context(base_url=portal.address, locale="en-IN")
    page = to_the_form(portal, context, "9812345602")
    fill(page)
    expect(page.get_by_label("District")).to_have_value("Pune")
    context.set_offline(True)
    page.get_by_role("button", name=GENERATE).click()
    expect(page.get_by_text("The line broke.")).to_be_visible()
    context.set_offline(False)
    page.get_by_role("button", name=GENERATE).click()
    page.wait_for_url("**/register/done/")
    context.close()


def test_without_script_it_is_a_plain_form(portal: Portal, browser: Browser) -> None:
    context = browser.new_context(base_url=portal.address, locale="en-IN", java_script_enabled=False)
    page = to_the_form(portal, context, "9812345603")
    fill(page)
    page.get_by_label("Health records").set_input_files([REPORT])
    page.get_by_role("button", name=GENERATE).click()
    page.wait_for_url("**/register/done/")
    page.get_by_role("link", name="Go to Waiting Room").click()
    page.wait_for_url("**/login/")
    context.close()


def test_the_language_switch_loses_nothing_that_was_typed(portal: Portal, browser: Browser) -> None:
    context = browser.new_context(base_url=portal.address, locale="en-IN")
    page = to_the_form(portal, context, "9812345604")
    fill(page)
    page.get_by_label("State").select_option(label="Goa")
    page.get_by_label("District").select_option(label="North Goa")
    page.get_by_label("Health records").set_input_files([REPORT])
    page.get_by_label("Fainting, fits or confusion").check()
    for language, other in (("hi", "हिन्दी"), ("en", "English")):
        page.get_by_role("button", name=other).click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("[name=complaint]")).to_have_value("Knee pain")
        expect(page.locator("[name=state]")).to_have_value("Goa")
        expect(page.locator("[name=district]")).to_have_value("North Goa")
        expect(page.locator("[name=category]")).to_have_value("ex")
        expect(page.locator("[name=agree]")).to_be_checked()
        expect(page.locator("[name=red_flags]:checked")).to_have_count(1)
        assert page.locator("[name=records]").evaluate("input => [...input.files].map((file) => file.name)") == [
            "report.pdf"
        ]
    page.get_by_label("Name", exact=True).fill("")
    page.get_by_role("button", name=GENERATE).click()
    expect(page.locator("#id_name_error")).to_be_visible()
    page.get_by_role("button", name="हिन्दी").click()
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    expect(page.locator("[name=complaint]")).to_have_value("Knee pain")
    page.locator("[name=name]").fill("हरभजन सिंह")
    page.locator("#details button.primary").click()
    page.wait_for_url("**/register/done/")
    expect(page.get_by_text("हरभजन सिंह")).to_be_visible()
    left = page.evaluate("sessionStorage.getItem('kept-for-the-next-page')")
    assert left is None, "what was typed lies in the browser for one step only"
    context.close()


def test_what_is_pasted_is_not_cut(portal: Portal, browser: Browser) -> None:
    context = browser.new_context(base_url=portal.address, locale="en-IN")
    page = to_the_form(portal, context, "9812345605")
    fill(page)
    page.get_by_label("Complaint").fill("pain " * 60)
    page.get_by_role("button", name=GENERATE).click()
    expect(page.locator("#id_complaint_error")).to_contain_text("shorten it to 200")
    expect(page.get_by_label("Complaint")).to_have_value("pain " * 60)
    page.get_by_label("Complaint").fill("Knee pain")
    page.get_by_label("Complaint").press("Tab")
    expect(page.locator("#id_complaint_error")).to_be_hidden()
    context.close()
