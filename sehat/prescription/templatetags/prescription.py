"""Words of a prescription in the reader's language."""

from collections.abc import Mapping

from django import template

from sehat.papers.templatetags.said import in_hindi
from sehat.prescription import phrases
from sehat.prescription.dosage import Food, parse_frequency
from sehat.prescription.facts import Fact
from sehat.prescription.facts import facts as facts_of
from sehat.prescription.models import Prescription, PrescriptionLine
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
    sentence = phrases.sentence(
        form=line.form,
        dose=line.dose,
        frequency=parse_frequency(line.frequency),
        food=Food(line.food),
        days=line.days,
    )
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
