"""What the consultation refuses."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class ConsultationOver(Refusal):
    """It has ended, or somebody else moved it on first."""

    status = 409
    sentence = _("This consultation has moved on meanwhile. Please look at the page again.")


class NotToBeAsked(Refusal):
    """The doctor is not at the desk, is busy, or is asked into another call."""

    status = 409
    sentence = _("This doctor cannot come just now. Please choose another one.")


class AlreadyAsked(Refusal):
    """One other doctor at a time."""

    status = 409
    sentence = _("Another doctor has been asked into this call already.")


class InvitationGone(Refusal):
    """It was answered, taken back, or the call has ended."""

    status = 409
    sentence = _("This invitation is no longer open.")


class EmptyMessage(Refusal):
    """Nothing but blanks."""

    status = 422
    sentence = _("Please write something first.")


class MessageTooLong(Refusal):
    """More than a message may hold."""

    status = 422
    sentence = _("Your message has %(length)s letters. Please shorten it to %(most)s, or send it in two parts.")


class TooManyMessages(Refusal):
    """One side has written as much as one consultation holds."""

    status = 429
    sentence = _("No more messages can be sent in this consultation. Please speak to each other.")


class NoFile(Refusal):
    """Upload was pressed before a file was chosen."""

    status = 422
    sentence = _("Please choose a file first.")


class TooManyFiles(Refusal):
    """One side has sent as many files as one consultation holds."""

    status = 429
    sentence = _("You can send up to %(most)s files in one consultation.")
