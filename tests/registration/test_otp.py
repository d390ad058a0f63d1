"""The OTP: six digits, 15 minutes, single use, five tries, a new one after 30 s, five an hour."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from sehat.accounts.errors import LockedOut
from sehat.kernel.clock import now as clock
from sehat.notices.models import Notice
from sehat.registration import services
from sehat.registration.errors import OtpSpent, OtpTooMany, OtpTooSoon, OtpWrong
from sehat.registration.models import Otp

ASHA = "9876543211"
HOME = "203.0.113.7"

pytestmark = pytest.mark.django_db


def send(now: datetime, mobile: str = ASHA, address: str = HOME) -> str:
    """Send an OTP and read it out of the outbox."""
    services.send_otp(mobile=mobile, address=address, language="en", now=now)
    notice = Notice.objects.filter(kind="otp", to=mobile).latest("id")
    found = re.search(r"\b\d{6}\b", notice.text)
    assert found
    return found[0]


def wrong(code: str) -> str:
    return str((int(code) + 1) % 1_000_000).zfill(6)


def test_the_right_otp_proves_the_mobile_once(ten_o_clock: datetime) -> None:
    code = send(ten_o_clock)
    services.verify_otp(mobile=ASHA, code=code, now=ten_o_clock)
    with pytest.raises(OtpSpent):
        services.verify_otp(mobile=ASHA, code=code, now=ten_o_clock)


def test_it_is_stored_hashed(ten_o_clock: datetime) -> None:
    code = send(ten_o_clock)
    assert code not in str(Otp.objects.values().get())


def test_it_lives_fifteen_minutes(ten_o_clock: datetime) -> None:
    code = send(ten_o_clock)
    with pytest.raises(OtpSpent):
        services.verify_otp(mobile=ASHA, code=code, now=ten_o_clock + timedelta(minutes=15))
    services.verify_otp(mobile=ASHA, code=code, now=ten_o_clock + timedelta(minutes=14, seconds=59))


def test_five_wrong_tries_and_even_the_right_one_is_too_late(ten_o_clock: datetime) -> None:
    code = send(ten_o_clock)
    for left in (4, 3, 2, 1):
        with pytest.raises(OtpWrong) as refused:
            services.verify_otp(mobile=ASHA, code=wrong(code), now=ten_o_clock)
        assert refused.value.values == {"left": left}
    with pytest.raises(OtpSpent):
        services.verify_otp(mobile=ASHA, code=wrong(code), now=ten_o_clock)
    with pytest.raises(OtpSpent):
        services.verify_otp(mobile=ASHA, code=code, now=ten_o_clock)


def test_the_fifth_try_may_be_the_right_one(ten_o_clock: datetime) -> None:
    code = send(ten_o_clock)
    for _ in range(4):
        with pytest.raises(OtpWrong):
            services.verify_otp(mobile=ASHA, code=wrong(code), now=ten_o_clock)
    services.verify_otp(mobile=ASHA, code=code, now=ten_o_clock)


def test_it_fits_no_other_mobile(ten_o_clock: datetime) -> None:
    code = send(ten_o_clock)
    send(ten_o_clock, mobile="9876543210")
    with pytest.raises(OtpWrong):
        services.verify_otp(mobile="9876543210", code=code, now=ten_o_clock)


def test_without_one_nothing_fits(ten_o_clock: datetime) -> None:
    with pytest.raises(OtpSpent):
        services.verify_otp(mobile=ASHA, code="123456", now=ten_o_clock)


def test_a_second_one_waits_thirty_seconds_and_kills_the_first(ten_o_clock: datetime) -> None:
    first = send(ten_o_clock)
    with pytest.raises(OtpTooSoon) as refused:
        send(ten_o_clock + timedelta(seconds=12))
    assert refused.value.values == {"seconds": 18}
    second = send(ten_o_clock + timedelta(seconds=30))
    now = ten_o_clock + timedelta(seconds=31)
    if first != second:
        with pytest.raises(OtpWrong):
            services.verify_otp(mobile=ASHA, code=first, now=now)
    services.verify_otp(mobile=ASHA, code=second, now=now)


def test_after_one_that_was_used_nobody_waits_for_the_next(ten_o_clock: datetime) -> None:
    services.verify_otp(mobile=ASHA, code=send(ten_o_clock), now=ten_o_clock)
    now = ten_o_clock + timedelta(seconds=5)
    services.verify_otp(mobile=ASHA, code=send(now), now=now)


def test_five_an_hour_to_one_mobile(ten_o_clock: datetime) -> None:
    for minute in range(5):
        send(ten_o_clock + timedelta(minutes=minute))
    with pytest.raises(OtpTooMany) as refused:
        send(ten_o_clock + timedelta(minutes=10))
    assert refused.value.values == {"minutes": 50}
    send(ten_o_clock + timedelta(minutes=60))


def test_one_address_may_ask_for_so_many(ten_o_clock: datetime, settings: Settings) -> None:
    settings.OTP_POLICY = {"sends_an_hour_per_address": 3}
    for number in range(3):
        send(ten_o_clock, mobile=f"987654320{number}")
    with pytest.raises(LockedOut):
        send(ten_o_clock, mobile="9876543205")
    send(ten_o_clock, mobile="9876543206", address="203.0.113.8")
    send(ten_o_clock + timedelta(hours=1), mobile="9876543205")


def test_the_sms_speaks_the_language_of_the_page(ten_o_clock: datetime) -> None:
    services.send_otp(mobile=ASHA, address=HOME, language="hi", now=ten_o_clock)
    assert Notice.objects.get().language == "hi"


def test_old_rows_are_swept_away(ten_o_clock: datetime) -> None:
    send(ten_o_clock)
    assert services.forget_old_otps(now=ten_o_clock + timedelta(hours=2)) == 0
    assert services.forget_old_otps(now=ten_o_clock + timedelta(days=2)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_crowd_of_wrong_guesses_gets_five() -> None:
    now = clock()
    code = send(now)

    def guess(_number: int) -> bool:
        try:
            services.verify_otp(mobile=ASHA, code=wrong(code), now=now)
        except OtpWrong:
            return True
        except OtpSpent:
            return False
        finally:
            connection.close()
        return False

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(guess, range(20)))
    assert Otp.objects.get().tries == 5


@pytest.mark.django_db(transaction=True)
def test_of_many_with_the_right_code_one_is_let_in() -> None:
    now = clock()
    code = send(now)

    def enter(_number: int) -> bool:
        try:
            services.verify_otp(mobile=ASHA, code=code, now=now)
        except OtpSpent:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(enter, range(5))) == 1


@pytest.mark.django_db(transaction=True)
def test_asked_for_eight_times_at_once_one_goes_out() -> None:
    now = clock()

    def ask(_number: int) -> bool:
        try:
            services.send_otp(mobile=ASHA, address=HOME, language="en", now=now)
        except OtpTooSoon:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(ask, range(8))) == 1
    assert Notice.objects.count() == 1
