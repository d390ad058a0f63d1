"""What entitlement refuses; each sentence says whom to see."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class NotEntitled(Refusal):
    """The claim does not open the door."""

    status = 422


class NotInRegister(NotEntitled):
    """A serving person whose mobile does not stand in the register with the service number."""

    sentence = _(
        "Your mobile number is not in the AMA register with this service number. Please check the service "
        "number; if it is right, please see the AMA desk of your unit, who will enter you."
    )


class SponsorUnknown(NotEntitled):
    """A dependent of somebody whom neither register nor portal knows."""

    sentence = _(
        "We do not know this service number. A dependent gives the service number of the soldier or "
        "ex-serviceman. If it is right, please ask him or her to register first, or see the AMA desk."
    )


class SonTooOld(NotEntitled):
    """A son past the age at which a son's entitlement ends. Values: `age`, in years."""

    sentence = _("A son is entitled up to the age of %(age)s years. If this is a mistake, please see the AMA desk.")


class NotVerifiedYet(NotEntitled):
    """HQ has set that only verified people consult."""

    sentence = _("The AMA desk has not verified you yet. Please show your card there; then you can take a token.")


class RefusedByDesk(NotEntitled):
    """The AMA desk has looked, and said no."""

    sentence = _("The AMA desk could not confirm your entitlement. Please see the AMA desk of your unit or station.")
