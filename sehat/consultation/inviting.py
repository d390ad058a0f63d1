"""Verbs of a third person in the call: ask the patient, ring the other doctor, come in, leave.

Every step is a compare-and-set on the invitation; pages and desks are told after commit.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from sehat import live
from sehat.audit import services as audit
from sehat.clinic import queries as clinic
from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.consultation import invitations
from sehat.consultation.errors import AlreadyAsked, ConsultationOver, InvitationGone, NotToBeAsked
from sehat.consultation.models import Consultation, Invitation
from sehat.consultation.rules import OPEN_INVITATION, UNANSWERED, Invited
from sehat.desk import services as desk
from sehat.desk.errors import DeskBusy
from sehat.live import topics

IN_A_CALL = "invited"
"""Why a desk is paused: its doctor is in another doctor's call."""
DISMISSED = "dismissed"
"""The live message that ends the invited doctor's sockets."""


def invite(*, consultation: Consultation, doctor: Doctor, now: datetime) -> Invitation:
    """Ask the patient whether that doctor may come into the call. Nobody rings before the patient says yes.

    Refuses a call that has ended (ConsultationOver), a doctor who is not there to be asked (NotToBeAsked), and a
    second doctor (AlreadyAsked).
    """
    if consultation.call_ended_at is not None or consultation.ended_at is not None:
        raise ConsultationOver
    if doctor not in invitations.to_invite(consultation):
        raise NotToBeAsked
    try:
        with transaction.atomic():
            deadline = now + timedelta(seconds=settings.CONSENT_SECONDS)
            invitation = Invitation.objects.create(
                consultation=consultation, doctor=doctor, asked_at=now, deadline=deadline
            )
            _record(invitation, "consultation.invite", actor=consultation.doctor)
            _tell(invitation)
    except IntegrityError:
        raise AlreadyAsked from None
    return invitation


def answer(*, invitation: Invitation, agreed: bool, now: datetime) -> None:
    """The patient's yes or no, kept as the consent. Refuses one that is not open any more (InvitationGone)."""
    with transaction.atomic():
        if agreed:
            deadline = now + timedelta(seconds=settings.INVITED_SECONDS)
            _move(invitation, Invited.ASKING, Invited.RINGING, answered_at=now, deadline=deadline)
        else:
            _move(invitation, Invited.ASKING, Invited.REFUSED, answered_at=now, ended_at=now)
        patient = invitation.consultation.token.patient
        audit.record(actor=patient, action="consultation.consent", subject=invitation, agreed=agreed)
        if agreed:
            _tell_desk(invitation)


def join(*, invitation: Invitation, now: datetime) -> None:
    """The invited doctor comes in; the desk calls nobody meanwhile.

    Refuses an invitation that is gone (InvitationGone), and a desk with a call of its own (DeskBusy).
    """
    with transaction.atomic():
        doctor = Doctor.objects.select_related("staff").get(pk=invitation.doctor_id)
        available = doctor.state == DoctorState.AVAILABLE
        if available and not desk.turn(doctor, DoctorState.PAUSED, now=now, because=IN_A_CALL):
            raise DeskBusy
        if doctor.state != DoctorState.PAUSED:
            raise DeskBusy
        _move(invitation, Invited.RINGING, Invited.JOINED, joined_at=now, was_available=available)
        _record(invitation, "consultation.join", actor=doctor)


def decline(*, invitation: Invitation, now: datetime) -> None:
    """The invited doctor cannot come. Refuses an invitation that is gone (InvitationGone)."""
    with transaction.atomic():
        _move(invitation, Invited.RINGING, Invited.DECLINED, ended_at=now)
        _record(invitation, "consultation.decline", actor=invitation.doctor)


def leave(*, invitation: Invitation, now: datetime) -> None:
    """The invited doctor leaves; the call goes on. Refuses one who is not in it (InvitationGone)."""
    with transaction.atomic():
        _leave(invitation, now=now)
        _record(invitation, "consultation.leave", actor=invitation.doctor)


def take_back(*, consultation: Consultation, now: datetime) -> None:
    """The doctor takes the invitation back, or sends the invited doctor out. Nothing happens where none is open."""
    with transaction.atomic():
        if invitation := close(consultation, now=now):
            _record(invitation, "consultation.withdraw", actor=consultation.doctor)


def close(consultation: Consultation, *, now: datetime) -> Invitation | None:
    """With the end of the call every invitation ends; returns the one that was open. Inside a transaction."""
    invitation = invitations.open_invitation(consultation)
    if invitation is None:
        return None
    try:
        if invitation.state == Invited.JOINED:
            _leave(invitation, now=now)
        else:
            _move(invitation, Invited(invitation.state), Invited.WITHDRAWN, ended_at=now)
            _tell_desk(invitation)
    except InvitationGone:
        return None  # it ended by itself just now
    return invitation


def sweep(*, now: datetime) -> int:
    """End the invitations that nobody has answered in time: the patient (`CONSENT_SECONDS`), or the invited doctor
    (`INVITED_SECONDS`). Returns how many; any process may run it any time.
    """
    return sum(_end_unanswered(invitation, now=now) for invitation in invitations.overdue(now=now))


def put_away(*, doctor: Doctor, newest: int, now: datetime) -> None:
    """The doctor has read which invitations were missed, up to that one. Twice is once."""
    read = Invitation.objects.filter(doctor=doctor, state=Invited.MISSED, put_away_at=None, pk__lte=newest)
    read.update(put_away_at=now)


def _end_unanswered(invitation: Invitation, *, now: datetime) -> bool:
    waited = Invited(invitation.state)
    try:
        with transaction.atomic():
            _move(invitation, waited, UNANSWERED[waited], ended_at=now)
            audit.record(actor=None, action="consultation.no_answer", subject=invitation, state=invitation.state)
            _tell_desk(invitation)
    except InvitationGone:
        return False  # answered or taken back just now
    return True


def _leave(invitation: Invitation, *, now: datetime) -> None:
    _move(invitation, Invited.JOINED, Invited.LEFT, ended_at=now)
    live.after_commit(topics.consultation(invitation.consultation_id), {"kind": DISMISSED})
    doctor = clinic.doctor(invitation.doctor_id)
    if invitation.was_available and doctor.state == DoctorState.PAUSED and doctor.paused_because == IN_A_CALL:
        desk.turn(doctor, DoctorState.AVAILABLE, now=now)
        transaction.on_commit(lambda: desk.match(opd=doctor.opd_id, now=now))


def _move(invitation: Invitation, frm: Invited, to: Invited, **changes: object) -> None:
    """Compare-and-set; tells the pages after commit."""
    row = Invitation.objects.filter(pk=invitation.pk, state=frm)
    if to in OPEN_INVITATION:
        row = row.filter(consultation__call_ended_at=None, consultation__ended_at=None)
    if not row.update(state=to, **changes):
        raise InvitationGone
    invitation.state = to
    for name, value in changes.items():
        setattr(invitation, name, value)
    _tell(invitation)


def _tell(invitation: Invitation) -> None:
    live.after_commit(topics.consultation(invitation.consultation_id), {"kind": "changed"})


def _tell_desk(invitation: Invitation) -> None:
    live.after_commit(topics.doctor(invitation.doctor_id), {"kind": "state"})


def _record(invitation: Invitation, action: str, *, actor: Doctor) -> None:
    audit.record(actor=actor.staff, action=action, subject=invitation, doctor=invitation.doctor_id)
