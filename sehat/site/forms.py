"""The contact form."""

import json
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_altcha import AltchaField

from sehat.kernel.phones import indian_mobile
from sehat.registration.place_names import STATES
from sehat.site.models import ContactMessage

MESSAGE_MAX = 2000


MOBILE_MAX = 20  # as people write it: +91, spaces, dashes


class ContactForm(forms.ModelForm):
    """A message to the portal's office, behind a proof of work that the visitor's own browser does."""

    mobile = forms.CharField(
        label=_("Mobile Number"),
        max_length=MOBILE_MAX,
        help_text=_("Ten digits; we answer on this number."),
        widget=forms.TextInput({"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"}),
    )
    state = forms.ChoiceField(label=_("State"), choices=[("", _("Choose a State")), *STATES.items()])
    robot = AltchaField(
        label=_("I'm not a robot"),
        auto="onload",  # done before anybody reaches the box, and again after an error elsewhere
        hidelogo=True,
        hidefooter=True,
        error_messages={
            "required": _("Please wait until “I'm not a robot” is ticked, then send again."),
            "invalid": _("The check had run out. It was done anew; please send again."),
            "error": _("The check did not work. It was done anew; please send again."),
            "replay": _("The check was used already. It was done anew; please send again."),
        },
    )

    class Meta:
        model = ContactMessage
        fields = ["first_name", "last_name", "mobile", "email", "city", "state", "text"]
        widgets = {
            "first_name": forms.TextInput({"autocomplete": "given-name"}),
            "last_name": forms.TextInput({"autocomplete": "family-name"}),
            "email": forms.EmailInput({"autocomplete": "email"}),
            "city": forms.TextInput({"autocomplete": "address-level2"}),
            "text": forms.Textarea({"rows": 5, "maxlength": MESSAGE_MAX}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.Meta.fields:
            self.fields[name].error_messages["required"] = _("Please fill this in.")
        # The words of the widget; its own are English only.
        words = {
            "ariaLinkLabel": "ALTCHA",
            "label": _("I'm not a robot"),
            "verifying": _("One moment…"),
            "verified": _("I'm not a robot"),
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
