"""What a patient fills in: the mobile, the OTP, the own details."""

from dataclasses import asdict
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from sehat.entitlement.models import CATEGORIES, RELATIONS
from sehat.entitlement.rules import Category, Relation, age_on, is_service_number, tidy_service_number
from sehat.kernel.phones import ascii_digits, indian_mobile
from sehat.registration import queries, rules
from sehat.registration.models import GENDERS, LANGUAGES, SPECIAL_NEEDS, Patient
from sehat.registration.place_names import STATES
from sehat.registration.services import Contact, Identity

CHOOSE = ("", _("Please choose"))
IDENTITY = ("name", "gender", "date_of_birth", "age", "category", "service_number", "relation")
CONTACT = ("email", "address", "pincode", "state", "district", "city", "language", "special_need")
_MISSING = {"required": _("Please fill this in.")}
_CHOOSE_ONE = {"required": _("Please choose one."), "invalid_choice": _("Please choose one of the list.")}


class MobileField(forms.CharField):
    """An Indian mobile number; gives its ten national digits."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"})
        wrong = _("Please enter an Indian mobile number of ten digits, e.g. 98765 43210.")
        messages = {"required": _("Please enter your mobile number."), "invalid": wrong, "max_length": wrong}
        super().__init__(label=_("Mobile Number"), max_length=25, widget=widget, error_messages=messages, **kwargs)

    def clean(self, value: Any) -> str:
        """Refuse what is no Indian mobile number."""
        mobile = indian_mobile(super().clean(value))
        if mobile is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return mobile


class MobileForm(forms.Form):
    """To which mobile the OTP goes."""

    use_required_attribute = False
    mobile = MobileField()


class OtpForm(forms.Form):
    """The OTP that came."""

    use_required_attribute = False
    code = forms.CharField(
        label=_("Enter OTP"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("Please enter the OTP from the SMS.")},
    )

    def clean_code(self) -> str:
        """The digits, in whatever script and with whatever spaces they were typed."""
        code = "".join(ascii_digits(self.cleaned_data["code"]).split()).replace("-", "")
        if not (code.isascii() and code.isdigit() and len(code) == queries.otp_policy().digits):
            raise forms.ValidationError(
                ngettext_lazy(
                    "The OTP has %(digits)s digit. Please enter it as it stands in the SMS.",
                    "The OTP has %(digits)s digits. Please enter it as it stands in the SMS.",
                    "digits",
                ),
                params={"digits": queries.otp_policy().digits},
            )
        return code


class _FilledElsewhere:
    """Must be known in the end (a red star), but may come from another field: see `PatientForm.clean`."""

    def validate(self, value: Any) -> None:
        if value not in forms.Field.empty_values:
            super().validate(value)  # type: ignore[misc]


class _StarredDate(_FilledElsewhere, forms.DateField): ...


class _StarredNumber(_FilledElsewhere, forms.IntegerField):
    def to_python(self, value: Any) -> int | None:
        """The number, in whatever script its digits were typed."""
        return super().to_python(ascii_digits(str(value)) if value is not None else None)


class _StarredChoice(_FilledElsewhere, forms.ChoiceField): ...


class IdentityForm(forms.Form):
    """Who a patient is: what only a correction changes later (domain.md, step 1)."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("Name"),
        min_length=2,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages=_MISSING | {"min_length": _("Please enter your full name.")},
    )
    gender = forms.ChoiceField(label=_("Gender"), choices=[CHOOSE, *GENDERS.items()], error_messages=_CHOOSE_ONE)
    date_of_birth = _StarredDate(
        label=_("Date of birth"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday"}),
        input_formats=["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y"],
        help_text=_("Not sure of the day? Then fill in the age instead."),
        error_messages={"invalid": _("Please enter the date as day, month and year, e.g. 31-12-1960.")},
    )
    age = _StarredNumber(
        label=_("Age"),
        min_value=0,
        max_value=rules.OLDEST,
        # Not type="number", which takes no Devanagari digits.
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_("In years. Not needed with a date of birth."),
        error_messages=dict.fromkeys(
            ["invalid", "min_value", "max_value"], _("Please enter the age in full years, from 0 to 120.")
        ),
    )
    category = forms.ChoiceField(label=_("Category"), choices=[CHOOSE, *CATEGORIES.items()], error_messages=_CHOOSE_ONE)
    service_number = forms.CharField(
        label=_("Service number"),
        max_length=30,
        help_text=_(
            "Ex-servicemen may give the ECHS card number. "
            "Dependents give the service number of the soldier or ex-serviceman."
        ),
        error_messages=_MISSING,
    )
    relation = forms.ChoiceField(
        label=_("Relation"),
        choices=[CHOOSE, *RELATIONS.items()],
        required=False,
        help_text=_("Only for dependents: what you are to the soldier or ex-serviceman."),
        error_messages=_CHOOSE_ONE,
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)
        self.fields["date_of_birth"].widget.attrs["max"] = today.isoformat()

    def clean_name(self) -> str:
        """Without doubled spaces."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not any(character.isalpha() for character in name):
            raise forms.ValidationError(_("Please enter your full name."))
        if not rules.is_name(name):
            raise forms.ValidationError(
                _("Please write the name in English or Hindi letters, as it stands on the identity card.")
            )
        return name

    def clean_service_number(self) -> str:
        """Capitals and digits."""
        number = tidy_service_number(self.cleaned_data["service_number"])
        if not is_service_number(number):
            raise forms.ValidationError(_("Please enter the service number: letters and digits, 4 to 20 of them."))
        return number

    def clean(self) -> dict[str, Any]:
        """Hold the fields against each other; a birthday may be told as an age."""
        self._clean_relation()
        self._clean_birth()
        return self.cleaned_data

    def _clean_relation(self) -> None:
        data = self.cleaned_data
        if data.get("category") != Category.DEPENDENT:
            data["relation"] = ""
        elif not data.get("relation") and "relation" not in self.errors:
            self.add_error("relation", _("Please choose what you are to the soldier or ex-serviceman."))

    def _clean_birth(self) -> None:
        if {"date_of_birth", "age"} & self.errors.keys():
            return
        born, age = self.cleaned_data.get("date_of_birth"), self.cleaned_data.get("age")
        if born is None and age is None:
            self.add_error("date_of_birth", _("Please enter the date of birth, or the age below."))
        elif born and not 0 <= age_on(self.today, born) <= rules.OLDEST:
            self.add_error("date_of_birth", _("Please check the year of the date of birth."))
        elif born and age is not None and abs(age_on(self.today, born) - age) > 1:
            self.add_error("age", _("Date of birth and age do not fit together. Please leave one of them empty."))

    @property
    def identity(self) -> Identity:
        """Who it is, of a valid form."""
        data = self.cleaned_data
        born = data.get("date_of_birth")
        return Identity(
            name=data["name"],
            gender=data["gender"],
            date_of_birth=born or rules.born_if_aged(data["age"], self.today),
            only_age_known=born is None,
            category=Category(data["category"]),
            service_number=data["service_number"],
            relation=Relation(data["relation"]) if data["relation"] else None,
        )


class PatientForm(IdentityForm):
    """The own details; of a known patient the identity is shown and locked (domain.md, step 1)."""

    email = forms.EmailField(
        label=_("Email"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("Please enter an e-mail address, e.g. name@example.in, or leave it empty.")},
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        error_messages=_MISSING,
    )
    pincode = forms.CharField(
        label=_("Pincode"),
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"}),
        help_text=_("Fills in State and District."),
        error_messages=_MISSING,
    )
    state = _StarredChoice(label=_("State"), error_messages=_CHOOSE_ONE)
    district = _StarredChoice(label=_("District"), error_messages=_CHOOSE_ONE)
    city = forms.CharField(
        label=_("City"),
        max_length=60,
        widget=forms.TextInput(attrs={"list": "cities", "autocomplete": "address-level2"}),
        error_messages=_MISSING,
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=list(LANGUAGES.items()),
        help_text=_("For SMS, e-mail and prescription."),
        error_messages=_CHOOSE_ONE,
    )
    special_need = forms.ChoiceField(
        label=_("Pregnancy or disability"),
        choices=[("", pgettext_lazy("special need", "None")), *SPECIAL_NEEDS.items()],
        required=False,
        help_text=_("You are called a little earlier."),
    )

    def __init__(self, *args: Any, patient: Patient | None, today: date, **kwargs: Any) -> None:
        self.patient = patient
        if patient is not None:
            kwargs["initial"] = _known(patient, today) | kwargs.get("initial", {})
        super().__init__(*args, today=today, **kwargs)
        if patient is not None:
            for name in IDENTITY:
                self.fields[name].disabled = True
                self.fields[name].help_text = ""
        _field(self, "state").choices = [CHOOSE, *STATES.items()]
        _field(self, "district").choices = [CHOOSE, *((name, name) for name in self.districts)]

    @property
    def districts(self) -> list[str]:
        """The districts of the State that is chosen, or that the pincode lies in."""
        state = self["state"].value()
        if not state:
            place = queries.place_of(_tidy_pincode(self["pincode"].value() or ""))
            state = place.state if place else ""
        return queries.districts_of(state)

    def clean_name(self) -> str:
        """As in `IdentityForm`; what stands in the records is not judged anew, as nobody can mend it here."""
        return super().clean_name() if self.patient is None else self.patient.name

    def clean_pincode(self) -> str:
        """Six digits that exist; of the Army Postal Service there is no list."""
        pincode = _tidy_pincode(self.cleaned_data["pincode"])
        well_formed = len(pincode) == 6 and pincode.isascii() and pincode.isdigit()
        if not well_formed or not (pincode.startswith(rules.ARMY_POST) or queries.place_of(pincode)):
            raise forms.ValidationError(_("We do not know this pincode. Please enter its six digits, e.g. 110010."))
        return pincode

    def clean(self) -> dict[str, Any]:
        """Fill in from one field what another leaves open; hold them against each other."""
        self._clean_place()
        return super().clean() if self.patient is None else self.cleaned_data

    def _clean_place(self) -> None:
        data = self.cleaned_data
        place = queries.place_of(data.get("pincode", ""))
        if not data.get("state") and "state" not in self.errors:
            if place:
                data["state"] = place.state
            elif "pincode" not in self.errors:
                self.add_error("state", _("Please choose the State."))
        if not data.get("district") and "district" not in self.errors and data.get("state"):
            if place and place.state == data["state"] and len(place.districts) == 1:
                data["district"] = place.districts[0]
            else:
                self.add_error("district", _("Please choose the District."))

    @property
    def contact(self) -> Contact:
        """Where and how to reach the patient."""
        return Contact(**{name: self.cleaned_data[name] for name in CONTACT})


def _known(patient: Patient, today: date) -> dict[str, Any]:
    """What the form shows of a known patient: the date of birth, or the age where only that is known."""
    known: dict[str, Any] = {name: getattr(patient, name) for name in (*IDENTITY, *CONTACT) if name != "age"}
    if patient.only_age_known:
        known |= {"date_of_birth": None, "age": patient.age(today)}
    return known


def _tidy_pincode(text: str) -> str:
    return "".join(ascii_digits(str(text)).split())


def _field(form: forms.Form, name: str) -> forms.ChoiceField:
    return cast(forms.ChoiceField, form.fields[name])


class CorrectionForm(IdentityForm):
    """What should stand there instead, and why."""

    reason = forms.CharField(
        label=_("What is wrong, and why?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: the name is spelt differently on the identity card."),
        error_messages=_MISSING,
    )

    def __init__(self, *args: Any, patient: Patient, today: date, **kwargs: Any) -> None:
        self.patient = patient
        super().__init__(*args, today=today, initial=_known(patient, today), **kwargs)

    def clean(self) -> dict[str, Any]:
        """Refuses a request that changes nothing."""
        data = super().clean()
        if not self.errors and not self.changes:
            raise forms.ValidationError(_("Nothing is changed. Please correct the field that is wrong."))
        return data

    @property
    def changes(self) -> dict[str, str]:
        """The identity's fields that differ, with their new values as text; an age told anew counts by the year."""
        new = asdict(self.identity)
        if self.identity.only_age_known and self.patient.age(self.today) == self.cleaned_data["age"]:
            new |= {"date_of_birth": self.patient.date_of_birth, "only_age_known": self.patient.only_age_known}
        new["relation"] = new["relation"] or ""
        return {name: str(value) for name, value in new.items() if str(value) != str(getattr(self.patient, name))}
