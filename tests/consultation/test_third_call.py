"""Three real browsers in one call: the patient is asked, the other doctor joins, everybody sees everybody."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from tests.consultation import scene
from tests.consultation.test_call import PATIENCE, Call, Meet, Side, meeting
from tests.portal import Portal

pytestmark = pytest.mark.browser

# Packets of sound that came in, on each line that stands.
PACKETS = """async () => {
  const standing = lines.filter((line) => line.connectionState === "connected");
  const reports = await Promise.all(standing.map((line) => line.getStats()));
  return reports.map((report) => {
    const sound = [...report.values()].find((part) => part.type === "inbound-rtp" && part.kind === "audio");
    return sound?.packetsReceived ?? 0;
  });
}"""


@pytest.fixture
def meet(portal: Portal, browser: Browser) -> Iterator[Meet]:
    """Opens calls."""
    with meeting(portal, browser) as open_both:
        yield open_both


def _ask(call: Call) -> None:
    page = call.doctor.page
    page.get_by_text("Ask another doctor into the call").click()
    page.get_by_label("Doctor", exact=True).select_option(label=f"{call.guest_name} · {_opd(call)}")
    page.get_by_role("button", name="Ask the patient first").click()
    expect(page.locator("#state")).to_contain_text("The patient is asked")


def _opd(call: Call) -> str:
    return f"Ward {call.guest_name.split()[-1]}"


def invited(call: Call) -> Side:
    """The other doctor, in the call."""
    guest = call.guest()
    guest.page.goto(guest.address)
    _ask(call)
    expect(call.patient.page.get_by_role("heading", name=f"May {call.guest_name}")).to_be_visible()
    expect(guest.page.get_by_role("button", name="Join the call")).to_have_count(0)
    call.patient.page.get_by_role("button", name="Yes, I agree").click()
    guest.page.get_by_role("button", name="Join the call").click(timeout=PATIENCE)
    guest.page.wait_for_url("**/guest/")
    return guest


def _sees_two(side: Side, other: str) -> None:
    side.sees()
    replace(side, theirs=other).sees()


def test_three_see_and_hear_each_other_and_write(meet: Meet) -> None:
    call = meet()
    call.patient.sees()
    guest = invited(call)
    _sees_two(guest, "Doctor's video")
    _sees_two(call.patient, "Video of the third person")
    _sees_two(call.doctor, "Video of the third person")
    for side in (guest, call.patient, call.doctor):
        sound = side.page.evaluate(PACKETS)
        assert len(sound) == 2
        assert min(sound) > 0
    expect(call.patient.page.locator("#state")).to_contain_text(
        f"{call.guest_name} ({_opd(call)}) is in the call, too."
    )
    expect(call.doctor.page.locator("#state")).to_contain_text(f"{call.guest_name} ({_opd(call)}) is in the call.")

    guest.page.get_by_label("Message", exact=True).fill("Any pain in the chest?")
    guest.page.get_by_role("button", name="Send").click()
    for side in (call.patient, call.doctor):
        expect(side.page.get_by_role("log")).to_contain_text("Any pain in the chest?")
        expect(side.page.get_by_role("log")).to_contain_text("Invited doctor")
    expect(guest.page.get_by_role("heading", name="Asha Verma")).to_be_visible()

    guest.page.reload()
    _sees_two(guest, "Doctor's video")
    _sees_two(call.patient, "Video of the third person")


def test_the_invited_doctor_leaves_and_the_call_goes_on(meet: Meet) -> None:
    call = meet()
    guest = invited(call)
    _sees_two(call.patient, "Video of the third person")
    address = guest.page.url
    guest.page.get_by_role("button", name="Leave the call").click()
    guest.page.wait_for_url("**/desk/")
    for side in (call.patient, call.doctor):
        expect(side.page.locator("#third")).to_be_hidden(timeout=PATIENCE)
        side.sees()
        side.says("You are connected.")
    response = guest.page.goto(address)
    assert response is not None
    assert response.status == 404


def test_who_is_sent_out_is_led_to_the_desk(meet: Meet) -> None:
    call = meet()
    guest = invited(call)
    guest.sees()
    call.doctor.page.get_by_role("button", name="Send out").click()
    guest.page.wait_for_url("**/desk/", timeout=PATIENCE)
    call.patient.sees()


def test_a_patient_who_says_no_is_not_looked_at(meet: Meet) -> None:
    call = meet()
    guest = call.guest()
    guest.page.goto(guest.address)
    _ask(call)
    call.patient.page.get_by_role("button", name="No", exact=True).click()
    expect(call.doctor.page.locator("#state")).to_contain_text(f"The patient does not want {call.guest_name}")
    expect(guest.page.get_by_role("button", name="Join the call")).to_have_count(0)
    call.patient.sees()


def test_a_desk_that_nobody_answers_stops_ringing_and_the_doctor_asks_again(meet: Meet, portal: Portal) -> None:
    call = meet()
    guest = call.guest()
    guest.page.goto(guest.address)
    state = call.doctor.page.locator("#state")
    _ask(call)
    scene.play(portal.data, "late", call.ref)
    expect(state).to_contain_text("No answer from the patient")
    expect(call.patient.page.locator("#state")).to_contain_text(f"{call.guest_name} is not asked to come in")

    call.doctor.page.get_by_role("button", name="Ask the patient first").click()
    call.patient.page.get_by_role("button", name="Yes, I agree").click()
    expect(guest.page.get_by_role("button", name="Join the call")).to_be_visible()
    scene.play(portal.data, "late", call.ref)
    expect(guest.page.get_by_role("button", name="Join the call")).to_have_count(0)
    expect(state).to_contain_text(f"No answer from {call.guest_name}.")
    expect(call.doctor.page.get_by_label("Doctor", exact=True)).to_be_visible()
    call.patient.sees()
