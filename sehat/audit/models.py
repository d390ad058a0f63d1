"""Two tables: what was done, and the seals which make a later edit visible."""

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class AlreadyWritten(TypeError):
    """An audit row or seal was about to be changed or deleted."""


class AppendOnly(models.Model):
    """Refuses to be saved twice or deleted through the ORM."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; raises AlreadyWritten for a row that stands."""
        if self.pk is not None:
            raise AlreadyWritten
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raises AlreadyWritten."""
        raise AlreadyWritten


class Entry(AppendOnly):
    """Who did what to which row, when. `details` holds numbers and states, never clinical text."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    details = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name_plural = "entries"
        indexes = [models.Index(fields=["subject", "id"], name="audit_by_subject")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.action} {self.subject}"


class Seal(AppendOnly):
    """The hash over the entries up to `last`, chained to the seal before.

    Sealing a stretch at a time keeps writers from queueing behind one chain head.
    """

    at = models.DateTimeField()
    first = models.BigIntegerField()
    last = models.BigIntegerField(unique=True)
    rows = models.IntegerField()
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.first}-{self.last} {self.digest[:12]}"
