"""Ask for a correction of the identity; decide it (domain.md, step 1)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import override

from sehat.accounts.models import Staff
from sehat.audit import services as audit
from sehat.entitlement.rules import Verification
from sehat.notices import services as notices
from sehat.notices.kinds import CORRECTION_DECIDED
from sehat.registration.errors import CorrectionDecided, CorrectionPending
from sehat.registration.models import CORRECTIONS, CorrectionRequest, Patient
from sehat.registration.rules import Correction

ENTITLING = frozenset({"category", "service_number", "relation"})


def ask(*, patient: Patient, changes: Mapping[str, str], reason: str, now: datetime) -> CorrectionRequest:
    """Put a request before the AMA desk. Refuses a second one while the first is open (CorrectionPending)."""
    try:
        with transaction.atomic():
            request = CorrectionRequest.objects.create(
                patient=patient, changes=dict(changes), reason=reason, asked_at=now
            )
            audit.record(actor=patient, action="correction.ask", subject=request, fields=sorted(changes))
    except IntegrityError:
        raise CorrectionPending from None
    return request


def decide(*, request: CorrectionRequest, approve: bool, by: Staff, now: datetime) -> None:
    """Approve (the patient's row changes) or refuse; the patient is told. Refuses a decided one (CorrectionDecided).

    Approving a category or a service number means that the desk has seen the card: the patient is verified.
    """
    state = Correction.APPROVED if approve else Correction.REFUSED
    with transaction.atomic():
        still_open = CorrectionRequest.objects.filter(pk=request.pk, state=Correction.OPEN)
        if not still_open.update(state=state, decided_at=now, decided_by=by):
            raise CorrectionDecided
        patient = request.patient
        if approve:
            _apply(patient, request.changes, now)
        with override(patient.language):
            notices.write(CORRECTION_DECIDED, to=patient, outcome=str(CORRECTIONS[state]))
        audit.record(actor=by, action=f"correction.{state}", subject=request, fields=sorted(request.changes))


def _apply(patient: Patient, changes: Mapping[str, str], now: datetime) -> None:
    values: dict[str, object] = dict(changes)
    if "only_age_known" in values:
        values["only_age_known"] = changes["only_age_known"] == "True"
    if ENTITLING & changes.keys():
        values |= {"verification": Verification.VERIFIED, "verified_at": now}
    Patient.objects.filter(pk=patient.pk).update(**values)
    patient.refresh_from_db()
