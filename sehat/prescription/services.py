"""Verbs of the prescription: keep a draft, take it over, issue, amend, revoke."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from sehat.audit import services as audit
from sehat.clinic.models import Doctor, Opd
from sehat.consultation import queries as consultations
from sehat.consultation import services as consultation_services
from sehat.consultation.errors import ConsultationOver
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Mode
from sehat.kernel.clock import india_day
from sehat.kernel.rows import remove
from sehat.notices import services as notices
from sehat.notices.kinds import PRESCRIPTION_AMENDED, PRESCRIPTION_READY, PRESCRIPTION_REVOKED
from sehat.papers import making as papers
from sehat.papers import services as paper_services
from sehat.papers.errors import NotValidAnyMore
from sehat.prescription import judging, making, noting, queries
from sehat.prescription.errors import (
    NotAllowed,
    NotYourConsultation,
    NotYourPrescription,
    OpenElsewhere,
)
from sehat.prescription.findings import tell
from sehat.prescription.making import Made
from sehat.prescription.models import Draft, Objection, Prescription
from sehat.prescription.writing import Referral, Written
from sehat.tokens import onward

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

    Refuses another doctor (NotYourConsultation), a window that a newer one has taken over from (OpenElsewhere), a
    medicine that the guidelines refuse (NotAllowed), a consultation that was put back meanwhile (ConsultationOver), and
    a referral to an OPD that never opens or is full (OpdClosed, OpdFull).
    """
    if consultation.doctor_id != doctor.pk:
        raise NotYourConsultation
    if there := queries.of_consultation(consultation):
        return there
    draft = queries.draft_of(consultation)
    if window and draft and draft.window != window:
        raise OpenElsewhere

    mode = consultations.mode_achieved(consultation)
    overruled = _judged(consultation, written, mode, now)
    made = making.make(consultation=consultation, written=written, mode=mode, now=now)
    made.prescription.overruled = overruled
    try:
        with papers.kept_if_stored(made.prescription), transaction.atomic():
            return _store(made, written, doctor, now)
    except (ConsultationOver, IntegrityError):
        # The other press of the same button was faster.
        there = queries.of_consultation(consultation)
        if there is None:
            raise
        return there


def _judged(
    consultation: Consultation,
    written: Written,
    mode: Mode,
    now: datetime,
    *,
    amended: bool = False,
) -> dict[str, object]:
    """Let the guidelines decide; what the doctor overrules, to be kept. Refuses with the first refusal (NotAllowed)."""
    sheet = judging.judge(consultation, written=written, mode=mode, today=india_day(now), amended=amended)
    refused = [
        (line, finding)
        for line, findings in zip(written.lines, sheet, strict=True)
        for finding in findings
        if finding.refused
    ]
    reason = written.overrule.strip() if settings.OVERRULE_ALLOWED else ""
    for line, finding in refused:
        if not reason or not finding.may_be_overruled:
            with transaction.atomic():  # together with what later rooms make of it
                Objection.objects.create(consultation=consultation, rule=finding.rule, overruled=False)
            told = tell(finding)
            raise NotAllowed(medicine=line.medicine.label, why=told.why, ways=told.ways)
    if not refused:
        return {}
    return {"reason": reason, "rules": sorted({finding.rule.value for _line, finding in refused})}


def _store(made: Made, written: Written, doctor: Doctor, now: datetime) -> Prescription:
    consultation = made.prescription.consultation
    consultation_services.complete(consultation=consultation, now=now)
    prescription = making.store(made)
    noting.keep_allergies(consultation, doctor, written.clinical.allergies, now=now)
    if prescription.overruled:
        rules = prescription.overruled["rules"]
        Objection.objects.bulk_create(
            [Objection(consultation=consultation, rule=rule, overruled=True) for rule in rules]
        )
        # The reason may be clinical: it stays with the prescription.
        audit.record(
            actor=doctor.staff,
            action="prescription.overrule",
            subject=prescription,
            number=prescription.number,
            rules=rules,
        )
    # After the token is completed: a patient has one open token at a time.
    if written.referral:
        onward.refer(token=consultation.token, to=written.referral.to, note=written.referral.note, by=doctor, now=now)
    if written.follow_up_on:
        onward.ask_back(token=consultation.token, doctor=doctor, on=written.follow_up_on)
    remove(Draft, {"consultation": prescription.consultation_id})
    notices.write(PRESCRIPTION_READY, to=prescription.patient, link=link_to(prescription))
    audit.record(
        actor=doctor.staff,
        action="prescription.issue",
        subject=prescription,
        number=prescription.number,
        lines=len(made.lines),
        sha256=prescription.sha256,
    )
    return prescription


def amend(*, prescription: Prescription, doctor: Doctor, written: Written, reason: str, now: datetime) -> Prescription:
    """Issue a new prescription that names this one and revokes it; tell the patient. Once: a second press
    gives the same one.

    Refuses another doctor (NotYourPrescription), one that was revoked before (NotValidAnyMore) and a medicine that
    the guidelines refuse, by the mode that the consultation had (NotAllowed).
    """
    if prescription.consultation.doctor_id != doctor.pk:
        raise NotYourPrescription
    if there := prescription.replacement:
        return there
    # Where the patient was sent, stands.
    written = replace(
        written,
        referral=_referral_of(prescription),
        outcome=prescription.outcome,
        reason=prescription.outcome_reason,
        overrule=prescription.overruled.get("reason", ""),
    )
    overruled = _judged(prescription.consultation, written, Mode(prescription.mode), now, amended=True)
    made = making.make(
        consultation=prescription.consultation,
        written=written,
        mode=Mode(prescription.mode),
        now=now,
        replaces=prescription,
    )
    made.prescription.overruled = overruled
    try:
        with papers.kept_if_stored(made.prescription), transaction.atomic():
            paper_services.revoke(prescription, reason=reason, now=now)
            amended = making.store(made)
            _move_follow_up(prescription, amended, doctor)
            noting.add_allergies(prescription.consultation, doctor, written.clinical.allergies or (), now=now)
            notices.write(PRESCRIPTION_AMENDED, to=amended.patient, number=prescription.number, link=link_to(amended))
            audit.record(
                actor=doctor.staff,
                action="prescription.amend",
                subject=amended,
                number=amended.number,
                replaces=prescription.number,
                lines=len(made.lines),
                sha256=amended.sha256,
            )
            return amended
    except NotValidAnyMore:
        # The other press of the same button was faster.
        there = prescription.replacement
        if there is None:
            raise
        return there


def _referral_of(prescription: Prescription) -> Referral | None:
    """The patient has that token already: what is amended is the paper."""
    kept = prescription.referral
    return Referral(Opd.objects.get(code=kept["opd"]), kept["note"]) if kept else None


def _move_follow_up(before: Prescription, amended: Prescription, doctor: Doctor) -> None:
    if before.follow_up_on == amended.follow_up_on:
        return
    token = amended.consultation.token
    if before.follow_up_on:
        onward.take_back(token=token, doctor=doctor, on=before.follow_up_on)
    if amended.follow_up_on:
        onward.ask_back(token=token, doctor=doctor, on=amended.follow_up_on)


def revoke(*, prescription: Prescription, doctor: Doctor, reason: str, now: datetime) -> None:
    """Take the prescription back without another in its place; tell the patient.

    Refuses another doctor (NotYourPrescription) and one that was revoked before (NotValidAnyMore).
    """
    if prescription.consultation.doctor_id != doctor.pk:
        raise NotYourPrescription
    with transaction.atomic():
        paper_services.revoke(prescription, reason=reason, now=now)
        notices.write(
            PRESCRIPTION_REVOKED, to=prescription.patient, number=prescription.number, link=link_to(prescription)
        )
        audit.record(actor=doctor.staff, action="prescription.revoke", subject=prescription, number=prescription.number)


def link_to(prescription: Prescription) -> str:
    """The address of the prescription's page, as it stands in an SMS. Who has it may read the prescription."""
    return settings.PUBLIC_URL + reverse("prescription:rx", args=[prescription.ref])
