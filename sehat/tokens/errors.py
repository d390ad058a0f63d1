"""What the token desk refuses."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class TokenMovedOn(Refusal):
    """Somebody else moved the token first."""

    status = 409
    sentence = _("Your token has changed meanwhile. Please look at the page again.")


class OneOpenToken(Refusal):
    """The patient holds an open token already."""

    status = 409
    sentence = _("You already have a token for today: %(code)s. Log in with it, or cancel it first.")


class OpdFull(Refusal):
    """The day's cap of the OPD is reached."""

    status = 409
    sentence = _("All tokens of this OPD for today are given out. Please try again on the next OPD day.")


class ReferralNeeded(Refusal):
    """A specialist OPD takes no walk-in tokens."""

    status = 409
    sentence = _("This OPD needs a referral. Please take a token for the General OPD first.")


class CannotCancel(Refusal):
    """The token is with the doctor, or at its end."""

    status = 409
    sentence = _("This token can no longer be cancelled.")
