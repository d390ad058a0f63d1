"""The controls are those that Django's own templates draw."""

import re
from datetime import date

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString

from sehat.kernel.controls import DRAWN, Controls

HOSTILE = "\"><script>alert(1)</script>&'मोहन"
CHOICES = [("", "Choose"), (1, HOSTILE), ("Group", [("2", "Two"), (HOSTILE, "Three")])]
WIDGETS: list[forms.Widget] = [
    forms.TextInput({"class": HOSTILE, "required": True, "disabled": False, "data-count": 3}),
    forms.NumberInput({"min": 0, "step": 0.5}),
    forms.EmailInput(),
    forms.PasswordInput(),
    forms.HiddenInput(),
    forms.DateInput(format="%Y-%m-%d"),
    forms.CheckboxInput(),
    forms.FileInput({"accept": ".pdf"}),
    forms.Textarea({"rows": 2}),
    forms.Select(choices=CHOICES),
    forms.SelectMultiple(choices=CHOICES),
    forms.RadioSelect(choices=CHOICES[:2]),
    forms.CheckboxSelectMultiple(choices=CHOICES[:2]),
]
VALUES = [None, "", HOSTILE, SafeString("&lt;safe&gt;"), 0, 1.5, date(2026, 11, 25), "1", ["2", HOSTILE], True]


def _tags(drawn: str) -> list[str]:
    """What counts of HTML: white space beside tags does not, except in a text area."""
    return [part for part in re.split(r"(<[^>]*>)\s*", drawn.strip()) if part.strip()]


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_each_control_is_what_django_draws(widget: forms.Widget, value: object) -> None:
    if isinstance(value, list) and not isinstance(widget, forms.SelectMultiple | forms.CheckboxSelectMultiple):
        value = value[0]
    own, djangos = (
        widget.render("of_whom", value, {"id": "id_of_whom"}, renderer=renderer)
        for renderer in (Controls(), DjangoTemplates())
    )
    assert _tags(own) == _tags(djangos)
    assert isinstance(own, SafeString)
    assert "<script>" not in own


def test_every_template_that_is_stood_for_is_djangos() -> None:
    for name in DRAWN:
        assert DjangoTemplates().get_template(name)
