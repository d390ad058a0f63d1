"""What the office fills in: hours, a holiday, the span of a report, a reason, a list for the register."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sehat.clinic.models import Holiday, Opd, OpeningHours
from sehat.clinic.rules import DEFAULT_HOURS, Hours

WEEKDAYS = dict(OpeningHours._meta.get_field("weekday").flatchoices)
STRETCHES = 2
"""Openings of one day: before and after a break."""


class Day:
    """One weekday of the form: its name, and its fields in pairs."""

    def __init__(self, form: "HoursForm", weekday: int) -> None:
        self.weekday = weekday
        self.name = WEEKDAYS[weekday]
        self.form = form

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """From and to, for each stretch."""
        return [
            (self.form[f"opens_{self.weekday}_{n}"], self.form[f"closes_{self.weekday}_{n}"]) for n in range(STRETCHES)
        ]

    @property
    def faults(self) -> list[str]:
        """What is wrong with this day."""
        return [str(fault) for pair in self.pairs for field in pair for fault in field.errors]


class HoursForm(forms.Form):
    """The hours of one OPD: each weekday with up to two stretches; an empty day is closed."""

    def __init__(self, *args: Any, hours: tuple[Hours, ...] = DEFAULT_HOURS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for weekday, name in WEEKDAYS.items():
            mine = sorted((h for h in hours if h.weekday == weekday), key=lambda h: h.opens)
            for n in range(STRETCHES):
                stands = mine[n] if n < len(mine) else None
                for what, word, value in (
                    ("opens", _("from"), stands and stands.opens),
                    ("closes", _("to"), stands and stands.closes),
                ):
                    self.fields[f"{what}_{weekday}_{n}"] = forms.TimeField(
                        label=f"{name}, {n + 1}, {word}",
                        required=False,
                        initial=value,
                        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                        error_messages={"invalid": _("Please write the time like 09:00.")},
                    )

    @property
    def days(self) -> Iterator[Day]:
        """Monday to Sunday."""
        return (Day(self, weekday) for weekday in WEEKDAYS)

    def clean(self) -> dict[str, Any]:
        """Both ends or none; the end after the beginning; the second stretch after the first."""
        data = super().clean() or {}
        for weekday in WEEKDAYS:
            last = time.min
            for n in range(STRETCHES):
                opens, closes = data.get(f"opens_{weekday}_{n}"), data.get(f"closes_{weekday}_{n}")
                if opens is None and closes is None:
                    continue
                field = f"closes_{weekday}_{n}"
                if opens is None or closes is None:
                    self.add_error(field, _("Please give both times, or leave both empty."))
                elif closes <= opens:
                    self.add_error(field, _("The OPD must close after it opens."))
                elif opens < last:
                    self.add_error(field, _("The second opening must begin after the first has ended."))
                else:
                    last = closes
        return data

    @property
    def hours(self) -> list[Hours]:
        """As the rules read them; of a valid form."""
        data = self.cleaned_data
        return [
            Hours(weekday, data[f"opens_{weekday}_{n}"], data[f"closes_{weekday}_{n}"])
            for weekday in WEEKDAYS
            for n in range(STRETCHES)
            if data.get(f"opens_{weekday}_{n}")
        ]


class HolidayForm(forms.Form):
    """A day without OPD."""

    use_required_attribute = False
    opd = forms.ModelChoiceField(label=_("OPD"), queryset=Opd.objects.none(), empty_label=None)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    name = forms.CharField(label=_("What for"), max_length=80)

    def __init__(self, *args: Any, opds: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["opd"].queryset = opds  # type: ignore[attr-defined]

    def clean_day(self) -> date:
        """Today or later, within two years."""
        day: date = self.cleaned_data["day"]
        if not self.today <= day <= self.today + timedelta(days=730):
            raise forms.ValidationError(_("Please choose a day from today on, within two years."))
        return day

    def clean(self) -> dict[str, Any]:
        """Not twice for the same day."""
        data = super().clean() or {}
        if "opd" in data and "day" in data and Holiday.objects.filter(opd=data["opd"], day=data["day"]).exists():
            self.add_error("day", _("This day is a holiday of this OPD already."))
        return data


LONGEST = timedelta(days=92)


class SpanForm(forms.Form):
    """What a report is about. Sent by GET: a report may be kept as a bookmark."""

    use_required_attribute = False
    frm = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    to = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    by = forms.ChoiceField(label=_("By"), choices=[("day", _("Day")), ("week", _("Week")), ("opd", _("OPD"))])
    opd = forms.ModelChoiceField(label=_("OPD"), queryset=Opd.objects.none(), required=False, empty_label=_("All OPDs"))

    def __init__(self, data: Any, *, opds: Any, today: date) -> None:
        usual = {"frm": today - timedelta(days=6), "to": today, "by": "day"}
        super().__init__({**usual, **{name: value for name, value in data.items() if value}})
        self.fields["opd"].queryset = opds  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """From before to, at most a quarter of a year."""
        data = super().clean() or {}
        if "frm" in data and "to" in data:
            if data["to"] < data["frm"]:
                self.add_error("to", _("The last day must not lie before the first."))
            elif data["to"] - data["frm"] > LONGEST:
                self.add_error("to", _("Please choose at most three months."))
        return data


class ReasonForm(forms.Form):
    """Why somebody of the office reads what patients wrote."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It is recorded for good, with your name. Name the case, not the illness."),
        min_length=10,
        max_length=300,
        error_messages={"min_length": _("Write the reason in a sentence.")},
    )


LARGEST_LIST = 5 * 1024 * 1024  # bytes


class RegisterListForm(forms.Form):
    """A CSV for the AMA register."""

    use_required_attribute = False
    file = forms.FileField(
        label=_("List as CSV file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": _("Please choose a file first."), "empty": _("This file is empty.")},
    )

    text: str

    def clean_file(self) -> Any:
        """Readable text of a bearable size."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_LIST:
            raise forms.ValidationError(_("This file is larger than 5 MB. Please import it in parts."))
        try:
            self.text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(
                _("This is no text in UTF-8. In the spreadsheet choose “Save as: CSV UTF-8”.")
            ) from None
        if "\0" in self.text:
            raise forms.ValidationError(_("This is no CSV file. In the spreadsheet choose “Save as: CSV UTF-8”."))
        return file
