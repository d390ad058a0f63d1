"""Why a paper is not taken for one of this portal."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class NotValidAnyMore(Refusal):
    """It was revoked or amended before."""

    status = 409
    sentence = _("%(number)s was revoked before. It cannot be amended or revoked again.")


class Doubtful(Refusal):
    """What was shown is no prescription of this portal, or not as it was issued."""

    status = 422
    sentence = _("This is no prescription of this portal.")


class NoCode(Doubtful):
    """The scanned text holds neither number nor statement."""

    sentence = _("This is no code of a prescription. Please scan the square code at the top right of the sheet again.")


class OtherPortal(Doubtful):
    """Signed, but by a key that is not published here."""

    sentence = _("This code was signed by another portal, or by nobody we know. Ask the portal that is named in it.")


class Tampered(Doubtful):
    """Signed by this portal, and changed since."""

    sentence = _("This was changed after it was signed. Do not trust it, and do not dispense by it.")


class NoCodeInPicture(Doubtful):
    """A photograph without a code that can be read."""

    sentence = _(
        "There is no code on this picture that can be read. Please take it again from above, with the square code "
        "large and sharp."
    )


class NotAPdf(Doubtful):
    """Another kind of file, or a broken one."""

    sentence = _(
        "This file is no PDF, or it is damaged. Please choose the PDF of the prescription as it was downloaded."
    )


class NotOurs(Doubtful):
    """A PDF without this portal's signature."""

    sentence = _("This PDF was not made by this portal: it does not carry the portal's signature. Do not trust it.")


class TooBig(Doubtful):
    """No prescription is that long."""

    status = 413
    sentence = _("This file is too big for a prescription: at most %(most)s MB.")
