"""The bearer tokens of apps, and the keys of HQ's machines."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from sehat.accounts.models import Staff
from sehat.api.rules import NAME_LENGTH
from sehat.kernel.models import Base
from sehat.registration.models import Patient


class AppKey(Base):
    """An app in which a mobile was proved by OTP. `patient` is None until its owner has registered."""

    digest = models.CharField(max_length=64, unique=True)
    mobile = models.CharField(max_length=10)
    patient = models.ForeignKey(Patient, models.CASCADE, null=True, related_name="app_keys")
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["mobile"], name="app_key_by_mobile"),
            models.Index(fields=["expires_at"], name="app_key_expiring"),
        ]

    def __str__(self) -> str:
        return f"app key {self.pk}"


class HqKey(Base):
    """A machine of HQ may read with it what HQ may, until it expires or is revoked. `handle` is its public half: what
    lists and the audit record call it by; of the secret half only a hash is kept.
    """

    handle = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    made_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")  # None: by command
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("HQ key")
        verbose_name_plural = _("HQ keys")

    def __str__(self) -> str:
        return f"{self.handle} {self.name}"

    def counts(self, now: datetime) -> bool:
        """Whether it opens anything then."""
        return self.revoked_at is None and self.expires_at > now
