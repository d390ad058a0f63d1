"""What the API itself refuses; everything else is refused by the rooms."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class NotSignedIn(Refusal):
    """No key, an old one, or no session."""

    status = 401
    sentence = _("Please log in with your mobile number and an OTP.")


class NotThere(Refusal):
    """Not there, or not yours: both answer alike."""

    status = 404
    sentence = _("This is not there.")


class NotRegistered(Refusal):
    """The mobile is proved, and nobody has registered with it yet."""

    status = 409
    sentence = _("Please register first: nobody has registered with this mobile number yet.")


class NoToken(Refusal):
    """The patient has no open token."""

    status = 409
    sentence = _("You have no token. Please take one first.")


class NotFromHere(Refusal):
    """A change that came with a session's cookie but without its CSRF token."""

    status = 403
    sentence = _("This request did not come from the portal's own page. Please reload the page and try again.")


class TooOften(Refusal):
    """The key was used more often than it may be."""

    status = 429
    sentence = _("This key was used too often. Please wait a minute.")


class Unreadable(Refusal):
    """The body is no JSON."""

    status = 400
    sentence = _("This request could not be read.")


class Invalid(Refusal):
    """Fields are missing or not right; `fields` says which and why."""

    status = 422
    sentence = _("Something is missing or not right. Please look at the fields marked in red.")

    def __init__(self, fields: dict[str, list[str]]) -> None:
        super().__init__()
        self.fields = fields

    @property
    def more(self) -> dict[str, Any]:
        """The sentences beside their fields."""
        return {"fields": self.fields}
