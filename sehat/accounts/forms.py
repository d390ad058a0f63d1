"""The staff's forms: login, code, own password."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sehat.accounts.models import Staff
from sehat.accounts.rules import CODE_DIGITS, RECOVERY_DIGITS
from sehat.kernel.phones import ascii_digits

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


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


def _password(
    label: "StrOrPromise", autocomplete: str, missing: "StrOrPromise", hint: "StrOrPromise" = ""
) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=128,
        help_text=hint,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        error_messages={"required": missing},
    )


class PasswordForm(forms.Form):
    """The password once more: somebody else may have sat down."""

    use_required_attribute = False
    password = _password(_("Password"), "current-password", _("Please enter your password."))


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    use_required_attribute = False
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("Please enter the code.")},
    )

    def clean_code(self) -> str:
        """The digits, in whatever script and with whatever spaces they were typed."""
        code = "".join(ascii_digits(self.cleaned_data["code"]).split()).replace("-", "")
        if not (code.isascii() and code.isdigit() and len(code) in {CODE_DIGITS, RECOVERY_DIGITS}):
            raise ValidationError(_("The code has six digits, a recovery code has twelve."))
        return code


class LoginCodeForm(CodeForm):
    """The same where it is all that the page asks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True


class ProofForm(CodeForm, PasswordForm):
    """Password and code: for what nobody else may do at a computer left open."""

    field_order = ["password", "code"]


WEAK = {
    "password_too_short": _("Please take at least 8 letters or digits."),
    "password_too_common": _("Many people use this password. Please choose another one."),
    "password_too_similar": _("It is too much like your name or username. Please choose another one."),
}
"""What Django's validators find, in the portal's own words."""


class ChangePasswordForm(forms.Form):
    """The old password, and twice the new one."""

    use_required_attribute = False
    password = _password(_("Old password"), "current-password", _("Please enter your old password."))
    new = _password(
        _("New password"),
        "new-password",
        _("Please choose a new password."),
        _("At least 8 letters or digits; a few words in a row are easy to keep."),
    )
    again = _password(_("New password once more"), "new-password", _("Please type the new password once more."))

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff

    def clean_new(self) -> str:
        """Refuses what Django's validators refuse (AUTH_PASSWORD_VALIDATORS)."""
        new = str(self.cleaned_data["new"])
        try:
            validate_password(new, self.staff)
        except ValidationError as weak:
            raise ValidationError([WEAK.get(str(one.code), one) for one in weak.error_list]) from weak
        return new

    def clean(self) -> dict[str, Any] | None:
        """Both new ones are the same."""
        given = super().clean() or self.cleaned_data
        if "new" in given and "again" in given and given["new"] != given["again"]:
            self.add_error("again", _("This is another password than the one above. Please type it again."))
        return given
