"""Who is entitled, as plain rules (source: domain.md, "Entitlement")."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Category(StrEnum):
    """Why a person may use the service."""

    SERVING = "serving"
    EX = "ex"
    DEPENDENT = "dependent"


class Relation(StrEnum):
    """What a dependent is to the sponsor."""

    SPOUSE = "spouse"
    SON = "son"
    DAUGHTER = "daughter"
    FATHER = "father"
    MOTHER = "mother"
    BROTHER = "brother"
    SISTER = "sister"


class Verification(StrEnum):
    """What the AMA desk knows about a patient's claim."""

    VERIFIED = "verified"
    PENDING = "pending"
    REFUSED = "refused"


class Verdict(StrEnum):
    """What the rules say to one claim; the first two let the patient in."""

    VERIFIED = "verified"
    PENDING = "pending"
    NOT_IN_REGISTER = "not_in_register"
    SPONSOR_UNKNOWN = "sponsor_unknown"
    SON_TOO_OLD = "son_too_old"
    NOT_VERIFIED_YET = "not_verified_yet"
    REFUSED_BY_DESK = "refused_by_desk"


@dataclass(frozen=True, slots=True)
class Policy:
    """What HQ may set (`settings.SEHAT_ENTITLEMENT`); ages in completed years."""

    verified_only: bool = False
    son_until_age: int = 25


@dataclass(frozen=True, slots=True)
class Claim:
    """What a patient says: the number is the sponsor's when the patient is a dependent."""

    category: Category
    relation: Relation | None
    date_of_birth: date


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the portal knows about the claim."""

    mobile_in_register: bool  # the verified mobile stands there with the service number
    sponsor_known: bool  # the service number belongs to somebody in the register or to a patient
    decision: Verification  # what the desk has said so far; PENDING when it said nothing


def age_on(day: date, born: date) -> int:
    """Completed years on that day. Born on 29 February: a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def judge(claim: Claim, evidence: Evidence, policy: Policy, today: date) -> Verdict:
    """Decide one claim (domain.md, "Entitlement").

    The register alone lets a serving person in. Ex-servicemen and dependents may consult while the
    desk is still looking, unless HQ set "verified only".
    """
    if evidence.decision is Verification.REFUSED:
        return Verdict.REFUSED_BY_DESK
    if claim.category is Category.SERVING:
        return Verdict.VERIFIED if evidence.mobile_in_register else Verdict.NOT_IN_REGISTER
    if claim.category is Category.DEPENDENT:
        if not evidence.sponsor_known:
            return Verdict.SPONSOR_UNKNOWN
        if claim.relation is Relation.SON and age_on(today, claim.date_of_birth) >= policy.son_until_age:
            return Verdict.SON_TOO_OLD
    elif evidence.mobile_in_register:
        return Verdict.VERIFIED
    if evidence.decision is Verification.VERIFIED:
        return Verdict.VERIFIED
    return Verdict.NOT_VERIFIED_YET if policy.verified_only else Verdict.PENDING


_NOT_IN_A_NUMBER = re.compile(r"[^0-9A-Z]")
_SERVICE_NUMBER = re.compile(r"(?=.*[0-9])[0-9A-Z]{4,20}")


def tidy_service_number(text: str) -> str:
    """Return the number as it is stored: capitals and digits, no spaces, dashes or slashes."""
    return _NOT_IN_A_NUMBER.sub("", text.upper())


def is_service_number(text: str) -> bool:
    """Say whether a tidied text can be a service or ECHS card number: 4 to 20 characters, one a digit."""
    return _SERVICE_NUMBER.fullmatch(text) is not None
