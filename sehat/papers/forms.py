"""What every paper's doctor is asked, and who shows a paper."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sehat.papers.printable import printable
from sehat.papers.rules import REASON_LENGTH
from sehat.tokens.records import ACCEPT


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


class PaperForm(forms.Form):
    """What is shown of a paper: a photograph of the code, or the file itself."""

    use_required_attribute = False
    paper = forms.FileField(
        label=_("Photo of the code, or the prescription as PDF"),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=_("It is read and not kept."),
        allow_empty_file=True,  # whoever reads it has a sentence for that
        error_messages={"required": _("Please choose a picture or a PDF.")},
    )
