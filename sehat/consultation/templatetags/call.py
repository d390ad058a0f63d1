"""What the call's pages say in many ways."""

from django import template

from sehat.consultation.problems import PROBLEMS, Problem

register = template.Library()


@register.simple_tag
def problems() -> list[Problem]:
    """Each way in which a camera or microphone may be missing, with what to do."""
    return PROBLEMS
