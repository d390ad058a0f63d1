"""The prescription form but its medicines: complaint, findings, diagnosis, investigations, advice, what comes next."""

from datetime import date
from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from sehat.clinic import queries as clinic
from sehat.clinic.models import Opd
from sehat.papers.printable import printable
from sehat.papers.rules import REASON_LENGTH
from sehat.prescription import queries, rules
from sehat.prescription.rules import Outcome

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _text(label: "StrOrPromise", length: int, *, rows: int = 2, required: bool = False) -> forms.CharField:
    too_long = _("This is too long by some words: at most %(limit_value)d letters fit the sheet.")
    return forms.CharField(
        label=label,
        required=required,
        max_length=length,
        validators=[printable],
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"max_length": too_long},
    )


class PrescriptionForm(forms.Form):
    """Everything but the medicines. `diagnosis` is the search box; what was chosen from it stands in
    `Paper.chosen`.
    """

    complaint = _text(_("Complaint"), 1000, required=True)
    complaint.error_messages["required"] = _("Write what the patient came with.")
    findings = _text(_("Findings"), 2000)
    diagnosis = forms.CharField(label=_("Diagnosis"), required=False, max_length=150, validators=[printable])
    investigations = _text(_("Investigations"), 1000)
    advice = _text(_("Advice"), 2000, rows=3)
    red_flags = _text(_("Come back at once for"), 500)
    follow_up_on = forms.DateField(
        label=_("Follow-up on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write the date as day, month and year.")},
    )
    refer_to = forms.ModelChoiceField(
        Opd.objects.none(), label=_("Refer to"), required=False, to_field_name="code", empty_label="–"
    )
    referral_note = _text(_("Note to the other doctor"), 1000)
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[
            ("", _("As written here")),
            (Outcome.WRONG_OPD.value, _("Wrong OPD: referred to the right one")),
            (Outcome.REFUSED.value, _("Not treated online")),
        ],
    )
    reason = forms.CharField(label=_("Why"), required=False, max_length=REASON_LENGTH, validators=[printable])

    def __init__(self, *args: object, today: date, opd: Opd | None = None, **kwargs: object) -> None:
        """`opd` is the doctor's own: the patient can be referred to any other that takes referrals from it."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.today = today
        if opd is not None:
            refer_to: forms.ModelChoiceField[Opd] = self.fields["refer_to"]  # type: ignore[assignment]
            refer_to.queryset = clinic.referral_opds(opd)
            refer_to.choices = [("", "–"), *((one.code, str(one)) for one in queries.referral_opds(opd))]
        self.fields["follow_up_on"].widget.attrs["min"] = today.isoformat()

    def clean_follow_up_on(self) -> date | None:
        """Refuses a day that has passed, and one that is more than a year away."""
        day: date | None = self.cleaned_data["follow_up_on"]
        fault = rules.follow_up_problem(day, today=self.today)
        if fault == "past":
            raise forms.ValidationError(_("This day has passed. Choose today or a later day."))
        if fault == "far":
            raise forms.ValidationError(_("This day is more than a year away."))
        return day

    def clean(self) -> None:
        """An outcome without medicines needs its reason, the wrong OPD the right one."""
        data = self.cleaned_data
        if data.get("outcome") and not data.get("reason"):
            self.add_error("reason", _("Write why: the patient reads it on the sheet."))
        if data.get("outcome") == Outcome.WRONG_OPD and not data.get("refer_to") and "refer_to" not in self.errors:
            self.add_error("refer_to", _("Choose the OPD that is right."))
        if data.get("referral_note") and not data.get("refer_to") and "refer_to" not in self.errors:
            self.add_error("refer_to", _("Choose the OPD that the note is for."))
