"""What registration refuses."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from sehat.kernel.errors import Refusal


class OtpTooSoon(Refusal):
    """The last OTP went out a moment ago. Values: `seconds`."""

    status = 429
    sentence = ngettext_lazy(
        "An OTP is on its way. You can ask for another in %(seconds)s second.",
        "An OTP is on its way. You can ask for another in %(seconds)s seconds.",
        "seconds",
    )

    def __str__(self) -> str:
        return str(self.sentence % self.values)


class OtpTooMany(Refusal):
    """The hour's OTPs of this mobile are used up. Values: `minutes`."""

    status = 429
    sentence = _("Too many OTPs were asked for. Please try again in %(minutes)s minutes.")


class OtpWrong(Refusal):
    """Not the code that was sent. Values: `left`, the tries that remain."""

    status = 422
    sentence = _("This OTP is not right. Please look at the newest SMS and try again; tries left: %(left)s.")


class OtpSpent(Refusal):
    """No live OTP: never sent, too old, used, or out of tries."""

    status = 422
    sentence = _("This OTP is no longer valid. Please press Resend OTP to get a new one.")


class CorrectionPending(Refusal):
    """A request of the same patient is still open."""

    status = 409
    sentence = _("Your last request is still with the AMA desk. You will get an SMS when it is decided.")


class CorrectionDecided(Refusal):
    """Somebody else has decided it."""

    status = 409
    sentence = _("This request is decided already.")
