"""The token, every move of it, the day's running number, and health records."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sehat.clinic.models import Doctor, Opd
from sehat.kernel.files import private
from sehat.kernel.ids import new_ref
from sehat.kernel.models import Base
from sehat.registration.models import Patient
from sehat.tokens.rules import OPEN_STATES, By, RedFlag, State, Why

STATES = {
    State.ISSUED: _("Issued"),
    State.WAITING: _("Waiting"),
    State.CALLED: _("Called"),
    State.CONSULTING: _("With the doctor"),
    State.COMPLETED: _("Completed"),
    State.CANCELLED: _("Cancelled"),
    State.EXPIRED: _("Expired"),
}
REASONS = {
    Why.ISSUED: _("The token was issued."),
    Why.JOINED: _("You came into the waiting room."),
    Why.DOCTOR_FREE: _("A doctor became free and called you."),
    Why.ANSWERED: _("The doctor answered your call."),
    Why.MISSED: _("Call Now was not pressed in time, so you went to the end of the line."),
    Why.DOCTOR_SILENT: _("The doctor did not answer. You keep your place in the line."),
    Why.DOCTOR_LEFT: _("The doctor had to leave. You keep your place in the line."),
    Why.PUT_BACK: _("The doctor put you back into the line. You keep your place."),
    Why.PRESCRIBED: _("The doctor issued your prescription."),
    Why.CANCELLED: _("The token was cancelled."),
    Why.DAY_OVER: _("The OPD day ended."),
    Why.COME_BACK: _("You chose to come back on the next OPD day, with priority."),
}
RED_FLAGS = {
    RedFlag.CHEST_PAIN: _("Chest pain or pressure, or pain going to the arm or jaw"),
    RedFlag.BREATHLESS: _("Great difficulty in breathing"),
    RedFlag.STROKE: _("Weakness of one side, a crooked face or slurred speech"),
    RedFlag.UNCONSCIOUS: _("Fainting, fits or confusion"),
    RedFlag.BLEEDING: _("Heavy bleeding"),
    RedFlag.INJURY: _("A severe injury or burn"),
    RedFlag.POISON: _("Poisoning, snake bite, or too much of a medicine"),
    RedFlag.PREGNANCY: _("In pregnancy: bleeding, strong pain, or the baby no longer moves"),
}
ACTORS = {By.PATIENT: _("patient"), By.DOCTOR: _("doctor"), By.PORTAL: _("portal")}


class TokenCounter(models.Model):
    """The last number given out in an OPD on a day."""

    opd = models.ForeignKey(Opd, models.PROTECT)
    day = models.DateField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opd", "day"], name="one_counter_a_day")]

    def __str__(self) -> str:
        return f"{self.opd_id} {self.day} {self.last}"


class Token(Base):
    """The right to be seen once by a doctor of an OPD. Its state changes only through `services.move`."""

    # No index of their own: those of several fields below begin with them.
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="tokens", db_index=False)
    opd = models.ForeignKey(Opd, models.PROTECT, related_name="tokens", db_index=False)
    day = models.DateField()
    number = models.PositiveIntegerField()
    secret = models.CharField(max_length=4)
    code = models.CharField(_("token number"), max_length=20)
    state = models.CharField(max_length=10, choices=STATES, default=State.ISSUED)
    complaint = models.CharField(_("complaint"), max_length=200)
    duration = models.CharField(_("for how long"), max_length=60, blank=True)
    red_flags = models.JSONField(default=list)  # of RedFlag; any of them makes an emergency
    referred_from = models.OneToOneField("self", models.PROTECT, null=True, related_name="referral")
    referral_note = models.CharField(max_length=1000, blank=True)
    # Whom a follow-up is to be seen by, as long as that doctor is on duty.
    doctor = models.ForeignKey(Doctor, models.PROTECT, null=True, related_name="follow_up_tokens")
    credit = models.PositiveSmallIntegerField(default=0)  # minutes
    turn_key = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)
    consulting_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Put back: not offered again before this, so that a bad line may recover while others are seen.
    rests_until = models.DateTimeField(null=True)
    three_ahead_told_at = models.DateTimeField(null=True)
    closing_told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(state__in=OPEN_STATES), name="one_open_token_per_patient"
            ),
            models.UniqueConstraint(fields=["opd", "day", "number"], name="one_number_a_day"),
        ]
        indexes = [
            models.Index(fields=["opd", "turn_key", "id"], condition=Q(state=State.WAITING), name="token_line"),
            models.Index(fields=["expires_at"], condition=Q(state__in=OPEN_STATES), name="token_expiring"),
            models.Index(fields=["opd", "-moved_at"], condition=Q(state=State.COMPLETED), name="token_served"),
            models.Index(fields=["patient", "-id"], name="token_by_patient"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def complaint_in_full(self) -> str:
        """With how long it has lasted, where that was told."""
        return f"{self.complaint} ({self.duration})" if self.duration else self.complaint

    @property
    def is_emergency(self) -> bool:
        """Whether a red flag was ticked."""
        return bool(self.red_flags)

    @property
    def red_flag_sentences(self) -> list[str]:
        """The ticked signs, in the reader's language."""
        return [str(RED_FLAGS[RedFlag(flag)]) for flag in self.red_flags]


class FollowUp(Base):
    """The right to see the same doctor again, as a prescription asks: one token, without a referral."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="follow_ups")
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="follow_ups")
    opd = models.ForeignKey(Opd, models.PROTECT)
    due_on = models.DateField()
    until = models.DateField()
    token = models.OneToOneField(Token, models.SET_NULL, null=True, related_name="follow_up")

    class Meta:
        indexes = [models.Index(fields=["patient", "until"], name="follow_up_by_patient")]

    def __str__(self) -> str:
        return f"{self.doctor}, {self.opd}"


class ComeBack(Base):
    """The priority of a patient whom no doctor reached and who chose to come back; good for one token."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="come_backs")
    minutes = models.PositiveSmallIntegerField()
    until = models.DateTimeField()
    token = models.OneToOneField(Token, models.SET_NULL, null=True, related_name="come_back")

    class Meta:
        indexes = [models.Index(fields=["patient", "until"], name="come_back_by_patient")]

    def __str__(self) -> str:
        return f"{self.patient_id} {self.minutes} min"


class TokenMove(models.Model):
    """One row of a token's history."""

    token = models.ForeignKey(Token, models.CASCADE, related_name="moves", db_index=False)  # `move_by_token` begins so
    at = models.DateTimeField()
    frm = models.CharField(max_length=10, blank=True)
    to = models.CharField(max_length=10, choices=STATES)
    why = models.CharField(max_length=14, choices=REASONS)
    by = models.CharField(max_length=7, choices=ACTORS)
    turn_key = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["token", "id"], name="move_by_token")]

    def __str__(self) -> str:
        return f"{self.frm} → {self.to} ({self.why})"


def record_path(record: "HealthRecord", filename: str) -> str:
    """A path that tells nothing of patient or file: `filename` is the token's day and the record's reference."""
    return f"records/{filename}"


class HealthRecord(Base):
    """A file of a patient, cleaned at its arrival, kept with the token it was given for."""

    ref = models.CharField(max_length=22, unique=True, default=new_ref)
    token = models.ForeignKey(Token, models.PROTECT, related_name="records")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="records")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=4)  # pdf, jpg or png: what `records.take` makes
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    file = models.FileField(storage=private, upload_to=record_path, max_length=120)
    by = models.CharField(max_length=7, choices=ACTORS, default=By.PATIENT)

    def __str__(self) -> str:
        return self.ref
