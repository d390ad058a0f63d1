"""A third person in the call: asked for by the doctor, agreed to by the patient, rung at the other doctor's desk."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from sehat.accounts.rules import CLINICAL
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.audit import services as audit
from sehat.clinic import queries as clinic
from sehat.consultation import invitations, inviting
from sehat.consultation.errors import InvitationGone, NotToBeAsked
from sehat.consultation.models import Invitation
from sehat.consultation.rules import Invited, Side
from sehat.consultation.views import about, door, moved, page_of
from sehat.kernel.clock import now
from sehat.kernel.ids import read_key


@require_POST
def invite(request: HttpRequest, ref: str) -> HttpResponse:
    """The doctor asks for another one: the patient is asked first."""
    consultation = door(request, ref, Side.DOCTOR)
    chosen = request.POST.get("doctor", "")
    doctor = next((one for one in invitations.to_invite(consultation) if str(one.pk) == chosen), None)
    if doctor is None:
        raise NotToBeAsked
    inviting.invite(consultation=consultation, doctor=doctor, now=now())
    return moved(request, consultation)


@require_POST
def take_back(request: HttpRequest, ref: str) -> HttpResponse:
    """The doctor takes the invitation back, or sends the invited doctor out."""
    consultation = door(request, ref, Side.DOCTOR)
    inviting.take_back(consultation=consultation, now=now())
    return moved(request, consultation)


@require_POST
def consent(request: HttpRequest, ref: str) -> HttpResponse:
    """The patient says yes or no."""
    consultation = door(request, ref, Side.PATIENT)
    invitation, said = invitations.open_invitation(consultation), request.POST.get("agreed")
    if invitation is None or said not in ("yes", "no"):
        raise InvitationGone
    inviting.answer(invitation=invitation, agreed=said == "yes", now=now())
    return moved(request, consultation, Side.PATIENT)


@require_GET
@role_required(*CLINICAL)
def ringing(request: StaffRequest) -> HttpResponse:
    """What rings at the desk of an invited doctor, and what was missed there: a part of the desk's page. No word of the
    patient stands here.
    """
    return _told(request)


def _told(request: StaffRequest) -> HttpResponse:
    missed = invitations.missed_by(request.user.pk)
    context = {
        "invitation": invitations.ringing_for(request.user.pk),
        "missed": missed[0] if missed else None,
        "more": len(missed) - 1,
    }
    return render(request, "consultation/ringing.html", context)


@require_POST
@role_required(*CLINICAL)
def put_away(request: StaffRequest) -> HttpResponse:
    """The doctor has read what was missed; `newest` is the one that the page showed."""
    doctor, newest = clinic.doctor_of(request.user), read_key(request.POST.get("newest", ""))
    if doctor is None or newest is None:
        raise Http404
    inviting.put_away(doctor=doctor, newest=newest, now=now())
    return _told(request) if request.htmx else redirect("desk:desk")


def _rung(request: StaffRequest, *states: Invited) -> Invitation:
    invitation = invitations.ringing_for(request.user.pk)
    if invitation is None or invitation.state not in states:
        raise InvitationGone
    return invitation


@require_POST
@role_required(*CLINICAL)
def join(request: StaffRequest) -> HttpResponse:
    """The invited doctor comes in; pressed twice, it leads to the same call."""
    invitation = _rung(request, Invited.RINGING, Invited.JOINED)
    if invitation.state == Invited.RINGING:
        inviting.join(invitation=invitation, now=now())
    return redirect("consultation:guest", invitation.consultation.ref)


@require_POST
@role_required(*CLINICAL)
def decline(request: StaffRequest) -> HttpResponse:
    """The invited doctor cannot come."""
    inviting.decline(invitation=_rung(request, Invited.RINGING), now=now())
    return redirect("desk:desk")


@require_GET
@role_required(*CLINICAL)
def guest(request: StaffRequest, ref: str) -> HttpResponse:
    """The invited doctor's page: call, chat and the patient's record, while the doctor is in the call."""
    consultation = door(request, ref, Side.GUEST)
    audit.record(actor=request.user, action="consultation.read", subject=consultation)
    return page_of(request, consultation, Side.GUEST, **about(consultation))


@require_POST
@role_required(*CLINICAL)
def leave(request: StaffRequest, ref: str) -> HttpResponse:
    """The invited doctor leaves; the call goes on."""
    invitation = invitations.of_guest(request.user.pk, ref)
    if invitation is None:
        raise Http404
    inviting.leave(invitation=invitation, now=now())
    return redirect("desk:desk")
