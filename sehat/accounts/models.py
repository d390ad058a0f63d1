"""Staff, their second factor, and the counter that locks out guessers."""

from typing import Any

from django.conf import settings
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
    second_factor_at = models.DateTimeField(_("code at login"), null=True, editable=False)
    """Since when there is a `SecondFactor`: a mark for lists and sessions. The login looks at the row itself."""

    class Meta(AbstractUser.Meta):
        verbose_name = _("member of staff")  # type: ignore[assignment]  # the stubs know plain text only
        verbose_name_plural = _("staff")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """AMA desk and HQ may enter the administration; others may not, whatever a form said."""
        self.is_staff = self.is_superuser or self.role in {Role.AMA, Role.HQ}
        super().save(*args, **kwargs)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must hold to count: made of the password, and of the second factor.

        Whatever changes one of them ends all sessions that were opened before, and their sockets (`live.sessions`);
        so does the day on which a second factor becomes required, for who has none.
        """
        since = self.second_factor_at
        factor = f":{since.timestamp()}" if since else ":none" if settings.SECOND_FACTOR_REQUIRED else ""
        return f"{super()._get_session_auth_hash(secret=secret)}{factor}"  # type: ignore[misc]

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


class SecondFactor(Base):
    """The key that a person's authenticator app shares with the portal."""

    staff = models.OneToOneField(Staff, models.CASCADE, related_name="+")
    sealed_key = models.TextField()
    """Useless without `SEHAT_SECRET_KEY`, and for anybody else (`codes.seal`)."""
    last_step = models.BigIntegerField()
    """The step of the last code that counted: it and all before it count no more."""

    def __str__(self) -> str:
        return f"of {self.staff_id}"


class RecoveryCode(Base):
    """One line of the paper for the day on which the telephone is lost; the row goes when it is used."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="+", db_index=False)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"of {self.staff_id}"


class Throttle(Base):
    """Wrong tries under one key (a hash of a mobile or an address), and until when it is locked."""

    key = models.CharField(max_length=64, unique=True)
    failures = models.PositiveSmallIntegerField(default=0)
    window_started_at = models.DateTimeField(db_index=True)
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.failures}"
