"""What a doctor fills in to put a patient back, and what a browser reports of a call."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sehat.consultation.models import PUT_BACK_REASONS, STARS
from sehat.consultation.rules import FEEDBACK_LENGTH, Evidence, PutBack


class PutBackForm(forms.Form):
    """Why the patient goes back into the line."""

    reason = forms.ChoiceField(label=_("Reason"), choices=PUT_BACK_REASONS, initial=PutBack.LINE)


class EvidenceForm(forms.Form):
    """One report of evidence: whole numbers, seconds and drops."""

    video = forms.IntegerField(min_value=0, max_value=10**6)
    audio = forms.IntegerField(min_value=0, max_value=10**6)
    drops = forms.IntegerField(min_value=0, max_value=10**6)

    @property
    def evidence(self) -> Evidence:
        """As the rules read it; of a valid form."""
        return Evidence(**self.cleaned_data)


class FeedbackForm(forms.Form):
    """How it was, from 1 to 5, and a line."""

    stars = forms.TypedChoiceField(
        label=_("How was your consultation?"),
        choices=STARS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one of the five.")},
    )
    text = forms.CharField(
        label=_("What should we know?"),
        max_length=FEEDBACK_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One line is enough; you may leave it empty. Your doctor does not see who wrote it."),
    )
