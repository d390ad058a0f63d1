"""What the prescription desk refuses."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class NotYourConsultation(Refusal):
    """Another doctor sees this patient."""

    status = 404
    sentence = _("This consultation is not yours.")


class OpenElsewhere(Refusal):
    """A newer window has taken the draft over."""

    status = 409
    sentence = _(
        "This prescription is open in a newer window. Go on there, or press “Write here” to go on with what "
        "stands in this window."
    )


class NoSuchTemplate(Refusal):
    """It is another doctor's, or was deleted."""

    status = 404
    sentence = _("There is no such template.")


class TemplateRefused(Refusal):
    """A template cannot be kept so."""

    status = 422
    sentence = "%(why)s"


class NotAllowed(Refusal):
    """The guidelines refuse a medicine (`guidelines.py`)."""

    status = 422
    sentence = _("%(medicine)s cannot be prescribed. %(why)s Way out: %(ways)s.")


class NotYourPrescription(Refusal):
    """Another doctor has issued it."""

    status = 404
    sentence = _("This prescription is not yours.")
