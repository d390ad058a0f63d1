"""The patient, the patient's consents, and the OTP of a mobile."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sehat.accounts.models import Staff
from sehat.entitlement.models import CATEGORIES, RELATIONS, VERIFICATIONS
from sehat.entitlement.rules import Category, Verification, age_on
from sehat.kernel.models import Base
from sehat.registration.rules import Correction, Gender, SpecialNeed, grouped

GENDERS = {Gender.FEMALE: _("Female"), Gender.MALE: _("Male"), Gender.OTHER: _("Other")}
SPECIAL_NEEDS = {SpecialNeed.PREGNANCY: _("Pregnancy"), SpecialNeed.DISABILITY: _("Disability")}
# The names of languages stay in their own script, whatever the page speaks.
LANGUAGES = {"hi": "हिन्दी", "en": "English"}


class Patient(Base):
    """A person with a Patient ID: for life, and one for one mobile number (domain.md, step 1)."""

    patient_id = models.CharField(_("Patient ID"), max_length=12, unique=True)
    mobile = models.CharField(_("mobile number"), max_length=10, unique=True)  # ten national digits
    mobile_proved_at = models.DateTimeField(_("mobile proved at"))

    # Identity: changed only by a correction that the AMA desk decides.
    name = models.CharField(_("name"), max_length=100)
    gender = models.CharField(_("gender"), max_length=10, choices=GENDERS)
    date_of_birth = models.DateField(_("date of birth"))
    only_age_known = models.BooleanField(_("only the age is known"), default=False)
    category = models.CharField(_("category"), max_length=10, choices=CATEGORIES)
    service_number = models.CharField(  # of a dependent: the sponsor's
        _("service number"), max_length=20, db_index=True
    )
    relation = models.CharField(_("relation"), max_length=10, choices=RELATIONS, blank=True)

    # Contact: the patient changes it with the next token.
    email = models.EmailField(_("email"), blank=True)
    address = models.CharField(_("address"), max_length=300)
    pincode = models.CharField(_("pincode"), max_length=6)
    state = models.CharField(_("State"), max_length=60)
    district = models.CharField(_("district"), max_length=60)
    city = models.CharField(_("city"), max_length=60)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, default="hi")
    special_need = models.CharField(_("special need"), max_length=10, choices=SPECIAL_NEEDS, blank=True)

    verification = models.CharField(
        _("verification"), max_length=10, choices=VERIFICATIONS, default=Verification.PENDING
    )
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        constraints = [
            models.CheckConstraint(
                condition=Q(category=Category.DEPENDENT.value) ^ Q(relation=""),
                name="relation_for_dependents_only",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(verification=Verification.PENDING.value),
                name="patient_to_be_verified",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.grouped_id})"

    @property
    def grouped_id(self) -> str:
        """The Patient ID as people read it, in groups of four."""
        return grouped(self.patient_id)

    @property
    def is_verified(self) -> bool:
        """Say whether the AMA register or the AMA desk has confirmed the entitlement."""
        return self.verification == Verification.VERIFIED

    @property
    def sponsor_service_number(self) -> str:
        """The sponsor's number of a dependent, else empty."""
        return self.service_number if self.category == Category.DEPENDENT else ""

    def age(self, on: date) -> int:
        """Completed years on that day; within a year when only the age is known."""
        return age_on(on, self.date_of_birth)


class Consent(Base):
    """That a patient agreed: to which wording, in which language, when (`created_at`)."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    version = models.CharField(_("version"), max_length=20)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    agreed_at = models.DateTimeField(_("agreed at"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return f"{self.patient} · {self.version}"


CORRECTIONS = {
    Correction.OPEN: _("Waiting for the AMA desk"),
    Correction.APPROVED: _("Corrected"),
    Correction.REFUSED: _("Not changed"),
}


class CorrectionRequest(Base):
    """What a patient asks to have corrected of the identity; the AMA desk decides."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="corrections")
    changes = models.JSONField(_("changes"))  # field → new value as text
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(_("decision"), max_length=8, choices=CORRECTIONS, default=Correction.OPEN)
    asked_at = models.DateTimeField(_("asked at"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("correction request")
        verbose_name_plural = _("correction requests")
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(state=Correction.OPEN.value), name="one_open_correction_per_patient"
            )
        ]

    def __str__(self) -> str:
        return f"{self.patient}"

    @property
    def differences(self) -> list[tuple[str, ...]]:
        """Of each field: its label, what stands there, what should stand there."""
        fields = {name: Patient._meta.get_field(name) for name in self.changes}
        rows = []
        for name, field in fields.items():
            if isinstance(field, models.Field):
                shown = {str(value): str(label) for value, label in field.flatchoices}
                values = (str(getattr(self.patient, name)), self.changes[name])
                rows.append((str(field.verbose_name), *(shown.get(value, value) for value in values)))
        return rows


class Otp(Base):
    """The one live OTP of a mobile: a new one takes the place of the old one in the same row.

    One row per mobile, so that every limit is kept by a compare-and-set on that row and no two
    requests at once can win an extra send or an extra try.
    """

    mobile = models.CharField(max_length=10, unique=True)
    digest = models.CharField(max_length=64)  # HMAC-SHA256 with the secret key, hex
    sent_at = models.DateTimeField(db_index=True)
    sends = models.JSONField(default=list)  # epoch seconds of the sends of the last hour
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "OTP"
        verbose_name_plural = "OTPs"

    def __str__(self) -> str:
        return f"OTP · {self.mobile}"
