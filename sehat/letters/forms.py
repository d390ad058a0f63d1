"""What a doctor fills in for a letter."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sehat.letters import rules
from sehat.letters.rules import Reason, Rest, Urgency
from sehat.letters.writing import Content, ReferralLetter, SickLeave
from sehat.papers.printable import printable

URGENCIES = {
    Urgency.TODAY: _("Urgent: to be seen today"),
    Urgency.SOON: _("Soon: within a week"),
    Urgency.ROUTINE: _("Routine"),
}
RESTS = {
    Rest.HOME: _("Rest at home"),
    Rest.LIGHT: _("Light duties"),
    Rest.NO_TRAINING: _("No physical training"),
}
REASONS = {
    Reason.UNWELL: _("Is unwell and needs rest"),
    Reason.RECOVERING: _("Is recovering and still needs rest"),
    Reason.INJURED: _("Has an injury and needs rest"),
    Reason.APART: _("Should stay apart from others"),
}
CHOOSE = ("", "–")


def _line(label: Any, length: int, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=length, required=required, help_text=help_text, validators=[printable]
    )


def _text(label: Any, length: int, *, required: bool = False) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=length, required=required, validators=[printable], widget=widget)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Choose the day."),
            "invalid": _("Write the date as day, month and year."),
        },
    )


class LetterForm(forms.Form):
    """What both forms have: `pressed` names this form, so that a second press issues no second letter."""

    pressed = forms.CharField(widget=forms.HiddenInput, max_length=22)

    @property
    def content(self) -> Content:
        """As the services take it, of a valid form."""
        raise NotImplementedError


class ReferralForm(LetterForm):
    """To a hospital."""

    department = _line(_("Department"), 100, required=True, help_text=_("For example: Surgery, emergency."))
    hospital = _line(_("Hospital"), 150, required=True)
    urgency = forms.ChoiceField(label=_("How soon"), choices=[CHOOSE, *URGENCIES.items()])
    reason = _text(_("Why I refer"), 1000, required=True)
    diagnosis = _line(_("Provisional diagnosis"), 300)
    history = _text(_("History and findings"), 2000)
    treatment = _text(_("Treatment so far"), 2000)
    allergies = _line(_("Allergies"), 400)

    department.error_messages["required"] = _("Write which department should see the patient.")
    hospital.error_messages["required"] = _("Write which hospital the patient should go to.")
    urgency.error_messages["required"] = _("Choose how soon the patient should be seen.")
    reason.error_messages["required"] = _("Write what your colleague should look for or do.")
    department.widget.attrs["list"] = "letter-departments"
    hospital.widget.attrs["list"] = "letter-hospitals"

    @property
    def content(self) -> ReferralLetter:
        """As the services take it."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in ("pressed", "urgency")}
        return ReferralLetter(urgency=Urgency(self.cleaned_data["urgency"]), **data)


class SickLeaveForm(LetterForm):
    """From when to when, what, and why in words that tell no illness."""

    first = _day(_("From"))
    last = _day(_("To (included)"))
    rest = forms.ChoiceField(label=_("Advised"), choices=list(RESTS.items()))
    reason = forms.ChoiceField(label=_("Reason"), choices=list(REASONS.items()), help_text=_("It tells no illness."))
    agreed = forms.BooleanField(
        label=_("The patient agrees that the diagnosis stands on it"),
        required=False,
        help_text=_("Ask first: unit and employer will read it."),
    )
    diagnosis = _line(_("Diagnosis"), 300)
    note = _line(_("Note for the unit"), 300, help_text=_("Without naming the illness."))

    def __init__(self, *args: Any, today: date, most: int, service_number: str = "", **kwargs: Any) -> None:
        """`most`: the longest leave in days; `service_number` is printed for the unit of a serving patient."""
        super().__init__(*args, **kwargs)
        self.today, self.most, self.service_number = today, most, service_number
        first, last = self.fields["first"].widget.attrs, self.fields["last"].widget.attrs
        first["min"] = (today - timedelta(days=rules.DAYS_BACK)).isoformat()
        first["max"] = (today + timedelta(days=rules.DAYS_AHEAD)).isoformat()
        last["min"] = today.isoformat()
        last["max"] = (today + timedelta(days=rules.DAYS_AHEAD + most - 1)).isoformat()

    def clean(self) -> None:
        """Refuses a leave that cannot be meant, and a diagnosis that the patient has not agreed to."""
        data = self.cleaned_data
        if data.get("first") and data.get("last"):
            self._clean_days(data["first"], data["last"])
        if data.get("agreed") and not data.get("diagnosis") and "diagnosis" not in self.errors:
            self.add_error("diagnosis", _("Write the diagnosis, or take the tick away."))

    def _clean_days(self, first: date, last: date) -> None:
        fault = rules.leave_problem(first, last, today=self.today, most=self.most)
        if fault == "early":
            text = _("A leave can begin at most %(days)s days before today.")
            self.add_error("first", forms.ValidationError(text, params={"days": rules.DAYS_BACK}))
        elif fault == "late":
            text = _("A leave can begin at most %(days)s days from today.")
            self.add_error("first", forms.ValidationError(text, params={"days": rules.DAYS_AHEAD}))
        elif fault == "backwards":
            self.add_error("last", _("The last day lies before the first."))
        elif fault == "past":
            self.add_error("last", _("This leave would be over before today."))
        elif fault == "long":
            text = _(
                "At most %(days)s days can be advised after a tele-consultation. For more the patient has to be seen."
            )
            self.add_error("last", forms.ValidationError(text, params={"days": self.most}))

    @property
    def content(self) -> SickLeave:
        """As the services take it; without agreement no diagnosis."""
        data = self.cleaned_data
        return SickLeave(
            first=data["first"],
            last=data["last"],
            rest=Rest(data["rest"]),
            reason=Reason(data["reason"]),
            diagnosis=data["diagnosis"] if data["agreed"] else "",
            note=data["note"],
            service_number=self.service_number,
        )
