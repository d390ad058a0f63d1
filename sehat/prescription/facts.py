"""What was asked and measured, in pairs, as the sheet carries both languages."""

from dataclasses import dataclass
from datetime import date

from sehat.papers.said import Said
from sehat.prescription.diagnoses import classification
from sehat.prescription.guidelines import Pregnancy
from sehat.prescription.vitals import RANGES
from sehat.prescription.writing import Clinical

_VITALS = {
    "temperature": Said("Temperature", "तापमान"),
    "pulse": Said("Pulse", "नाड़ी"),
    "oxygen": Said("SpO2", "ऑक्सीजन"),
    "respiration": Said("Breaths", "साँस"),
    "sugar": Said("Sugar", "शुगर"),
    "weight": Said("Weight", "वज़न"),
    "height": Said("Height", "क़द"),
}
_PREGNANCIES = {
    Pregnancy.NO: Said("Not pregnant", "गर्भवती नहीं"),
    Pregnancy.PREGNANT: Said("Pregnant", "गर्भवती"),
    Pregnancy.LACTATING: Said("Breastfeeding", "स्तनपान कराती हैं"),
}
_ADULTS = {
    "mother": Said("mother", "माता"),
    "father": Said("father", "पिता"),
    "grandparent": Said("grandparent", "दादा-दादी या नाना-नानी"),
    "guardian": Said("guardian", "अभिभावक"),
    "other": Said("other adult of the family", "परिवार के अन्य वयस्क"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One of them: what it is, and what was found. `beside`: the Hindi that the sheet adds to the English, where all of
    it would say a name twice.
    """

    label: Said
    text: Said
    beside: str = ""


def facts(clinical: Clinical) -> list[Fact]:
    """Everything that was asked or measured, and that allergies were not, where they were not."""
    found = []
    if clinical.adult_name:
        relation = _ADULTS.get(clinical.adult_relation, Said(clinical.adult_relation, clinical.adult_relation))
        found.append(
            Fact(
                Said("Adult present", "साथ में वयस्क"),
                Said(f"{clinical.adult_name} ({relation.english})", f"{clinical.adult_name} ({relation.hindi})"),
                relation.hindi,
            )
        )
    if symptoms := [known for code in clinical.symptoms if (known := classification().get(code))]:
        english = ", ".join(f"{one.name} ({one.code})" for one in symptoms)
        hindi = ", ".join(f"{one.hindi or one.name} ({one.code})" for one in symptoms)
        found.append(Fact(Said("Symptoms", "लक्षण"), Said(english, hindi)))
    found.append(Fact(Said("Allergies", "एलर्जी"), _allergies(clinical)))
    if clinical.in_use:
        words = ", ".join(clinical.in_use)
        found.append(Fact(Said("Already taking", "पहले से चल रही दवाएँ"), Said(words, words)))
    if clinical.history:
        found.append(Fact(Said("History", "पुराना हाल"), Said(clinical.history, clinical.history)))
    if said := _PREGNANCIES.get(Pregnancy(clinical.pregnancy)):
        found.append(Fact(Said("Pregnancy", "गर्भ"), said))
    if clinical.lmp:
        found.append(Fact(Said("LMP", "पिछली माहवारी"), _day(clinical.lmp)))
    if clinical.kidney_disease:
        found.append(Fact(Said("Kidneys", "गुर्दे"), Said("disease", "रोग")))
    if clinical.seen_on:
        found.append(Fact(Said("Seen in person", "सामने बैठकर देखा"), _day(clinical.seen_on)))
    if clinical.no_emergency:
        looked_into = Said("looked into, no emergency", "जाँच लिए, आपात स्थिति नहीं")
        found.append(Fact(Said("Signs of an emergency", "आपात स्थिति के लक्षण"), looked_into))
    if clinical.vitals:
        found.append(Fact(Said("Vitals", "जाँच के अंक"), _measured(clinical)))
    return found


def _allergies(clinical: Clinical) -> Said:
    if clinical.allergies is None:
        return Said("not asked", "पूछा नहीं गया")
    words = ", ".join(clinical.allergies)
    return Said(words or "none known", words or "कोई ज्ञात नहीं")


def _day(day: date) -> Said:
    words = f"{day.day} {day:%b %Y}"
    return Said(words, words)


def _measured(clinical: Clinical) -> Said:
    vitals = dict(clinical.vitals)
    english, hindi = [], []
    if "systolic" in vitals:
        pressure = f"{vitals['systolic']:g}/{vitals['diastolic']:g} mmHg"
        english.append(f"BP {pressure}")
        hindi.append(f"रक्तचाप {pressure}")
    for name, said in _VITALS.items():
        if name in vitals:
            value = f"{vitals[name]:g} {RANGES[name].unit}"
            english.append(f"{said.english} {value}")
            hindi.append(f"{said.hindi} {value}")
    return Said(", ".join(english), ", ".join(hindi))
