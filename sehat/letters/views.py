"""The doctor's letters; a letter as a page and as a PDF. Strangers' do not exist."""

from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_http_methods

from sehat.accounts.rules import CLINICAL
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.clinic.models import Hospital, Opd
from sehat.consultation import queries as consultations
from sehat.consultation.models import Consultation
from sehat.entitlement.rules import Category
from sehat.kernel.clock import india_day, now
from sehat.kernel.errors import Refusal
from sehat.letters import queries, services, sheets, starting
from sehat.letters.forms import LetterForm, ReferralForm, SickLeaveForm
from sehat.letters.models import PURPOSES
from sehat.letters.rules import DAYS_TO_WRITE, Purpose
from sehat.papers.forms import ReasonForm
from sehat.prescription.rules import DAYS_SHOWN

LEAVES_SHOWN = timedelta(days=90)


def _door(request: StaffRequest, ref: str) -> Consultation:
    """The doctor's own consultation, while a letter may be written for it; else 404."""
    found = queries.to_write_for(request.user.pk, ref, now=now())
    if found is None:
        raise Http404
    return found


@require_GET
@role_required(*CLINICAL)
def of_consultation(request: StaffRequest, ref: str) -> HttpResponse:
    """The letters of a consultation, and what may be written: a part of the doctor's page, and a page of its own."""
    consultation = consultations.of_doctor(request.user.pk, ref)
    if consultation is None:
        raise Http404
    return _panel(request, consultation)


def _panel(request: HttpRequest, consultation: Consultation) -> HttpResponse:
    context = {
        "consultation": consultation,
        "letters": queries.of_consultation(consultation),
        "purposes": PURPOSES.items() if queries.may_be_written_for(consultation, now=now()) else (),
        "fragment": "HX-Request" in request.headers,
        "wide": True,
    }
    return render(request, "letters/panel.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*CLINICAL)
def write(request: StaffRequest, ref: str, purpose: Purpose) -> HttpResponse:
    """The form; sent, it issues the letter."""
    consultation = _door(request, ref)
    if request.method == "GET":
        today = india_day(now())
        initial = starting.initial(consultation, purpose, today=today)
        return _show(request, consultation, purpose, _form(consultation, purpose, initial=initial))
    form = _form(consultation, purpose, data=request.POST)
    if not form.is_valid():
        return _show(request, consultation, purpose, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        services.issue(
            consultation=consultation,
            doctor=consultation.doctor,
            content=form.content,
            pressed=form.cleaned_data["pressed"],
            now=now(),
        )
    except Refusal as refusal:
        # What the doctor has written must not be lost over it.
        return _show(request, consultation, purpose, form, HTTPStatus(refusal.status), refusal=str(refusal))
    if "HX-Request" in request.headers:
        return _panel(request, consultation)
    return redirect("letters:of_consultation", ref)


def _form(consultation: Consultation, purpose: Purpose, **given: object) -> LetterForm:
    if purpose is Purpose.REFERRAL:
        return ReferralForm(**given)  # type: ignore[arg-type]
    patient = consultation.token.patient
    number = patient.service_number if patient.category == Category.SERVING else ""
    return SickLeaveForm(today=india_day(now()), most=settings.SICK_LEAVE_DAYS, service_number=number, **given)


def _show(
    request: HttpRequest,
    consultation: Consultation,
    purpose: Purpose,
    form: LetterForm,
    status: HTTPStatus = HTTPStatus.OK,
    refusal: str = "",
) -> HttpResponse:
    context: dict[str, object] = {
        "refusal": refusal,
        "consultation": consultation,
        "purpose": purpose,
        "title": PURPOSES[purpose],
        "form": form,
        "fragment": "HX-Request" in request.headers,
        "wide": True,
    }
    if purpose is Purpose.REFERRAL:
        context |= {"hospitals": Hospital.objects.order_by("name"), "departments": Opd.objects.all()}
    else:
        since = now() - LEAVES_SHOWN
        context |= {
            "most": settings.SICK_LEAVE_DAYS,
            "leaves": [leave.written for leave in queries.leaves_of(consultation.token.patient_id, since=since)],
        }
    return render(request, "letters/write.html", context, status=status)


@require_GET
@role_required(*CLINICAL)
def issued(request: StaffRequest) -> HttpResponse:
    """What the doctor has issued in the last days, newest first."""
    letters = queries.issued_by(request.user.pk, since=now() - timedelta(days=DAYS_SHOWN))
    context = {"letters": letters, "days": DAYS_SHOWN, "writing": DAYS_TO_WRITE, "wide": True}
    return render(request, "letters/own.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*CLINICAL)
def revoke(request: StaffRequest, ref: str) -> HttpResponse:
    """Asks for the reason, then revokes."""
    letter = queries.of_doctor(request.user.pk, ref)
    if letter is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.revoke(letter=letter, doctor=letter.consultation.doctor, reason=form.cleaned_data["reason"], now=now())
        return redirect("letters:issued")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "letters/revoke.html", {"letter": letter, "form": form}, status=status)


@require_GET
def letter(request: HttpRequest, ref: str) -> HttpResponse:
    """The letter as a page. The link is the key: who holds it may read it, as with the paper."""
    found = queries.by_ref(ref)
    if found is None:
        raise Http404
    written = found.written
    context = {"letter": found, "written": written, "said": sheets.said_of(written)}
    response = render(request, "letters/letter.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_GET
@csp_override({})  # browsers show a PDF by a plugin of theirs, which the pages' policy forbids
def pdf(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The signed PDF, under its number as the file's name; `?show` opens it in the browser."""
    found = queries.by_ref(ref)
    if found is None:
        raise Http404
    response = FileResponse(
        found.file.open("rb"),
        as_attachment="show" not in request.GET,
        filename=f"{found.number}.pdf",
        content_type="application/pdf",
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response
