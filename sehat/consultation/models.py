"""The consultation, what was written in it, and the evidence of how much of a meeting it was."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sehat.clinic.models import Doctor
from sehat.consultation.rules import (
    BEST,
    FEEDBACK_LENGTH,
    MESSAGE_LENGTH,
    OPEN_INVITATION,
    UNANSWERED,
    WORST,
    Evidence,
    Invited,
    Outcome,
    PutBack,
    Side,
)
from sehat.kernel.clock import now
from sehat.kernel.ids import new_ref
from sehat.kernel.models import Base
from sehat.tokens.models import HealthRecord, Token

SIDES = {Side.PATIENT: _("Patient"), Side.DOCTOR: _("Doctor"), Side.GUEST: _("Invited doctor")}
INVITED = {
    Invited.ASKING: _("The patient is asked"),
    Invited.RINGING: _("The desk rings"),
    Invited.JOINED: _("In the call"),
    Invited.LEFT: _("Has left"),
    Invited.REFUSED: _("The patient said no"),
    Invited.SILENT: _("No answer from the patient"),
    Invited.DECLINED: _("Declined"),
    Invited.MISSED: _("No answer"),
    Invited.WITHDRAWN: _("Taken back"),
}
OUTCOMES = {
    Outcome.OPEN: _("Under way"),
    Outcome.COMPLETED: _("Prescription issued"),
    Outcome.PUT_BACK: _("Put back in queue"),
}
PUT_BACK_REASONS = {
    PutBack.LINE: _("The line is too bad"),
    PutBack.ABSENT: _("The patient does not answer"),
    PutBack.LATER: _("The patient asks for a later call"),
}
ALL_REASONS = PUT_BACK_REASONS | {PutBack.GONE: _("The doctor had to leave")}


class Consultation(Base):
    """One meeting of a token's patient with a doctor.

    It is open until the doctor has left it (`ended_at`). The call in it may end before; the prescription may
    be issued before or after the end of the call. A token that was put back gets a new one at its next call.
    """

    ref = models.CharField(max_length=22, unique=True, default=new_ref)
    token = models.ForeignKey(Token, models.PROTECT, related_name="consultations")
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="consultations")
    started_at = models.DateTimeField()
    doctor_seen_at = models.DateTimeField(default=now)
    call_ended_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=OUTCOMES, default=Outcome.OPEN)
    put_back_reason = models.CharField(max_length=8, choices=ALL_REASONS, blank=True)

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        constraints = [
            models.UniqueConstraint(
                fields=["token"], condition=Q(ended_at=None), name="one_open_consultation_per_token"
            ),
            models.UniqueConstraint(
                fields=["doctor"], condition=Q(ended_at=None), name="one_open_consultation_per_doctor"
            ),
            models.CheckConstraint(condition=Q(ended_at=None) | ~Q(outcome=Outcome.OPEN), name="ends_with_an_outcome"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(call_ended_at__lte=F("ended_at")), name="the_call_ends_first"
            ),
        ]
        indexes = [
            models.Index(fields=["token", "-id"], name="consultation_by_token"),
            models.Index(fields=["doctor_seen_at"], condition=Q(ended_at=None), name="consultation_open"),
            models.Index(fields=["ended_at", "id"], name="consultation_by_end"),
        ]

    def __str__(self) -> str:
        return self.ref


class Invitation(Base):
    """Another doctor is asked into a running consultation: the patient consents first (clinical.md, "Consent")."""

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="invitations")
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=INVITED, default=Invited.ASKING)
    asked_at = models.DateTimeField()
    deadline = models.DateTimeField(null=True)  # for the patient's answer while asking, for the doctor's while ringing
    answered_at = models.DateTimeField(null=True)  # by the patient: yes unless REFUSED
    joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    was_available = models.BooleanField(default=False)  # so is the desk again when the doctor leaves the call
    put_away_at = models.DateTimeField(null=True)  # the invited doctor has read that it was missed

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["consultation"],
                condition=Q(state__in=OPEN_INVITATION),
                name="one_open_invitation_per_consultation",
            ),
            models.UniqueConstraint(
                fields=["doctor"], condition=Q(state__in=OPEN_INVITATION), name="one_open_invitation_per_doctor"
            ),
        ]
        indexes = [
            models.Index(fields=["consultation", "-id"], name="invitation_by_consultation"),
            models.Index(fields=["deadline"], condition=Q(state__in=[*UNANSWERED]), name="invitation_by_deadline"),
            models.Index(
                fields=["doctor", "-id"],
                condition=Q(state=Invited.MISSED, put_away_at=None),
                name="invitation_missed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.doctor_id} {self.state}"


class ChatMessage(Base):
    """One line of the chat: text, or a file."""

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="messages")
    side = models.CharField(max_length=7, choices=SIDES)
    text = models.CharField(max_length=MESSAGE_LENGTH, blank=True)
    record = models.ForeignKey(HealthRecord, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [models.Index(fields=["consultation", "id"], name="message_by_consultation")]
        constraints = [models.CheckConstraint(condition=Q(record=None) ^ Q(text=""), name="a_message_is_text_or_file")]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.side} {self.pk}"


class CallEvidence(models.Model):
    """Seconds of two-way video and audio, and drops, as one side's browser saw them. They only grow."""

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="evidence")
    side = models.CharField(max_length=7, choices=SIDES)
    seconds_video = models.PositiveIntegerField(default=0)
    seconds_audio = models.PositiveIntegerField(default=0)
    drops = models.PositiveIntegerField(default=0)
    reported_at = models.DateTimeField()

    class Meta:
        verbose_name = _("call evidence")
        verbose_name_plural = _("call evidence")
        constraints = [models.UniqueConstraint(fields=["consultation", "side"], name="one_evidence_per_side")]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.side} {self.seconds_video} s, {self.seconds_audio} s"

    @property
    def evidence(self) -> Evidence:
        """As the rules read it."""
        return Evidence(self.seconds_video, self.seconds_audio, self.drops)


STARS = {
    1: _("Very bad"),
    2: _("Bad"),
    3: _("Fair"),
    4: _("Good"),
    5: _("Very good"),
}


class Feedback(Base):
    """What the patient says of a consultation afterwards: 1 to 5 and a line (domain.md). May be changed."""

    consultation = models.OneToOneField(Consultation, models.CASCADE, related_name="feedback")
    stars = models.PositiveSmallIntegerField(
        choices=STARS, validators=[MinValueValidator(WORST), MaxValueValidator(BEST)]
    )
    text = models.CharField(max_length=FEEDBACK_LENGTH, blank=True)
    given_at = models.DateTimeField()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            models.CheckConstraint(condition=Q(stars__gte=WORST, stars__lte=BEST), name="one_to_five_stars"),
        ]
        indexes = [models.Index(fields=["given_at"], name="feedback_by_moment")]

    def __str__(self) -> str:
        return f"{self.consultation_id}: {self.stars}"
