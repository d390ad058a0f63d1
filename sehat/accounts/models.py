"""Staff, and the counter that locks out guessers."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from sehat.accounts.rules import HQ_ROOMS, OFFICE_PERMISSIONS, Role
from sehat.kernel.models import Base


class Staff(AbstractUser):
    """Anybody who works in the portal. Patients are no users; they have a table and a session of their own."""

    role = models.CharField(
        _("role"),
        max_length=12,
        choices=[
            (Role.DOCTOR.value, _("Doctor")),
            (Role.SPECIALIST.value, _("Specialist")),
            (Role.AMA.value, _("AMA desk")),
            (Role.PHARMACIST.value, _("Pharmacist")),
            (Role.COMMANDANT.value, _("Commandant")),
            (Role.HQ.value, _("HQ")),
        ],
    )
    language = models.CharField(_("language"), max_length=2, default="en", choices=[("en", "English"), ("hi", "हिन्दी")])

    class Meta(AbstractUser.Meta):
        verbose_name = _("member of staff")  # type: ignore[assignment]  # the stubs know plain text only
        verbose_name_plural = _("staff")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """AMA desk and HQ may enter the administration; others may not, whatever a form said."""
        self.is_staff = self.is_superuser or self.role in {Role.AMA, Role.HQ}
        super().save(*args, **kwargs)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Permissions follow the role: one table in `rules`, nothing to be set by hand."""
        if not self.is_active:
            return False
        if self.is_superuser:
            return True
        if self.role == Role.HQ:
            room, _dot, verb = perm.partition(".")
            return room in HQ_ROOMS and (room not in {"audit", "notices"} or verb.startswith("view_"))
        return perm in OFFICE_PERMISSIONS.get(Role(self.role), ()) if self.role else False

    def has_module_perms(self, app_label: str) -> bool:
        """Whether any of the role's permissions lies in the room."""
        if self.role == Role.HQ or self.is_superuser:
            return self.is_active and (self.is_superuser or app_label in HQ_ROOMS)
        mine = OFFICE_PERMISSIONS.get(Role(self.role), ()) if self.role else ()
        return self.is_active and any(perm.startswith(f"{app_label}.") for perm in mine)


class Throttle(Base):
    """Wrong tries under one key (a hash of a mobile or an address), and until when it is locked."""

    key = models.CharField(max_length=64, unique=True)
    failures = models.PositiveSmallIntegerField(default=0)
    window_started_at = models.DateTimeField(db_index=True)
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.failures}"
