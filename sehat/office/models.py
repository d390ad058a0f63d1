"""The table of the office: what an OPD's day added up to, counted once after the day is over."""

from functools import partial

from django.db import models
from django.utils.crypto import get_random_string

from sehat.clinic.models import Opd
from sehat.kernel.models import Base

new_stamp = partial(get_random_string, 12)


class ReportDay(Base):
    """The figures of one OPD's day (`office.days`). It is closed when they stand; a late change opens it again.

    Each change that comes late sets a new `stamp`, in its own transaction: who has counted without it finds another
    stamp than before, and closes nothing.
    """

    opd = models.ForeignKey(Opd, models.CASCADE, related_name="report_days")
    day = models.DateField()
    stamp = models.CharField(max_length=12, default=new_stamp)
    closed_at = models.DateTimeField(null=True)
    numbers = models.JSONField(default=dict)
    """{hospital: {kind: number}}, as `counting.rows` says them; hospital "0" is nobody's: the OPD's own."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opd", "day"], name="one_report_day")]

    def __str__(self) -> str:
        return f"{self.opd_id} {self.day}"
