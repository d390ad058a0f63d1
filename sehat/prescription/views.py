"""The doctor's searches; the prescription as a page and as a PDF."""

from functools import lru_cache

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET

from sehat.accounts.rules import CLINICAL
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.consultation import queries as consultations
from sehat.prescription import queries
from sehat.prescription.diagnoses import Classification, classification
from sehat.prescription.formulary import Formulary, formulary
from sehat.registration.sessions import PatientRequest, patient_required


@lru_cache(maxsize=4096)
def _options(kind: str, table: Formulary | Classification, words: str, _language: str | None) -> str:
    """Doctors type the same beginnings all day. Of a medicine that is never found the reason is told, in the doctor's
    language.
    """
    found = table.search(words)
    never = table.prohibited(words) if isinstance(table, Formulary) and not found else None
    return render_to_string(f"prescription/options_{kind}.html", {"found": found, "never": never})


@require_GET
@role_required(*CLINICAL)
def search_medicines(request: StaffRequest) -> HttpResponse:
    """Options for what was typed into *Medicine*."""
    return HttpResponse(_options("medicines", formulary(), request.GET.get("q", "")[:60], get_language()))


@require_GET
@role_required(*CLINICAL)
def search_diagnoses(request: StaffRequest) -> HttpResponse:
    """Options for what was typed into *Diagnosis*."""
    return HttpResponse(_options("diagnoses", classification(), request.GET.get("q", "")[:60], None))


@require_GET
@patient_required
def of_consultation(request: PatientRequest, ref: str) -> HttpResponse:
    """Lead the patient from the consultation to its prescription."""
    consultation = consultations.of_patient(request.patient, ref)
    prescription = queries.of_consultation(consultation) if consultation else None
    if prescription is None:
        raise Http404
    return redirect("prescription:rx", prescription.ref)


@require_GET
def rx(request: HttpRequest, ref: str) -> HttpResponse:
    """The prescription as a page. The link is the key: who holds it may read it, as with the paper."""
    prescription = queries.by_ref(ref)
    if prescription is None:
        raise Http404
    response = render(request, "prescription/rx.html", {"prescription": prescription})
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_GET
@csp_override({})  # browsers show a PDF by a plugin of theirs, which the pages' policy forbids
def pdf(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The signed PDF, under its number as the file's name; `?show` opens it in the browser."""
    prescription = queries.paper_of(ref)
    if prescription is None:
        raise Http404
    response = FileResponse(
        prescription.file.open("rb"),
        as_attachment="show" not in request.GET,
        filename=f"{prescription.number}.pdf",
        content_type="application/pdf",
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response
