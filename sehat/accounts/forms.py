"""The staff's login form."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class LoginForm(AuthenticationForm):
    """Username and password, in the portal's own words: Django's Hindi is not ours."""

    use_required_attribute = False
    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _("Username and password do not fit together. Small and capital letters differ."),
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        for name, label, missing in (
            ("username", _("Username"), _("Please enter your username.")),
            ("password", _("Password"), _("Please enter your password.")),
        ):
            self.fields[name].label = label
            self.fields[name].error_messages["required"] = missing
