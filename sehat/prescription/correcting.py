"""The doctor's own issued prescriptions of the last days: amend one, revoke one. Strangers' do not exist."""

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from sehat.accounts.rules import CLINICAL
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.consultation.rules import Mode
from sehat.kernel.clock import india_day, now
from sehat.kernel.errors import Refusal
from sehat.kernel.ids import read_key
from sehat.kernel.paging import cut
from sehat.papers.forms import ReasonForm
from sehat.papers.rules import Status
from sehat.prescription import changing, judging, queries, services
from sehat.prescription.clinical_form import body_of
from sehat.prescription.lines import Line
from sehat.prescription.models import Prescription
from sehat.prescription.paper import Paper
from sehat.prescription.rules import DAYS_SHOWN
from sehat.prescription.writing import Clinical

if TYPE_CHECKING:
    from sehat.clinic.models import Doctor

AT_ONCE = 25
MOST_LETTERS = 60


def _door(request: StaffRequest, ref: str) -> tuple[Prescription, "Doctor"]:
    """The doctor's own prescription; else 404."""
    found = queries.of_doctor(request.user.pk, ref)
    if found is None:
        raise Http404
    return found, found.consultation.doctor


@require_http_methods(["GET", "POST"])
@role_required(*CLINICAL)
def issued(request: StaffRequest) -> HttpResponse:
    """What the doctor has issued in the last days, newest first, a page at a time. A search is sent, and stands in no
    address, as it holds a patient's name.
    """
    since, words = now() - timedelta(days=DAYS_SHOWN), request.POST.get("words", "").strip()[:MOST_LETTERS]
    before = read_key(request.POST.get("before", ""))
    found = queries.issued_by(request.user.pk, since=since, words=words, before=before)[: AT_ONCE + 1]
    shown, older = cut(found, AT_ONCE)
    context = {
        "prescriptions": shown,
        "older": older,
        "words": words,
        "days": DAYS_SHOWN,
        "wide": True,
    }
    return render(request, "prescription/own.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*CLINICAL)
def revoke(request: StaffRequest, ref: str) -> HttpResponse:
    """Asks for the reason, then revokes."""
    prescription, doctor = _door(request, ref)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.revoke(prescription=prescription, doctor=doctor, reason=form.cleaned_data["reason"], now=now())
        return redirect("prescription:issued")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "prescription/revoke.html", {"prescription": prescription, "form": form}, status=status)


@require_http_methods(["GET", "POST"])
@role_required(*CLINICAL)
def amend(request: StaffRequest, ref: str) -> HttpResponse:
    """The form, filled with what was issued; sent, it issues the amended prescription."""
    prescription, doctor = _door(request, ref)
    if replaced := prescription.replacement:
        return redirect("prescription:rx", replaced.ref)  # pressed twice, or come back to
    if prescription.status != Status.ISSUED:
        return redirect("prescription:issued")
    if request.method == "GET":
        return _show(request, prescription, _paper(prescription, _body_of(prescription)), ReasonForm())
    paper, reason = _sent(request, prescription), ReasonForm(request.POST)
    if "issue" not in request.POST:
        status = HTTPStatus.OK if changing.change(paper, request.POST.dict()) else HTTPStatus.UNPROCESSABLE_ENTITY
        return _show(request, prescription, paper, ReasonForm(initial=request.POST.dict()), status)
    written = paper.understood()
    if not reason.is_valid() or written is None:
        return _show(request, prescription, paper, reason, HTTPStatus.UNPROCESSABLE_ENTITY)
    why = reason.cleaned_data["reason"]
    try:
        services.amend(prescription=prescription, doctor=doctor, written=written, reason=why, now=now())
    except Refusal as refusal:
        # What the doctor has written must not be lost over it.
        return _show(request, prescription, paper, reason, HTTPStatus(refusal.status), refusal=str(refusal))
    return redirect("prescription:issued")


@require_POST
@role_required(*CLINICAL)
def medicines(request: StaffRequest, ref: str) -> HttpResponse:
    """The part of the form with the medicines, after *Add medicine*, *Change* or *Remove*."""
    prescription, _doctor = _door(request, ref)
    paper = _sent(request, prescription)
    status = HTTPStatus.OK if changing.change(paper, request.POST.dict()) else HTTPStatus.UNPROCESSABLE_ENTITY
    _judge(prescription, paper)
    context = {"prescription": prescription, "paper": paper, "amending": True}
    return render(request, "prescription/medicines.html", context, status=status)


def _sent(request: HttpRequest, prescription: Prescription) -> Paper:
    return _paper(prescription, dict(request.POST.lists()), is_sent=True)


def _paper(prescription: Prescription, body: dict[str, list[str]], *, is_sent: bool = False) -> Paper:
    token = prescription.consultation.token
    return Paper(
        body,
        today=india_day(now()),
        patient=token.patient,
        is_emergency=token.is_emergency,
        is_sent=is_sent,
    )


def _judge(prescription: Prescription, paper: Paper) -> None:
    """Tell each line what the guidelines say of it, by what is written now and by the mode that was achieved."""
    paper.judge(
        lambda: judging.circumstances(
            prescription.consultation,
            clinical=paper.stated,
            conditions=paper.conditions,
            mode=Mode(prescription.mode),
            today=paper.today,
            amended=True,
        )
    )


def _show(
    request: HttpRequest,
    prescription: Prescription,
    paper: Paper,
    reason: ReasonForm,
    status: HTTPStatus = HTTPStatus.OK,
    refusal: str = "",
) -> HttpResponse:
    _judge(prescription, paper)
    context = {
        "refusal": refusal,
        "prescription": prescription,
        "paper": paper,
        "reason": reason,
        "amending": True,
        "wide": True,
    }
    return render(request, "prescription/amend.html", context, status=status)


def _body_of(prescription: Prescription) -> dict[str, list[str]]:
    """The prescription as the form would have sent it."""
    return body_of(Clinical.of(prescription.clinical)) | {
        "complaint": [prescription.complaint],
        "findings": [prescription.findings],
        "investigations": [prescription.investigations],
        "advice": [prescription.advice],
        "red_flags": [prescription.red_flags],
        "follow_up_on": [prescription.follow_up_on.isoformat() if prescription.follow_up_on else ""],
        "chosen": [diagnosis["code"] or diagnosis["name"] for diagnosis in prescription.diagnoses],
        "line": [Line.of_issued(line).kept for line in prescription.lines.all()],
    }
