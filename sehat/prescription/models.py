"""The draft a doctor writes, the prescription issued from it, and its lines."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sehat.clinic.models import Doctor
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Mode
from sehat.kernel.ids import new_ref
from sehat.kernel.models import Base
from sehat.papers.models import Paper
from sehat.papers.rules import REASON_LENGTH, Kind, Status
from sehat.papers.statement import Lines
from sehat.prescription.course import Step, steps_of
from sehat.prescription.dosage import Food
from sehat.prescription.guidelines import Pregnancy, Rule
from sehat.prescription.rules import Outcome
from sehat.registration.models import Patient

MODES = {Mode.VIDEO: _("Video"), Mode.AUDIO: _("Audio"), Mode.TEXT: _("Text")}
OUTCOMES = {
    Outcome.TREATED: _("Treated"),
    Outcome.ADVICE: _("Advice only"),
    Outcome.REFERRED: _("Referred"),
    Outcome.WRONG_OPD: _("Wrong OPD"),
    Outcome.REFUSED: _("Not treated online"),
}
PREGNANCIES = {
    Pregnancy.NOT_ASKED: _("Not asked"),
    Pregnancy.NO: _("Not pregnant"),
    Pregnancy.PREGNANT: _("Pregnant"),
    Pregnancy.LACTATING: _("Breastfeeding"),
}
ADULTS = {
    "mother": _("Mother"),
    "father": _("Father"),
    "grandparent": _("Grandparent"),
    "guardian": _("Guardian"),
    "other": _("Other adult of the family"),
}
RULES = {
    Rule.PROHIBITED: _("Prohibited medicine"),
    Rule.VIDEO: _("List A without video"),
    Rule.FOLLOW_UP: _("Only in a follow-up"),
    Rule.IN_USE: _("Refill of a medicine not in use"),
    Rule.THERAPY: _("List B without its therapy"),
    Rule.UNCONFIRMED: _("Identity or age not confirmed"),
    Rule.ALLERGY: _("Allergy"),
    Rule.ALLERGY_CLASS: _("Allergy to the class"),
    Rule.TWICE: _("Same substance twice"),
    Rule.TWICE_ELSEWHERE: _("Same substance by another route"),
    Rule.INTERACTION: _("Interaction"),
    Rule.MAXIMUM: _("More than the maximum a day"),
    Rule.PREGNANCY: _("Pregnancy"),
    Rule.PREGNANCY_UNKNOWN: _("Pregnancy not asked"),
    Rule.LACTATION: _("Breastfeeding"),
    Rule.CHILD: _("Too young for it"),
    Rule.KIDNEY: _("Kidney disease"),
    Rule.ELDERLY: _("Old age"),
    Rule.EMERGENCY: _("Signs of an emergency"),
    Rule.IN_USE_ALREADY: _("Taken already"),
    Rule.SAME_CLASS: _("Same class twice"),
    Rule.MAXIMUM_TOGETHER: _("More than the maximum by two routes"),
    Rule.MAXIMUM_WEEK: _("More than the maximum a week"),
    Rule.MAXIMUM_CHILD: _("More than the maximum for the weight"),
    Rule.LONG: _("Longer than usual"),
    Rule.WEIGHT: _("Child not weighed"),
    Rule.WEIGHT_UNLIKELY: _("Weight unlikely at that age"),
    Rule.BY_WEIGHT: _("Dose by weight"),
}
"""The guidelines' rules in a few words, for who counts them; `findings` tells a doctor why."""
FOODS = {
    Food.ANY: _("Any time"),
    Food.AFTER: _("After food"),
    Food.BEFORE: _("Before food"),
    Food.WITH: _("With food"),
    Food.EMPTY: _("Empty stomach"),
}


class Draft(Base):
    """What the doctor has written so far. One window writes; one that opens the form later takes it over."""

    consultation = models.OneToOneField(Consultation, models.CASCADE, related_name="draft")
    window = models.CharField(max_length=22)
    version = models.PositiveIntegerField(default=0)  # counted by the writing window, so that a late save loses
    body = models.JSONField(default=dict)  # the form's data, as typed
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    def __str__(self) -> str:
        return f"{self.consultation_id} v{self.version}"


TEMPLATE_NAME_LENGTH = 60


class SheetTemplate(Base):
    """What a doctor prescribes often, under a name of the doctor's own ("viral fever"). No word about a patient."""

    ref = models.CharField(max_length=22, unique=True, default=new_ref)
    doctor = models.ForeignKey(Doctor, models.CASCADE, related_name="sheet_templates")
    name = models.CharField(_("name"), max_length=TEMPLATE_NAME_LENGTH)
    content = models.JSONField(default=dict)  # of the form's data: chosen, line, advice, investigations

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        constraints = [models.UniqueConstraint(fields=["doctor", "name"], name="one_template_of_a_name")]

    def __str__(self) -> str:
        return self.name


class Allergy(Base):
    """What a patient must not be given, kept with the patient until a doctor takes it back."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="allergies")
    words = models.CharField(_("allergy"), max_length=80)  # a substance, a brand or a class, as it was told
    noted_by = models.ForeignKey(Doctor, models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(Doctor, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("allergy")
        verbose_name_plural = _("allergies")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "words"], condition=Q(withdrawn_at=None), name="one_allergy_noted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.words}"


class Prescription(Paper):
    """What was issued, as it was issued. It never changes but for being revoked, alone or by an amended one that
    names it in `replaces` (clinical.md).
    """

    KINDS = (Kind.PRESCRIPTION,)
    FOLDER = "prescriptions"

    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")

    mode = models.CharField(_("mode"), max_length=5, choices=MODES)
    complaint = models.TextField(_("complaint"))
    findings = models.TextField(_("findings"), blank=True)
    diagnoses = models.JSONField(_("diagnosis"))  # [{code, name, hindi}]
    investigations = models.TextField(_("investigations"), blank=True)
    advice = models.TextField(_("advice"), blank=True)
    red_flags = models.TextField(_("come back at once for"), blank=True)
    follow_up_on = models.DateField(_("follow-up on"), null=True)
    referral = models.JSONField(_("referral"), null=True)  # {opd, english, hindi, note}
    outcome = models.CharField(_("outcome"), max_length=9, choices=OUTCOMES, default=Outcome.TREATED)
    outcome_reason = models.CharField(_("reason"), max_length=REASON_LENGTH, blank=True)
    clinical = models.JSONField(default=dict)  # writing.Clinical, as it stood at issue
    overruled = models.JSONField(default=dict)  # {reason, rules}: what the doctor answered for (guidelines.py)

    class Meta:
        verbose_name = _("prescription")
        verbose_name_plural = _("prescriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["consultation"],
                condition=Q(status=Status.ISSUED),
                name="one_valid_prescription_per_consultation",
            )
        ]
        indexes = [
            models.Index(fields=["patient", "-issued_at"], name="prescription_by_patient"),
            models.Index(fields=["sha256"], name="prescription_by_hash"),
        ]

    @property
    def stated(self) -> Lines:
        """The lines."""
        return [line.stated for line in self.lines.all()]

    @property
    def replacement(self) -> "Prescription | None":
        """The amended one."""
        return Prescription.objects.filter(replaces=self).first()


class PrescriptionLine(models.Model):
    """One medicine of a prescription, as it stood in the formulary on the day of issue."""

    prescription = models.ForeignKey(Prescription, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=120)
    generic = models.CharField(max_length=80)
    form = models.CharField(max_length=30)
    strength = models.CharField(max_length=40)
    route = models.CharField(max_length=20)
    dose = models.CharField(_("dose"), max_length=40)
    frequency = models.CharField(_("frequency"), max_length=40)
    food = models.CharField(_("food"), max_length=6, choices=FOODS, blank=True)
    days = models.PositiveSmallIntegerField(_("duration in days"))
    quantity = models.PositiveIntegerField(_("quantity"))
    unit = models.CharField(max_length=20)
    instructions = models.CharField(_("instructions"), max_length=200, blank=True)
    taper = models.JSONField(default=list)
    """Of a taper every step, [{dose, frequency, days}]; `dose` and `frequency` are then the first step's, `days` of
    the whole course."""

    class Meta:
        verbose_name = _("prescription line")
        verbose_name_plural = _("prescription lines")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["prescription", "position"], name="one_line_per_position")]

    def __str__(self) -> str:
        return f"{self.position}. {self.generic.upper()} {self.form} {self.strength}"

    @property
    def stated(self) -> list[str]:
        """The line as plain words, for its hash (docs/verification.md)."""
        return [
            self.generic.upper(),
            self.form,
            self.strength,
            self.route,
            self.dose,
            self.frequency,
            str(self.food),
            str(self.days),
            str(self.quantity),
            self.unit,
            self.instructions,
            *([self.schedule] if self.taper else []),
        ]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The course; one step for most medicines."""
        return steps_of(self.taper or [{"dose": self.dose, "frequency": self.frequency, "days": self.days}])

    @property
    def schedule(self) -> str:
        """How often, in the doctor's short hand; of a taper each step with its days."""
        if not self.taper:
            return self.frequency
        return " → ".join(str(step) for step in self.steps)


class Objection(Base):
    """A rule of the guidelines that stood against an issue: it was refused, or the doctor overruled it.

    For HQ's reports; which medicine it was stands in the prescription or nowhere.
    """

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="objections")
    rule = models.CharField(max_length=20, choices=RULES)
    overruled = models.BooleanField()

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.rule}"
