"""Prove a mobile by OTP; register a patient, or bring a known one up to date."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from hmac import compare_digest
from math import ceil
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model

from sehat.accounts import throttle
from sehat.accounts.models import Staff
from sehat.audit import services as audit
from sehat.entitlement import services as entitlement
from sehat.entitlement.rules import Category, Claim, Relation, Verification
from sehat.kernel.clock import india_day
from sehat.kernel.rows import change, insert, insert_new
from sehat.notices import services as notices
from sehat.notices.kinds import OTP
from sehat.notices.rules import Recipient
from sehat.registration import queries, rules
from sehat.registration.errors import OtpSpent, OtpTooMany, OtpTooSoon, OtpWrong
from sehat.registration.models import Consent, Otp, Patient


def send_otp(*, mobile: str, address: str, language: str, now: datetime) -> None:
    """Send a fresh OTP; the one before dies. The same for known and unknown mobiles.

    Refuses a second one within 30 s while the first is not used (OtpTooSoon), the sixth within the hour (OtpTooMany),
    and more than the address may ask for (LockedOut).
    """
    policy = queries.otp_policy()
    old = queries.otp_of(mobile)
    if old:
        _refuse_if_too_soon(old, policy, now)
    if policy.sends_an_hour_per_address:
        hour = timedelta(hours=1)
        limit = throttle.Limit("otp of an address", policy.sends_an_hour_per_address, window=hour, lock=hour)
        throttle.spend(limit, address, now=now)
    code = rules.new_code(policy.digits)
    fresh = {
        "digest": rules.otp_digest(code, mobile, settings.SECRET_KEY),
        "sent_at": now,
        "sends": [*rules.sends_of_last_hour(old.sends if old else [], now), now.timestamp()],
        "expires_at": now + policy.lives,
        "tries": 0,
        "used_at": None,
    }
    with transaction.atomic():
        if not _put(mobile, old, fresh):
            raise OtpTooSoon(seconds=ceil(policy.resend_after.total_seconds()))
        to = Recipient(mobile=mobile, language=language)
        notices.write(OTP, to=to, code=code, minutes=int(policy.lives.total_seconds() // 60))


def _refuse_if_too_soon(old: Otp, policy: rules.OtpPolicy, now: datetime) -> None:
    wait = (rules.may_send_at(old.sends, now, policy, used=old.used_at is not None) - now).total_seconds()
    if wait > policy.resend_after.total_seconds():
        raise OtpTooMany(minutes=ceil(wait / 60))
    if wait > 0:
        raise OtpTooSoon(seconds=ceil(wait))


def _put(mobile: str, old: Otp | None, fresh: dict[str, object]) -> bool:
    """Put the fresh OTP into the mobile's row; False where another request has just done so."""
    if old is not None:
        return change(Otp, {"pk": old.pk, "sent_at": old.sent_at}, fresh)
    return insert_new(Otp(mobile=mobile, **fresh))


def verify_otp(*, mobile: str, code: str, now: datetime) -> None:
    """Use up the mobile's OTP. Raises OtpWrong (a try is gone) or OtpSpent (nothing left to try).

    The try is taken before the code is compared, and the use is a compare-and-set: of many requests at once
    no more than five are compared, and one is let in. Not to be called inside a transaction.
    """
    otp, left = _take_a_try(mobile, now)
    if not compare_digest(rules.otp_digest(code, mobile, settings.SECRET_KEY), otp.digest):
        if not left:
            raise OtpSpent
        raise OtpWrong(left=left)
    if not change(Otp, {"pk": otp.pk, "digest": otp.digest, "used_at": None}, {"used_at": now}):
        raise OtpSpent


def _take_a_try(mobile: str, now: datetime) -> tuple[Otp, int]:
    """The mobile's OTP with one try less, and how many are left. Refuses where there is none to take (OtpSpent)."""
    most = queries.otp_policy().tries
    while True:
        otp = queries.otp_of(mobile)
        if otp is None or otp.used_at is not None or otp.expires_at <= now or otp.tries >= most:
            raise OtpSpent
        was = {"pk": otp.pk, "digest": otp.digest, "tries": otp.tries, "used_at": None}
        if change(Otp, was, {"tries": otp.tries + 1}):
            return otp, most - otp.tries - 1
        # Another request took that try: look again.


@dataclass(frozen=True, slots=True)
class Identity:
    """What only a correction changes."""

    name: str
    gender: str
    date_of_birth: date
    only_age_known: bool
    category: Category
    service_number: str  # tidied; of a dependent the sponsor's
    relation: Relation | None


@dataclass(frozen=True, slots=True)
class Contact:
    """What the patient changes with every token."""

    email: str
    address: str
    pincode: str
    state: str
    district: str
    city: str
    language: str
    special_need: str


def register(*, mobile: str, identity: Identity | None, contact: Contact, now: datetime) -> Patient:
    """Register the owner of a proved mobile, or update the contact of a known one; keep the consent.

    `identity` is None for a known patient, whose identity stays as it is. Entitlement is judged anew each
    time; raises `NotEntitled` with a sentence that says whom to see. What it writes is one transaction.
    """
    known = queries.patient_of(mobile)
    who = _identity_of(known) if known else identity
    if who is None:
        raise Patient.DoesNotExist
    decision = _admit(who, mobile, Verification(known.verification) if known else Verification.PENDING, now)
    # Refusals are spoken by now: what fails here is no case for the caller's transaction to survive.
    with transaction.atomic(savepoint=False):
        patient, done = _update(known, contact, decision, now) if known else _make(mobile, who, contact, decision, now)
        rows: list[Model] = [audit.entry(actor=patient, subject=patient, **done)] if done else []
        version = rules.CONSENT_VERSION
        if not queries.has_agreed(patient, version):
            rows.append(Consent(patient=patient, version=version, language=contact.language, agreed_at=now))
        if rows:
            insert(*rows)
    return patient


def _identity_of(patient: Patient) -> Identity:
    return Identity(
        name=patient.name,
        gender=patient.gender,
        date_of_birth=patient.date_of_birth,
        only_age_known=patient.only_age_known,
        category=Category(patient.category),
        service_number=patient.service_number,
        relation=Relation(patient.relation) if patient.relation else None,
    )


def _admit(who: Identity, mobile: str, decision: Verification, now: datetime) -> Verification:
    number = who.service_number
    return entitlement.admit(
        Claim(who.category, who.relation, who.date_of_birth),
        service_number=number,
        mobile=mobile,
        sponsor_is_patient=who.category is Category.DEPENDENT and queries.is_sponsor(number),
        decision=decision,
        today=india_day(now),
    )


Done = dict[str, Any]
"""What an entry of the audit record says of it; empty where nothing was done."""


def _make(
    mobile: str, identity: Identity, contact: Contact, decision: Verification, now: datetime
) -> tuple[Patient, Done]:
    values = asdict(identity) | asdict(contact) | {"relation": identity.relation or ""}
    while True:
        patient = Patient(
            patient_id=rules.new_patient_id(),
            mobile=mobile,
            mobile_proved_at=now,
            verification=decision,
            verified_at=now if decision is Verification.VERIFIED else None,
            **values,
        )
        if insert_new(patient):
            return patient, {"action": "patient.register", "category": patient.category}
        if known := queries.patient_of(mobile):
            return known, {}  # the form was sent twice at once: the first made the patient
        # One chance in ten milliards: the ID is taken.


def _update(patient: Patient, contact: Contact, decision: Verification, now: datetime) -> tuple[Patient, Done]:
    changes: dict[str, object] = {
        name: value for name, value in asdict(contact).items() if getattr(patient, name) != value
    }
    if decision != patient.verification:
        changes |= {"verification": decision, "verified_at": now}
    if not changes:
        return patient, {}
    for name, value in changes.items():
        setattr(patient, name, value)
    patient.save(update_fields=list(changes))
    return patient, {"action": "patient.update", "fields": sorted(changes)}


def decide_verification(*, patient: Patient, decision: Verification, by: Staff, now: datetime) -> None:
    """The AMA desk or HQ has looked at the claim, and says what holds from now on."""
    with transaction.atomic():
        patient.verification = decision
        patient.verified_at = now if decision is Verification.VERIFIED else None
        patient.save(update_fields=["verification", "verified_at"])
        audit.record(actor=by, action="patient.verify", subject=patient, decision=decision)


def forget_old_otps(*, now: datetime) -> int:
    """Delete OTPs that were sent more than a day ago; return how many. For the sweep, once a day."""
    deleted, _by_table = Otp.objects.filter(sent_at__lt=now - timedelta(days=1)).delete()
    return deleted
