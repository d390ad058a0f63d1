"""Both sides' pages, and the few addresses their scripts speak to. Strangers get 404; changes are POST."""

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from sehat.accounts.models import Staff
from sehat.accounts.rules import CLINICAL
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.audit import services as audit
from sehat.clinic import queries as clinic
from sehat.consultation import invitations, queries, services
from sehat.consultation.errors import NoFile
from sehat.consultation.forms import EvidenceForm, PutBackForm
from sehat.consultation.models import Consultation
from sehat.consultation.rules import MESSAGE_LENGTH, PutBack, Side
from sehat.consultation.turn import ice_servers
from sehat.desk import queries as desk
from sehat.desk.errors import CallGone
from sehat.kernel import devices
from sehat.kernel.clock import now
from sehat.kernel.ids import read_key
from sehat.registration.sessions import PatientRequest, patient_required
from sehat.tokens import queries as tokens
from sehat.tokens import serving
from sehat.tokens.records import ACCEPT, MOST_BYTES, take

PAGES = {
    Side.PATIENT: "consultation:room",
    Side.DOCTOR: "consultation:doctor",
    Side.GUEST: "consultation:guest",
}


def door(request: HttpRequest, ref: str, side: Side, *, bare: bool = False) -> Consultation:
    """The consultation of whoever sits on that side, or 404: "not there" and "not yours" answer alike."""
    found = None
    if side is Side.PATIENT:
        patient = getattr(request, "patient", None)
        found = queries.of_patient(patient, ref, bare=bare) if patient else None
    elif isinstance(request.user, Staff) and request.user.role in CLINICAL and side is Side.GUEST:
        invitation = invitations.of_guest(request.user.pk, ref)
        found = invitation.consultation if invitation else None
    elif isinstance(request.user, Staff) and request.user.role in CLINICAL:
        found = queries.of_doctor(request.user.pk, ref, bare=bare)
        if found is not None:
            services.seen(consultation=found, now=now())
    if found is None:
        raise Http404
    return found


def _address(name: str, *args: str) -> str:
    """An address of a later room; empty where that room is not there."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def state_of(consultation: Consultation, side: Side) -> dict[str, object]:
    """What the state part of a page needs. `go` is where the page should lead its person now, if anywhere."""
    standing = queries.standing(consultation)
    context: dict[str, object] = {"consultation": consultation, "side": side, "standing": standing, "go": ""}
    context["invitation"] = invitations.last_invitation(consultation)
    if side is Side.GUEST:
        return context
    if side is Side.DOCTOR:
        context["put_back_form"] = PutBackForm()
        context["to_invite"] = invitations.to_invite(consultation) if standing.call == "on" else ()
        if standing.over:
            context["go"] = reverse("desk:desk")
    elif standing.put_back:
        context["go"] = reverse("waiting:room")
    elif standing.completed:
        context["prescription_url"] = _address("prescription:of_consultation", consultation.ref)
        context["past_url"] = _address("history:past")
        context["referral"] = tokens.referral_of(consultation.token)
    return context


@devices.uses(devices.CAMERA, devices.MICROPHONE)
def page_of(request: HttpRequest, consultation: Consultation, side: Side, **more: object) -> HttpResponse:
    """The page of one side; it leads on where the consultation has moved on."""
    context = state_of(consultation, side)
    if context["go"]:
        return redirect(str(context["go"]))
    moment = now()
    evidence = queries.evidence(consultation, side)
    context |= {
        "born": f"{moment.timestamp() * 1000:.0f}",
        "evidence": json.dumps({"video": evidence.video, "audio": evidence.audio, "drops": evidence.drops}),
        "ice_servers": ice_servers(who=f"{side}-{consultation.pk}", now=moment),
        "lines": queries.lines(consultation),
        "message_length": MESSAGE_LENGTH,
        "accept": ACCEPT,
        "most_bytes": str(MOST_BYTES),  # as a script reads it, without separators
    }
    template = {Side.PATIENT: "room", Side.DOCTOR: "doctor", Side.GUEST: "guest"}[side]
    return render(request, f"consultation/{template}.html", context | more)


@require_GET
@patient_required
def mine(request: PatientRequest) -> HttpResponse:
    """Lead the patient into the open consultation, else into the waiting room."""
    consultation = queries.open_of_patient(request.patient)
    return redirect("consultation:room", consultation.ref) if consultation else redirect("waiting:room")


@require_GET
@role_required(*CLINICAL)
def current(request: StaffRequest) -> HttpResponse:
    """Lead the doctor back into the consultation that stands at the desk, else to the desk."""
    at_desk = clinic.doctor_of(request.user)
    consultation = queries.open_of_doctor(at_desk) if at_desk else None
    return redirect("consultation:doctor", consultation.ref) if consultation else redirect("desk:desk")


@require_GET
@patient_required
def room(request: PatientRequest, ref: str) -> HttpResponse:
    """The patient's page."""
    return page_of(request, door(request, ref, Side.PATIENT), Side.PATIENT)


@require_GET
@role_required(*CLINICAL)
def doctor(request: StaffRequest, ref: str) -> HttpResponse:
    """The doctor's page: everything on one screen."""
    consultation = door(request, ref, Side.DOCTOR)
    return page_of(
        request,
        consultation,
        Side.DOCTOR,
        **about(consultation),
        form_url=_address("prescription:form", ref),
        letters_url=_address("letters:of_consultation", ref),
    )


def about(consultation: Consultation) -> dict[str, object]:
    """What a doctor sees of the patient."""
    token, ref = consultation.token, consultation.ref
    return {
        "wide": True,
        "token": token,
        "patient": token.patient,
        "age": token.patient.age(token.day),
        "records": tokens.records_of(token),
        "referrer": queries.referrer(consultation),
        "hospital": clinic.nearest_hospital(token.patient.state, token.patient.city) if token.is_emergency else None,
        "history_url": _address("history:of_patient", ref),
        "brief_url": _address("prescription:brief", ref),
    }


@require_POST
@role_required(*CLINICAL)
def answer(request: StaffRequest) -> HttpResponse:
    """The desk's Answer button. Pressed twice, it leads to the same consultation."""
    at_desk = clinic.doctor_of(request.user)
    if at_desk is None:
        raise Http404
    consultation = queries.open_of_doctor(at_desk)
    if consultation is None:
        call = desk.open_call_of(at_desk)
        if call is None:
            raise CallGone
        consultation = services.answer(call=call, now=now())
    return redirect("consultation:doctor", consultation.ref)


def moved(request: HttpRequest, consultation: Consultation, side: Side = Side.DOCTOR) -> HttpResponse:
    """After a change: the state part for the page's script, the page itself for a plain form."""
    if request.headers.get("X-Part") == "state":
        return render(request, f"consultation/state_{side}.html", state_of(consultation, side))
    return redirect(PAGES[side], consultation.ref)


@require_POST
def end(request: HttpRequest, ref: str) -> HttpResponse:
    """End the call; where the prescription is issued, the doctor leaves and is free for the next patient."""
    consultation = door(request, ref, Side.DOCTOR)
    if queries.standing(consultation).completed:
        services.finish(consultation=consultation, now=now())
    else:
        services.end_call(consultation=consultation, now=now())
    return moved(request, consultation)


@require_POST
def put_back(request: HttpRequest, ref: str) -> HttpResponse:
    """Put the patient back in the queue, with the reason."""
    consultation = door(request, ref, Side.DOCTOR)
    form = PutBackForm(request.POST)
    if not form.is_valid():
        context = state_of(consultation, Side.DOCTOR) | {"put_back_form": form}
        return render(request, "consultation/state_doctor.html", context, status=422)
    services.put_back(consultation=consultation, reason=PutBack(form.cleaned_data["reason"]), now=now())
    return moved(request, consultation)


@require_GET
def state(request: HttpRequest, ref: str, side: Side) -> HttpResponse:
    """Where the consultation stands, as a part of the page."""
    context = state_of(door(request, ref, side), side)
    return render(request, f"consultation/state_{side}.html", context)


@require_GET
def lines(request: HttpRequest, ref: str, side: Side) -> HttpResponse:
    """What was written after the line `?after=`."""
    return _lines(request, door(request, ref, side, bare=True), side, request.GET.get("after", ""))


def _lines(request: HttpRequest, consultation: Consultation, side: Side, after: str, status: int = 200) -> HttpResponse:
    found = queries.lines(consultation, after=read_key(after) or 0)
    context = {"consultation": consultation, "side": side, "lines": found}
    return render(request, "consultation/lines.html", context, status=status)


def _written(request: HttpRequest, consultation: Consultation, side: Side) -> HttpResponse:
    """After a line: for the page's script what is new, the own line among it; the page itself for a plain form."""
    if request.headers.get("X-Part") == "lines":
        return _lines(request, consultation, side, request.POST.get("after", ""), status=201)
    return redirect(PAGES[side], consultation.ref)


@require_POST
def say(request: HttpRequest, ref: str, side: Side) -> HttpResponse:
    """Write a line."""
    consultation = door(request, ref, side, bare=True)
    services.say(consultation=consultation, side=side, text=request.POST.get("text", ""))
    return _written(request, consultation, side)


@require_POST
def upload(request: HttpRequest, ref: str, side: Side) -> HttpResponse:
    """Send a file: the types and the size of a health record."""
    consultation = door(request, ref, side)
    given = request.FILES.get("file")
    if given is None:
        raise NoFile
    guest = invitations.of_guest(request.user.pk, ref) if side is Side.GUEST and request.user.pk else None
    services.send_file(consultation=consultation, side=side, record=take(given), guest=guest.doctor if guest else None)
    return _written(request, consultation, side)


@require_POST
def evidence(request: HttpRequest, ref: str, side: Side) -> HttpResponse:
    """One report of how much came through."""
    if side is Side.GUEST:
        raise Http404  # what counts is the line between patient and doctor
    consultation = door(request, ref, side, bare=True)
    form = EvidenceForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    services.report(consultation=consultation, side=side, reported=form.evidence, now=now())
    return HttpResponse(status=204)


@require_GET
def records(request: HttpRequest, ref: str, side: Side) -> HttpResponse:
    """The health records as a doctor's page shows them: asked for again when a file has come in the chat."""
    consultation = door(request, ref, side)
    if side is Side.PATIENT or consultation.ended_at is not None:
        raise Http404
    context = {"consultation": consultation, "side": side, "records": tokens.records_of(consultation.token)}
    return render(request, "consultation/records.html", context)


@require_GET
def record(request: HttpRequest, ref: str, side: Side, record_ref: str) -> HttpResponseBase:
    """A health record or a file of the chat, shown in the browser; a doctor's look at it is audited."""
    consultation = door(request, ref, side)
    found = queries.record(consultation, side, record_ref)
    if found is None:
        raise Http404
    shown = serving.show(found)
    if isinstance(request.user, Staff) and side is not Side.PATIENT:
        audit.record(actor=request.user, action="record.read", subject=found)
    return shown


@require_GET
@cache_control(max_age=3600)
def scripts(request: HttpRequest) -> HttpResponse:
    """Has a browser fetch what a call needs: for pages on which a call is near."""
    return render(request, "consultation/near.html")


@require_GET
@devices.uses(devices.CAMERA, devices.MICROPHONE)
def check(request: HttpRequest) -> HttpResponse:
    """Try camera, microphone, speaker, line and relay. The relay lets in only people who are signed in."""
    patient = getattr(request, "patient", None)
    staff = request.user if isinstance(request.user, Staff) else None
    who = f"check-p{patient.pk}" if patient else f"check-s{staff.pk}" if staff else ""
    context = {
        "ice_servers": ice_servers(who=who, now=now()) if who else [],
        "relay": "ready" if who else "login",
        "back": reverse("waiting:room") if patient else reverse("site:home"),
    }
    return render(request, "consultation/check.html", context)
