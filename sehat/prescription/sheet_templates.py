"""A doctor's own templates of a sheet ("viral fever"): diagnoses, medicines, advice and investigations, never a word
about a patient. A template belongs to its doctor alone; applied, its lines are judged anew for this patient.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sehat.clinic.models import Doctor
from sehat.prescription.errors import NoSuchTemplate, TemplateRefused
from sehat.prescription.formulary import formulary
from sehat.prescription.lines import Line
from sehat.prescription.models import TEMPLATE_NAME_LENGTH, SheetTemplate
from sehat.prescription.paper import Paper

STARTERS = Path(__file__).with_name("starters.json")
MOST_TEMPLATES = 60
LISTS, TEXTS = ("chosen", "line"), ("advice", "investigations", "red_flags")
"""What a template holds of the form: fields with many values, and texts of several lines."""

type Content = Mapping[str, Sequence[str]]


def content_of(paper: Paper) -> dict[str, list[str]]:
    """What of the form goes into a template; a line that is written but not added yet comes along."""
    lines = [row.kept for row in paper.rows]
    if paper.entry.written:
        lines.append(paper.entry.kept)
    texts = {name: [text] for name in TEXTS if (text := paper.text(name).strip())}
    return {"chosen": paper.conditions, "line": lines} | texts


def save(*, doctor: Doctor, name: str, paper: Paper) -> SheetTemplate:
    """Keep the form under this name; one of the same name is written over.

    Refuses (TemplateRefused) a name that is none, a form with nothing to keep, and more than anybody finds again.
    """
    name, content = _name(name), content_of(paper)
    if not any(content.values()):
        raise TemplateRefused(why=_("There is nothing to keep yet: no diagnosis, medicine, advice or investigation."))
    mine = SheetTemplate.objects.filter(doctor=doctor)
    if mine.count() >= MOST_TEMPLATES and not mine.filter(name=name).exists():
        raise TemplateRefused(why=_("You have many templates. Delete one first."))
    template, _new = SheetTemplate.objects.update_or_create(doctor=doctor, name=name, defaults={"content": content})
    return template


def rename(*, doctor: Doctor, ref: str, name: str) -> None:
    """Refuses one that is another doctor's (NoSuchTemplate), and a name that is none or taken (TemplateRefused)."""
    template, name = of_doctor(doctor, ref), _name(name)
    try:
        with transaction.atomic():
            SheetTemplate.objects.filter(pk=template.pk).update(name=name)
    except IntegrityError:
        raise TemplateRefused(why=_("You have another template of this name.")) from None


def delete(*, doctor: Doctor, ref: str) -> None:
    """Refuses one that is another doctor's (NoSuchTemplate)."""
    of_doctor(doctor, ref).delete()


def all_of(doctor: Doctor | int) -> QuerySet[SheetTemplate]:
    """By name."""
    return SheetTemplate.objects.filter(doctor=doctor).only("ref", "name").order_by("name")


def of_doctor(doctor: Doctor | int, ref: str) -> SheetTemplate:
    """The doctor's own template. Refuses every other (NoSuchTemplate)."""
    found = SheetTemplate.objects.filter(doctor=doctor, ref=ref).first()
    if found is None:
        raise NoSuchTemplate
    return found


def content(doctor: Doctor | int, ref: str) -> Content:
    """Of a starter by its key, or of the doctor's own template. Refuses every other (NoSuchTemplate)."""
    return starters()[ref].content if ref in starters() else of_doctor(doctor, ref).content


def applied(paper: Paper, given: Content) -> Paper:
    """The paper with what the template holds added: nothing written is lost, nothing stands twice."""
    body = paper.kept | {name: list(paper.body.get(name, ())) for name in ("window", "version")}
    for name in LISTS:
        body[name] = list(dict.fromkeys([*body.get(name, ()), *given.get(name, ())]))
    for name in TEXTS:
        parts = [*paper.text(name).splitlines(), *(line for text in given.get(name, ()) for line in text.splitlines())]
        body[name] = ["\n".join(dict.fromkeys(part for part in parts if part.strip()))]
    fresh = Paper(body, today=paper.today, opd=paper.opd, patient=paper.patient, is_emergency=paper.is_emergency)
    fresh.focus = "medicine"
    return fresh


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not 2 <= len(name) <= TEMPLATE_NAME_LENGTH:
        raise TemplateRefused(why=_("Write a name for the template, such as “Viral fever”."))
    return name


@dataclass(frozen=True, slots=True)
class Starter:
    """A template that everybody finds (`starters.json`), to be approved by a clinician."""

    key: str
    name: str
    hindi: str
    content: Content

    def __str__(self) -> str:
        return self.hindi if get_language() == "hi" else self.name


@cache
def starters() -> dict[str, Starter]:
    """By key. Raises KeyError or ValueError where the file is no such list."""
    return {
        one["key"]: Starter(
            one["key"],
            one["name"],
            one["hindi"],
            {
                "chosen": one["chosen"],
                "line": [_line(**line) for line in one["lines"]],
                "advice": [one["advice"]],
            },
        )
        for one in json.loads(STARTERS.read_text(encoding="utf-8"))
    }


def _line(*, code: str, frequency: str, days: int, food: str = "after", instructions: str = "") -> str:
    medicine = formulary().get(code)
    if medicine is None:
        return ""  # an imported formulary lacks it: the starter goes without
    return Line(
        {
            "medicine": medicine.label,
            "medicine_code": code,
            "dose": medicine.usual_dose,
            "frequency": frequency,
            "food": food,
            "days": str(days),
            "instructions": instructions,
        }
    ).kept
