"""Pictures among the health records while the store of files is away."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.consultation.test_call import meeting
from tests.portal import Portal

pytestmark = pytest.mark.browser

NAME = "x-ray.png"
WORD = {"en": "This picture comes as soon as it can.", "hi": "फ़ोटो मिलते ही यहाँ दिखेगी।"}
PATIENCE = 30_000  # ms; it is asked for every ten seconds


@contextmanager
def away(portal: Portal) -> Iterator[None]:
    """The folder of the portal's files is a mount that is not there."""
    folder, elsewhere = portal.data / "files", portal.data / "files-elsewhere"
    folder.rename(elsewhere)
    try:
        yield
    finally:
        elsewhere.rename(folder)


def is_shown(page: Page) -> None:
    """The picture itself stands among the records, and no word in its place."""
    picture = page.locator("#records img")
    expect(picture).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("() => document.querySelector('#records img').naturalWidth > 0", timeout=PATIENCE)
    expect(page.locator("#records .later")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_word_stands_in_its_place_until_it_comes(portal: Portal, browser: Browser, language: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    with meeting(portal, browser) as meet:
        call = meet()
        patient, page = call.patient.page, call.doctor.page
        file = {"name": NAME, "mimeType": "image/png", "buffer": out.getvalue()}
        patient.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        patient.get_by_role("button", name="Upload").click()
        is_shown(page)
        call.doctor.context.add_cookies([{"name": "django_language", "value": language, "url": portal.address}])
        with away(portal):
            page.reload()
            expect(page.locator("#records .later")).to_have_text(WORD[language], timeout=PATIENCE)
            expect(page.locator("#records img")).to_be_hidden()
            page.locator("#records").get_by_role("link", name=NAME).click()
            expect(page.get_by_role("dialog", name=NAME).locator(".later")).to_have_text(WORD[language])
        is_shown(page)
        expect(page.get_by_role("dialog", name=NAME).get_by_role("img", name=NAME)).to_be_visible(timeout=PATIENCE)
