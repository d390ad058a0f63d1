"""Clocks of hosts are five minutes off: nobody is called too short or too long, or overtakes by it."""

import re
import shutil
import time
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.faults.conftest import NewHouse
from tests.faults.house import Web, until

pytestmark = pytest.mark.own_servers

CALL_NOW = 4


def clock_off(by: str) -> dict[str, str]:
    """The environment of a process whose wall clock is off; its stop watch is right, as it would be."""
    assert shutil.which("faketime"), "faketime is not installed (Debian: faketime; tools/install-test-tools does it)"
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    return {"LD_PRELOAD": str(library), "FAKETIME": by, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}


def place_of(web: Web, session: str) -> int:
    """Where the page says that the patient stands."""
    page = web.ask("/waiting/state/", session=session)
    assert page.status == HTTPStatus.OK
    found = re.search(r"Your place.*?(\d+)", page.body, re.DOTALL)
    assert found, page.body
    return int(found[1])


def test_clocks_are_five_minutes_off(new_house: NewHouse) -> None:
    """One web process and the database are right; a web process and a worker are ahead, another two behind."""
    house = new_house("postgresql")
    house.environment["SEHAT_CALL_NOW_SECONDS"] = str(CALL_NOW)
    people, rao = house.look("people", "4"), house.look("sign_in", "rao")
    right, ahead, behind = house.serve(), house.serve(**clock_off("+5m")), house.serve(**clock_off("-5m"))
    for web, session in zip((right, ahead, behind, right), people, strict=True):
        assert web.take_token(session)
        web.ask("/waiting/join/", session=session, form={})
        time.sleep(1)  # clocks are agreed on to a fraction of a second
    assert [place_of(right, session) for session in people] == [1, 2, 3, 4], "in the order in which they came"

    house.start("worker", **clock_off("+5m"))
    house.start("worker", **clock_off("-5m"))
    assert right.ask("/desk/available/", session=rao, form={}).status == HTTPStatus.FOUND
    until(lambda: len([call for call in house.look("calls") if call["ended_after"]]) >= 2)
    for call in house.look("calls"):
        assert call["stands"] == CALL_NOW
        if call["ended_after"]:
            assert call["state"] == "missed"
            assert CALL_NOW <= call["ended_after"] < CALL_NOW + 15, "the sweep goes round once a second"
    assert behind.ask("/desk/end-shift/", session=rao, form={}).status == HTTPStatus.FOUND
    assert house.look("broken") == []
