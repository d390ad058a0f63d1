"""Doors to patients, and places by their pincode."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from math import ceil

import indian_pincode
from django.conf import settings
from django.db.models import QuerySet

from sehat.entitlement.rules import Category
from sehat.kernel.prepared import prepared
from sehat.registration.models import Consent, CorrectionRequest, Otp, Patient
from sehat.registration.rules import ARMY_POST, Correction, OtpPolicy, may_send_at


@prepared
def _by_pk(pk: int) -> QuerySet[Patient]:
    return Patient.objects.filter(pk=pk)


@prepared
def _by_mobile(mobile: str) -> QuerySet[Patient]:
    return Patient.objects.filter(mobile=mobile)


@prepared
def _agreed(patient: int, version: str) -> QuerySet[Consent, tuple[int]]:
    return Consent.objects.filter(patient=patient, version=version).values_list("pk")[:1]


@prepared
def _otp_of(mobile: str) -> QuerySet[Otp]:
    return Otp.objects.filter(mobile=mobile)


@prepared
def _sponsor(service_number: str) -> QuerySet[Patient, tuple[int]]:
    own = [Category.SERVING, Category.EX]
    return Patient.objects.filter(service_number=service_number, category__in=own).values_list("pk")[:1]


def patient(pk: int) -> Patient | None:
    """The patient whom a session names."""
    return _by_pk.first(pk)


def patient_of(mobile: str) -> Patient | None:
    """The patient to whom the mobile belongs."""
    return _by_mobile.first(mobile)


def is_sponsor(service_number: str) -> bool:
    """Whether a patient has that service number as his or her own."""
    return _sponsor.first(service_number) is not None


def has_agreed(patient: Patient, version: str) -> bool:
    """Whether the patient has agreed to this wording of the consent."""
    return _agreed.first(patient.pk, version) is not None


def otp_of(mobile: str) -> Otp | None:
    """The mobile's OTP, used or not."""
    return _otp_of.first(mobile)


def otp_policy() -> OtpPolicy:
    """The limits that hold here."""
    return OtpPolicy(**getattr(settings, "OTP_POLICY", {}))


def seconds_until_resend(mobile: str, *, now: datetime) -> int:
    """How long until another OTP may go to the mobile; 0 when at once."""
    otp = otp_of(mobile)
    if otp is None:
        return 0
    return ceil((may_send_at(otp.sends, now, otp_policy(), used=otp.used_at is not None) - now).total_seconds())


@dataclass(frozen=True, slots=True)
class Place:
    """What a pincode says: the State most of it lies in, its districts, and all districts of that State."""

    state: str
    districts: list[str]
    all_districts: list[str]


def place_of(pincode: str) -> Place | None:
    """The place of an Indian pincode; None where there is none, and for the Army Postal Service."""
    details = None if pincode.startswith(ARMY_POST) else indian_pincode.get_details(pincode)
    if details is None or details["state"] is None:
        return None
    state = _title(details["state"])
    in_state = districts_of(state)
    return Place(state, [name for name in map(_title, details["districts"]) if name in in_state], in_state)


@cache
def districts_of(state: str) -> list[str]:
    """Every district of the State, as the post writes it; none where there is no such State."""
    return [_title(name) for name in indian_pincode.list_districts(state)]


def _title(name: str) -> str:
    return name.title().replace(" And ", " and ").replace(" Of ", " of ")


def open_correction_of(patient: Patient) -> CorrectionRequest | None:
    """The request that is still with the AMA desk."""
    return CorrectionRequest.objects.filter(patient=patient, state=Correction.OPEN).select_related("patient").first()
