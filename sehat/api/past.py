"""Past consultations with their papers; feedback."""

from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase
from ninja import Path, Query, Router, Status

from sehat.api.doors import PATIENT, SIGNED, AskedBy, checked
from sehat.api.errors import NotThere
from sehat.api.schemas import CallPage, CallRow, FeedbackIn, PastOut, PastPage
from sehat.consultation import queries as consultations
from sehat.consultation import services as consulting
from sehat.consultation.forms import FeedbackForm
from sehat.consultation.rules import Outcome
from sehat.history import queries as history
from sehat.kernel.clock import now
from sehat.prescription import queries as prescriptions
from sehat.prescription.models import Prescription
from sehat.registration.models import Patient

router = Router(tags=["Past consultations"])
REF = Path(..., pattern=r"^[A-Za-z0-9_-]{1,30}$")

FHIR: dict[str, Any] = {
    "responses": {200: {"description": "A FHIR R4 document bundle", "content": {"application/fhir+json": {}}}}
}
PDF: dict[str, Any] = {"responses": {200: {"description": "The signed PDF", "content": {"application/pdf": {}}}}}


@router.get("/consultations", auth=PATIENT, response={200: PastPage, **SIGNED}, summary="Past consultations")
def past(request: AskedBy, before: int | None = Query(None, ge=1, lt=2**63)) -> PastPage:
    """Ten at a time, newest first; `before` of one page leads to the next."""
    found = history.past_of(request.auth.patient, before=before)
    return PastPage(consultations=[_row(visit.prescription) for visit in found.visits], before=found.older)


def _row(prescription: Prescription) -> PastOut:
    people = prescription.people
    return PastOut(
        ref=prescription.ref,
        consultation=prescription.consultation.ref,
        number=prescription.number,
        issued_at=prescription.issued_at,
        status=prescription.status,
        doctor=people["doctor"]["name"],
        opd=str(people["opd"]["english"] if isinstance(people["opd"], dict) else people["opd"]),
    )


def _own(patient: Patient, ref: str) -> Prescription:
    found = prescriptions.by_ref(ref)
    if found is None or found.patient_id != patient.pk:
        raise NotThere
    return found


@router.get(
    "/prescriptions/{ref}/pdf", auth=PATIENT, response={**SIGNED}, openapi_extra=PDF, summary="The signed prescription"
)
def pdf(request: AskedBy, ref: str = REF) -> HttpResponseBase:
    """Of an own consultation; another's does not exist."""
    found = _own(request.auth.patient, ref)
    return FileResponse(found.file.open("rb"), filename=f"{found.number}.pdf", content_type="application/pdf")


@router.get(
    "/prescriptions/{ref}/fhir/{record}",
    auth=PATIENT,
    response={**SIGNED},
    openapi_extra=FHIR,
    summary="The FHIR document",
)
def fhir(
    request: AskedBy, ref: str = REF, record: str = Path(..., pattern="^(prescription|consultation)$")
) -> HttpResponse:
    """`prescription`: what a pharmacy takes; `consultation`: the whole of it."""
    from sehat.prescription.fhir import MEDIA_TYPE, Record, bundle

    found = _own(request.auth.patient, ref)
    return HttpResponse(bundle(found, Record(record)), content_type=MEDIA_TYPE)


@router.get(
    "/calls",
    auth=PATIENT,
    response={200: CallPage, **SIGNED},
    summary="Consultations that ended without a prescription",
)
def calls(request: AskedBy, before: int | None = Query(None, ge=1, lt=2**63)) -> CallPage:
    """Ten at a time, newest first; `before` of one page leads to the next."""
    rows, older = history.unprescribed_of(request.auth.patient, before=before)
    return CallPage(calls=[_call(row) for row in rows], before=older)


def _call(row: history.Unprescribed) -> CallRow:
    met = row.consultation
    return CallRow(
        consultation=met.ref,
        started_at=met.started_at,
        doctor=str(met.doctor),
        opd=met.token.opd.name,
        why=str(row.why),
    )


@router.get(
    "/consultations/{ref}/fhir",
    auth=PATIENT,
    response={**SIGNED},
    openapi_extra=FHIR,
    summary="The record of a consultation",
)
def whole(request: AskedBy, ref: str = REF) -> HttpResponse:
    """Of every own consultation that has ended, with or without a prescription."""
    from sehat.prescription.handing_out import record_file

    found = consultations.of_patient(request.auth.patient, ref)
    if found is None:
        raise NotThere
    return record_file(found)


@router.post("/consultations/{ref}/feedback", auth=PATIENT, response={204: None, **SIGNED}, summary="Say how it was")
def feedback(request: AskedBy, body: FeedbackIn, ref: str = REF) -> Status[None]:
    """On an own consultation that is completed; said again, it takes the place of what was said."""
    found = consultations.of_patient(request.auth.patient, ref)
    if found is None or found.outcome != Outcome.COMPLETED:
        raise NotThere
    said = checked(FeedbackForm({"stars": body.stars, "text": body.text})).cleaned_data
    consulting.give_feedback(consultation=found, now=now(), **said)
    return Status(204, None)
