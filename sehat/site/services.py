"""Take a message in; note the language in which somebody wants to read."""

from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from sehat.accounts.models import Staff
from sehat.audit import services as audit
from sehat.notices import kinds
from sehat.notices import services as notices
from sehat.notices.rules import Recipient
from sehat.registration.models import Patient
from sehat.site.models import ContactMessage


def receive(message: ContactMessage) -> ContactMessage:
    """Store the message and acknowledge it by SMS, and by e-mail where one was given."""
    with transaction.atomic():
        message.save()
        notices.write(kinds.CONTACT_RECEIVED, to=Recipient(message.mobile, message.email, language=message.language))
        audit.record(actor="visitor", action="contact.receive", subject=message)
    return message


def choose_language(language: str, *, patient: Patient | None, staff: Staff | AnonymousUser) -> None:
    """Remember the language of those who are signed in: notices are written in it too."""
    if patient is not None:
        Patient.objects.filter(pk=patient.pk).exclude(language=language).update(language=language)
    if isinstance(staff, Staff):
        Staff.objects.filter(pk=staff.pk).exclude(language=language).update(language=language)
