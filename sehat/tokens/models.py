"""The token, every move of it, the day's running number, and health records."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sehat.clinic.models import Opd
from sehat.kernel.files import private
from sehat.kernel.ids import new_ref
from sehat.kernel.models import Base
from sehat.registration.models import Patient
from sehat.tokens.rules import OPEN_STATES, By, State, Why

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

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="tokens")
    opd = models.ForeignKey(Opd, models.PROTECT, related_name="tokens")
    day = models.DateField()
    number = models.PositiveIntegerField()
    secret = models.CharField(max_length=4)
    code = models.CharField(_("token number"), max_length=20)
    state = models.CharField(max_length=10, choices=STATES, default=State.ISSUED)
    complaint = models.CharField(_("complaint"), max_length=200)
    duration = models.CharField(_("for how long"), max_length=60, blank=True)
    credit = models.PositiveSmallIntegerField(default=0)  # minutes
    turn_key = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)
    consulting_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    three_ahead_told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(state__in=OPEN_STATES), name="one_open_token_per_patient"
            ),
            models.UniqueConstraint(fields=["opd", "day", "number"], name="one_number_a_day"),
        ]
        indexes = [
            models.Index(
                fields=["opd", "turn_key", "id"], condition=Q(state=State.WAITING), name="token_line"
            ),
            models.Index(fields=["expires_at"], condition=Q(state__in=OPEN_STATES), name="token_expiring"),
            models.Index(
                fields=["opd", "-moved_at"], condition=Q(state=State.COMPLETED), name="token_served"
            ),
            models.Index(fields=["patient", "-id"], name="token_by_patient"),
        ]

    def __str__(self) -> str:
        return self.code


class TokenMove(models.Model):
    """One row of a token's history."""

    token = models.ForeignKey(Token, models.CASCADE, related_name="moves")
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
    """A path that tells nothing of patient or file: by day and random reference."""
    return f"records/{record.token.day:%Y/%m/%d}/{record.ref}"


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
