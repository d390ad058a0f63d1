"""Draws the controls of forms: what Django's own templates draw, without a template for each control and its options.

A form of twenty fields with lists of States and districts goes through some two hundred small templates otherwise,
which costs more than all the rest of its page.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]


def _attributes(attributes: Mapping[str, Any]) -> str:
    drawn = []
    for name, value in attributes.items():
        if value is True:
            drawn.append(f" {conditional_escape(name)}")
        elif value is not False:
            drawn.append(f' {conditional_escape(name)}="{_text(value)}"')
    return "".join(drawn)


def _text(value: object) -> str:
    return conditional_escape(value if isinstance(value, str) else str(value))


def _input(widget: Widget) -> str:
    value = widget.get("value")
    given = "" if value is None else f' value="{_text(value)}"'
    return f'<input type="{widget["type"]}" name="{_text(widget["name"])}"{given}{_attributes(widget["attrs"])}>'


def _option(widget: Widget) -> str:
    if not widget.get("wrap_label"):
        return _input(widget)
    ident = widget["attrs"].get("id")
    whose = f' for="{_text(ident)}"' if ident else ""
    return f"<label{whose}>{_input(widget)} {_text(widget['label'])}</label>"


def _file(widget: Widget) -> str:
    return f'<input type="{widget["type"]}" name="{_text(widget["name"])}"{_attributes(widget["attrs"])}>'


def _textarea(widget: Widget) -> str:
    text = _text(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_text(widget["name"])}"{_attributes(widget["attrs"])}>\n{text}</textarea>'


def _select(widget: Widget) -> str:
    drawn = [f'<select name="{_text(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            drawn.append(f'<optgroup label="{_text(group)}">')
        drawn += [
            f'<option value="{_text(option["value"])}"{_attributes(option["attrs"])}>{_text(option["label"])}</option>'
            for option in options
        ]
        if group:
            drawn.append("</optgroup>")
    return "\n".join([*drawn, "</select>"])


_INPUTS = ("input", "text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox")
DRAWN: dict[str, Callable[[Widget], str]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in _INPUTS},
    "django/forms/widgets/checkbox_option.html": _option,
    "django/forms/widgets/radio_option.html": _option,
    "django/forms/widgets/file.html": _file,
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
}
"""By the name of the template that each stands for."""


class Controls(DjangoTemplates):
    """The renderer of `FORM_RENDERER`. What is not drawn here comes from Django's templates."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        """One control, escaped."""
        draw = DRAWN.get(template_name)
        if draw is None:
            return mark_safe(super().render(template_name, context, request))  # noqa: S308 (a template escapes)
        return mark_safe(draw(context["widget"]))  # noqa: S308 (each value above is escaped)
