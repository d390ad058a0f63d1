"""The contact form."""

import json
from typing import Any

import indian_pincode
from django import forms
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_altcha import AltchaField

from sehat.kernel.phones import indian_mobile
from sehat.site.models import ContactMessage

MESSAGE_MAX = 2000


def _states() -> list[tuple[str, Any]]:
    return [("", _("Choose a State")), *((state, state) for state in indian_pincode.list_states())]


class ContactForm(forms.ModelForm):
    """A message to the portal's office, behind a proof of work that the visitor's own browser does."""

    state = forms.ChoiceField(label=_("State"), choices=_states)
    robot = AltchaField(
        label=_("I'm not a robot"),
        hidelogo=True,
        hidefooter=True,
        error_messages={
            "required": _("Please tick “I'm not a robot”, wait for “Thank you”, and send again."),
            "invalid": _("The check has run out. Please tick “I'm not a robot” again."),
            "error": _("The check did not work. Please tick “I'm not a robot” again."),
            "replay": _("The check was used already. Please tick “I'm not a robot” again."),
        },
    )

    class Meta:
        model = ContactMessage
        fields = ["first_name", "last_name", "mobile", "email", "city", "state", "text"]
        help_texts = {"mobile": _("Ten digits; we answer on this number.")}
        widgets = {
            "first_name": forms.TextInput({"autocomplete": "given-name"}),
            "last_name": forms.TextInput({"autocomplete": "family-name"}),
            "mobile": forms.TextInput(
                {"type": "tel", "inputmode": "tel", "autocomplete": "tel-national", "maxlength": 16}
            ),
            "email": forms.EmailInput({"autocomplete": "email"}),
            "city": forms.TextInput({"autocomplete": "address-level2"}),
            "text": forms.Textarea({"rows": 5, "maxlength": MESSAGE_MAX}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The words of the widget; its own are English only.
        words = {
            "ariaLinkLabel": "ALTCHA",
            "label": _("I'm not a robot"),
            "verifying": _("One moment…"),
            "verified": _("Thank you"),
            "waitAlert": _("One moment please: the check is still running."),
            "error": _("The check did not work. Please reload the page."),
            "expired": _("The check has run out. Please tick again."),
            "required": _("Please tick this box."),
        }
        self.fields["robot"].widget.options |= {
            "challengeurl": reverse("site:altcha"),
            "language": get_language(),
            "strings": json.dumps({key: str(word) for key, word in words.items()}),
        }

    def clean_mobile(self) -> str:
        """Any way of writing an Indian mobile number, kept as its ten digits."""
        mobile = indian_mobile(self.cleaned_data["mobile"])
        if mobile is None:
            raise forms.ValidationError(_("Please enter an Indian mobile number of ten digits."))
        return mobile
