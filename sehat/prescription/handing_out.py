"""Hands prescriptions out as FHIR documents: to whoever holds the link, to their doctor, to HQ for a reason."""

from http import HTTPStatus

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from sehat.accounts.models import Staff
from sehat.accounts.rules import CLINICAL, Role
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.audit import services as audit
from sehat.prescription import fhir as documents
from sehat.prescription import queries
from sehat.prescription.fhir import MEDIA_TYPE, Record, file_name
from sehat.prescription.models import Prescription

PDF = "pdf"


class RecordForm(forms.Form):
    """Which record HQ asks for, and why."""

    number = forms.CharField(label=_("Prescription number"), max_length=60)
    record = forms.ChoiceField(
        label=_("Document"),
        choices=[
            (PDF, _("Prescription as PDF")),
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

    found: Prescription

    def clean_number(self) -> str:
        """Refuses a number that was never issued."""
        number: str = self.cleaned_data["number"]
        known = queries.by_number(number)
        found = queries.by_ref(known.ref) if known else None
        if found is None:
            raise forms.ValidationError(_("No prescription has this number."))
        self.found = found
        return number


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


def hand_to_hq(form: RecordForm, *, by: Staff) -> HttpResponseBase:
    """The document that a valid form asks for, after its reason was recorded."""
    found, record = form.found, form.cleaned_data["record"]
    audit.record(actor=by, action="record.export", subject=found, record=record, reason=form.cleaned_data["reason"])
    if record != PDF:
        return _document(found, record)
    return FileResponse(found.file.open("rb"), as_attachment=True, filename=f"{found.number}.pdf")


def _document(prescription: Prescription | None, name: str) -> HttpResponse:
    if prescription is None or name not in set(Record):
        raise Http404
    record = Record(name)
    response = HttpResponse(documents.bundle(prescription, record), content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(prescription, record)}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response
