"""What the robots see: one look at the database, in as many queries whatever their number."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from sehat.clinic.models import Doctor
from sehat.clinic.rules import ON_DUTY, DoctorState
from sehat.consultation.models import ChatMessage, Consultation, Invitation
from sehat.consultation.rules import Invited, Outcome, Side
from sehat.site.simulation import people
from sehat.site.simulation.rules import QUESTION, THANKS, DoctorSees, PatientSees, Whim
from sehat.tokens.models import Token
from sehat.tokens.rules import OPEN_STATES, State
from sehat.waiting import queries as waiting
from sehat.waiting.models import Call
from sehat.waiting.rules import OPEN_CALL, CallState

SAMPLE_PATIENTS = Q(patient__mobile__startswith=people.MOBILES)
SAMPLE_DOCTORS = Q(staff__username__startswith=people.USERNAMES)

Whims = Callable[[Whim, int], bool]
"""Whether chance will have it so, of the row of that key; the same answer each time."""


@dataclass
class Said:
    """The lines of one consultation, as far as a robot minds them."""

    patients: list[str] = field(default_factory=list)
    doctors: list[str] = field(default_factory=list)
    last: int = 0
    last_side: str = ""


@dataclass
class Scene:
    """Every open token and desk of robots, with the calls, consultations and lines around them."""

    tokens: list[Token]
    doctors: list[Doctor]
    calls: list[Call]
    consultations: list[Consultation]
    said: dict[int, Said]
    invitations: list[Invitation]
    head: Token | None

    def call_of(self, token: Token) -> Call | None:
        """The token's standing call."""
        return next((call for call in self.calls if call.token_id == token.pk), None)

    def call_at(self, doctor: Doctor) -> Call | None:
        """The standing call at a desk."""
        return next((call for call in self.calls if call.doctor_id == doctor.pk), None)

    def consultation_of(self, token: Token) -> Consultation | None:
        """The open consultation of a token."""
        return next((one for one in self.consultations if one.token_id == token.pk), None)

    def consultation_at(self, doctor: Doctor) -> Consultation | None:
        """The open consultation at a desk."""
        return next((one for one in self.consultations if one.doctor_id == doctor.pk), None)

    def question_to(self, token: Token) -> Invitation | None:
        """The patient is asked whether another doctor may come in."""
        asked = (one for one in self.invitations if one.state == Invited.ASKING)
        return next((one for one in asked if one.consultation.token_id == token.pk), None)

    def invitation_of(self, doctor: Doctor) -> Invitation | None:
        """Another doctor's invitation that rings at a desk."""
        ringing = (one for one in self.invitations if one.state == Invited.RINGING)
        return next((one for one in ringing if one.doctor_id == doctor.pk), None)

    def said_in(self, consultation: Consultation | None) -> Said:
        """The lines of a consultation; none where there is none."""
        return self.said[consultation.pk] if consultation else Said()

    def patients(self) -> list[Token]:
        """The tokens of sample patients who are there: open, or with a doctor who has not left yet."""
        lingering = (one.token for one in self.consultations if one.outcome == Outcome.COMPLETED)
        return [*self.tokens, *(token for token in lingering if people.is_robot(token.patient))]

    def matter(self, token: Token) -> tuple[int, int]:
        """What a patient's act is about: the call, the last line."""
        call = self.call_of(token)
        return (call.pk if call else 0, self.said_in(self.consultation_of(token)).last)

    def matter_at(self, doctor: Doctor) -> tuple[int, int]:
        """What a doctor's act is about: the call, the consultation."""
        call, consultation = self.call_at(doctor), self.consultation_at(doctor)
        return (call.pk if call else 0, consultation.pk if consultation else 0)

    def patient_sees(self, token: Token, whim: Whims) -> PatientSees:
        """What the patient of an open token, or of a consultation that goes on, knows."""
        call, consultation = self.call_of(token), self.consultation_of(token)
        at = call or consultation
        said = self.said_in(consultation)
        return PatientSees(
            state=State(token.state),
            cancels=whim(Whim.CANCELS, token.pk),
            misses=call is not None and whim(Whim.MISSES, call.pk),
            summoned=call is not None and call.state == CallState.SUMMONED,
            robot_doctor=at is not None and people.is_robot_doctor(at.doctor),
            asked_for_guest=self.question_to(token) is not None,
            greeted=bool(said.patients),
            thanked=any(line in said.patients for line in THANKS.values()),
            spoken_to=said.last_side == Side.DOCTOR,
            call_over=consultation is not None and consultation.call_ended_at is not None,
        )

    def doctor_sees(self, doctor: Doctor, whim: Whims) -> DoctorSees:
        """What a sample doctor knows."""
        call, consultation = self.call_at(doctor), self.consultation_at(doctor)
        at = call or consultation
        said = self.said_in(consultation)
        return DoctorSees(
            state=DoctorState(doctor.state),
            head_is_robot=self.head is not None and people.is_robot(self.head.patient),
            patient_is_robot=at is None or people.is_robot(at.token.patient),
            ringing=call is not None and call.state == CallState.RINGING,
            invited=self.invitation_of(doctor) is not None,
            puts_back=consultation is not None and whim(Whim.PUTS_BACK, consultation.pk),
            greeted=bool(said.patients),
            has_asked=any(line in said.doctors for line in QUESTION.values()),
        )


def look(*, now: datetime) -> Scene:
    """The scene of this moment, in seven queries."""
    tokens = Token.objects.filter(SAMPLE_PATIENTS, state__in=OPEN_STATES).select_related("patient", "opd")
    doctors = list(Doctor.objects.filter(SAMPLE_DOCTORS).select_related("staff", "opd", "hospital").order_by("pk"))
    robots = Q(token__patient__mobile__startswith=people.MOBILES) | Q(doctor__in=doctors)
    calls = Call.objects.filter(robots, state__in=OPEN_CALL).select_related("token__patient", "doctor__staff")
    consultations = list(
        Consultation.objects.filter(robots, ended_at=None).select_related(
            "token__patient", "token__opd", "doctor__staff", "doctor__hospital", "doctor__opd"
        )
    )
    return Scene(
        tokens=list(tokens.order_by("pk")),
        doctors=doctors,
        calls=list(calls),
        consultations=consultations,
        said=_said(consultations),
        invitations=_invitations(consultations, doctors),
        head=head_for(doctors[0], now=now) if doctors else None,
    )


def head_for(doctor: Doctor, *, now: datetime) -> Token | None:
    """Whom a sample doctor would be given: the first of the line, as `waiting.queries.head_for` has it; no lock."""
    theirs = waiting.given_to(doctor, away_since=now - waiting.DOCTOR_AWAY, now=now)
    return waiting.line(doctor.opd_id).filter(theirs).select_related("patient").first()


def _said(consultations: Iterable[Consultation]) -> dict[int, Said]:
    said = {one.pk: Said() for one in consultations}
    lines = ChatMessage.objects.filter(consultation__in=said).order_by("pk")
    for pk, consultation, side, text in lines.values_list("pk", "consultation", "side", "text"):
        there = said[consultation]
        (there.patients if side == Side.PATIENT else there.doctors).append(text)
        there.last, there.last_side = pk, side
    return said


def _invitations(consultations: Iterable[Consultation], doctors: Iterable[Doctor]) -> list[Invitation]:
    asked = Q(state=Invited.ASKING, consultation__in=[one.pk for one in consultations])
    ringing = Q(state=Invited.RINGING, doctor__in=[doctor.pk for doctor in doctors])
    return list(Invitation.objects.filter(asked | ringing).select_related("consultation__token__patient", "doctor"))


@dataclass(frozen=True)
class Figures:
    """What the demo's page shows of the simulation."""

    patients: int
    doctors: int


def figures() -> Figures:
    """How many sample patients wait, how many sample doctors work."""
    return Figures(
        patients=Token.objects.filter(SAMPLE_PATIENTS, state=State.WAITING).count(),
        doctors=Doctor.objects.filter(SAMPLE_DOCTORS, state__in=ON_DUTY).count(),
    )


def visitor_is_first(*, now: datetime) -> bool:
    """Whether the first of the line is a visitor, whom sample doctors leave to a doctor of the visitor's own."""
    doctor = Doctor.objects.filter(SAMPLE_DOCTORS).first()
    head = head_for(doctor, now=now) if doctor else None
    return head is not None and not people.is_robot(head.patient)
