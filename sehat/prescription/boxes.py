"""The boxes of the line being written: labels, lists to choose from, and of a taper those of each further step."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from sehat.kernel import fields
from sehat.prescription.dosage import SUGGESTED_FREQUENCIES
from sehat.prescription.lines import LENGTHS, STEP_FIELDS, Line
from sehat.prescription.models import FOODS
from sehat.prescription.phrases import INVESTIGATIONS, USUAL

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from sehat.prescription.paper import Paper

LABELS: dict[str, "StrOrPromise"] = {
    "medicine": _("Medicine"),
    "dose": _("Dose"),
    "frequency": _("Frequency"),
    "food": _("Food"),
    "days": _("Duration in days"),
    "instructions": _("Instructions"),
}
STEP_LABELS: dict[str, "StrOrPromise"] = {"dose": _("Then"), "frequency": _("How often"), "days": _("Days")}
_MORE: dict[str, dict[str, object]] = {
    "frequency": {"list": "frequencies", "autocomplete": "off"},
    "instructions": {"list": "usual-instructions", "autocomplete": "off"},
    "days": {"inputmode": "numeric", "autocomplete": "off"},
    "dose": {"autocomplete": "off"},
}


@cache
def lists_to_choose_from() -> SafeString:
    """What the boxes offer while something is typed: usual frequencies, instructions and investigations. The same in
    all languages, as the sheet finds the Hindi by the English.
    """
    lists = (
        ("frequencies", SUGGESTED_FREQUENCIES),
        ("usual-instructions", USUAL),
        ("usual-investigations", INVESTIGATIONS),
    )
    options = ((name, "".join(f'<option value="{escape(one)}">' for one in words)) for name, words in lists)
    return mark_safe("".join(f'<datalist id="{name}">{inside}</datalist>' for name, inside in options))  # noqa: S308


def draw(line: Line, name: str, *, focus: str = "") -> SafeString:
    """One box of the line."""
    value, fault, ident = line.data[name], line.faults.get(name), f"id_{name}"
    if name == "food":
        return fields.choice(name, LABELS[name], value, FOODS.items(), ident=ident, fault=fault)
    more = _MORE[name] | {"maxlength": LENGTHS[name], "autofocus": name == focus}
    return fields.box(name, LABELS[name], value, ident=ident, fault=fault, **more)


@dataclass(frozen=True, slots=True)
class StepBoxes:
    """A further step of a taper, to be drawn. `place` counts from 1."""

    place: int
    boxes: list[SafeString]


def steps(line: Line, *, focus: str = "") -> Iterator[StepBoxes]:
    """The further steps."""
    for place, typed in enumerate(line.then, start=1):
        boxes = []
        for name, value in zip(STEP_FIELDS, typed, strict=True):
            key = f"{name}-{place}"
            more = _MORE[name] | {"maxlength": LENGTHS[name], "autofocus": key == focus}
            fault = line.faults.get(key)
            boxes.append(fields.box(f"then_{name}", STEP_LABELS[name], value, ident=f"id_{key}", fault=fault, **more))
        yield StepBoxes(place, boxes)


@dataclass(frozen=True, slots=True)
class SearchBox:
    """What `search.html` draws: a box over a list on the server."""

    name: str
    label: "StrOrPromise"
    value: str
    most: int
    errors: list[str]

    @property
    def ident(self) -> str:
        """Its id."""
        return f"id_{self.name}"


def symptom_box(paper: "Paper") -> SearchBox:
    """The search for a symptom."""
    return SearchBox("symptom", _("Symptoms from the list"), paper.text("symptom"), 150, paper.symptom_faults)


def medicine_box(line: Line) -> SearchBox:
    """The search for a medicine."""
    fault = line.faults.get("medicine")
    return SearchBox(
        "medicine", LABELS["medicine"], line.data["medicine"], LENGTHS["medicine"], [str(fault)] if fault else []
    )
