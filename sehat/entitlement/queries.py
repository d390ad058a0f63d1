"""Doors to the register."""

from datetime import date

from django.conf import settings
from django.db.models import QuerySet

from sehat.entitlement.models import RegisterEntry
from sehat.entitlement.rules import Category, Claim, Evidence, Policy, Verdict, Verification, judge
from sehat.kernel.prepared import prepared


def policy() -> Policy:
    """What HQ has set."""
    return Policy(**getattr(settings, "ENTITLEMENT_POLICY", {}))


@prepared
def _mobile_of(service_number: str) -> QuerySet[RegisterEntry, tuple[str]]:
    return RegisterEntry.objects.filter(service_number=service_number).values_list("mobile")


def mobile_of(service_number: str) -> str | None:
    """The mobile that stands in the register with the number; None where the number is unknown."""
    found = _mobile_of.first(service_number)
    return found[0] if found else None


def verdict(
    claim: Claim,
    *,
    service_number: str,
    mobile: str,
    sponsor_is_patient: bool,
    decision: Verification,
    today: date,
) -> Verdict:
    """Judge a claim by what the register holds now."""
    registered = mobile_of(service_number)
    evidence = Evidence(
        mobile_in_register=registered == mobile and claim.category is not Category.DEPENDENT,
        sponsor_known=registered is not None or sponsor_is_patient,
        decision=decision,
    )
    return judge(claim, evidence, policy(), today)
