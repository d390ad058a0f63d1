"""Past consultations: the patient's own, as a page and as part of the waiting room; and those of the patient
in front of a doctor.
"""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sehat.accounts.rules import CLINICAL
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.audit import services as audit
from sehat.consultation import invitations
from sehat.history import queries
from sehat.history.archive import archive
from sehat.kernel.clock import india_day, now
from sehat.kernel.ids import read_key
from sehat.registration.sessions import PatientRequest, patient_required


def _before(request: HttpRequest) -> int | None:
    return read_key(request.GET.get("before", ""))


@require_GET
@patient_required
def past(request: PatientRequest) -> HttpResponse:
    """The patient's own past consultations, newest first. No clinical word stands here: it may be read over
    the shoulder.
    """
    context = {
        "past": queries.past_of(request.patient, before=_before(request)),
        "fragment": "HX-Request" in request.headers,
    }
    return render(request, "history/past.html", context)


@require_GET
@patient_required
def calls(request: PatientRequest) -> HttpResponse:
    """The patient's own consultations that ended without a prescription, each with its letters and its record."""
    rows, older = queries.unprescribed_of(request.patient, before=_before(request))
    return render(request, "history/calls.html", {"rows": rows, "older": older})


@require_GET
@patient_required
def whole_record(request: PatientRequest) -> FileResponse:
    """The patient's own record as one zip."""
    moment = now()
    whole = archive(request.patient, now=moment)
    audit.record(actor=request.patient, action="history.export", subject=request.patient)
    return FileResponse(whole, as_attachment=True, filename=f"sehat-{india_day(moment)}.zip")


@require_GET
@role_required(*CLINICAL)
def of_patient(request: StaffRequest, ref: str) -> HttpResponse:
    """What was prescribed to the patient before, for the doctor who is with the patient now; each look is
    audited.
    """
    consultation = invitations.in_front_of(request.user.pk, ref)
    if consultation is None:
        raise Http404
    audit.record(actor=request.user, action="history.read", subject=consultation)
    context = {
        "past": queries.past_of(consultation.token.patient, before=_before(request), lines=True),
        "consultation": consultation,
        "fragment": "HX-Request" in request.headers,
        "wide": True,
    }
    return render(request, "history/of_patient.html", context)
