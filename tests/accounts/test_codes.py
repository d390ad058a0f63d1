"""The codes themselves: RFC 6238, one step to each side, sealed keys, codes for the paper."""

import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from sehat.accounts import codes
from sehat.accounts.rules import steps_around
from tests.accounts.app import App

RFC_KEY = b"12345678901234567890"
RFC_6238 = {  # appendix B, SHA-1, the last six of its eight digits
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}
NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(("moment", "code"), RFC_6238.items())
def test_the_vectors_of_the_rfc(moment: int, code: str) -> None:
    assert App(RFC_KEY).code(at=moment) == code
    assert codes.step_of(RFC_KEY, code, now=datetime.fromtimestamp(moment, UTC)) == moment // 30


@given(st.binary(min_size=20, max_size=20), st.integers(30, 2**33), st.integers(-5, 5))
def test_one_step_of_drift_to_each_side_counts(key: bytes, moment: int, drift: int) -> None:
    now = datetime.fromtimestamp(moment, UTC)
    if moment // 30 + drift < 0:
        return
    code = App(key).code(at=moment, later=drift)
    near = {App(key).code(at=moment, later=later) for later in (-1, 0, 1) if moment // 30 + later >= 0}
    assert (codes.step_of(key, code, now=now) is not None) == (code in near)
    if abs(drift) <= 1:
        assert code in near


def test_a_step_that_was_used_counts_no_more() -> None:
    app = App(RFC_KEY)
    before, this, after = steps_around(NOON)
    code = app.code(at=NOON.timestamp())
    assert codes.step_of(RFC_KEY, code, now=NOON, after=before) == this
    assert codes.step_of(RFC_KEY, code, now=NOON, after=this) is None
    assert codes.step_of(RFC_KEY, code, now=NOON + timedelta(seconds=30), after=this) is None
    assert codes.step_of(RFC_KEY, app.code(at=NOON.timestamp(), later=1), now=NOON, after=this) == after


@pytest.mark.parametrize("code", ["", "28708", "2870821", "abcdef", "२८७०८२", "-28708", "\0" * 6])
def test_what_is_no_code(code: str) -> None:
    assert codes.step_of(RFC_KEY, code, now=datetime.fromtimestamp(59, UTC)) is None


def test_what_the_app_reads_off_the_picture() -> None:
    address = urlsplit(codes.address_of(RFC_KEY, "dr rao"))
    said = parse_qs(address.query)
    assert (address.scheme, address.netloc, unquote(address.path)) == ("otpauth", "totp", "/SeHAT OPD:dr rao")
    assert said["secret"] == ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"]
    assert said["issuer"] == ["SeHAT OPD"]
    assert (said["digits"], said["period"], said["algorithm"]) == (["6"], ["30"], ["SHA1"])
    assert codes.to_type(RFC_KEY) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


def test_a_sealed_key_opens_for_its_person_and_secret_only(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    sealed = codes.seal(RFC_KEY, 7)
    assert RFC_KEY.decode() not in sealed
    assert sealed != codes.seal(RFC_KEY, 7)
    assert codes.opened(sealed, 7) == RFC_KEY
    with caplog.at_level(logging.WARNING):
        assert codes.opened(sealed, 8) is None
        settings.SECRET_KEY = "another secret of more than 32 letters"
        assert codes.opened(sealed, 7) is None
    assert "another SEHAT_SECRET_KEY" in caplog.text


def test_recovery_codes_are_ten_and_different_and_kept_as_keyed_hashes(settings: Settings) -> None:
    paper = codes.new_recovery_codes()
    assert len(set(paper)) == 10
    assert all(len(code) == 12 and code.isdigit() for code in paper)
    digest = codes.digest_of(paper[0], 7)
    assert paper[0] not in digest
    assert digest == codes.digest_of(paper[0], 7) != codes.digest_of(paper[0], 8)
    settings.SECRET_KEY = "another secret of more than 32 letters"
    assert digest != codes.digest_of(paper[0], 7)
