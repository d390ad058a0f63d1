"""What the doors refuse."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class LockedOut(Refusal):
    """Too many wrong tries. Values: `minutes` to wait, at least 1."""

    status = 429
    sentence = _("Too many wrong tries. Please try again in %(minutes)s minutes.")


class WrongPassword(Refusal):
    """It is not the password of who is signed in."""

    status = 422
    sentence = _("This is not your password.")


class WrongCode(Refusal):
    """No code of now, one that was used before, or a recovery code that does not count."""

    status = 422
    sentence = _("This code does not count, or was used before. Please take the next one that the app shows.")


class AlreadySetUp(Refusal):
    """The person has a second factor, perhaps since a moment ago in another window."""

    status = 409
    sentence = _("Your code at login is set up already.")


class OwnSecondFactor(Refusal):
    """HQ may not take away the own one: who finds HQ's computer open must not either."""

    status = 409
    sentence = _("Your own code at login is turned off under My account, where a code is asked.")
