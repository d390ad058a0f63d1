"""Draws the fields of the doctor's form as `kernel/field.html` does, by plain Python.

Django renders a template for each widget: 29 fields cost 15 ms of the CPU, at every opening of the form. Drawn here
they cost less than one. A test holds both drawings against each other, so that they stay one.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django import forms
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

type Attributes = Mapping[str, object]


def draw(field: forms.BoundField) -> SafeString:
    """A field of a Django form: text, number, date, longer text, choice or check box."""
    value, faults = field.value(), field.form.errors.get(field.name, ())
    if faults or (value and isinstance(field.field.widget, forms.TextInput | forms.Textarea)):
        return _draw(field, value, [str(fault) for fault in faults])
    # Most fields are empty most of the time, and stand as they stood for the doctor before.
    widget = field.field.widget
    given = tuple(words for words in widget.attrs.values() if type(words) is str)
    choices = tuple(widget.choices) if isinstance(widget, forms.Select) else ()
    key = (type(field.form), field.name, get_language(), str(value or ""), given, choices)
    if key not in _drawn:
        if len(_drawn) >= MOST_DRAWN:
            _drawn.clear()
        _drawn[key] = _draw(field, value, [])
    return _drawn[key]


MOST_DRAWN = 2000
_drawn: dict[tuple[object, ...], SafeString] = {}


def _draw(field: forms.BoundField, value: object, faults: list[str]) -> SafeString:
    widget, ident, hint = field.field.widget, f"id_{field.html_name}", field.help_text
    described = [f"{ident}_{part}" for part, there in (("helptext", hint), ("error", faults)) if there]
    attributes: dict[str, object] = {"name": field.html_name, "id": ident, **widget.attrs}
    attributes |= {"required": True} if field.field.required else {}
    if not isinstance(widget, forms.Select | forms.CheckboxInput):
        attributes |= field.field.widget_attrs(widget)
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if faults:
        attributes["aria-invalid"] = "true"
    if isinstance(widget, forms.CheckboxInput):
        checked = {"checked": True} if widget.check_test(value) else {}
        control = f'<input type="checkbox"{_attributes(attributes | checked)}>'
        return _check_box(ident, field.label, control, faults, required=field.field.required)
    if isinstance(widget, forms.Textarea):
        control = f"<textarea{_attributes(attributes)}>\n{escape(value or '')}</textarea>"
    elif isinstance(widget, forms.Select):
        control = _select(attributes, widget.choices, "" if value is None else str(value))
    else:
        shown = widget.format_value(value)
        given = {} if shown is None else {"value": shown}
        control = f'<input type="{widget.input_type}"{_attributes(attributes | given)}>'
    return field_of(ident, field.label, control, faults, hint=hint, required=field.field.required)


def box(
    name: str, label: "StrOrPromise", value: str, *, ident: str, fault: object = None, **more: object
) -> SafeString:
    """A text box that no Django form has. `more`: its further attributes, `_` written for `-`."""
    attributes: dict[str, object] = {"id": ident, "name": name, "value": value}
    attributes |= {key.replace("_", "-"): given for key, given in more.items()}
    control = f'<input type="text"{_attributes(attributes | _invalid(ident, fault))}>'
    return field_of(ident, label, control, _list(fault))


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
    control = _select({"id": ident, "name": name} | _invalid(ident, fault), choices, value)
    return field_of(ident, label, control, _list(fault))


def field_of(
    ident: str,
    label: "StrOrPromise",
    control: str,
    faults: list[str],
    *,
    hint: "StrOrPromise" = "",
    required: bool = False,
) -> SafeString:
    """Label, hint, control and what is wrong, as every field of the portal stands."""
    wrong, star = " wrong" if faults else "", ' class="required"' if required else ""
    told = f'<p class="hint" id="{ident}_helptext">{escape(hint)}</p>' if hint else ""
    return mark_safe(  # noqa: S308 - every word is escaped here
        f'<div class="field{wrong}"><label for="{ident}"{star}>{escape(label)}</label>{told}{control}'
        f"{_error(ident, faults)}</div>"
    )


def _check_box(ident: str, label: "StrOrPromise", control: str, faults: list[str], *, required: bool) -> SafeString:
    wrong, star = " wrong" if faults else "", ' class="required"' if required else ""
    return mark_safe(  # noqa: S308 - every word is escaped here
        f'<div class="field{wrong}"><div class="choice">{control}<label for="{ident}"{star}>{escape(label)}</label>'
        f"</div>{_error(ident, faults)}</div>"
    )


def _select(attributes: Attributes, choices: Iterable[tuple[object, object]], chosen: str) -> str:
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if str(value) == chosen else ""}>{escape(label)}</option>'
        for value, label in choices
    )
    return f"<select{_attributes(attributes)}>{options}</select>"


def _error(ident: str, faults: list[str]) -> str:
    return f'<p class="error" id="{ident}_error">{escape(" ".join(faults))}</p>' if faults else ""


def _invalid(ident: str, fault: object) -> dict[str, object]:
    return {"aria-invalid": "true", "aria-describedby": f"{ident}_error"} if fault else {}


def _list(fault: object) -> list[str]:
    return [str(fault)] if fault else []


def _attributes(attributes: Attributes) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(value)}"'
        for name, value in attributes.items()
        if value is not None and value is not False
    )
