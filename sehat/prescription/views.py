"""The doctor's form with its searches and draft; the prescription as a page and as a PDF."""

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sehat.accounts.rules import CLINICAL
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.clinic.errors import OpdClosed
from sehat.consultation import queries as consultations
from sehat.consultation.errors import ConsultationOver
from sehat.consultation.models import Consultation
from sehat.kernel.clock import india_day, now
from sehat.prescription import judging, making, queries, services, starting
from sehat.prescription.diagnoses import classification
from sehat.prescription.dosage import SUGGESTED_FREQUENCIES
from sehat.prescription.errors import NotAllowed, OpenElsewhere
from sehat.prescription.forms import LineForm, Paper
from sehat.prescription.formulary import formulary
from sehat.prescription.models import MODES
from sehat.prescription.phrases import USUAL
from sehat.registration.sessions import PatientRequest, patient_required
from sehat.tokens.errors import OpdFull

MOST_VALUES, MOST_LETTERS = 40, 4000


def _door(request: StaffRequest, ref: str) -> Consultation:
    """The doctor's own consultation, as long as the doctor is in it; else 404."""
    found = consultations.of_doctor(request.user.pk, ref)
    if found is None or found.ended_at is not None:
        raise Http404
    return found


def _body(request: HttpRequest) -> dict[str, list[str]]:
    """What a draft keeps of a form that was sent."""
    return {
        name: [value[:MOST_LETTERS] for value in request.POST.getlist(name)[:MOST_VALUES]]
        for name in Paper.KEPT
        if name in request.POST
    }


def _sent(request: HttpRequest, consultation: Consultation) -> Paper:
    token = consultation.token
    return Paper.sent(dict(request.POST.lists()), today=india_day(now()), opd=token.opd, patient=token.patient)


def _judge(consultation: Consultation, paper: Paper) -> None:
    """Tell each line what the guidelines say of it by what is written now."""
    given = judging.circumstances(
        consultation,
        clinical=paper.stated,
        conditions=paper.conditions,
        mode=consultations.mode_achieved(consultation),
        today=india_day(now()),
    )
    paper.judge(given)


def _reached(consultation: Consultation) -> dict[str, object]:
    """How much of a video consultation this is so far."""
    return {
        "mode": MODES[consultations.mode_achieved(consultation)],
        "seconds": consultations.video_seconds(consultation),
        "needed": settings.VIDEO_SECONDS,
    }


def _show(
    request: HttpRequest, consultation: Consultation, paper: Paper, *, status: int = 200, **more: str
) -> HttpResponse:
    _judge(consultation, paper)
    context = {
        **more,
        "consultation": consultation,
        "paper": paper,
        "reached": _reached(consultation),
        "frequencies": SUGGESTED_FREQUENCIES,
        "usual": USUAL,
        "fragment": "HX-Request" in request.headers,
        "wide": True,
    }
    return render(request, "prescription/form.html", context, status=status)


def _show_issued(request: HttpRequest, consultation: Consultation) -> HttpResponse | None:
    prescription = queries.of_consultation(consultation)
    if prescription is None:
        return None
    context = {
        "prescription": prescription,
        "consultation": consultation,
        "fragment": "HX-Request" in request.headers,
        "wide": True,
    }
    return render(request, "prescription/issued.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*CLINICAL)
def form(request: StaffRequest, ref: str) -> HttpResponse:
    """The form, as it was left; sent, it issues the prescription."""
    consultation = _door(request, ref)
    if issued := _show_issued(request, consultation):
        return issued
    if request.method == "GET":
        making.warm_up()
        return _show(request, consultation, _as_left(consultation))
    paper = _sent(request, consultation)
    if "issue" not in request.POST:
        # A browser without scripts sends the whole form for a button among the medicines, too.
        return _show(request, consultation, paper, status=200 if changed(request, paper) else 422)
    written = paper.understood()
    if written is None:
        return _show(request, consultation, paper, status=422)
    try:
        services.issue(
            consultation=consultation,
            doctor=consultation.doctor,
            written=written,
            window=paper.window,
            now=now(),
        )
    except OpenElsewhere as refusal:
        return _show(request, consultation, paper, status=refusal.status, elsewhere=str(refusal))
    except (ConsultationOver, NotAllowed, OpdClosed, OpdFull) as refusal:
        return _show(request, consultation, paper, status=refusal.status, refusal=str(refusal))
    if "HX-Request" not in request.headers:
        return redirect("prescription:form", ref)
    return _show_issued(request, consultation) or redirect("prescription:form", ref)


def _as_left(consultation: Consultation) -> Paper:
    draft, token, today = queries.draft_of(consultation), consultation.token, india_day(now())
    body = draft.body if draft and draft.body else starting.body(consultation, today=today)
    paper = Paper.shown(body, today=today, opd=token.opd, patient=token.patient)
    paper.version = str(draft.version) if draft else "0"
    return paper


def changed(request: HttpRequest, paper: Paper) -> bool:
    """Do what the button among the medicines says: add, change or remove a line. False: faults stand in the
    line being written.
    """
    for verb in ("change", "remove"):
        if verb in request.POST:
            place = request.POST[verb]
            if not place.isdecimal() or int(place) >= len(paper.rows):
                return True  # pressed twice: the line is gone
            if verb == "change":
                if not paper.entry.is_blank and not paper.add_entry():
                    return False
                paper.entry = LineForm(initial=dict(paper.rows[int(place)].data))
            elif paper.entry.is_blank:
                paper.entry = LineForm()
            else:
                paper.entry = LineForm(initial=dict(paper.entry.data))
            del paper.rows[int(place)]
            return True
    return paper.add_entry()


@require_POST
@role_required(*CLINICAL)
def medicines(request: StaffRequest, ref: str) -> HttpResponse:
    """The part of the form with the medicines, after *Add medicine*, *Change* or *Remove*."""
    consultation = _door(request, ref)
    paper = _sent(request, consultation)
    status = 200 if changed(request, paper) else 422
    _judge(consultation, paper)
    context = {"consultation": consultation, "paper": paper, "focus": True}
    return render(request, "prescription/medicines.html", context, status=status)


@require_POST
@role_required(*CLINICAL)
def states(request: StaffRequest, ref: str) -> HttpResponse:
    """What the guidelines say of each line by what the form holds now; put into its places by htmx."""
    consultation = _door(request, ref)
    paper = _sent(request, consultation)
    _judge(consultation, paper)
    context = {"consultation": consultation, "paper": paper, "reached": _reached(consultation), "anew": True}
    return render(request, "prescription/states.html", context)


@require_GET
@role_required(*CLINICAL)
def brief(request: StaffRequest, ref: str) -> HttpResponse:
    """What was known before: allergies, medicines in use, the last prescription."""
    consultation = _door(request, ref)
    context = {"brief": starting.brief(consultation, today=india_day(now()))}
    return render(request, "prescription/brief.html", context)


@require_POST
@role_required(*CLINICAL)
def draft(request: StaffRequest, ref: str) -> HttpResponse:
    """Keep the draft. `claim=open`: a window that was just opened; `claim=force`: go on here. 205: show the
    form anew.
    """
    consultation = _door(request, ref)
    window = request.POST.get("window", "")[:22]
    version = request.POST.get("version", "")
    if not window or not version.isdecimal() or len(version) > 9:
        return HttpResponse(status=400)
    claim, moment = request.POST.get("claim", ""), now()
    if claim == "open":
        seen = services.open_draft(consultation=consultation, window=window, seen=int(version), now=moment)
        return HttpResponse(status=204 if seen else 205)
    body = _body(request)
    if claim == "force":
        newest = services.take_over_draft(consultation=consultation, window=window, body=body, now=moment)
        return JsonResponse({"version": newest})
    services.save_draft(consultation=consultation, window=window, version=int(version), body=body, now=moment)
    return HttpResponse(status=204)


@require_GET
@role_required(*CLINICAL)
def search_medicines(request: StaffRequest) -> HttpResponse:
    """Options for what was typed into *Medicine*."""
    found = formulary().search(request.GET.get("q", "")[:60])
    return render(request, "prescription/options_medicines.html", {"found": found})


@require_GET
@role_required(*CLINICAL)
def search_diagnoses(request: StaffRequest) -> HttpResponse:
    """Options for what was typed into *Diagnosis*."""
    found = classification().search(request.GET.get("q", "")[:60])
    return render(request, "prescription/options_diagnoses.html", {"found": found})


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
    prescription = queries.by_ref(ref)
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
