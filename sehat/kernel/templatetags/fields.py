"""`{% field form.name %}`, in every template without being loaded."""

from django import template

from sehat.kernel import fields

register = template.Library()
register.simple_tag(fields.draw, name="field")
