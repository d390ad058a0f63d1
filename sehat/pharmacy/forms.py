"""What a patient chooses, what a pharmacist looks up by, and what goes into a parcel."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sehat.clinic import queries as clinic
from sehat.clinic.models import Store
from sehat.kernel.phones import ascii_digits
from sehat.papers.printable import printable
from sehat.pharmacy import packing, rules
from sehat.pharmacy.errors import CannotSend
from sehat.pharmacy.models import WAYS, Supply
from sehat.pharmacy.packing import Packed
from sehat.pharmacy.rules import Way
from sehat.pharmacy.services import Choice, Place
from sehat.prescription import phrases
from sehat.prescription.models import PrescriptionLine
from sehat.registration import queries as places
from sehat.registration.forms import MobileField
from sehat.registration.models import Patient
from sehat.registration.rules import ARMY_POST

_MISSING = {"required": _("Please fill this in.")}


class CodeForm(forms.Form):
    """The number of the sheet, or what a reader made of its code."""

    use_required_attribute = False
    code = forms.CharField(
        label=_("Prescription number or code"),
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("As at the top right of the sheet, for example RX-7K3M-9QTD-2; or scan the square code."),
        error_messages=_MISSING,
    )

    def __init__(self, *args: Any, autofocus: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = autofocus


class MobileForm(forms.Form):
    """For who has come without the sheet."""

    use_required_attribute = False
    mobile = MobileField()
    letters = forms.CharField(
        label=_("Last five letters of the prescription number"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("They stand in the patient's SMS as well: 9QTD-2 of RX-7K3M-9QTD-2."),
        error_messages=_MISSING,
    )

    def clean_letters(self) -> str:
        """As they stand on the sheet, however they were typed."""
        letters = rules.last_letters(self.cleaned_data["letters"])
        if letters is None:
            raise forms.ValidationError(_("Please enter the last five letters, e.g. 9QTD-2."))
        return letters


class ChoiceForm(forms.Form):
    """How the patient gets the medicines: where from, or where to."""

    use_required_attribute = False
    way = forms.ChoiceField(
        label=_("How would you like to get your medicines?"),
        choices=list(WAYS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )
    store = forms.ModelChoiceField(
        label=_("Store"),
        queryset=Store.objects.none(),
        required=False,
        empty_label=str(_("Please choose")),
        error_messages={"invalid_choice": _("Please choose one of the list.")},
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    city = forms.CharField(
        label=_("City"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    pincode = forms.CharField(
        label=_("Pincode"),
        max_length=10,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"}),
    )
    confirmed = forms.BooleanField(label=_("This address is right"), required=False)

    def __init__(self, *args: Any, patient: Patient, supply: Supply | None, **kwargs: Any) -> None:
        self.patient = patient
        self.sender = clinic.store_that_sends(patient.state)
        last = supply if supply and supply.way == Way.HOME else patient
        kwargs["initial"] = {
            "way": supply.way if supply else None,
            "store": supply.store_id if supply and supply.way == Way.COLLECT else None,
            "address": last.address,
            "city": last.city,
            "pincode": last.pincode,
        }
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = clinic.stores(patient.state)  # type: ignore[attr-defined]
        self.fields["store"].label_from_instance = _label  # type: ignore[attr-defined]
        if self.sender is None:
            self.fields["way"].choices = [(Way.COLLECT.value, WAYS[Way.COLLECT])]  # type: ignore[attr-defined]

    def clean_pincode(self) -> str:
        """Six digits that exist, where the parcel goes home."""
        pincode = "".join(ascii_digits(self.cleaned_data["pincode"]).split())
        if self._goes_home and not ((pincode.startswith(ARMY_POST) and len(pincode) == 6) or places.place_of(pincode)):
            raise forms.ValidationError(_("We do not know this pincode. Please enter its six digits, e.g. 110010."))
        return pincode

    def clean(self) -> dict[str, Any]:
        """What the chosen way needs."""
        data = self.cleaned_data
        if self._goes_home:
            for name in ("address", "city"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Please fill this in."))
            if not data.get("confirmed"):
                self.add_error("confirmed", _("Please look at the address and tick this box."))
        elif data.get("way") and not data.get("store") and "store" not in self.errors:
            self.add_error("store", _("Please choose a store."))
        return data

    @property
    def _goes_home(self) -> bool:
        return self.cleaned_data.get("way") == Way.HOME

    @property
    def choice(self) -> Choice:
        """What was chosen, of a valid form."""
        data = self.cleaned_data
        if not self._goes_home:
            return Choice(data["store"])
        place = places.place_of(data["pincode"])
        area = place.state if place else self.patient.state
        store = clinic.store_that_sends(area)
        if store is None:
            raise CannotSend
        return Choice(store, Place(data["address"], data["city"], area, data["pincode"]))


def _label(store: Store) -> str:
    return f"{store.hospital.name}, {store.hospital.city} ({store.hours})"


class LineForm(forms.Form):
    """One medicine of the parcel."""

    use_required_attribute = False
    quantity = forms.IntegerField(
        label=_("Quantity"),
        min_value=0,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": _("Enter how many, 0 for none."),
            "invalid": _("Enter a whole number."),
            "min_value": _("Enter how many, 0 for none."),
        },
    )
    code = forms.ChoiceField(label=_("What is given"), required=False)
    brand = forms.CharField(label=_("Brand"), max_length=60, required=False, validators=[printable])
    note = forms.CharField(
        label=_("Note"),
        max_length=200,
        required=False,
        validators=[printable],
        help_text=_("Needed for another strength or form: why."),
    )

    def __init__(self, data: Any, *, line: PrescriptionLine, left: int, initial: dict[str, Any]) -> None:
        self.line, self.left = line, left
        super().__init__(data, prefix=f"line{line.position}", initial=initial)
        others = [
            (medicine.code, _exchanged(medicine.form, medicine.strength, " → ".join(step.dose for step in how.steps)))
            for medicine, how in packing.substitutes(line)
        ]
        self.fields["code"].choices = [  # type: ignore[attr-defined]
            ("", pgettext_lazy("medicine", "As prescribed")),
            *others,
        ]
        self.fields["quantity"].widget.attrs["max"] = left

    def clean_quantity(self) -> int:
        """Refuses more than is left."""
        quantity: int = self.cleaned_data["quantity"]
        if quantity > self.left:
            left = phrases.counted(self.left, self.line.unit)
            raise forms.ValidationError(
                _("Only %(left)s are left of this prescription."), params={"left": left.english}
            )
        return quantity

    def clean(self) -> dict[str, Any]:
        """Another strength or form needs a note."""
        data = self.cleaned_data
        if data.get("code") and data.get("quantity") and not data.get("note") and "note" not in self.errors:
            self.add_error("note", _("Write why another strength or form is given."))
        return data

    @property
    def packed(self) -> Packed:
        """What goes into the parcel, of a valid form."""
        data = self.cleaned_data
        return Packed(self.line, data["quantity"], data["code"], data["brand"], data["note"])


def _exchanged(form: str, strength: str, dose: str) -> str:
    return f"{form} {strength} ({dose})"


class ParcelForm(forms.Form):
    """What the carrier says of the parcel."""

    use_required_attribute = False
    parcel = forms.CharField(
        label=_("Number of the parcel"),
        max_length=40,
        required=False,
        help_text=_("The post's or courier's, if there is one: the patient is told."),
    )
