"""Verbs of the prescription: keep a draft, take it over, issue."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from sehat.audit import services as audit
from sehat.clinic.models import Doctor
from sehat.consultation import queries as consultations
from sehat.consultation import services as consultation_services
from sehat.consultation.errors import ConsultationOver
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Mode
from sehat.kernel.ids import new_ref
from sehat.notices import services as notices
from sehat.notices.kinds import PRESCRIPTION_READY
from sehat.prescription import document, queries, rules, signing
from sehat.prescription.errors import NotYourConsultation, OpenElsewhere
from sehat.prescription.models import Draft, Prescription, PrescriptionLine, prescription_path
from sehat.prescription.sheets import people_of, sheet_of
from sehat.prescription.writing import Written

Body = Mapping[str, Sequence[str]]


def open_draft(*, consultation: Consultation, window: str, seen: int, now: datetime) -> bool:
    """A window that has just shown version `seen` of the draft takes it over; the window before will be told.

    False when another window has saved since: what is shown is old and has to be fetched again.
    """
    _draft, made = Draft.objects.get_or_create(consultation=consultation, defaults={"window": window, "saved_at": now})
    if made:
        return seen == 0
    return bool(Draft.objects.filter(consultation=consultation, version=seen).update(window=window))


def take_over_draft(*, consultation: Consultation, window: str, body: Body, now: datetime) -> int:
    """This window goes on with what it shows, whatever the newer one has; returns the draft's new version."""
    with transaction.atomic():
        draft, _made = Draft.objects.select_for_update().get_or_create(
            consultation=consultation, defaults={"window": window, "saved_at": now}
        )
        draft.window, draft.body, draft.saved_at = window, dict(body), now
        draft.version += 1
        draft.save()
    return draft.version


def save_draft(*, consultation: Consultation, window: str, version: int, body: Body, now: datetime) -> None:
    """Keep what the window shows. `version` counts its saves, so that one that was overtaken on its way is
    dropped.

    Refuses a window that a newer one has taken over from (OpenElsewhere).
    """
    mine = Draft.objects.filter(consultation=consultation, window=window)
    if mine.filter(version__lt=version).update(version=version, body=dict(body), saved_at=now):
        return
    if not mine.exists():
        raise OpenElsewhere


def issue(
    *, consultation: Consultation, doctor: Doctor, written: Written, now: datetime, window: str = ""
) -> Prescription:
    """Make, sign and store the prescription, use up the token, tell the patient. Once: a second press gives
    the same one.

    Refuses another doctor (NotYourConsultation), a window that a newer one has taken over from
    (OpenElsewhere), and a consultation that was put back meanwhile (ConsultationOver).
    """
    if consultation.doctor_id != doctor.pk:
        raise NotYourConsultation
    if there := queries.of_consultation(consultation):
        return there
    draft = queries.draft_of(consultation)
    if window and draft and draft.window != window:
        raise OpenElsewhere

    # Making and signing takes tens of milliseconds: before the transaction, which holds the database's write
    # lock.
    prescription = _prescription(consultation, written, now)
    pdf = signing.sign(
        document.make(
            sheet_of(
                written,
                number=prescription.number,
                mode=Mode(prescription.mode),
                people=prescription.people,
                now=now,
            )
        ),
        reason=f"Prescription {prescription.number}",
    )
    prescription.size, prescription.sha256 = len(pdf), hashlib.sha256(pdf).hexdigest()
    storage = prescription.file.storage
    prescription.file.name = storage.save(prescription_path(prescription, ""), ContentFile(pdf))
    try:
        with transaction.atomic():
            _store(prescription, consultation, doctor, written, now)
    except (ConsultationOver, IntegrityError):
        storage.delete(prescription.file.name)
        # The other press of the same button was faster.
        there = queries.of_consultation(consultation)
        if there is None:
            raise
        return there
    except BaseException:
        storage.delete(prescription.file.name)
        raise
    return prescription


def _prescription(consultation: Consultation, written: Written, now: datetime) -> Prescription:
    return Prescription(
        ref=new_ref(),
        number=_new_number(),
        consultation=consultation,
        patient=consultation.token.patient,
        issued_at=now,
        mode=consultations.mode_achieved(consultation),
        people=people_of(consultation, now=now),
        complaint=written.complaint,
        findings=written.findings,
        diagnoses=[{"code": d.code, "name": d.name, "hindi": d.hindi} for d in written.diagnoses],
        investigations=written.investigations,
        advice=written.advice,
        follow_up_on=written.follow_up_on,
    )


def _new_number() -> str:
    while True:
        number = rules.written_number(rules.new_letters())
        if not Prescription.objects.filter(number=number).exists():
            return number


def _store(
    prescription: Prescription, consultation: Consultation, doctor: Doctor, written: Written, now: datetime
) -> None:
    consultation_services.complete(consultation=consultation, now=now)
    prescription.save()
    PrescriptionLine.objects.bulk_create(
        PrescriptionLine(
            prescription=prescription,
            position=position,
            code=line.medicine.code,
            generic=line.medicine.generic,
            form=line.medicine.form,
            strength=line.medicine.strength,
            route=line.medicine.route,
            dose=line.dose,
            frequency=str(line.frequency),
            food=line.food,
            days=line.days,
            quantity=line.quantity.amount,
            unit=line.quantity.unit,
            instructions=line.instructions,
        )
        for position, line in enumerate(written.lines, start=1)
    )
    Draft.objects.filter(consultation=consultation).delete()
    link = settings.PUBLIC_URL + reverse("prescription:rx", args=[prescription.ref])
    notices.write(PRESCRIPTION_READY, to=prescription.patient, link=link)
    audit.record(
        actor=doctor.staff,
        action="prescription.issue",
        subject=prescription,
        number=prescription.number,
        lines=len(written.lines),
        sha256=prescription.sha256,
    )
