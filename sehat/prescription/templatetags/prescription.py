"""Words of a prescription in the reader's language."""

from collections.abc import Iterable, Mapping

from django import forms, template
from django.utils.safestring import SafeString

from sehat.papers.templatetags.said import in_hindi
from sehat.prescription import boxes, phrases
from sehat.prescription.boxes import SearchBox, StepBoxes
from sehat.prescription.dosage import Food
from sehat.prescription.facts import Fact
from sehat.prescription.facts import facts as facts_of
from sehat.prescription.lines import Line
from sehat.prescription.models import Prescription, PrescriptionLine
from sehat.prescription.paper import Paper
from sehat.prescription.writing import Clinical

register = template.Library()


@register.filter
def facts(prescription: Prescription) -> list[Fact]:
    """What was asked and measured at the consultation."""
    return facts_of(Clinical.of(prescription.clinical))


@register.filter
def diagnosis(kept: Mapping[str, str]) -> str:
    """A diagnosis as it was issued: its name, Hindi first for a reader of Hindi, and its code."""
    name = f"{kept['hindi']} ({kept['name']})" if in_hindi() and kept["hindi"] else kept["name"]
    return f"{name}, {kept['code']}" if kept["code"] else name


@register.filter
def how_to_take(line: PrescriptionLine) -> str:
    """The sentence of a line."""
    sentence = phrases.course(form=line.form, steps=line.steps, food=Food(line.food))
    return sentence.hindi if in_hindi() else sentence.english


@register.filter
def quantity(line: PrescriptionLine) -> str:
    """What the store hands out."""
    counted = phrases.counted(line.quantity, line.unit)
    return counted.hindi if in_hindi() else counted.english


@register.filter
def usual(text: str) -> str:
    """An instruction or an advice: in Hindi where it is a usual one and the reader reads Hindi, else as written."""
    return (phrases.usual_hindi(text) if in_hindi() else "") or text


@register.simple_tag
def box(line: Line, name: str, focus: str = "") -> SafeString:
    """A box of the line being written (`boxes.py`)."""
    return boxes.draw(line, name, focus=focus)


@register.simple_tag
def steps(line: Line, focus: str = "") -> Iterable[StepBoxes]:
    """The boxes of the further steps of a taper."""
    return boxes.steps(line, focus=focus)


@register.filter
def medicine_box(line: Line) -> SearchBox:
    """The search box for the line's medicine."""
    return boxes.medicine_box(line)


@register.filter
def symptom_box(paper: Paper) -> SearchBox:
    """The search box for a symptom."""
    return boxes.symptom_box(paper)


@register.simple_tag
def diagnosis_box(field: forms.BoundField) -> SearchBox:
    """The search box for the diagnosis."""
    most = field.field.max_length  # type: ignore[attr-defined]
    return SearchBox(field.html_name, field.label, str(field.value() or ""), most, [str(one) for one in field.errors])


@register.simple_tag
def lists_to_choose_from() -> SafeString:
    """What the boxes offer while something is typed."""
    return boxes.lists_to_choose_from()
