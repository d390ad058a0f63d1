"""The fields of the doctor's form are drawn by hand, and stand as every other field of the portal."""

from datetime import date

import pytest
from django import forms
from django.template.loader import render_to_string
from django.utils import translation
from pytest_django.asserts import assertHTMLEqual

from sehat.clinic.models import Opd
from sehat.prescription import controls
from sehat.prescription.clinical_form import ClinicalForm
from sehat.prescription.forms import PrescriptionForm

TODAY = date(2026, 11, 23)
TYPED = {
    "complaint": "Fever <b>high</b> & \"cough\"\n'dry'",
    "follow_up_on": "2026-12-01",
    "refer_to": "M",
    "outcome": "refused",
    "temperature": "101.2",
    "pressure": "120/80",
    "pregnancy": "no",
    "lmp": "2026-11-01",
    "confirmed": "on",
    "kidney_disease": "on",
}
WRONG = {
    "complaint": "",
    "findings": "😀",
    "follow_up_on": "soon",
    "refer_to": "XX",
    "outcome": "wrong_opd",
    "temperature": "<37>",
    "pressure": "high",
    "pregnancy": "perhaps",
    "lmp": "2120-01-01",
    "adult_name": "",
    "adult_identity": "😀",
}


def _all(forms_: tuple[forms.Form, ...]) -> list[forms.BoundField]:
    return [field for form in forms_ for field in form]


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("sent", [None, TYPED, WRONG], ids=["empty", "typed", "wrong"])
def test_a_field_drawn_by_hand_stands_as_django_draws_it(
    sent: dict[str, str] | None, language: str, opd: Opd, medicine: Opd
) -> None:
    person = {"is_minor": True, "may_be_pregnant": True, "is_emergency": True}
    pair = (PrescriptionForm(sent, today=TODAY, opd=opd), ClinicalForm(sent, today=TODAY, **person))
    with translation.override(language):
        drawn = _all(pair)
        assert len(drawn) > 25
        for field in drawn:
            assertHTMLEqual(controls.draw(field), render_to_string("kernel/field.html", {"field": field}))


def test_what_was_typed_is_shown_and_never_run() -> None:
    nasty = '"><script>alert(1)</script>'
    for drawn in (
        controls.box("dose", "Dose", nasty, ident="id_dose", fault=nasty, maxlength=40),
        controls.choice("food", nasty, nasty, [(nasty, nasty)], ident="id_food"),
    ):
        assert "<script" not in drawn
        assert "&lt;script&gt;" in drawn
