"""The doctor's templates, beside the form: listed with the last prescription, applied, saved, renamed, deleted."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from sehat.accounts.rules import CLINICAL
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.consultation.models import Consultation
from sehat.prescription import prescribing, queries, sheet_templates
from sehat.prescription.errors import TemplateRefused


def _list(request: HttpRequest, consultation: Consultation, *, refusal: str = "", kept: str = "") -> HttpResponse:
    context = {
        "consultation": consultation,
        "own": sheet_templates.all_of(consultation.doctor_id),
        "starters": sheet_templates.starters().values(),
        "last": queries.last_before(consultation),
        "refusal": refusal,
        "kept": kept,
        "name": request.POST.get("template_name", "") if refusal else "",
        "fragment": "HX-Request" in request.headers,
        "wide": True,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK
    return render(request, "prescription/templates.html", context, status=status)


@require_http_methods(["GET", "POST"])
@role_required(*CLINICAL)
def templates(request: StaffRequest, ref: str) -> HttpResponse:
    """Templates, starters and the last prescription; sent, what the form holds is kept under a name."""
    consultation = prescribing.door(request, ref)
    if request.method == "GET":
        return _list(request, consultation)
    paper, name = prescribing.sent(request, consultation), request.POST.get("template_name", "")
    try:
        kept = sheet_templates.save(doctor=consultation.doctor, name=name, paper=paper)
    except TemplateRefused as refusal:
        return _list(request, consultation, refusal=str(refusal))
    return _list(request, consultation, kept=kept.name)


@require_POST
@role_required(*CLINICAL)
def template(request: StaffRequest, ref: str, template: str) -> HttpResponse:
    """Rename a template to `new_name`, or `delete` it. Another doctor's does not exist."""
    consultation = prescribing.door(request, ref)
    if "delete" in request.POST:
        sheet_templates.delete(doctor=consultation.doctor, ref=template)
        return _list(request, consultation)
    name = request.POST.get(f"new_name_{template}", "")
    try:
        sheet_templates.rename(doctor=consultation.doctor, ref=template, name=name)
    except TemplateRefused as refusal:
        return _list(request, consultation, refusal=str(refusal))
    return _list(request, consultation)


@require_POST
@role_required(*CLINICAL)
def apply(request: StaffRequest, ref: str) -> HttpResponse:
    """The form with a template added to what is written; each line is judged for this patient."""
    consultation = prescribing.door(request, ref)
    given = sheet_templates.content(consultation.doctor_id, request.POST.get("template", ""))
    paper = sheet_templates.applied(prescribing.sent(request, consultation), given)
    return prescribing.show_changed(request, consultation, paper)
