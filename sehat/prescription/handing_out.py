"""Hands prescriptions out as FHIR documents: to whoever holds the link, to their doctor, to HQ for a reason."""

from http import HTTPStatus

from django import forms
from django.db.models import Model
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from sehat.accounts.rules import CLINICAL, Role
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.audit import services as audit
from sehat.consultation import queries as consultations
from sehat.consultation.models import Consultation
from sehat.papers import queries as papers
from sehat.papers.models import Paper
from sehat.prescription import fhir as documents
from sehat.prescription import queries
from sehat.prescription.fhir import MEDIA_TYPE, Record, file_name
from sehat.prescription.models import Prescription
from sehat.registration.sessions import PatientRequest, patient_required

PDF = "pdf"


class RecordForm(forms.Form):
    """Which record HQ asks for, and why."""

    number = forms.CharField(
        label=_("Number"),
        help_text=_("Of the prescription or letter, or the reference of the consultation."),
        max_length=60,
    )
    record = forms.ChoiceField(
        label=_("Document"),
        choices=[
            (PDF, _("Prescription or letter as PDF")),
            (Record.PRESCRIPTION.value, _("Prescription as FHIR document")),
            (Record.CONSULTATION.value, _("Consultation as FHIR document")),
        ],
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It is recorded for good, with your name. Name the case, not the illness."),
        min_length=10,
        max_length=300,
        error_messages={"min_length": _("Write the reason in a sentence.")},
    )

    paper: Paper | None = None
    consultation: Consultation

    def clean_number(self) -> str:
        """Refuses what names no paper and no consultation."""
        number: str = self.cleaned_data["number"].strip()
        self.paper = papers.by_number(number)
        found = self.paper.consultation if self.paper else consultations.by_ref(number)
        if found is None:
            raise forms.ValidationError(_("No prescription, letter or consultation has this number."))
        self.consultation = found
        return number

    def clean_record(self) -> str:
        """Refuses a document that there is not under this number."""
        record: str = self.cleaned_data["record"]
        if "number" not in self.cleaned_data:
            return record
        if record == PDF and self.paper is None:
            raise forms.ValidationError(_("A consultation has no PDF of its own: ask by the number of the paper."))
        if record == Record.PRESCRIPTION and not isinstance(self.paper, Prescription):
            raise forms.ValidationError(_("This is not the number of a prescription."))
        going_on = self.consultation.ended_at is None and not isinstance(self.paper, Prescription)
        if record == Record.CONSULTATION and going_on:
            raise forms.ValidationError(_("This consultation has not ended yet."))
        return record

    @property
    def subject(self) -> Paper | Consultation:
        """What is handed out, for the audit record."""
        return self.paper or self.consultation


@require_GET
def fhir(request: HttpRequest, ref: str, record: str) -> HttpResponse:
    """The document by the prescription's link: who holds it may have what the page shows."""
    return _document(queries.by_ref(ref), record)


@require_GET
@role_required(*CLINICAL)
def own_fhir(request: StaffRequest, ref: str, record: str) -> HttpResponse:
    """The document for the doctor who issued the prescription; each is audited."""
    prescription = queries.of_doctor(request.user.pk, ref)
    response = _document(prescription, record)
    if prescription:
        audit.record(actor=request.user, action="record.export", subject=prescription, record=record)
    return response


@require_GET
@patient_required
def own_record(request: PatientRequest, ref: str) -> HttpResponse:
    """The patient's own consultation, with or without a prescription."""
    consultation = consultations.of_patient(request.patient, ref)
    if consultation is None:
        raise Http404
    return record_file(consultation)


@require_http_methods(["GET", "POST"])
@role_required(Role.HQ)
def for_hq(request: StaffRequest) -> HttpResponseBase:
    """A record by its number, after the reason was recorded; without one nothing clinical is shown
    (domain.md, "People").
    """
    form = RecordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return hand_to_hq(form, by=request.user)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "prescription/for_hq.html", {"form": form}, status=status)


def hand_to_hq(form: RecordForm, *, by: Model, **more: object) -> HttpResponseBase:
    """The document that a valid form asks for, after its reason was recorded; `more` goes into the audit record."""
    record, reason = form.cleaned_data["record"], form.cleaned_data["reason"]
    audit.record(actor=by, action="record.export", subject=form.subject, record=record, reason=reason, **more)
    if record == PDF and form.paper:
        return FileResponse(form.paper.file.open("rb"), as_attachment=True, filename=f"{form.paper.number}.pdf")
    if isinstance(form.paper, Prescription):
        return _document(queries.by_ref(form.paper.ref), record)
    return record_file(form.consultation)


def record_file(consultation: Consultation) -> HttpResponse:
    """The record of the whole consultation as a download. Http404 as long as there is none."""
    document = documents.record_of(consultation)
    if document is None:
        raise Http404
    return _file(*document)


def _document(prescription: Prescription | None, name: str) -> HttpResponse:
    if prescription is None or name not in set(Record):
        raise Http404
    record = Record(name)
    return _file(file_name(prescription, record), documents.bundle(prescription, record))


def _file(name: str, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response
