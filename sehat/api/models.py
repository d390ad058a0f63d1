"""The bearer tokens of apps."""

from django.db import models

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
