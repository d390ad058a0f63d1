"""The doctor's form in a real browser: keyboard, lines, the draft in two windows, what a screen reader finds."""

import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.consultation.scene import play
from tests.portal import Portal

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@dataclass
class Desk:
    """Dr Rao's browser, with Asha in front."""

    context: BrowserContext
    address: str

    def window(self) -> Page:
        """One more window on the form, which has taken the draft over."""
        page = self.context.new_page()
        with page.expect_response("**/prescription/draft/"):
            page.goto(self.address)
        expect(page.get_by_label("Medicine")).to_be_visible()
        expect(page.locator(":not(:defined)")).to_have_count(0)  # its scripts are awake
        return page


@pytest.fixture
def desk(portal: Portal, browser: Browser) -> Iterator[Desk]:
    """A consultation that has just begun."""
    (scene,) = play(portal.data, "meet", "1")
    context = browser.new_context(base_url=portal.address, viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": scene["doctor"], "url": portal.address}])
    yield Desk(context, f"/consultation/{scene['ref']}/doctor/")
    context.close()


def _accuse(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found]


def _type(page: Page, *keys: str) -> None:
    for key in keys:
        if key in {"Tab", "Enter", "ArrowDown", "Escape"}:
            page.keyboard.press(key)
        else:
            page.keyboard.type(key, delay=5)


def test_a_prescription_is_written_by_keyboard_alone(desk: Desk) -> None:
    page = desk.window()
    page.get_by_label("Findings").focus()
    # Allergies, what is taken already, pregnancy, three parts that stay folded; Enter comes before the hits do.
    _type(page, "Throat red", "Tab", "none", *["Tab"] * 6, "sore throat", "Enter")
    expect(page.get_by_text("J02.9 Acute pharyngitis, unspecified")).to_be_visible()
    page.get_by_label("Medicine").focus()
    for medicine, frequency, days in (("dolo", "tds", "3"), ("famotid", "1-0-1", "5")):
        _type(page, medicine, "Enter")
        expect(page.get_by_label("Dose")).not_to_have_value("")
        _type(page, "Tab", "Tab", frequency, "Tab", "Tab", days, "Enter")
        expect(page.get_by_label("Medicine")).to_have_value("")
        expect(page.get_by_label("Medicine")).to_be_focused()
    _type(page, "cetirizine", "ArrowDown")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(0)
    expect(page.get_by_role("option", name=re.compile("^CETIRIZINE syrup"))).to_be_visible()
    _type(page, "ArrowDown", "ArrowDown", "Enter", "Tab", "Tab", "1-0-0", "Tab", "Tab", "5", "Enter")
    expect(page.get_by_text("CETIRIZINE syrup 5 mg/5 ml")).to_be_visible()
    expect(page.get_by_text("PARACETAMOL tablet 650 mg")).to_be_visible()
    page.get_by_role("button", name="Issue prescription").focus()
    _type(page, "Enter")
    expect(page.get_by_text("Issued: RX-")).to_be_visible()


PACE = 150
"""Milliseconds a key: 80 words a minute, a doctor who types well but is no typist."""
FIVE = (
    ("dolo 650", "tds", "3", "Only with fever"),
    ("cetirizine tab", "0-0-0-1", "5", ""),
    ("famotid", "bd", "5", ""),
    ("dextrometh", "1-1-1", "5", ""),
    ("ascorbic", "1-0-0", "10", ""),
)


class Keyboard:
    """A person's hands: one key after the other, at a person's pace; nothing else touches the page."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, 0

    def press(self, *keys: str) -> None:
        """Named keys."""
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(PACE)
        self.keys += len(keys)

    def type(self, text: str) -> None:
        """Letters."""
        self.page.keyboard.type(text, delay=PACE)
        self.keys += len(text)

    def tab_to(self, ident: str, *, most: int = 16) -> None:
        """Tab until the control of this id or name has the focus, as the eye of a person would follow it."""
        for _ in range(most):
            self.press("Tab")
            if self.page.evaluate("document.activeElement.id || document.activeElement.name") == ident:
                return
        raise AssertionError(f"{ident} is not reached within {most} tabs")


def test_five_medicines_are_prescribed_by_keyboard_alone_in_90_seconds(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    page = desk.window()
    hands = Keyboard(page)
    page.get_by_label("Complaint").focus()
    began = time.monotonic()
    hands.press("End")
    hands.type(", sneezing")
    hands.tab_to("id_findings")
    hands.type("Throat red")
    hands.tab_to("id_allergies")
    hands.type("none")
    hands.tab_to("id_diagnosis")
    hands.type("gala dard")
    hands.press("Enter")
    hands.tab_to("id_medicine")
    for number, (medicine, often, days, instruction) in enumerate(FIVE, start=1):
        hands.type(medicine)
        hands.press("Enter")
        hands.tab_to("id_frequency")
        hands.type(often)
        hands.tab_to("id_days")
        hands.type(days)
        if instruction:
            hands.tab_to("id_instructions")
            hands.type(instruction)
        hands.press("Enter")
        expect(page.locator("ol.rx-lines > li")).to_have_count(number)
        expect(page.get_by_label("Medicine")).to_be_focused()
    hands.tab_to("id_advice")
    hands.type("Rest")
    hands.tab_to("id_follow_up_on")
    hands.type((date.today() + timedelta(days=7)).strftime("%m%d%Y"))
    hands.tab_to("issue")
    hands.press("Enter")
    expect(page.get_by_text("Issued: RX-")).to_be_visible()
    seconds = time.monotonic() - began
    with capsys.disabled():
        sys.stdout.write(f"\nfive medicines by keyboard alone: {seconds:.1f} s, {hands.keys} keys at {PACE} ms each\n")
    assert seconds < 90
    with desk.context.expect_page() as opened:
        page.get_by_role("link", name="View").press("Enter")
    sheet = opened.value
    for words in ("PARACETAMOL", "CETIRIZINE", "FAMOTIDINE", "DEXTROMETHORPHAN", "ASCORBIC ACID", "Acute pharyngitis"):
        expect(sheet.get_by_text(words).first).to_be_visible()


def test_a_taper_is_written_by_keyboard_alone(desk: Desk) -> None:
    page = desk.window()
    page.get_by_label("Medicine").focus()
    _type(page, "prednisolone 10", "Enter")
    expect(page.get_by_label("Dose")).to_have_value("1 tablet")
    _type(page, "Tab")
    page.keyboard.press("ControlOrMeta+a")
    _type(page, "30 mg", "Tab", "1-0-0", "Tab", "Tab", "3", "Tab", "Tab", "Enter")
    expect(page.locator("#id_dose-1")).to_be_focused()
    # Enter in a step adds the line, like everywhere in it: the days are missing, and said to be.
    _type(page, "20 mg", "Tab", "Tab", "Enter")
    expect(page.locator("#id_days-1")).to_be_focused()
    expect(page.locator("#id_days-1_error")).to_be_visible()
    _type(page, "3", "Enter")
    expect(page.get_by_text("1-0-0 · 3 tablet · 3 days → 1-0-0 · 2 tablet · 3 days · 15 tablets")).to_be_visible()
    assert _accuse(page) == []


def test_a_template_is_kept_applied_and_survives_a_reload(desk: Desk) -> None:
    page = desk.window()
    page.get_by_label("Advice").fill("Rest")
    page.get_by_text("Templates and last prescription").click()
    page.get_by_role("button", name="Viral fever").click()
    expect(page.get_by_text("PARACETAMOL tablet 500 mg")).to_be_visible()
    expect(page.get_by_label("Advice")).to_have_value(re.compile("^Rest\nDrink plenty of water"))
    page.get_by_text("Templates and last prescription").click()
    page.get_by_label("Keep this form as").fill("My fever")
    page.get_by_role("button", name="Save as template").click()
    expect(page.get_by_role("button", name="My fever", exact=True)).to_be_visible()
    assert _accuse(page) == []
    # What the server added is the draft; what is typed after it is saved, too.
    page.get_by_label("Findings").fill("Throat red")
    page.get_by_label("Findings").press("Tab")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.reload()
    expect(page.get_by_text("PARACETAMOL tablet 500 mg")).to_be_visible()
    expect(page.get_by_label("Findings")).to_have_value("Throat red")


def test_a_line_added_in_an_older_window_is_told_and_not_lost(desk: Desk) -> None:
    older = desk.window()
    newer = desk.window()
    newer.get_by_label("Advice").fill("from the newer")
    expect(newer.get_by_text("Draft saved")).to_be_visible()
    older.get_by_label("Medicine").press_sequentially("dolo", delay=20)
    older.get_by_role("option", name=re.compile("^PARACETAMOL tablet 650 mg")).click()
    older.get_by_label("Frequency").fill("1-1-1")
    older.get_by_label("Duration in days").fill("3")
    older.get_by_role("button", name="Add medicine").click()
    expect(older.get_by_text("open in a newer window")).to_be_visible()
    expect(older.locator("ol.rx-lines")).to_contain_text("PARACETAMOL tablet 650 mg")
    older.get_by_role("button", name="Write here").click()
    expect(older.get_by_text("open in a newer window")).to_be_hidden()
    newer.get_by_label("Findings").fill("x")
    expect(newer.get_by_text("open in a newer window")).to_be_visible()
    newer.reload()
    expect(newer.locator("ol.rx-lines")).to_contain_text("PARACETAMOL tablet 650 mg")


def test_enter_issues_nothing_by_accident(desk: Desk) -> None:
    page = desk.window()
    page.get_by_label("Diagnosis").fill("Viral fever?")
    _type(page, "Escape", "Enter")
    expect(page.get_by_role("button", name="Remove Viral fever?")).to_be_visible()
    page.get_by_label("Follow-up on").focus()
    _type(page, "Enter")
    page.get_by_label("Duration in days").focus()
    _type(page, "Enter")
    expect(page.get_by_text("Type three letters of a medicine and choose it from the list.")).to_be_visible()
    expect(page.get_by_role("button", name="Issue prescription")).to_be_visible()


def _writes_a_line(page: Page) -> None:
    page.get_by_label("Medicine").focus()
    _type(page, "dolo", "Enter")
    expect(page.get_by_label("Dose")).not_to_have_value("")
    page.get_by_label("Frequency").fill("tds")
    page.get_by_label("Duration in days").fill("3")


def test_a_line_that_settles_takes_no_letter_from_another_box(desk: Desk) -> None:
    page = desk.window()
    _writes_a_line(page)
    # Between the swap of the lines and their settling; other pieces of the page may arrive at any time.
    page.evaluate("""() => document.addEventListener("htmx:afterSwap", ({ target }) => {
        if (target.id === "medicines") setTimeout(() => id_advice.focus());
    })""")
    page.get_by_role("button", name="Add medicine").click()
    expect(page.get_by_label("Advice")).to_be_focused()
    expect(page.locator(".htmx-settling, .htmx-added")).to_have_count(0)
    _type(page, "Rest")
    expect(page.get_by_label("Advice")).to_have_value("Rest")


def test_a_line_that_is_late_takes_no_letter_from_another_box(desk: Desk) -> None:
    page = desk.window()
    _writes_a_line(page)
    late: list[Route] = []
    page.route("**/prescription/medicines/", lambda route: late.append(route))
    with page.expect_request("**/prescription/medicines/"):
        page.get_by_role("button", name="Add medicine").click()
    page.get_by_label("Advice").focus()
    _type(page, "Warm ")
    late[0].continue_()
    expect(page.get_by_text("PARACETAMOL tablet 650 mg")).to_be_visible()
    _type(page, "fluids")
    expect(page.get_by_label("Advice")).to_have_value("Warm fluids")
    expect(page.get_by_label("Medicine")).to_have_value("")


def test_faults_are_shown_and_the_first_has_the_focus(desk: Desk) -> None:
    page = desk.window()
    page.get_by_label("Complaint").fill("")
    page.get_by_label("Investigations").fill("Chest X-ray")
    page.get_by_role("button", name="Issue prescription").click()
    expect(page.get_by_text("Write what the patient came with.")).to_be_visible()
    expect(page.get_by_label("Complaint")).to_be_focused()
    expect(page.get_by_label("Investigations")).to_have_value("Chest X-ray")
    assert _accuse(page) == []


def test_usual_tests_and_sentences_are_added_line_by_line(desk: Desk) -> None:
    page = desk.window()
    page.get_by_label("Investigations").fill("Mantoux")
    page.get_by_label("Add a test").focus()
    _type(page, "Chest X-ray", "Enter", "ECG", "Tab")
    expect(page.get_by_label("Investigations")).to_have_value("Mantoux\nChest X-ray\nECG")
    page.get_by_label("Add a usual sentence").focus()
    _type(page, "Rest", "Enter", "Rest", "Enter")
    expect(page.get_by_label("Advice")).to_have_value("Rest")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Investigations")).to_have_value("Mantoux\nChest X-ray\nECG")


def test_the_draft_stands_after_a_reload(desk: Desk) -> None:
    page = desk.window()
    page.get_by_label("Advice").fill("Rest")
    page.get_by_label("Medicine").fill("par")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.get_by_label("Findings").fill("written at the last moment")
    page.reload()
    expect(page.get_by_label("Advice")).to_have_value("Rest")
    expect(page.get_by_label("Medicine")).to_have_value("par")
    page.reload()
    expect(page.get_by_label("Findings")).to_have_value("written at the last moment")


def test_the_older_of_two_windows_is_told(desk: Desk) -> None:
    older = desk.window()
    older.get_by_label("Advice").fill("from the older")
    expect(older.get_by_text("Draft saved")).to_be_visible()
    newer = desk.window()
    expect(newer.get_by_label("Advice")).to_have_value("from the older")
    older.get_by_label("Advice").fill("still from the older")
    expect(older.get_by_text("open in a newer window")).to_be_visible()
    newer.get_by_label("Advice").fill("from the newer")
    expect(newer.get_by_text("Draft saved")).to_be_visible()

    older.get_by_role("button", name="Write here").click()
    expect(older.get_by_text("open in a newer window")).to_be_hidden()
    newer.get_by_label("Findings").fill("x")
    expect(newer.get_by_text("open in a newer window")).to_be_visible()
    newer.reload()
    expect(newer.get_by_label("Advice")).to_have_value("still from the older")


def test_the_searches_are_found_by_a_screen_reader(desk: Desk) -> None:
    page = desk.window()
    box = page.get_by_role("combobox", name="Medicine")
    box.press_sequentially("parac", delay=10)
    expect(page.get_by_role("listbox", name="Suggestions").filter(visible=True)).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    _type(page, "ArrowDown")
    active = box.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    assert _accuse(page) == []
    _type(page, "Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.fill("tramadol")
    expect(page.get_by_text("TRAMADOL capsule 50 mg is prohibited: never by tele-consultation.")).to_be_in_viewport()
    box.fill("xyzzy")
    expect(page.get_by_text("Nothing found")).to_be_in_viewport()


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_patients_pages_accuse_nothing(portal: Portal, desk: Desk, browser: Browser, language: str) -> None:
    page = desk.window()
    page.get_by_label("Diagnosis").fill("fever")
    page.get_by_role("option", name="Fever, unspecified R50.9").click()
    page.get_by_label("Advice").fill("Rest")
    page.get_by_role("button", name="Issue prescription").click()
    link = page.get_by_role("link", name="View").get_attribute("href")
    context = browser.new_context(base_url=portal.address, viewport={"width": 360, "height": 800})
    context.add_cookies([{"name": "django_language", "value": language, "url": portal.address}])
    phone = context.new_page()
    for path in (link or "", "/verify/", "/verify/?number=RX-1"):
        phone.goto(path)
        assert _accuse(phone) == [], path
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360, path
    context.close()


def test_each_line_says_its_state_while_it_is_written(desk: Desk) -> None:
    page = desk.window()
    page.get_by_label("Medicine").press_sequentially("amoxicillin", delay=20)
    page.get_by_role("option", name=re.compile("^AMOXICILLIN capsule 500 mg")).click()
    state = page.locator("#line-state-entry")
    expect(state).to_contain_text("List A: only in a video consultation")
    expect(state).to_contain_text("let the video stand for 60 seconds")
    page.get_by_label("Frequency").fill("1-1-1")
    page.get_by_label("Duration in days").fill("5")
    page.get_by_role("button", name="Add medicine").click()
    row = page.locator("#line-state-0")
    expect(row).not_to_contain_text("allergic")
    page.get_by_label("Allergies").fill("Mox")
    _type(page, "Tab")
    expect(row).to_contain_text("The patient is allergic to it: Mox.")
    assert _accuse(page) == []
    page.get_by_label("Diagnosis").fill("Sore throat")
    page.get_by_role("button", name="Issue prescription").click()
    expect(page.get_by_text("AMOXICILLIN capsule 500 mg cannot be prescribed.")).to_be_visible()
    expect(page.get_by_text("Issued: RX-")).to_have_count(0)
