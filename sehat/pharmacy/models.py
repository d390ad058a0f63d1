"""A supply (the medicines of a prescription on their way), its moves, what was handed out, and what is left."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sehat.accounts.models import Staff
from sehat.clinic.models import Store
from sehat.kernel.ids import new_ref
from sehat.kernel.models import Base
from sehat.pharmacy.rules import OPEN_STATES, By, State, Way, Why
from sehat.prescription.course import Step, steps_of
from sehat.prescription.models import Prescription, PrescriptionLine
from sehat.registration.models import Patient

WAYS = {Way.COLLECT: _("Collect at a store"), Way.HOME: _("Home delivery")}
STATES = {
    State.RECEIVED: _("Received"),
    State.PREPARING: _("Being prepared"),
    State.READY: _("Ready to collect"),
    State.SENT: _("Sent"),
    State.HANDED_OVER: _("Handed over"),
    State.DELIVERED: _("Delivered"),
    State.CANCELLED: _("Cancelled"),
}
REASONS = {
    Why.CHOSEN: _("You chose how to get the medicines."),
    Why.CHANGED: _("You changed it."),
    Why.AT_THE_COUNTER: _("The prescription was shown at the store."),
    Why.BEGUN: _("The store began to prepare the medicines."),
    Why.PACKED: _("The medicines are ready at the store."),
    Why.SENT: _("The medicines were sent to your home."),
    Why.HANDED_OVER: _("The medicines were handed over."),
    Why.DELIVERED: _("The medicines were delivered."),
    Why.ARRIVED: _("You told us that the medicines have arrived."),
    Why.NOT_WANTED: _("You cancelled it."),
    Why.NOT_SUPPLIED: _("The store could not supply the medicines. You can choose another."),
    Why.NOT_COLLECTED: _("The medicines were not collected and went back to the shelf. You can choose again."),
    Why.CAME_BACK: _("The parcel came back to the store. You can choose again."),
    Why.REVOKED: _("The doctor took the prescription back or replaced it."),
}
ACTORS = {By.PATIENT: _("patient"), By.STORE: _("store"), By.PORTAL: _("portal")}


class Supply(Base):
    """What of a prescription goes to the patient in one go. Its state changes only through `services.move`."""

    ref = models.CharField(max_length=22, unique=True, default=new_ref)
    prescription = models.ForeignKey(Prescription, models.PROTECT, related_name="supplies")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="supplies")
    store = models.ForeignKey(Store, models.PROTECT, related_name="supplies")
    way = models.CharField(max_length=7, choices=WAYS)
    state = models.CharField(max_length=11, choices=STATES, default=State.RECEIVED)
    # Where to, for this delivery only; empty where it is collected.
    address = models.CharField(_("address"), max_length=300, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    area = models.CharField(_("State"), max_length=60, blank=True)
    pincode = models.CharField(_("pincode"), max_length=6, blank=True)
    parcel = models.CharField(_("number of the parcel"), max_length=40, blank=True)  # the carrier's
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("supply")
        verbose_name_plural = _("supplies")
        constraints = [
            models.UniqueConstraint(
                fields=["prescription"], condition=Q(state__in=OPEN_STATES), name="one_open_supply_per_prescription"
            ),
            models.CheckConstraint(condition=Q(way=Way.HOME.value) ^ Q(address=""), name="address_for_home_only"),
        ]
        indexes = [
            models.Index(fields=["store", "state", "id"], name="supply_by_store_state"),
            models.Index(fields=["prescription", "-id"], name="supply_by_prescription"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def place(self) -> str:
        """The address of a home delivery in one line."""
        return f"{self.address}, {self.city}, {self.area} {self.pincode}"

    @property
    def number(self) -> str:
        """What the patient is told to ask for: the carrier's number, else the prescription's."""
        return self.parcel or self.prescription.number


class SupplyMove(models.Model):
    """One row of a supply's history."""

    supply = models.ForeignKey(Supply, models.CASCADE, related_name="moves")
    at = models.DateTimeField()
    frm = models.CharField(max_length=11, blank=True)
    to = models.CharField(max_length=11, choices=STATES)
    why = models.CharField(max_length=14, choices=REASONS)
    by = models.CharField(max_length=7, choices=ACTORS)
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    store = models.ForeignKey(Store, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["supply", "id"], name="move_by_supply")]

    def __str__(self) -> str:
        return f"{self.frm} → {self.to} ({self.why})"


class Balance(models.Model):
    """What of a line has been handed out, in the line's unit. The database keeps the promise: never more than was
    prescribed, over all stores.

    `carried` was handed out by the prescription that this one replaces.
    """

    line = models.OneToOneField(PrescriptionLine, models.PROTECT, related_name="balance")
    prescribed = models.PositiveIntegerField()
    carried = models.PositiveIntegerField(default=0)
    dispensed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(dispensed__lte=F("prescribed"), dispensed__gte=F("carried")),
                name="never_more_than_prescribed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.dispensed}/{self.prescribed}"


class Dispensed(Base):
    """What of a line went into a supply. `quantity` counts against the line; what was given may be another strength,
    form or brand of the same generic, with a note.
    """

    supply = models.ForeignKey(Supply, models.CASCADE, related_name="dispensed")
    line = models.ForeignKey(PrescriptionLine, models.PROTECT, related_name="dispensed")
    quantity = models.PositiveIntegerField(_("quantity"))
    code = models.CharField(max_length=120)
    form = models.CharField(max_length=30)
    strength = models.CharField(max_length=40)
    course = models.JSONField()  # [{dose, frequency, days}] of what is given
    given = models.PositiveIntegerField()
    unit = models.CharField(max_length=20)
    brand = models.CharField(_("brand"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("dispensed medicine")
        verbose_name_plural = _("dispensed medicines")
        ordering = ["line__position"]
        constraints = [
            models.UniqueConstraint(fields=["supply", "line"], name="a_line_once_in_a_supply"),
            models.CheckConstraint(condition=Q(quantity__gt=0, given__gt=0), name="something_is_dispensed"),
        ]

    def __str__(self) -> str:
        return f"{self.supply_id}/{self.line_id}: {self.quantity}"

    @property
    def steps(self) -> tuple[Step, ...]:
        """How what is given is taken."""
        return steps_of(self.course)

    @property
    def is_substitute(self) -> bool:
        """Whether another strength or form was given."""
        return self.code != self.line.code
