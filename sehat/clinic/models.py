"""Hospitals, OPDs, hours, holidays, doctors, stores."""

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sehat.accounts.models import Staff
from sehat.clinic.rules import DoctorState, DutyPart, Hours, OpdKind
from sehat.kernel.models import Base


class Hospital(Base):
    """A service hospital: where doctors sit and medicines are collected."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    city = models.CharField(_("city"), max_length=80)
    state = models.CharField(_("State"), max_length=60)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("hospital")
        verbose_name_plural = _("hospitals")

    def __str__(self) -> str:
        return self.name


class Opd(Base):
    """One outpatient department with one line of patients."""

    code = models.CharField(
        _("code"),
        max_length=4,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]+$")],
        help_text=_("Capital letters; the beginning of every token number."),
    )
    name = models.CharField(_("name"), max_length=60)
    name_hi = models.CharField(_("name in Hindi"), max_length=60)
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=[(OpdKind.GENERAL.value, _("General")), (OpdKind.SPECIALIST.value, _("Specialist"))],
    )
    daily_cap = models.PositiveIntegerField(_("tokens a day"), null=True, blank=True, help_text=_("Empty: no limit."))
    hospital = models.ForeignKey(
        Hospital,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="opds",
        verbose_name=_("run by"),
        help_text=_("Its commandant sets hours and holidays. Empty: HQ does."),
    )

    class Meta:
        verbose_name = _("OPD")
        verbose_name_plural = _("OPDs")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name_hi if get_language() == "hi" and self.name_hi else self.name


class OpeningHours(Base):
    """One stretch of opening; an OPD without any keeps the default Monday to Saturday, 09:00 to 17:00."""

    opd = models.ForeignKey(Opd, models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(
        _("weekday"),
        validators=[MaxValueValidator(6)],
        choices=list(
            enumerate(
                [
                    _("Monday"),
                    _("Tuesday"),
                    _("Wednesday"),
                    _("Thursday"),
                    _("Friday"),
                    _("Saturday"),
                    _("Sunday"),
                ]
            )
        ),
    )
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints = [
            models.CheckConstraint(condition=models.Q(closes__gt=models.F("opens")), name="hours_close_after_opening")
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"

    @property
    def hours(self) -> Hours:
        """As the rules read it."""
        return Hours(self.weekday, self.opens, self.closes)


class Holiday(Base):
    """A day without OPD: of one OPD, or of all where none is named."""

    opd = models.ForeignKey(Opd, models.CASCADE, null=True, blank=True, related_name="holidays")
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        indexes = [models.Index(fields=["day"], name="holiday_by_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Doctor(Base):
    """A medical officer in an OPD, with what stands on a prescription, and what the desk is doing now."""

    staff = models.OneToOneField(Staff, models.PROTECT, related_name="doctor")
    hospital = models.ForeignKey(Hospital, models.PROTECT, related_name="doctors")
    opd = models.ForeignKey(Opd, models.PROTECT, related_name="doctors")
    rank = models.CharField(_("rank"), max_length=30, blank=True)
    qualification = models.CharField(_("qualification"), max_length=80)
    registration_number = models.CharField(_("registration number"), max_length=30)
    council = models.CharField(_("medical council"), max_length=80)
    contact = models.CharField(_("contact"), max_length=60, blank=True)
    languages = models.CharField(_("languages"), max_length=120)
    state = models.CharField(
        _("state"),
        max_length=10,
        default=DoctorState.OFFLINE,
        editable=False,
        choices=[
            (DoctorState.OFFLINE.value, _("Offline")),
            (DoctorState.AVAILABLE.value, _("Available")),
            (DoctorState.CALLING.value, _("Calling a patient")),
            (DoctorState.CONSULTING.value, _("In consultation")),
            (DoctorState.PAUSED.value, _("Paused")),
        ],
    )
    state_since = models.DateTimeField(null=True, editable=False)
    # Why the portal paused the desk, to be told to the doctor: "unanswered", or empty where the doctor paused.
    paused_because = models.CharField(max_length=12, blank=True, editable=False)

    class Meta:
        verbose_name = _("doctor")
        verbose_name_plural = _("doctors")
        constraints = [
            models.UniqueConstraint(fields=["council", "registration_number"], name="one_doctor_per_registration")
        ]
        indexes = [models.Index(fields=["opd", "state", "state_since"], name="doctor_by_opd_state")]

    def __str__(self) -> str:
        return f"{self.rank} {self.staff.get_full_name()}".strip()


class Posting(Base):
    """The hospital where a member of staff serves who is no doctor: whose board a commandant sees."""

    staff = models.OneToOneField(Staff, models.CASCADE, related_name="posting", verbose_name=_("member of staff"))
    hospital = models.ForeignKey(Hospital, models.PROTECT, related_name="postings", verbose_name=_("hospital"))

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")

    def __str__(self) -> str:
        return f"{self.staff}, {self.hospital}"


DUTY_PARTS = {
    DutyPart.WHOLE: _("Whole day"),
    DutyPart.FORENOON: _("Forenoon"),
    DutyPart.AFTERNOON: _("Afternoon"),
}


class Duty(Base):
    """One doctor's duty on one day of the roster. No row: not on duty. The roster plans, it locks nobody out."""

    doctor = models.ForeignKey(Doctor, models.CASCADE, related_name="duties")
    day = models.DateField()
    part = models.CharField(max_length=9, choices=DUTY_PARTS)

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        constraints = [models.UniqueConstraint(fields=["doctor", "day"], name="one_duty_a_day")]

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.day} {self.part}"


class Store(Base):
    """The store of a service hospital: where medicines are handed out, and from where they are sent home. It is
    known by the hospital's name; its pharmacists are those posted to the hospital.
    """

    hospital = models.OneToOneField(Hospital, models.PROTECT, related_name="store", verbose_name=_("hospital"))
    address = models.CharField(_("address"), max_length=200, help_text=_("As people find it: gate, floor, street."))
    hours = models.CharField(
        _("opening hours"), max_length=80, help_text=_("As people read them: Mon-Sat 09:00-17:00.")
    )
    sends_home = models.BooleanField(_("sends medicines home"), default=False)
    is_open = models.BooleanField(_("in use"), default=True, help_text=_("Patients can choose it."))

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")

    def __str__(self) -> str:
        return self.hospital.name
