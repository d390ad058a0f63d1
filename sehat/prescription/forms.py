"""The prescription form: one line of medicine, the rest of the sheet, and both together with the lines
written so far.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from sehat.clinic import queries as clinic
from sehat.clinic.models import Opd
from sehat.papers.printable import CANNOT_BE_PRINTED, printable
from sehat.papers.printing import unprintable
from sehat.papers.rules import REASON_LENGTH
from sehat.prescription import dosage, rules
from sehat.prescription.clinical_form import ClinicalForm
from sehat.prescription.diagnoses import LOOKS_LIKE_CODE, Diagnosis, classification
from sehat.prescription.dosage import Food
from sehat.prescription.findings import Told, tell
from sehat.prescription.formulary import Medicine, formulary
from sehat.prescription.guidelines import Circumstances, judge_sheet
from sehat.prescription.guidelines import judge as judge_medicine
from sehat.prescription.models import FOODS
from sehat.prescription.rules import Outcome
from sehat.prescription.writing import Clinical, LineWritten, Referral, Written
from sehat.registration.models import Patient

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_DIAGNOSES = 8


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


class LineForm(forms.Form):
    """One medicine. `medicine` is what stands in the search box, `medicine_code` what was chosen from it."""

    medicine = forms.CharField(label=_("Medicine"), required=False, max_length=120)
    medicine_code = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    dose = forms.CharField(label=_("Dose"), required=False, max_length=40, validators=[printable])
    frequency = forms.CharField(
        label=_("Frequency"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"list": "frequencies", "autocomplete": "off"}),
    )
    food = forms.ChoiceField(label=_("Food"), required=False, choices=list(FOODS.items()))
    days = forms.IntegerField(
        label=_("Duration in days"),
        required=False,
        widget=forms.NumberInput(attrs={"min": 1, "max": rules.MAX_DAYS, "inputmode": "numeric"}),
        error_messages={"invalid": _("Write the number of days in digits, for example 5.")},
    )
    instructions = forms.CharField(
        label=_("Instructions"),
        required=False,
        max_length=200,
        validators=[printable],
        widget=forms.TextInput(attrs={"list": "usual-instructions", "autocomplete": "off"}),
    )

    written: LineWritten
    told: Sequence[Told] = ()
    """What the guidelines say of it (`Paper.judge`)."""

    def clean(self) -> None:
        """Understand the line; each fault stands beside its field."""
        data = self.cleaned_data
        medicine = formulary().get(data.get("medicine_code", "")) or formulary().get(data.get("medicine", ""))
        if medicine is None:
            self.add_error("medicine", self._medicine_fault(data.get("medicine", "")))
        dose = frequency = None
        if medicine is not None and "dose" in data:
            try:
                dose = dosage.clean_dose(form=medicine.form, dose=data["dose"] or medicine.usual_dose)
            except ValueError:
                self.add_error(
                    "dose",
                    forms.ValidationError(
                        _("Write how much at one time, for example %(dose)s."),
                        params={"dose": medicine.usual_dose},
                    ),
                )
        if "frequency" in data:
            try:
                frequency = dosage.parse_frequency(data["frequency"])
            except ValueError:
                self.add_error("frequency", _("Write how often, for example 1-0-1, BD, SOS max 3 or every 6 hours."))
        days = self._days(data, frequency)
        if medicine and dose and frequency and days and not self.errors:
            self.written = LineWritten(
                medicine=medicine,
                dose=dose,
                frequency=frequency,
                food=Food(data["food"]),
                days=days,
                instructions=data["instructions"],
            )

    def _days(self, data: Mapping[str, object], frequency: dosage.Frequency | None) -> int | None:
        if "days" not in data:
            return None
        days = data["days"]
        if days is None and frequency is not None and frequency.interval_days == 0:
            return 1  # once only
        if not isinstance(days, int) or not 1 <= days <= rules.MAX_DAYS:
            fault = _("Write for how many days: 1 to %(most)s.")
            self.add_error("days", forms.ValidationError(fault, params={"most": rules.MAX_DAYS}))
            return None
        return days

    @staticmethod
    def _medicine_fault(typed: str) -> forms.ValidationError:
        if not typed:
            return forms.ValidationError(_("Type three letters of a medicine and choose it from the list."))
        return forms.ValidationError(
            _("“%(typed)s” is not in the formulary. Type three letters and choose from the list."),
            params={"typed": typed},
        )

    @property
    def is_blank(self) -> bool:
        """Whether nothing was written that a doctor could miss: what the form fills in by itself does not
        count.
        """
        return not any(str(self.data.get(name, "")).strip() for name in ("medicine", "days", "instructions"))

    @property
    def chosen(self) -> Medicine | None:
        """The medicine that stands in the line, however much of the rest is written."""
        first, typed = (str(self[name].value() or "") for name in ("medicine_code", "medicine"))
        return formulary().get(first) or formulary().get(typed)

    @property
    def refused(self) -> bool:
        """Whether the guidelines refuse it."""
        return any(told.refused for told in self.told)

    @property
    def waits_for_video(self) -> bool:
        """Whether it will do once the video has stood long enough."""
        return any(told.waits_for_video for told in self.told)

    @property
    def kept(self) -> str:
        """The line as a hidden field carries it."""
        return json.dumps({name: str(self.data.get(name) or "") for name in self.fields}, ensure_ascii=False)


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
            refer_to = self.fields["refer_to"]
            refer_to.queryset = clinic.referral_opds(opd)  # type: ignore[attr-defined]
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


@dataclass
class Paper:
    """The whole form: the sheet, the lines written, the line being written, the diagnoses chosen."""

    form: PrescriptionForm
    entry: LineForm
    rows: list[LineForm]
    chosen: list[str]
    clinical: ClinicalForm | None = None
    """None where an issued prescription is amended: what was asked then, stands."""
    window: str = ""
    version: str = "0"

    KEPT = (*PrescriptionForm.base_fields, *ClinicalForm.base_fields, *LineForm.base_fields, "line", "chosen")
    """Names of the form's fields that a draft keeps."""

    @classmethod
    def shown(
        cls, body: Mapping[str, Sequence[str]], *, today: date, opd: Opd | None = None, patient: Patient | None = None
    ) -> "Paper":
        """As it was left, without judging it."""
        first = {name: values[0] for name, values in body.items() if values}
        return cls(
            form=PrescriptionForm(initial=first, today=today, opd=opd),
            entry=LineForm(initial=first),
            rows=_rows(body.get("line", ())),
            chosen=_distinct(body.get("chosen", ())),
            clinical=ClinicalForm(initial=first, patient=patient, today=today) if patient else None,
        )

    @classmethod
    def sent(
        cls, body: Mapping[str, Sequence[str]], *, today: date, opd: Opd | None = None, patient: Patient | None = None
    ) -> "Paper":
        """As it was sent, to be judged."""
        first = {name: values[0] for name, values in body.items() if values}
        return cls(
            form=PrescriptionForm(first, today=today, opd=opd),
            entry=LineForm(first),
            rows=_rows(body.get("line", ())),
            chosen=_distinct(body.get("chosen", ())),
            clinical=ClinicalForm(first, patient=patient, today=today) if patient else None,
            window=first.get("window", ""),
            version=first.get("version", "0"),
        )

    @property
    def chips(self) -> list[Diagnosis]:
        """The diagnoses chosen, with their names."""
        return [classification().get(value) or Diagnosis("", value) for value in self.chosen]

    @property
    def conditions(self) -> list[str]:
        """The diagnoses as they stand now: chosen, then what is in the box."""
        found = _distinct([*self.chosen, str(self.form["diagnosis"].value() or "")])
        return [known.code if (known := classification().get(value)) else value for value in found]

    @property
    def stated(self) -> Clinical:
        """What is written about the patient now."""
        if self.clinical is None:
            return Clinical()
        return self.clinical.clinical

    def judge(self, given: Circumstances) -> None:
        """Tell each line, and the one being written, what the guidelines say of it now."""
        good = [row for row in self.rows if row.is_valid()]
        for row, findings in zip(good, judge_sheet([row.written for row in good], given), strict=True):
            row.told = [tell(finding) for finding in findings]
        if medicine := self.entry.chosen:
            whole = LineForm({name: self.entry[name].value() or "" for name in self.entry.fields})
            others = [row.written for row in good]
            if whole.is_valid():
                findings = judge_sheet([*others, whole.written], given)[-1]
            else:
                findings = judge_medicine(medicine, given, others=[line.medicine for line in others])
            self.entry.told = [tell(finding) for finding in findings]

    def add_entry(self) -> bool:
        """Take the line being written to the others and begin a new one; False: faults stand beside its
        fields.
        """
        if not self.entry.is_valid():
            return False
        if len(self.rows) >= rules.MAX_LINES:
            fault = _("At most %(most)s medicines fit one prescription.")
            self.entry.add_error("medicine", forms.ValidationError(fault, params={"most": rules.MAX_LINES}))
            return False
        self.rows.append(self.entry)
        self.entry = LineForm()
        return True

    def understood(self) -> Written | None:
        """What is to be issued; None with every fault beside its field. A line not added yet is added."""
        form, good = self.form, self.form.is_valid()
        if self.clinical is not None:
            good &= self.clinical.is_valid()
        diagnoses = self._diagnoses()
        if not self.entry.is_blank:
            good &= self.add_entry()
        else:
            self.entry = LineForm()
        if form.data.get("outcome"):
            if self.rows:
                form.add_error(
                    "outcome", _("No medicine stands on such a sheet. Remove them, or choose “As written here”.")
                )
        elif not self.rows and not form.data.get("advice", "").strip() and not form.data.get("refer_to"):
            form.add_error("advice", _("Add a medicine, write an advice, or refer the patient."))
        if not good or form.errors or not all(row.is_valid() for row in self.rows):
            return None
        data = form.cleaned_data
        return Written(
            complaint=data["complaint"],
            findings=data["findings"],
            diagnoses=diagnoses,
            lines=tuple(row.written for row in self.rows),
            investigations=data["investigations"],
            advice=data["advice"],
            follow_up_on=data["follow_up_on"],
            referral=Referral(data["refer_to"], data["referral_note"]) if data["refer_to"] else None,
            outcome=data["outcome"],
            reason=data["reason"] if data["outcome"] else "",
            clinical=self.stated,
            overrule=self.clinical.cleaned_data.get("overrule", "") if self.clinical else "",
        )

    def _diagnoses(self) -> tuple[Diagnosis, ...]:
        """Chosen ones, then what stands in the box: a code of ICD-10, or a doctor's own words."""
        found: list[Diagnosis] = []
        for value in _distinct([*self.chosen, self.form.data.get("diagnosis", "")])[:MOST_DIAGNOSES]:
            known = classification().get(value)
            if known is None and LOOKS_LIKE_CODE.fullmatch(value):
                fault = _("ICD-10 has no code “%(code)s”. Search by words.")
                self.form.add_error("diagnosis", forms.ValidationError(fault, params={"code": value}))
            elif known is None and (sign := unprintable(value)):
                self.form.add_error("diagnosis", forms.ValidationError(CANNOT_BE_PRINTED, params={"sign": sign}))
            found.append(known or Diagnosis("", value[:150]))
        if not found and not self.form.data.get("outcome"):
            self.form.add_error("diagnosis", _("Write or choose a diagnosis."))
        return tuple(found)


def _distinct(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(value.strip() for value in values if value.strip()))


def _rows(values: Sequence[str]) -> list[LineForm]:
    """Lines out of their hidden fields; what is no line any more (a medicine that left the formulary) is
    shown with its fault.
    """
    rows = []
    for value in values[: rules.MAX_LINES]:
        try:
            data = json.loads(value)
        except ValueError:
            continue  # not made by this form
        if isinstance(data, dict):
            row = LineForm({name: str(data.get(name, "")) for name in LineForm.base_fields})
            row.is_valid()
            rows.append(row)
    return rows
