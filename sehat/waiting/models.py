"""The call: the two-minute summons of one patient to one doctor. The promise: how long the wait was said to be."""

from django.db import models
from django.db.models import Q

from sehat.clinic.models import Doctor, Opd
from sehat.kernel.models import Base
from sehat.tokens.models import Token
from sehat.waiting.rules import OPEN_CALL, CallState


class Call(Base):
    """One summons. At most one open call per token and per doctor: the database keeps that promise."""

    token = models.ForeignKey(Token, models.CASCADE, related_name="calls")
    doctor = models.ForeignKey(Doctor, models.PROTECT, related_name="calls")
    state = models.CharField(
        max_length=10,
        choices=[(state.value, state.name.capitalize()) for state in CallState],
        default=CallState.SUMMONED,
    )
    made_at = models.DateTimeField()
    deadline = models.DateTimeField()  # to press Call Now while summoned, to answer while ringing
    pressed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token"], condition=Q(state__in=OPEN_CALL), name="one_open_call_per_token"),
            models.UniqueConstraint(
                fields=["doctor"], condition=Q(state__in=OPEN_CALL), name="one_open_call_per_doctor"
            ),
        ]
        indexes = [
            models.Index(fields=["deadline"], condition=Q(state__in=OPEN_CALL), name="call_due"),
        ]

    def __str__(self) -> str:
        return f"{self.token_id} → {self.doctor_id} ({self.state})"


class Promise(Base):
    """The wait range that a patient was told on joining the line, and the wait that came true: to the first call.

    Only where a range was known. The commandant's board shows how good the promises of the day were. Seconds and
    not a moment, so that every database can count with it.
    """

    token = models.OneToOneField(Token, models.CASCADE, related_name="promise")
    opd = models.ForeignKey(Opd, models.PROTECT, related_name="promises")
    made_at = models.DateTimeField()
    low = models.PositiveSmallIntegerField()  # minutes
    high = models.PositiveSmallIntegerField()  # minutes
    waited = models.PositiveIntegerField(null=True)  # seconds

    class Meta:
        indexes = [
            models.Index(fields=["opd", "made_at"], condition=Q(waited__isnull=False), name="promise_came_true"),
        ]

    def __str__(self) -> str:
        return f"{self.token_id}: {self.low} to {self.high} min"
