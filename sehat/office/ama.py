"""The AMA desk: who waits for verification, what is to be corrected, the register and its lists."""

import csv
from http import HTTPStatus
from io import StringIO

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sehat.accounts.rules import Role
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.audit import services as audit
from sehat.entitlement.rules import Verification, tidy_service_number
from sehat.entitlement.services import COLUMNS, Report, import_register
from sehat.kernel.clock import now
from sehat.kernel.phones import indian_mobile
from sehat.office.forms import RegisterListForm
from sehat.registration import corrections, services
from sehat.registration.models import CorrectionRequest, Patient
from sehat.registration.rules import Correction

AT_ONCE = 20
BAD_SHOWN = 2000
DECISIONS = {Verification.VERIFIED, Verification.REFUSED}


@require_GET
@role_required(Role.AMA)
def desk(request: StaffRequest) -> HttpResponse:
    """The clerk's first page: what waits, the longest waiting first; a patient may be looked up."""
    asked = request.GET.get("q", "").strip()[:100]
    pending = Patient.objects.filter(verification=Verification.PENDING)
    open_requests = CorrectionRequest.objects.filter(state=Correction.OPEN).select_related("patient")
    context = {
        "asked": asked,
        "found": _found(asked) if asked else None,
        "pending": pending.order_by("created_at")[:AT_ONCE],
        "pending_count": pending.count(),
        "corrections": open_requests.order_by("asked_at")[:AT_ONCE],
        "corrections_count": open_requests.count(),
        "wide": True,
    }
    return render(request, "office/ama.html", context)


def _found(asked: str) -> list[Patient]:
    """The patients of a Patient ID, a mobile or a service number: exactly, so that an index finds them."""
    digits = "".join(asked.split())
    same = Q(patient_id=digits) | Q(service_number=tidy_service_number(asked))
    if mobile := indian_mobile(asked):
        same |= Q(mobile=mobile)
    return list(Patient.objects.filter(same).order_by("name")[:AT_ONCE])


@require_POST
@role_required(Role.AMA)
def verify(request: StaffRequest, pk: int) -> HttpResponse:
    """The card was seen, or the claim does not hold; the latter is asked for once more."""
    patient = Patient.objects.filter(pk=pk).first()
    decision = request.POST.get("decision", "")
    if patient is None or decision not in DECISIONS:
        raise Http404
    if decision == Verification.REFUSED and "sure" not in request.POST:
        return render(request, "office/not_entitled.html", {"patient": patient, "wide": True})
    services.decide_verification(patient=patient, decision=Verification(decision), by=request.user, now=now())
    return redirect("office:ama")


@require_POST
@role_required(Role.AMA)
def correct(request: StaffRequest, pk: int) -> HttpResponse:
    """Approve a correction or leave the details as they are. Refuses one that was decided (CorrectionDecided)."""
    asked = CorrectionRequest.objects.filter(pk=pk).select_related("patient").first()
    if asked is None or request.POST.get("decision") not in {"approve", "refuse"}:
        raise Http404
    approve = request.POST["decision"] == "approve"
    corrections.decide(request=asked, approve=approve, by=request.user, now=now())
    return redirect("office:ama")


@require_http_methods(["GET", "POST"])
@role_required(Role.AMA, Role.HQ)
def register_import(request: StaffRequest) -> HttpResponse:
    """A list for the register: tried first, with every row that would fail and why; then imported, all or nothing."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = RegisterListForm(*sent)
    context = {"form": form, "columns": ",".join(COLUMNS), "wide": True}
    if request.method == "POST":
        dry = "import" not in request.POST
        report = _imported(form, request, dry=dry) if form.is_valid() else None
        context |= {"report": report, "dry": dry, "bad": report.bad[:BAD_SHOWN] if report else []}
    ok = request.method == "GET" or context["report"] is not None
    status = HTTPStatus.OK if ok else HTTPStatus.UNPROCESSABLE_ENTITY
    page = "office/import_report.html" if request.htmx else "office/import.html"
    return render(request, page, context, status=status)


def _imported(form: RegisterListForm, request: StaffRequest, *, dry: bool) -> Report | None:
    try:
        return import_register(StringIO(form.text, newline=""), dry_run=dry, actor=audit.name_of(request.user))
    except csv.Error:
        form.add_error("file", form.fields["file"].error_messages["invalid"])
        return None
