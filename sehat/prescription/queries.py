"""Doors to prescriptions and drafts."""

from datetime import datetime

from django.db.models import Q, QuerySet, prefetch_related_objects

from sehat.clinic import queries as clinic
from sehat.clinic.models import Opd
from sehat.clinic.rules import OpdKind
from sehat.consultation.models import Consultation
from sehat.kernel.prepared import prepared
from sehat.papers.rules import Status, read_number
from sehat.prescription.models import Draft, Prescription
from sehat.registration.models import Patient

ASKED = (
    "ref",
    "doctor_id",
    "ended_at",
    "outcome",
    "token__complaint",
    "token__duration",
    "token__red_flags",
    "token__referred_from",
    "token__patient__gender",
    "token__patient__date_of_birth",
    "token__patient__only_age_known",
    "token__patient__special_need",
    "token__opd__kind",
)
"""What the form asks of a consultation. It is asked at every change of the form, and whole rows cost three times as
much; whoever needs more takes `consultation.queries.of_doctor`.
"""


@prepared
def _written_at(staff: int, ref: str) -> QuerySet[Consultation]:
    mine = Consultation.objects.filter(ref=ref, doctor__staff=staff, ended_at=None)
    return mine.select_related("token__patient", "token__opd").only(*ASKED)


def written_at(staff: int, ref: str) -> Consultation | None:
    """The doctor's own consultation, as long as the doctor is in it, with what the form asks of it."""
    return _written_at.first(staff, ref)


@prepared
def _by_ref(ref: str) -> QuerySet[Prescription]:
    return whole(Prescription.objects.filter(ref=ref))


@prepared
def _of_doctor(staff: int, ref: str) -> QuerySet[Prescription]:
    return whole(Prescription.objects.filter(consultation__doctor__staff=staff, ref=ref))


def by_ref(ref: str) -> Prescription | None:
    """The prescription of a link, with its lines. Who holds the link may read it: its 128 random bits are the
    key.
    """
    return _by_ref.first(ref)


@prepared
def _bare(ref: str) -> QuerySet[Prescription]:
    return Prescription.objects.filter(ref=ref).only("number", "file")


def paper_of(ref: str) -> Prescription | None:
    """The prescription of a link with no more than its number and its file."""
    return _bare.first(ref)


def by_number(text: str) -> Prescription | None:
    """The prescription of a number, however it was typed."""
    number = read_number(text)
    return Prescription.objects.select_related("amended_by").filter(number=number).first() if number else None


@prepared
def _issued_in(consultation: int) -> QuerySet[Prescription]:
    return Prescription.objects.filter(consultation=consultation, status=Status.ISSUED)


def of_consultation(consultation: Consultation) -> Prescription | None:
    """The one that counts."""
    return _issued_in.first(consultation.pk)


def of_token(token: int) -> Prescription | None:
    """The one that counts, of a token that it has used up."""
    return Prescription.objects.filter(consultation__token=token, status=Status.ISSUED).first()


def last_of_consultation(consultation: Consultation) -> Prescription | None:
    """The newest one, whether it counts or was revoked, with what its papers are made of."""
    return whole(Prescription.objects.filter(consultation=consultation)).order_by("-id").first()


def of_doctor(staff: int, ref: str) -> Prescription | None:
    """The doctor's own prescription, with what its papers are made of."""
    return _of_doctor.first(staff, ref)


def issued_by(staff: int, *, since: datetime, words: str = "", before: int | None = None) -> QuerySet[Prescription]:
    """What a doctor has issued since then, newest first; `words` of the patient's name or of the number, `before` the
    key of the last one seen.
    """
    found = Prescription.objects.filter(consultation__doctor__staff=staff, issued_at__gte=since)
    if words:
        found = found.filter(Q(people__patient__name__icontains=words) | Q(number__icontains=words))
    if before:
        found = found.filter(pk__lt=before)
    return found.select_related("amended_by", "replaces", "consultation").order_by("-id")


def whole(found: QuerySet[Prescription]) -> QuerySet[Prescription]:
    """With all that a document of it names, so that none asks again for each row."""
    return found.select_related(
        "patient",
        "replaces",
        "amended_by",
        "consultation__token__opd",
        "consultation__token__patient",
        "consultation__doctor__hospital",
        "consultation__doctor__staff",
    ).prefetch_related("lines", "patient__allergies")


def of_patient(patient: Patient | int) -> QuerySet[Prescription]:
    """A patient's prescriptions, newest first."""
    return Prescription.objects.filter(patient=patient).order_by("-issued_at", "-id")


@prepared
def _draft_of(consultation: int) -> QuerySet[Draft]:
    return Draft.objects.filter(consultation=consultation)


def draft_of(consultation: Consultation) -> Draft | None:
    """What was written so far."""
    return _draft_of.first(consultation.pk)


@prepared
def _opds_of_a_general(opd: int) -> QuerySet[Opd]:
    return clinic.referral_opds(Opd(pk=opd, kind=OpdKind.GENERAL)).only("code", "name", "name_hi")


@prepared
def _opds_of_a_specialist(opd: int) -> QuerySet[Opd]:
    return clinic.referral_opds(Opd(pk=opd, kind=OpdKind.SPECIALIST)).only("code", "name", "name_hi")


def referral_opds(opd: Opd) -> list[Opd]:
    """Where a doctor of this OPD may send a patient; code and name are all that is asked of each."""
    return (_opds_of_a_general if opd.kind == OpdKind.GENERAL else _opds_of_a_specialist)(opd.pk)


@prepared
def _before(patient: int, consultation: int) -> QuerySet[Prescription]:
    past = Prescription.objects.filter(patient=patient, status=Status.ISSUED).exclude(consultation=consultation)
    # Long, and nobody reads it here.
    return past.defer("complaint", "findings", "investigations", "advice").order_by("-issued_at", "-id")[:1]


def last_before(consultation: Consultation) -> Prescription | None:
    """The patient's last prescription that counts, of another consultation."""
    return _before.first(consultation.token.patient_id, consultation.pk)


def was_asked_for_allergies(consultation: Consultation) -> bool:
    """Whether an earlier doctor has asked the patient."""
    past = Prescription.objects.filter(patient=consultation.token.patient_id, status=Status.ISSUED)
    return past.exclude(consultation=consultation).exclude(clinical__allergies=None).exists()


@prepared
def _earlier(patient: int, consultation: int, since: datetime) -> QuerySet[Prescription]:
    found = Prescription.objects.filter(patient=patient, status=Status.ISSUED, issued_at__gte=since)
    asked = found.exclude(consultation=consultation).select_related("consultation")
    return asked.only("issued_at", "mode", "diagnoses", "consultation__doctor_id").order_by("-issued_at")


def earlier(consultation: Consultation, *, since: datetime) -> list[Prescription]:
    """What the patient was prescribed in other consultations since then and still counts, newest first, with the
    lines.
    """
    found = _earlier(consultation.token.patient_id, consultation.pk, since)
    prefetch_related_objects(found, "lines")
    return found
