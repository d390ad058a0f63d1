"""Sign an app in and out."""

from datetime import datetime

from django.db import transaction

from sehat.api.models import AppKey
from sehat.api.rules import LIVES, digest_of, new_key
from sehat.audit import services as audit
from sehat.registration import queries as registration
from sehat.registration.models import Patient


def sign_in(*, mobile: str, now: datetime) -> tuple[str, AppKey]:
    """The key for an app whose holder has just proved the mobile. It is told once and kept as a hash."""
    key, patient = new_key(), registration.patient_of(mobile)
    with transaction.atomic():
        row = AppKey.objects.create(digest=digest_of(key), mobile=mobile, patient=patient, expires_at=now + LIVES)
        audit.record(actor=patient, action="app.sign_in", subject=row)
    return key, row


def holder_of(key: str, *, now: datetime) -> AppKey | None:
    """The app that holds the key, with its patient; None where it is unknown, ended or too old."""
    row = AppKey.objects.filter(digest=digest_of(key), expires_at__gt=now).select_related("patient").first()
    if row is not None and row.patient is not None and row.patient.mobile != row.mobile:
        return None  # the mobile was proved, and it is the patient's no more
    return row


def note_registered(*, key: AppKey, patient: Patient) -> None:
    """The holder has registered: from here on the key is the patient's."""
    AppKey.objects.filter(pk=key.pk).update(patient=patient)
    key.patient = patient


def sign_out(*, key: AppKey, everywhere: bool) -> None:
    """End this app's key, or that of every app in which the mobile was proved."""
    ended = AppKey.objects.filter(mobile=key.mobile) if everywhere else AppKey.objects.filter(pk=key.pk)
    with transaction.atomic():
        audit.record(actor=key.patient, action="app.sign_out", subject=key, everywhere=everywhere)
        ended.delete()


def forget_old(*, now: datetime) -> int:
    """Delete keys that have run out; return how many. For the sweep."""
    deleted, _by_table = AppKey.objects.filter(expires_at__lte=now).delete()
    return deleted
