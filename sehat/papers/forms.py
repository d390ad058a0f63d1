"""What every paper's doctor is asked."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sehat.papers.printable import printable
from sehat.papers.rules import REASON_LENGTH


class ReasonForm(forms.Form):
    """Why a paper is amended or revoked, in words that the patient reads."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The patient reads it."),
        min_length=5,
        max_length=REASON_LENGTH,
        validators=[printable],
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": _("Write why, in words for the patient."),
            "min_length": _("Write why, in words for the patient."),
        },
    )
