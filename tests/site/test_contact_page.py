"""The contact page in a real browser: the check solves itself, and the acknowledgement goes out."""

import pytest
from playwright.sync_api import Browser, expect

from tests.portal import Portal


@pytest.mark.browser
def test_a_message_goes_from_the_contact_page_to_the_outbox(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(base_url=portal.address, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="Contact").click()
    for label, text in {
        "First Name": "Asha",
        "Last Name": "Verma",
        "Mobile Number": "+91 90000 12345",
        "Email Address": "asha@example.in",
        "Town/City": "Pune",
        "Message": "How do I add my mother?",
    }.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("State", exact=True).select_option("Maharashtra")
    page.get_by_label("I'm not a robot").check()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert [notice["kind"] for notice in portal.outbox("9000012345")] == ["contact_received"]
    context.close()
