"""Doors to the invitations of a third person."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.consultation import queries
from sehat.consultation.models import Consultation, Invitation
from sehat.consultation.rules import OPEN_INVITATION, UNANSWERED, Invited
from sehat.kernel.prepared import prepared

SWEEP_AT_ONCE = 200
MISSED_SHOWN = 20


def of_guest(staff: int, ref: str) -> Invitation | None:
    """The invitation of an invited doctor who is in the call now, with the consultation."""
    found = Invitation.objects.filter(
        consultation__ref=ref, consultation__ended_at=None, doctor__staff=staff, state=Invited.JOINED
    )
    return (
        found.select_related(
            "doctor__staff",
            "consultation__token__patient",
            "consultation__token__opd",
            "consultation__doctor__staff",
            "consultation__doctor__hospital",
            "consultation__doctor__opd",
        )
        .order_by()
        .first()
    )


def in_front_of(staff: int, ref: str) -> Consultation | None:
    """The open consultation in which this doctor sees the patient now: the own one, or one with an invitation."""
    own = queries.of_doctor(staff, ref)
    if own is not None:
        return own if own.ended_at is None else None
    invitation = of_guest(staff, ref)
    return invitation.consultation if invitation else None


@prepared
def _open_of(consultation: int) -> QuerySet[Invitation]:
    found = Invitation.objects.filter(consultation=consultation, state__in=OPEN_INVITATION)
    return found.select_related("doctor__staff", "doctor__opd", "consultation__token__patient")


def open_invitation(consultation: Consultation) -> Invitation | None:
    """The invitation that stands open, or whose doctor is in the call."""
    return _open_of.first(consultation.pk)


@prepared
def _last_of(consultation: int) -> QuerySet[Invitation]:
    found = Invitation.objects.filter(consultation=consultation)
    return found.select_related("doctor__staff", "doctor__opd").order_by("-id")[:1]


def last_invitation(consultation: Consultation) -> Invitation | None:
    """The newest one, however it ended."""
    return _last_of.first(consultation.pk)


def ringing_for(staff: int) -> Invitation | None:
    """The invitation that rings at this doctor's desk, or that the doctor is in."""
    found = Invitation.objects.filter(doctor__staff=staff, state__in=(Invited.RINGING, Invited.JOINED))
    people = found.select_related("doctor__staff", "consultation__doctor__staff", "consultation__doctor__opd")
    return people.order_by().first()


@prepared
def _missed_by(staff: int, missed: str) -> QuerySet[Invitation]:
    found = Invitation.objects.filter(doctor__staff=staff, state=missed, put_away_at=None)
    return found.select_related("consultation__doctor__staff", "consultation__doctor__opd").order_by("-id")[
        :MISSED_SHOWN
    ]


def missed_by(staff: int) -> list[Invitation]:
    """The invitations that this doctor missed and has not put away, newest first, at most `MISSED_SHOWN`."""
    return _missed_by(staff, Invited.MISSED)


@prepared
def _overdue(now: datetime) -> QuerySet[Invitation]:
    due = Invitation.objects.filter(state__in=[*UNANSWERED], deadline__lte=now)
    return due.order_by("deadline")[:SWEEP_AT_ONCE]


def overdue(*, now: datetime) -> list[Invitation]:
    """Invitations that wait for an answer whose time is over, at most `SWEEP_AT_ONCE`."""
    return _overdue(now)


@prepared
def _to_invite(doctor: int) -> QuerySet[Doctor]:
    busy = Invitation.objects.filter(doctor=OuterRef("pk"), state__in=OPEN_INVITATION)
    there = Doctor.objects.filter(state__in=(DoctorState.AVAILABLE, DoctorState.PAUSED), staff__is_active=True)
    free = there.exclude(pk=doctor).filter(~Exists(busy))
    return free.select_related("staff", "opd").order_by("-opd__kind", "opd__id", "staff__last_name", "id")


def to_invite(consultation: Consultation) -> list[Doctor]:
    """The other doctors who are at their desks and in no call, specialists first."""
    return _to_invite(consultation.doctor_id)
