"""What is refused about letters."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class NotYourLetter(Refusal):
    """Another doctor has issued it."""

    status = 404
    sentence = _("This letter is not yours.")


class TooLate(Refusal):
    """The consultation lies too far back, or came to nothing."""

    status = 409
    sentence = _("No letter can be written for this consultation any more.")


class LeaveStands(Refusal):
    """A consultation has one sick-leave advice that counts."""

    status = 409
    sentence = _("Sick leave was advised before (%(number)s). Revoke that one first.")


class TooManyLetters(Refusal):
    """More than anybody needs of one consultation."""

    status = 429
    sentence = _("No more letters can be written for this consultation.")
