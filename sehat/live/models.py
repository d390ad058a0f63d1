"""What the processes of the portal tell of themselves, so that any one of them can answer for all."""

from django.db import models


class Pulse(models.Model):
    """One process that lives: it renews its row every few seconds and takes it along when it ends in order."""

    name = models.CharField(max_length=120, unique=True)
    is_worker = models.BooleanField()
    sockets = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class SocketDrops(models.Model):
    """How many sockets were dropped for one reason since the portal was set up."""

    reason = models.CharField(max_length=20, unique=True)
    count = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.reason} {self.count}"
