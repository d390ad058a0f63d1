"""Rules of registration that need no database (source: domain.md, step 1)."""

import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from stdnum import verhoeff

CONSENT_VERSION = "2026-11"  # changes whenever the wording of the consent changes


class Gender(StrEnum):
    """As on the service's identity papers."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class Correction(StrEnum):
    """What became of a request for correction."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"


class SpecialNeed(StrEnum):
    """What gives a patient credit in the queue besides age (domain.md, "The queue")."""

    PREGNANCY = "pregnancy"
    DISABILITY = "disability"


def new_patient_id() -> str:
    """Return 12 random digits, the first not zero, the last a Verhoeff check digit."""
    body = str(secrets.randbelow(9 * 10**10) + 10**10)
    return body + verhoeff.calc_check_digit(body)


def is_patient_id(text: str) -> bool:
    """Say whether the text is a Patient ID; spaces between the groups are allowed."""
    digits = text.replace(" ", "")
    return len(digits) == 12 and digits.isascii() and digits.isdigit() and verhoeff.is_valid(digits)


def grouped(patient_id: str) -> str:
    """Return a Patient ID in groups of four."""
    return " ".join(patient_id[at : at + 4] for at in range(0, len(patient_id), 4))


def is_name(text: str) -> bool:
    """Say whether a name can be read everywhere: letters of English or Hindi, with what stands between them."""
    return all(
        character in " .,'’-()\u200c\u200d"
        or (
            unicodedata.category(character)[0] in "LM"
            and unicodedata.name(character, "").startswith(("LATIN", "DEVANAGARI"))
        )
        for character in text
    )


def born_if_aged(age: int, today: date) -> date:
    """Return the latest day on which somebody aged `age` full years can be born."""
    try:
        return today.replace(year=today.year - age)
    except ValueError:  # 29 February, and the other year has none
        return date(today.year - age, 2, 28)


@dataclass(frozen=True, slots=True)
class OtpPolicy:
    """Limits of an OTP (domain.md, step 1); `settings.SEHAT_OTP` may change them."""

    digits: int = 6
    lives: timedelta = timedelta(minutes=15)
    tries: int = 5
    resend_after: timedelta = timedelta(seconds=30)
    sends_an_hour: int = 5
    sends_an_hour_per_address: int = 300  # a cantonment may share one address


def new_code(digits: int) -> str:
    """Return a random code of so many digits, leading zeros kept."""
    return str(secrets.randbelow(10**digits)).zfill(digits)


def otp_digest(code: str, mobile: str, key: str) -> str:
    """Return what is stored of a code: an HMAC, useless without the key and for any other mobile."""
    return hmac.new(key.encode(), f"otp:{mobile}:{code}".encode(), sha256).hexdigest()


def sends_of_last_hour(sends: Sequence[float], now: datetime) -> list[float]:
    """Return those moments (epoch seconds) that lie less than an hour back."""
    return [moment for moment in sends if moment > now.timestamp() - 3600]


def may_send_at(sends: Sequence[float], now: datetime, policy: OtpPolicy, *, used: bool) -> datetime:
    """Return the moment from which the next OTP may go out; `now` when at once.

    `used`: the last one has done its work, so none is on its way that could be waited for.
    """
    recent = sends_of_last_hour(sends, now)
    if not recent:
        return now
    earliest = now.timestamp() if used else recent[-1] + policy.resend_after.total_seconds()
    if len(recent) >= policy.sends_an_hour:
        earliest = max(earliest, recent[-policy.sends_an_hour] + 3600)
    return max(now, datetime.fromtimestamp(earliest, now.tzinfo))


MINUTES_PROVED = 60
"""How long a mobile counts as proved after its OTP, for filling in the form."""

OLDEST = 120  # years

ARMY_POST = ("90", "91")
"""How the pincodes of the Army Postal Service begin: they name a unit and not a place."""
