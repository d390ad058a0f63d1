"""The ladder of a weak line, by examples: one look a second at what the browser measures (ladder.js, voice.js)."""

from collections.abc import Callable, Iterator
from itertools import groupby, pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.portal import ROOT

pytestmark = pytest.mark.browser

CLIMB = """async (looks) => {
  const { Ladder } = await window.modules.ladder;
  const ladder = new Ladder();
  return looks.map((seen) => {
    if (seen === null) ladder.renew();
    else ladder.look(seen);
    return [ladder.step, ladder.said];
  });
}"""
SAMPLE = """async (parts) => {
  const { sample } = await window.modules.ladder;
  return sample(new Map(parts.map((part, index) => [index, part])));
}"""

LOAD = """([name, source]) => {
  window.modules ??= {};
  window.modules[name] = import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
}"""
SCRIPTS = ROOT / "sehat/consultation/static/consultation"

Seen = dict[str, Any]
NEW_LINE: list[Any] = [None]


def line(kbit: int | None = 2000, *, seconds: int = 1, **more: Any) -> list[Seen]:
    """How a line looks for so many seconds."""
    seen = {"width": kbit and kbit * 1000, "loss": 0.0, "trip": 0.05, "starved": False} | more
    return [seen] * seconds


Climb = Callable[..., list[tuple[str, str]]]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page with the scripts under test, which know no page."""
    with browser.new_context() as context:
        page = context.new_page()
        for name in ("ladder", "voice"):
            page.evaluate(LOAD, [name, (SCRIPTS / f"{name}.js").read_text()])
        yield page


@pytest.fixture
def climb(page: Page) -> Climb:
    """After each look: what is sent, and what people are told."""

    def looks(*lines: list[Any]) -> list[tuple[str, str]]:
        seen: list[list[str]] = page.evaluate(CLIMB, [look for part in lines for look in part])
        return [(step, said) for step, said in seen]

    return looks


def test_on_a_good_line_nothing_changes(climb: Climb) -> None:
    assert set(climb(line(seconds=300))) == {("video", "video")}


def test_a_browser_that_measures_little_is_left_in_peace(climb: Climb) -> None:
    assert set(climb(line(None, seconds=100, loss=None, trip=None))) == {("video", "video")}


def test_the_first_seconds_of_a_line_say_nothing(climb: Climb) -> None:
    assert set(climb(line(100, seconds=5), line(seconds=60))) == {("video", "video")}


def test_two_bad_seconds_are_forgiven(climb: Climb) -> None:
    once_more = [*line(100, seconds=2), *line(seconds=10)]
    assert set(climb(line(seconds=10), *[once_more] * 10)) == {("video", "video")}


@pytest.mark.parametrize(
    ("how", "to"),
    [
        (line(250), "low"),
        (line(150), "sound"),
        (line(20), "sound"),
        (line(None, starved=True), "low"),
        (line(2000, loss=0.2), "sound"),
        (line(2000, trip=1.5), "sound"),
    ],
    ids=["250 kbit/s", "150 kbit/s", "20 kbit/s", "frames starve", "lossy", "slow"],
)
def test_it_goes_down_within_three_seconds_to_what_fits(climb: Climb, how: list[Seen], to: str) -> None:
    steps = climb(line(seconds=10), how * 3)
    assert steps[-2:] == [("video", "video"), (to, to)]


def test_a_satellite_and_three_lost_packets_of_a_hundred_are_no_weak_line(climb: Climb) -> None:
    assert set(climb(line(700, seconds=100, trip=0.65, loss=0.03))) == {("video", "video")}


def test_writing_alone_only_when_the_sound_alone_has_failed(climb: Climb) -> None:
    steps = climb(line(seconds=10), line(15, seconds=30))
    told = [said for _, said in steps]
    assert [said for said, _ in groupby(told)] == ["video", "sound", "chat"]
    assert told.count("sound") >= 8


def test_it_comes_back_step_by_step_once_each_has_held(climb: Climb) -> None:
    steps = climb(line(seconds=10), line(15, seconds=20), line(2000, seconds=90))
    assert [step for step, _ in groupby(steps)] == [
        ("video", "video"),
        ("sound", "sound"),
        ("chat", "chat"),
        ("sound", "chat"),
        ("sound", "sound"),
        ("low", "sound"),
        ("low", "low"),
        ("video", "low"),
        ("video", "video"),
    ]


def test_a_try_in_vain_is_not_told_and_the_next_one_waits_longer(climb: Climb) -> None:
    steps = climb(line(seconds=10), line(120, seconds=200))
    assert {said for _, said in steps[15:]} == {"sound"}
    sent = [step for step, _ in steps]
    tries = [at for at in range(1, len(sent)) if sent[at] == "low" and sent[at - 1] == "sound"]
    waits = [later - sooner for sooner, later in pairwise(tries)]
    assert waits == sorted(waits)
    assert waits[0] >= 8
    assert 30 <= waits[-1] <= 45  # and never for ever


def test_a_line_that_comes_and_goes_is_not_followed_each_time(climb: Climb) -> None:
    steps = climb(line(seconds=10), *[line(120, seconds=20), line(2000, seconds=15)] * 8)
    told = [step for (step, said), _ in groupby(steps) if step == said]
    assert told.count("low") < 6


def test_plenty_of_room_is_believed_sooner(climb: Climb) -> None:
    def seconds(kbit: int) -> int:
        return climb(line(seconds=10), line(120, seconds=3), line(kbit, seconds=60)).index(("low", "low"))

    assert seconds(1000) < seconds(220)


def test_the_large_picture_is_not_tried_where_the_small_one_shows_no_room(climb: Climb) -> None:
    steps = climb(line(seconds=10), line(200, seconds=120))
    assert set(steps[15:]) == {("low", "low")}


def test_a_new_line_forgets_what_the_old_one_was(climb: Climb) -> None:
    weak = [*line(seconds=10), *line(120, seconds=100)]
    steps = climb(weak, NEW_LINE, line(2000, seconds=12))
    assert steps[len(weak)] == ("sound", "sound")
    assert ("low", "sound") in steps[len(weak) :]


def test_what_is_read_from_the_browser(page: Page) -> None:
    chromium = [
        {"type": "candidate-pair", "currentRoundTripTime": 9},
        {"type": "candidate-pair", "availableOutgoingBitrate": 410_000, "currentRoundTripTime": 0.3},
        {"type": "remote-inbound-rtp", "kind": "video", "fractionLost": 0.9},
        {"type": "remote-inbound-rtp", "kind": "audio", "fractionLost": 0.02, "roundTripTime": 0.4},
        {"type": "media-source", "kind": "video", "framesPerSecond": 24},
        {"type": "outbound-rtp", "kind": "video", "framesPerSecond": 3, "qualityLimitationReason": "bandwidth"},
    ]
    assert page.evaluate(SAMPLE, chromium) == {"width": 410_000, "loss": 0.02, "trip": 0.3, "starved": True}
    busy = [*chromium[:-1], chromium[-1] | {"qualityLimitationReason": "cpu"}]
    assert page.evaluate(SAMPLE, busy)["starved"] is False
    dark = [*chromium[:-2], {"type": "media-source", "kind": "video", "framesPerSecond": 4}, chromium[-1]]
    assert page.evaluate(SAMPLE, dark)["starved"] is False
    assert page.evaluate(SAMPLE, []) == {"width": None, "loss": None, "trip": None, "starved": False}


def test_other_browsers_say_less(page: Page) -> None:
    firefox = [{"type": "remote-inbound-rtp", "kind": "audio", "fractionLost": 0.02, "roundTripTime": 0.4}]
    assert page.evaluate(SAMPLE, firefox) == {"width": None, "loss": 0.02, "trip": 0.4, "starved": False}


OFFER = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 {}\r\na=rtpmap:63 red/48000/2\r\n"
)


@pytest.mark.parametrize(
    ("asked", "heard"),
    [
        ("minptime=10;useinbandfec=1", "minptime=10;useinbandfec=1;usedtx=1"),
        ("usedtx=0; useinbandfec=0", "usedtx=1;useinbandfec=1"),
    ],
)
def test_the_voice_is_asked_to_be_thrifty(page: Page, asked: str, heard: str) -> None:
    told = page.evaluate(
        "async (sdp) => (await window.modules.voice).thrifty({ type: 'offer', sdp })", OFFER.format(asked)
    )
    assert told == {"type": "offer", "sdp": OFFER.format(heard)}


def test_a_description_without_a_voice_stays_as_it_is(page: Page) -> None:
    told = page.evaluate("async () => (await window.modules.voice).thrifty({ type: 'answer', sdp: 'v=0' })")
    assert told == {"type": "answer", "sdp": "v=0"}
