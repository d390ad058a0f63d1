"""The part of the form with what was asked and measured: allergies, medicines in use, history, vitals, the person."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from sehat.papers.printable import printable
from sehat.papers.rules import REASON_LENGTH
from sehat.prescription import vitals
from sehat.prescription.guidelines import Pregnancy
from sehat.prescription.models import ADULTS, PREGNANCIES
from sehat.prescription.writing import Clinical

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NONE_KNOWN = frozenset({"none", "nil", "no", "nka", "nkda", "none known", "no known allergy", "नहीं", "कोई नहीं", "-"})
MOST_WORDS, WORD_LENGTH = 20, 80


def words_of(text: str) -> tuple[str, ...]:
    """What a doctor lists with commas, semicolons or line ends, each once."""
    parts = (" ".join(part.split())[:WORD_LENGTH] for part in re.split(r"[,;\n]", text))
    return tuple(dict.fromkeys(part for part in parts if part))[:MOST_WORDS]


def _line(label: "StrOrPromise", length: int, *, help_text: "StrOrPromise" = "") -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=length, help_text=help_text, validators=[printable])


def _measure(name: str, label: "StrOrPromise") -> forms.FloatField:
    bounds = vitals.RANGES[name]
    return forms.FloatField(
        label=label,
        required=False,
        min_value=bounds.least,
        max_value=bounds.most,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": bounds.step}),
        error_messages={
            "invalid": _("Write a number."),
            "min_value": _("Nobody alive has less than %(limit_value)s °F. In °F, please: 37 °C are 98.6 °F.")
            if bounds.unit == "°F"
            else _("Nobody alive has less than %(limit_value)s."),
            "max_value": _("Nobody alive has more than %(limit_value)s."),
        },
    )


def _day(label: "StrOrPromise") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write the date as day, month and year.")},
    )


def body_of(clinical: Clinical) -> dict[str, list[str]]:
    """What was asked and measured, as the form would have sent it."""
    vitals_ = {name: f"{value:g}" for name, value in clinical.vitals.items()}
    systolic, diastolic = vitals_.pop("systolic", ""), vitals_.pop("diastolic", "")
    none_known = clinical.allergies is not None and not clinical.allergies
    values = vitals_ | {
        "pressure": f"{systolic}/{diastolic}" if systolic else "",
        "allergies": "none" if none_known else ", ".join(clinical.allergies or ()),
        "in_use": ", ".join(clinical.in_use),
        "history": clinical.history,
        "pregnancy": clinical.pregnancy,
        "lmp": clinical.lmp.isoformat() if clinical.lmp else "",
        "seen_on": clinical.seen_on.isoformat() if clinical.seen_on else "",
        "adult_name": clinical.adult_name,
        "adult_relation": clinical.adult_relation,
        "adult_identity": clinical.adult_identity,
        **{name: "on" for name in ("confirmed", "no_emergency", "kidney_disease") if getattr(clinical, name)},
    }
    return {name: [value] for name, value in values.items()} | {"coded": list(clinical.symptoms)}


class ClinicalForm(forms.Form):
    """Asked and measured. Nothing of it holds the doctor up but what is impossible, and a minor without an adult."""

    allergies = _line(_("Allergies"), 400)
    in_use = _line(_("Already taking"), 600)
    history = forms.CharField(
        label=_("History"),
        required=False,
        max_length=1000,
        validators=[printable],
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    temperature = _measure("temperature", _("Temp., °F"))
    pulse = _measure("pulse", _("Pulse"))
    pressure = _line(_("BP"), 9)
    oxygen = _measure("oxygen", _("SpO₂, %"))
    respiration = _measure("respiration", _("Breaths/min"))
    sugar = _measure("sugar", _("Sugar, mg/dl"))
    weight = _measure("weight", _("Weight, kg"))
    height = _measure("height", _("Height, cm"))
    no_emergency = forms.BooleanField(label=_("No emergency: I have looked into the signs"), required=False)
    kidney_disease = forms.BooleanField(label=_("Kidney disease"), required=False)
    pregnancy = forms.ChoiceField(label=_("Pregnancy"), required=False, choices=list(PREGNANCIES.items()))
    lmp = _day(_("Last period began on"))
    seen_on = _day(_("Seen by me in person on"))
    confirmed = forms.BooleanField(label=_("Identity and age confirmed"), required=False)
    adult_name = _line(_("Adult present"), 100)
    adult_relation = forms.ChoiceField(
        label=_("Relation to the child"), required=False, choices=[("", "–"), *ADULTS.items()]
    )
    adult_identity = _line(
        _("Identity shown by the adult"), 60, help_text=_("Which card; of Aadhaar the last four digits only.")
    )
    overrule = _line(_("Why a rule is not followed"), REASON_LENGTH)

    VITALS = ("temperature", "pulse", "pressure", "oxygen", "respiration", "sugar", "weight", "height")

    def __init__(
        self, *args: object, is_minor: bool, may_be_pregnant: bool, is_emergency: bool, today: date, **kwargs: object
    ) -> None:
        """What is asked goes by the person (`judging.is_minor`, `judging.may_be_pregnant`) and by the token."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["allergies"].widget.attrs["placeholder"] = _("with commas; or: none")
        self.fields["in_use"].widget.attrs["placeholder"] = _("medicines, with commas")
        self.today, self.is_minor, self.is_emergency = today, is_minor, is_emergency
        if not is_emergency:
            del self.fields["no_emergency"]
        if not may_be_pregnant:
            del self.fields["pregnancy"], self.fields["lmp"]
        if not self.is_minor:
            del self.fields["adult_name"], self.fields["adult_relation"], self.fields["adult_identity"]
        if not settings.OVERRULE_ALLOWED:
            del self.fields["overrule"]

    @property
    def measures(self) -> Sequence[forms.BoundField]:
        """The fields of the vitals."""
        return [self[name] for name in self.VITALS]

    @property
    def person(self) -> Sequence[forms.BoundField]:
        """The fields about the person."""
        adult = ("adult_name", "adult_relation", "adult_identity")
        names = (*adult, "confirmed", "no_emergency", "lmp", "kidney_disease", "seen_on")
        return [self[name] for name in names if name in self.fields]

    @property
    def person_is_open(self) -> bool:
        """Whether the part about the person must be seen."""
        return self.is_minor or self.is_emergency or any(field.errors for field in self.person)

    @property
    def more_is_open(self) -> bool:
        """Whether history and vitals must be seen; of a minor always, as doses go by weight."""
        fields = [*self.measures, self["history"]]
        return self.is_minor or any(field.errors or field.value() for field in fields)

    def clean_pressure(self) -> str:
        """Refuses what is no blood pressure."""
        text: str = self.cleaned_data["pressure"]
        if text:
            try:
                vitals.read_pressure(text)
            except ValueError:
                raise forms.ValidationError(_("Write it as 120/80, between 50/20 and 300/200.")) from None
        return text

    def clean_lmp(self) -> date | None:
        """Refuses a day to come and one more than a year back."""
        return self._past("lmp", timedelta(days=366))

    def clean_seen_on(self) -> date | None:
        """Refuses a day to come and one longer ago than anybody's follow-up."""
        return self._past("seen_on", timedelta(days=3660))

    def _past(self, name: str, most: timedelta) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day is not None and not self.today - most <= day <= self.today:
            raise forms.ValidationError(_("This day cannot be meant: it lies ahead, or too far back."))
        return day

    def clean(self) -> None:
        """A minor is seen only with an adult, whose name, relation and identity are recorded."""
        for name, fault in (
            ("adult_name", _("A minor is seen only with an adult. Write the adult's name.")),
            ("adult_relation", _("Choose what the adult is to the child.")),
            ("adult_identity", _("Write which card the adult has shown.")),
        ):
            if name in self.fields and not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, fault)

    @property
    def clinical(self) -> Clinical:
        """As the services take it; what is wrong is left out. The form must have been sent."""
        self.is_valid()
        data = self.cleaned_data
        allergies = words_of(data.get("allergies", ""))
        measured = {name: data[name] for name in vitals.RANGES if data.get(name) is not None}
        if data.get("pressure"):
            measured["systolic"], measured["diastolic"] = vitals.read_pressure(data["pressure"])
        return Clinical(
            history=data.get("history", ""),
            allergies=tuple(one for one in allergies if one.lower() not in NONE_KNOWN) if allergies else None,
            in_use=words_of(data.get("in_use", "")),
            vitals=measured,
            pregnancy=data.get("pregnancy", Pregnancy.NOT_ASKED.value),
            lmp=data.get("lmp"),
            no_emergency=bool(data.get("no_emergency")),
            kidney_disease=bool(data.get("kidney_disease")),
            seen_on=data.get("seen_on"),
            confirmed=bool(data.get("confirmed")),
            adult_name=data.get("adult_name", ""),
            adult_relation=data.get("adult_relation", ""),
            adult_identity=data.get("adult_identity", ""),
        )
