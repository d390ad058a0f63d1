"""Verbs of letters: issue one, revoke one."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from sehat.audit import services as audit
from sehat.clinic.models import Doctor
from sehat.consultation import queries as consultations
from sehat.consultation.models import Consultation
from sehat.kernel.ids import new_ref
from sehat.letters import queries, sheets
from sehat.letters.errors import LeaveStands, NotYourLetter, TooLate, TooManyLetters
from sehat.letters.models import KIND_OF, Letter
from sehat.letters.rules import MOST_LETTERS, Purpose
from sehat.letters.writing import Content
from sehat.notices import services as notices
from sehat.notices.kinds import LETTER_READY, LETTER_REVOKED
from sehat.papers import making
from sehat.papers import services as papers
from sehat.papers.people import people_of
from sehat.papers.rules import Status


def issue(*, consultation: Consultation, doctor: Doctor, content: Content, pressed: str, now: datetime) -> Letter:
    """Make, sign and store the letter and tell the patient. Once: a second press of the same form (`pressed`) gives
    the same one.

    Refuses another doctor (NotYourLetter), a consultation that is too long over or was put back (TooLate), a second
    sick leave while one counts (LeaveStands), and the seventh letter (TooManyLetters).
    """
    if consultation.doctor_id != doctor.pk:
        raise NotYourLetter
    before = list(queries.of_consultation(consultation))
    if there := _pressed_before(before, pressed):
        return there
    if not queries.may_be_written_for(consultation, now=now):
        raise TooLate
    if content.purpose is Purpose.SICK_LEAVE and (standing := _leave_among(before)):
        raise LeaveStands(number=standing.number)
    if len(before) >= MOST_LETTERS:
        raise TooManyLetters
    letter = _make(consultation, content, pressed, now)
    try:
        with making.kept_if_stored(letter), transaction.atomic():
            letter.save()
            notices.write(LETTER_READY, to=letter.patient, link=link_to(letter))
            audit.record(
                actor=doctor.staff,
                action="letter.issue",
                subject=letter,
                number=letter.number,
                purpose=letter.purpose,
                sha256=letter.sha256,
            )
    except IntegrityError:
        # Another press was faster: of this form, or of one in another window.
        now_there = list(queries.of_consultation(consultation))
        if there := _pressed_before(now_there, pressed):
            return there
        if standing := _leave_among(now_there):
            raise LeaveStands(number=standing.number) from None
        raise
    return letter


def _pressed_before(letters: list[Letter], pressed: str) -> Letter | None:
    return next((letter for letter in letters if letter.pressed == pressed), None)


def _leave_among(letters: list[Letter]) -> Letter | None:
    leaves = (one for one in letters if one.purpose == Purpose.SICK_LEAVE and one.status == Status.ISSUED)
    return next(leaves, None)


def _make(consultation: Consultation, content: Content, pressed: str, now: datetime) -> Letter:
    letter = Letter(
        ref=new_ref(),
        number=making.new_number(Letter, KIND_OF[content.purpose]),
        consultation=consultation,
        patient=consultation.token.patient,
        issued_at=now,
        people=people_of(consultation, now=now),
        purpose=content.purpose,
        content=content.kept,
        pressed=pressed,
    )
    pdf = sheets.pdf_of(letter, mode=consultations.mode_achieved(consultation))
    making.sign_and_keep(letter, pdf, reason=f"Letter {letter.number}")
    return letter


def revoke(*, letter: Letter, doctor: Doctor, reason: str, now: datetime) -> None:
    """Take the letter back and tell the patient.

    Refuses another doctor (NotYourLetter) and one that was revoked before (NotValidAnyMore).
    """
    if letter.consultation.doctor_id != doctor.pk:
        raise NotYourLetter
    with transaction.atomic():
        papers.revoke(letter, reason=reason, now=now)
        notices.write(LETTER_REVOKED, to=letter.patient, number=letter.number, link=link_to(letter))
        audit.record(actor=doctor.staff, action="letter.revoke", subject=letter, number=letter.number)


def link_to(letter: Letter) -> str:
    """The address of the letter's page, as it stands in an SMS. Who has it may read the letter."""
    return settings.PUBLIC_URL + reverse("letters:letter", args=[letter.ref])
