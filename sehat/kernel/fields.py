"""Draws a field of a form, label and all: `{% field form.name %}`. The control in it comes from `kernel.controls`.

Plain Python draws a form of twenty fields four times as fast as a template for each; most of them are empty, and an
empty one is drawn once. The red star of a field that is required is drawn by the style sheet, so that a label's text
is the field's name and nothing else.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django import forms
from django.forms.models import ModelChoiceIterator
from django.forms.widgets import ChoiceWidget
from django.utils.html import conditional_escape as escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_DRAWN = 2000
_drawn: dict[tuple[object, ...], SafeString] = {}
_TEXT = forms.TextInput()


def draw(field: forms.BoundField) -> SafeString:
    """A field of a Django form with its hint and what is wrong with it."""
    widget, value = field.field.widget, field.value()
    choices = getattr(widget, "choices", ())
    typed = value and not isinstance(widget, ChoiceWidget | forms.CheckboxInput)
    if typed or field.errors or isinstance(choices, ModelChoiceIterator):
        return _draw(field)
    says = (value, field.label, field.help_text, list(widget.attrs.items()), list(choices))
    is_so = (field.field.required, field.field.disabled, field.form.use_required_attribute)
    key = (field.html_name, field.auto_id, type(widget), get_language(), *map(str, says), *is_so)
    if key not in _drawn:
        if len(_drawn) >= MOST_DRAWN:
            _drawn.clear()
        _drawn[key] = _draw(field)
    return _drawn[key]


def _draw(field: forms.BoundField) -> SafeString:
    if field.is_hidden:
        return mark_safe(str(field))  # noqa: S308 - Django's own
    if field.use_fieldset:
        return _fieldset(field)
    ident, hint = field.auto_id, _hint(field.auto_id, field.help_text)
    label = _label(ident, field.label, required=field.field.required)
    if isinstance(field.field.widget, forms.CheckboxInput):
        return _div(f'<div class="choice">{field}{label}</div>{hint}', ident, field.errors)
    return _div(f"{label}{hint}{field}", ident, field.errors)


def _fieldset(field: forms.BoundField) -> SafeString:
    star = ' class="required"' if field.field.required else ""
    described = f' aria-describedby="{field.aria_describedby}"' if field.aria_describedby else ""
    choices = "".join(
        f'<label class="choice" for="{one.id_for_label}">{one.tag()} <span>{escape(one.choice_label)}</span></label>'
        for one in field
        if one.data["value"] != ""
    )
    return mark_safe(  # noqa: S308 - every word is escaped here, the controls by Django
        f'<fieldset class="field{" wrong" if field.errors else ""}"{described}><legend{star}>{escape(field.label)}'
        f"</legend>{_hint(field.auto_id, field.help_text)}{_error(field.auto_id, field.errors)}"
        f'<div class="choices">{choices}</div></fieldset>'
    )


def box(
    name: str, label: "StrOrPromise", value: str, *, ident: str, fault: object = None, **more: object
) -> SafeString:
    """A text box that no Django form has. `more`: its further attributes."""
    control = _TEXT.render(name, value, {"id": ident, **more, **_invalid(ident, fault)})
    return _div(f"{_label(ident, label)}{control}", ident, [fault] if fault else [])


def choice(
    name: str,
    label: "StrOrPromise",
    value: str,
    choices: Iterable[tuple[object, object]],
    *,
    ident: str,
    fault: object = None,
) -> SafeString:
    """A choice that no Django form has."""
    control = forms.Select(choices=list(choices)).render(name, value, {"id": ident, **_invalid(ident, fault)})
    return _div(f"{_label(ident, label)}{control}", ident, [fault] if fault else [])


def _div(inside: str, ident: str, faults: Iterable[object]) -> SafeString:
    wrong = " wrong" if faults else ""
    # Every word in it is escaped here, the controls are by Django.
    return mark_safe(f'<div class="field{wrong}">{inside}{_error(ident, faults)}</div>')  # noqa: S308


def _label(ident: str, label: "StrOrPromise", *, required: bool = False) -> str:
    star = ' class="required"' if required else ""
    return f'<label for="{ident}"{star}>{escape(label)}</label>'


def _hint(ident: str, hint: "StrOrPromise") -> str:
    return f'<p class="hint" id="{ident}_helptext">{escape(hint)}</p>' if hint else ""


def _error(ident: str, faults: Iterable[object]) -> str:
    words = " ".join(escape(str(fault)) for fault in faults)
    return f'<p class="error" id="{ident}_error">{words}</p>' if words else ""


def _invalid(ident: str, fault: object) -> dict[str, str]:
    return {"aria-invalid": "true", "aria-describedby": f"{ident}_error"} if fault else {}
