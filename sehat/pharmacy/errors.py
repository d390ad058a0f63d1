"""What the store refuses."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class NoStore(Refusal):
    """A pharmacist who is posted to no hospital, or to one without a store."""

    status = 409
    sentence = _("You are not posted to a hospital with a store yet. Please ask HQ to enter your posting.")


class NotToBeDispensed(Refusal):
    """Nothing may be handed out by this prescription."""

    status = 409


class WasReplaced(NotToBeDispensed):
    """The doctor has issued an amended one."""

    sentence = _(
        "The doctor has replaced this prescription by %(number)s. Nothing may be dispensed by the old one; please "
        "take the new one."
    )


class WasRevoked(NotToBeDispensed):
    """The doctor has taken it back."""

    sentence = _("The doctor has revoked this prescription. Nothing may be dispensed by it; please ask the doctor.")


class TooOld(NotToBeDispensed):
    """Past its age limit."""

    sentence = _("This prescription could be used until %(day)s. Please take a new token and ask the doctor again.")


class NoMedicines(NotToBeDispensed):
    """A sheet with advice only."""

    sentence = _("There is no medicine on this prescription.")


class AllDispensed(NotToBeDispensed):
    """The whole quantity has been handed out."""

    sentence = _("All medicines of this prescription have been handed out.")


class MoreThanPrescribed(Refusal):
    """What is handed out, all in all, would be more than the doctor wrote."""

    status = 409
    sentence = _("Of %(medicine)s only %(rest)s of %(prescribed)s are left to be handed out. Please look again.")


class NoSubstitute(Refusal):
    """Another medicine, or one that cannot be taken in the prescribed dose."""

    status = 422
    sentence = _("%(medicine)s cannot be replaced by this. Please ask the doctor to amend the prescription.")


class NothingPacked(Refusal):
    """A parcel without anything in it."""

    status = 422
    sentence = _("Nothing is packed yet. Please enter at least one quantity, or cancel.")


class SupplyMovedOn(Refusal):
    """Somebody else moved it first."""

    status = 409
    sentence = _("This order has moved on meanwhile. Please look at the page again.")


class StoreHasBegun(Refusal):
    """Too late for the patient to change it."""

    status = 409
    sentence = _("%(store)s has begun to prepare your medicines. To change it, please call the store: %(phone)s")


class BeingServed(Refusal):
    """Another store is at it."""

    status = 409
    sentence = _("%(store)s is preparing these medicines. Ask there to cancel the order before you dispense here.")


class CannotSend(Refusal):
    """No store sends to homes, or the chosen one takes no orders any more."""

    status = 409
    sentence = _("This store cannot be chosen now. Please choose another.")
