"""What a form refuses because no sheet can show it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sehat.papers.printing import unprintable

CANNOT_BE_PRINTED = _("The sign “%(sign)s” cannot be printed on the prescription. Please write it in words.")


def printable(text: str) -> None:
    """Validator of a field that stands on the sheet."""
    if sign := unprintable(text):
        raise forms.ValidationError(CANNOT_BE_PRINTED, params={"sign": sign})
