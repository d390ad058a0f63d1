"""Draws the fields of the doctor's form as `kernel/field.html` does, by plain Python; the controls in them come from
`kernel.controls`.

The form is shown to every doctor for every patient, with 27 fields of which most are empty: an empty field is drawn
once. A test holds both drawings against each other, so that they stay one.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django import forms
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_DRAWN = 2000
_drawn: dict[tuple[object, ...], SafeString] = {}
_TEXT = forms.TextInput()


def draw(field: forms.BoundField) -> SafeString:
    """A field of a Django form, label and all."""
    widget, value, faults = field.field.widget, field.value(), field.form.errors.get(field.name, ())
    if faults or (value and isinstance(widget, forms.TextInput | forms.Textarea)):
        return _draw(field, faults)
    given = tuple(words for words in widget.attrs.values() if type(words) is str)
    choices = tuple(widget.choices) if isinstance(widget, forms.Select) else ()
    key = (type(field.form), field.name, get_language(), str(value or ""), given, choices)
    if key not in _drawn:
        if len(_drawn) >= MOST_DRAWN:
            _drawn.clear()
        _drawn[key] = _draw(field, faults)
    return _drawn[key]


def _draw(field: forms.BoundField, faults: Iterable[object]) -> SafeString:
    ident, required = f"id_{field.html_name}", field.field.required
    if isinstance(field.field.widget, forms.CheckboxInput):
        return _check_box(ident, field.label, str(field), faults, required=required)
    return _field(ident, field.label, str(field), faults, hint=field.help_text, required=required)


def box(
    name: str, label: "StrOrPromise", value: str, *, ident: str, fault: object = None, **more: object
) -> SafeString:
    """A text box that no Django form has. `more`: its further attributes."""
    control = _TEXT.render(name, value, {"id": ident, **more, **_invalid(ident, fault)})
    return _field(ident, label, control, [fault] if fault else [])


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
    return _field(ident, label, control, [fault] if fault else [])


def _field(
    ident: str,
    label: "StrOrPromise",
    control: str,
    faults: Iterable[object],
    *,
    hint: "StrOrPromise" = "",
    required: bool = False,
) -> SafeString:
    wrong, star = " wrong" if faults else "", ' class="required"' if required else ""
    told = f'<p class="hint" id="{ident}_helptext">{escape(hint)}</p>' if hint else ""
    return mark_safe(  # noqa: S308 - every word is escaped here, the control by Django
        f'<div class="field{wrong}"><label for="{ident}"{star}>{escape(label)}</label>{told}{control}'
        f"{_error(ident, faults)}</div>"
    )


def _check_box(
    ident: str, label: "StrOrPromise", control: str, faults: Iterable[object], *, required: bool
) -> SafeString:
    wrong, star = " wrong" if faults else "", ' class="required"' if required else ""
    return mark_safe(  # noqa: S308 - every word is escaped here, the control by Django
        f'<div class="field{wrong}"><div class="choice">{control}<label for="{ident}"{star}>{escape(label)}</label>'
        f"</div>{_error(ident, faults)}</div>"
    )


def _error(ident: str, faults: Iterable[object]) -> str:
    words = " ".join(str(fault) for fault in faults)
    return f'<p class="error" id="{ident}_error">{escape(words)}</p>' if words else ""


def _invalid(ident: str, fault: object) -> dict[str, str]:
    return {"aria-invalid": "true", "aria-describedby": f"{ident}_error"} if fault else {}
