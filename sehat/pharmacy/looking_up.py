"""How a pharmacist finds the prescription that is shown at the counter. Guessing is counted, locked out and audited."""

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from sehat.accounts import throttle
from sehat.accounts.models import Staff
from sehat.audit import services as audit
from sehat.kernel.errors import Refusal
from sehat.papers import shown, verification
from sehat.papers.errors import NotOurs, Tampered
from sehat.papers.verification import Finding
from sehat.pharmacy import queries
from sehat.prescription.models import Prescription

WRONG_OF_STAFF = throttle.Limit("wrong prescriptions of a pharmacist", tries=20)
"""Wrong look-ups of one pharmacist in a quarter of an hour."""
WRONG_OF_MOBILE = throttle.Limit("wrong prescriptions of a mobile", tries=5, renews=True)
"""Wrong ends of a number for one mobile, whoever tries."""


class NotFound(Refusal):
    """No prescription of this portal."""

    status = 422
    sentence = _("No prescription was found. Please compare every letter with the sheet.")


def by_code(text: str, *, staff: Staff, now: datetime) -> Prescription:
    """By its number, or by what was scanned off the sheet. Refuses as `verification.of_text`, an unknown one
    (NotFound), and who has guessed too often (LockedOut).
    """
    throttle.check(WRONG_OF_STAFF, str(staff.pk), now=now)
    try:
        found = verification.of_text(text)
    except Tampered:
        _note_wrong("code", staff=staff, now=now)
        raise
    return _prescription(found, "code", staff=staff, now=now)


def by_mobile(mobile: str, letters: str, *, staff: Staff, now: datetime) -> Prescription:
    """By the patient's mobile and the last letters of the number. Refuses as `by_code` does."""
    throttle.check(WRONG_OF_STAFF, str(staff.pk), now=now)
    throttle.check(WRONG_OF_MOBILE, mobile, now=now)
    found = queries.by_mobile(mobile, letters)
    if found is None:
        throttle.spend(WRONG_OF_MOBILE, mobile, now=now)
        return _not_found("mobile", staff=staff, now=now)
    return found


def by_paper(upload: UploadedFile, *, staff: Staff, now: datetime) -> Prescription:
    """By a photograph of the code, or by the prescription's PDF. Refuses as `by_code` and `shown.of_upload` do."""
    throttle.check(WRONG_OF_STAFF, str(staff.pk), now=now)
    try:
        found = shown.of_upload(upload)
    except (NotOurs, Tampered):
        _note_wrong("paper", staff=staff, now=now)
        raise
    return _prescription(found, "paper", staff=staff, now=now)


def _prescription(found: Finding, how: str, *, staff: Staff, now: datetime) -> Prescription:
    if isinstance(found.paper, Prescription):
        return found.paper
    # Unknown, or another paper of this portal, such as a sick leave.
    return _not_found(how, staff=staff, now=now)


def _not_found(how: str, *, staff: Staff, now: datetime) -> Prescription:
    _note_wrong(how, staff=staff, now=now)
    raise NotFound


def _note_wrong(how: str, *, staff: Staff, now: datetime) -> None:
    throttle.spend(WRONG_OF_STAFF, str(staff.pk), now=now)
    audit.record(actor=staff, action="prescription.look_up_failed", subject="prescription", how=how)
