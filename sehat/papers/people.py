"""The people on a paper, in both languages, as they stand there for good."""

from datetime import date, datetime
from typing import Any

from sehat.consultation.models import Consultation
from sehat.consultation.rules import Mode
from sehat.kernel.clock import india_day
from sehat.papers.said import Said
from sehat.registration.models import Patient
from sehat.registration.rules import Gender

# The sheet carries both languages, so these are pairs and not messages of a catalogue.
GENDERS = {
    Gender.FEMALE: Said("Female", "महिला"),
    Gender.MALE: Said("Male", "पुरुष"),
    Gender.OTHER: Said("Other", "अन्य"),
}
MODES = {
    Mode.VIDEO: Said("Video consultation", "वीडियो से परामर्श"),
    Mode.AUDIO: Said("Audio consultation", "फ़ोन जैसी बातचीत से परामर्श"),
    Mode.TEXT: Said("Text consultation", "लिखकर परामर्श"),
}


def people_of(consultation: Consultation, *, now: datetime) -> dict[str, Any]:
    """Hospital, OPD, doctor and patient as they stand on the sheet, to be kept with the prescription."""
    doctor, patient = consultation.doctor, consultation.token.patient
    opd = consultation.token.opd
    place = f"{patient.address}, {patient.city}, {patient.district}, {patient.state} {patient.pincode}"
    age = age_in_words(patient, india_day(now))
    gender = GENDERS[Gender(patient.gender)]
    return {
        "hospital": f"{doctor.hospital.name}, {doctor.hospital.city}",
        "opd": {"english": opd.name, "hindi": opd.name_hi},
        "doctor": {
            "name": str(doctor),
            "qualification": doctor.qualification,
            "registration": doctor.registration_number,
            "council": doctor.council,
            "contact": doctor.contact or doctor.hospital.phone,
        },
        "patient": {
            "name": patient.name,
            "patient_id": patient.grouped_id,
            "age": {"english": age.english, "hindi": age.hindi},
            "gender": {"english": gender.english, "hindi": gender.hindi},
            "address": place,
        },
    }


def age_in_words(patient: Patient, on: date) -> Said:
    """Years; under two years months, as a child's dose goes by them."""
    years = patient.age(on)
    if years >= 2 or patient.only_age_known:
        return Said(f"{years} year{'' if years == 1 else 's'}", f"{years} साल")
    born = patient.date_of_birth
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    return Said(f"{months} month{'' if months == 1 else 's'}", f"{months} महीने")
