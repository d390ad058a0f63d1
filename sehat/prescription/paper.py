"""The whole form as one paper: the sheet, the lines written, the line being written, the diagnoses chosen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache

from django import forms
from django.utils.translation import gettext_lazy as _

from sehat.clinic.models import Opd
from sehat.papers.printable import CANNOT_BE_PRINTED
from sehat.papers.printing import unprintable
from sehat.prescription import guidelines, judging, rules
from sehat.prescription.clinical_form import ClinicalForm
from sehat.prescription.diagnoses import LOOKS_LIKE_CODE, Diagnosis, classification
from sehat.prescription.findings import tell
from sehat.prescription.forms import PrescriptionForm
from sehat.prescription.formulary import formulary
from sehat.prescription.guidelines import Circumstances
from sehat.prescription.lines import LENGTHS, THEN_FIELDS, Fault, Line
from sehat.prescription.writing import Clinical, Referral, Written
from sehat.registration.models import Patient

MOST_DIAGNOSES = 8
KEPT = (
    *PrescriptionForm.base_fields,
    *ClinicalForm.base_fields,
    *LENGTHS,
    *THEN_FIELDS,
    "line",
    "chosen",
    "coded",
    "symptom",
)
"""Names of the form's fields that a draft keeps."""

type Body = Mapping[str, Sequence[str]]


@dataclass
class Paper:
    """What the form holds. Its Django forms are made only where they are asked for: most changes ask the lines
    alone.
    """

    body: Body
    today: date
    patient: Patient
    opd: Opd | None = None
    """The doctor's own, where the patient may be referred to another."""
    is_emergency: bool = False
    """Signs of an emergency were ticked with the token."""
    is_sent: bool = False
    """Sent to be judged; else shown as it was left."""
    version: str = ""
    focus: str = ""
    """The box of the line being written that has the focus next."""
    rows: list[Line] = field(init=False)
    entry: Line = field(init=False)
    chosen: list[str] = field(init=False)
    """Diagnoses, by code or in the doctor's words."""
    coded: list[str] = field(init=False)
    """Symptoms, by code."""
    symptom_faults: list[str] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.version = self.version or self._first.get("version", "0")
        self.rows = _rows(self.body.get("line", ()))
        self.entry = Line.of_body(self.body)
        self.chosen = _distinct(self.body.get("chosen", ()))
        self.coded = _distinct(self.body.get("coded", ()))

    @cached_property
    def _first(self) -> dict[str, str]:
        return {name: values[0] for name, values in self.body.items() if values}

    def text(self, name: str) -> str:
        """What is typed in a field."""
        return self._first.get(name, "")

    @property
    def window(self) -> str:
        """The browser window that writes."""
        return self.text("window")

    @cached_property
    def form(self) -> PrescriptionForm:
        """Everything but the medicines and the person."""
        return (
            PrescriptionForm(self._first, today=self.today, opd=self.opd)
            if self.is_sent
            else PrescriptionForm(initial=self._first, today=self.today, opd=self.opd)
        )

    @cached_property
    def clinical(self) -> ClinicalForm:
        """What was asked and measured."""
        data, initial = (self._first, None) if self.is_sent else (None, self._first)
        return ClinicalForm(data, initial=initial, today=self.today, **self._asked_of)

    @property
    def chips(self) -> list[Diagnosis]:
        """The diagnoses chosen, with their names."""
        return _named(self.chosen)

    @property
    def symptom_chips(self) -> list[Diagnosis]:
        """The symptoms chosen, with their names."""
        return _named(self.coded)

    @property
    def conditions(self) -> list[str]:
        """The diagnoses as they stand now: chosen, then what is in the box."""
        found = _distinct([*self.chosen, self._first.get("diagnosis", "")])
        return [known.code if (known := classification().get(value)) else value for value in found]

    @property
    def searches_next(self) -> bool:
        """Whether a new line is begun."""
        return self.focus == "medicine"

    @property
    def stated(self) -> Clinical:
        """What is written about the patient now."""
        values = tuple(self.text(name) for name in ClinicalForm.base_fields)
        return _stated(values, today=self.today, **self._asked_of)

    @property
    def _asked_of(self) -> dict[str, bool]:
        """What the clinical form goes by."""
        return {
            "is_minor": judging.is_minor(self.patient, self.today),
            "may_be_pregnant": judging.may_be_pregnant(self.patient, self.today),
            "is_emergency": self.is_emergency,
        }

    @property
    def kept(self) -> dict[str, list[str]]:
        """As a draft keeps it, after a line was added, changed or removed."""
        kept = {name: list(values) for name, values in self.body.items() if name in KEPT}
        return kept | self.entry.body | {"line": [row.kept for row in self.rows]}

    @property
    def unknown_allergies(self) -> list[str]:
        """What the formulary has no name for, so that no medicine is held against it."""
        return [words for words in self.stated.allergies or () if not formulary().recognise(words)]

    @property
    def lines_to_judge(self) -> bool:
        """Whether there is anything that the guidelines can speak of."""
        return bool(self.rows) or self.entry.chosen is not None

    def judge(self, circumstances: Callable[[], Circumstances]) -> None:
        """Tell each line, and the one being written, what the guidelines say of it now."""
        if not self.lines_to_judge:
            return
        given = circumstances()
        good = [(row, row.written) for row in self.rows if row.written]
        for (row, _written), findings in zip(
            good, guidelines.judge_sheet([written for _row, written in good], given), strict=True
        ):
            row.told = [tell(finding) for finding in findings]
        if medicine := self.entry.chosen:
            others = [written for _row, written in good]
            if whole := self.entry.written:
                findings = guidelines.judge_line(whole, given, others=others)
            else:
                findings = guidelines.judge(medicine, given, others=[line.medicine for line in others])
            self.entry.told = [tell(finding) for finding in findings]

    def add_entry(self) -> bool:
        """Take the line being written to the others and begin a new one; False: faults stand beside its
        fields.
        """
        if len(self.rows) >= rules.MAX_LINES:
            fault = _("At most %(most)s medicines fit one prescription.")
            self.entry.faults["medicine"] = Fault(fault, {"most": rules.MAX_LINES})
        if not self.entry.is_valid():
            return False
        self.rows.append(self.entry)
        self.entry = Line({})
        return True

    def understood(self) -> Written | None:
        """What is to be issued; None with every fault beside its field. A line not added yet is added."""
        form, good = self.form, self.form.is_valid()
        good &= self.clinical.is_valid()
        diagnoses, symptoms = self._diagnoses(), self._symptoms()
        if not self.entry.is_blank:
            good &= self.add_entry()
        else:
            self.entry = Line({})
        if form.data.get("outcome"):
            if self.rows:
                form.add_error(
                    "outcome", _("No medicine stands on such a sheet. Remove them, or choose “As written here”.")
                )
        elif not self.rows and not form.data.get("advice", "").strip() and not form.data.get("refer_to"):
            form.add_error("advice", _("Add a medicine, write an advice, or refer the patient."))
        lines = tuple(row.written for row in self.rows if row.is_valid() and row.written)
        if not good or form.errors or self.symptom_faults or len(lines) != len(self.rows):
            return None
        data = form.cleaned_data
        return Written(
            complaint=data["complaint"],
            findings=data["findings"],
            diagnoses=diagnoses,
            lines=lines,
            investigations=data["investigations"],
            advice=data["advice"],
            red_flags=data["red_flags"],
            follow_up_on=data["follow_up_on"],
            referral=Referral(data["refer_to"], data["referral_note"]) if data["refer_to"] else None,
            outcome=data["outcome"],
            reason=data["reason"] if data["outcome"] else "",
            clinical=replace(self.stated, symptoms=symptoms),
            overrule=self.clinical.cleaned_data.get("overrule", ""),
        )

    def _symptoms(self) -> tuple[str, ...]:
        """Codes only: what the list does not know belongs under *Complaint*."""
        typed = _distinct([*self.coded, self.text("symptom")])[:MOST_DIAGNOSES]
        found = {value: classification().get(value) for value in typed}
        for value, known in found.items():
            if known is None:
                unknown = _("“%(words)s” is not in the list of symptoms. Choose from it, or write it under Complaint.")
                self.symptom_faults.append(str(unknown) % {"words": value[:80]})
        return tuple(known.code for known in found.values() if known)

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


def _named(values: Sequence[str]) -> list[Diagnosis]:
    return [classification().get(value) or Diagnosis("", value) for value in values]


@lru_cache(maxsize=512)
def _stated(values: tuple[str, ...], *, today: date, **asked_of: bool) -> Clinical:
    """What the fields of the clinical form say. They are sent at every change, and seldom differ from the last time."""
    data = dict(zip(ClinicalForm.base_fields, values, strict=True))
    return ClinicalForm(data, today=today, **asked_of).clinical


def _distinct(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(value.strip() for value in values if value.strip()))


def _rows(values: Sequence[str]) -> list[Line]:
    """Lines out of their hidden fields; what is no line any more (a medicine that left the formulary) is
    shown with its fault.
    """
    rows = [row for value in values[: rules.MAX_LINES] if (row := Line.of_kept(value))]
    for row in rows:
        row.is_valid()
    return rows
