"""Sets the scene in a running portal's own data folder: `python -m tests.consultation.scene call|meet|complete …`.

The journey test goes the whole way through the pages; the tests of the call begin where the doctor has answered.
"""

import json
import os
import random
import string
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def play(data: Path, *words: str) -> Any:
    """Run this module against the data folder; what it printed, read as JSON."""
    environment = os.environ | {
        "SEHAT_DEMO": "1",
        "DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "sehat.config.settings",
    }
    command = [sys.executable, "-m", "tests.consultation.scene", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _call() -> dict[str, str]:
    """A new patient, called to a new doctor in an OPD of their own: Call Now is lit. The keys of their sessions."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from sehat.accounts.models import Staff
    from sehat.clinic.models import Doctor, Hospital, Opd
    from sehat.desk import queries as desk_queries
    from sehat.desk import services as desk
    from sehat.kernel.clock import now
    from sehat.live.sessions import PATIENT_KEY
    from sehat.registration.models import Patient
    from sehat.registration.rules import new_patient_id
    from sehat.tokens import services as tokens

    name = "".join(random.choices(string.ascii_uppercase, k=4))
    opd = Opd.objects.create(code=name, name=f"OPD {name}", name_hi=f"ओपीडी {name}", kind="general")
    staff = Staff.objects.create_user(name, role="doctor", first_name="Arvind", last_name="Rao")
    doctor = Doctor.objects.create(
        staff=staff,
        hospital=Hospital.objects.first() or Hospital.objects.create(name=name),
        opd=opd,
        rank="Lt Col",
        qualification="MBBS",
        registration_number=name,
        council="Karnataka Medical Council",
        languages="English",
    )
    patient = Patient.objects.create(
        patient_id=new_patient_id(),
        mobile=f"7{random.randrange(10**9):09d}",
        mobile_proved_at=now(),
        name="Asha Verma",
        date_of_birth=date(1992, 3, 8),
        gender="female",
        category="serving",
        service_number="IC60417M",
        address="14 Shanti Vihar",
        pincode="110010",
        state="Delhi",
        district="South West Delhi",
        city="Delhi Cantt",
        language="en",
    )
    token = tokens.issue(
        patient=patient, opd=opd, complaint="Fever and cough", duration="3 days", records=[], now=now()
    )
    tokens.join(token=token, now=now())
    if desk_queries.open_call_of(doctor) is None:
        desk.go_available(doctor=doctor, now=now())
    ward = "".join(random.choices(string.ascii_uppercase, k=4))
    other = Staff.objects.create_user(f"{name}2", role="specialist", first_name="Vikram", last_name=f"Iyer {name}")
    Doctor.objects.create(
        staff=other,
        hospital=doctor.hospital,
        opd=Opd.objects.create(code=ward, name=f"Ward {name}", name_hi=f"वार्ड {name}", kind="specialist"),
        rank="Col",
        qualification="MD",
        registration_number=f"{name}2",
        council="Karnataka Medical Council",
        languages="English",
        state="paused",
    )

    def login(person: Staff) -> str:
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = "sehat.accounts.backend.StaffBackend"
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.save()
        return str(session.session_key)

    patients = SessionStore()
    patients[PATIENT_KEY] = patient.pk
    patients.save()
    return {
        "token": token.code,
        "patient": str(patients.session_key),
        "doctor": login(staff),
        "guest": login(other),
        "guest_name": f"Col Vikram Iyer {name}",
    }


def _meet() -> dict[str, str]:
    """The same, and Call Now is pressed and answered."""
    from sehat.consultation import services
    from sehat.desk import queries as desk
    from sehat.kernel.clock import now
    from sehat.tokens.models import Token
    from sehat.waiting import services as waiting

    scene = _call()
    token = Token.objects.get(code=scene["token"])
    waiting.press_call_now(token=token, now=now())
    doctor = token.opd.doctors.get()
    call = desk.open_call_of(doctor)
    assert call is not None
    consultation = services.answer(call=call, now=now())
    return scene | {"ref": consultation.ref}


def _complete(ref: str) -> dict[str, str]:
    """The prescription is issued, as far as the consultation knows."""
    from sehat.consultation import services
    from sehat.consultation.models import Consultation
    from sehat.kernel.clock import now

    services.complete(consultation=Consultation.objects.get(ref=ref), now=now())
    return {}


def _prescribe(ref: str, language: str) -> dict[str, str]:
    """Two medicines are prescribed to the patient, who reads `language`, and the consultation is over."""
    from sehat.consultation import services
    from sehat.consultation.models import Consultation
    from sehat.kernel.clock import now
    from sehat.prescription import dosage
    from sehat.prescription import services as prescriptions
    from sehat.prescription.diagnoses import classification
    from sehat.prescription.formulary import formulary
    from sehat.prescription.writing import LineWritten, Written

    consultation = Consultation.objects.select_related("token__patient", "token__opd", "doctor__hospital").get(ref=ref)
    patient, fever = consultation.token.patient, classification().get("R50.9")
    patient.language = language
    patient.save()
    assert fever
    lines = []
    for code, often in (("paracetamol-tablet-500-mg", "1-1-1"), ("cetirizine-tablet-10-mg", "0-0-0-1")):
        medicine = formulary().get(code)
        assert medicine
        frequency = dosage.parse_frequency(often)
        lines.append(LineWritten(medicine, medicine.usual_dose, frequency, dosage.Food.AFTER, 5))
    written = Written(complaint="Fever", diagnoses=(fever,), lines=tuple(lines))
    issued = prescriptions.issue(consultation=consultation, doctor=consultation.doctor, written=written, now=now())
    services.finish(consultation=consultation, now=now())
    return {"ref": issued.ref, "number": issued.number, "mobile": patient.mobile}


def _late(ref: str) -> dict[str, str]:
    """The time to answer the invitation that stands open is over."""
    from sehat.consultation.models import Invitation
    from sehat.kernel.clock import now

    Invitation.objects.filter(consultation__ref=ref, ended_at=None).update(deadline=now())
    return {}


def _evidence(ref: str) -> dict[str, list[int]]:
    """What each side's browser has reported."""
    from sehat.consultation.models import CallEvidence

    rows = CallEvidence.objects.filter(consultation__ref=ref)
    return {row.side: [row.seconds_video, row.seconds_audio, row.drops] for row in rows}


if __name__ == "__main__":
    import django

    django.setup()
    verb, *words = sys.argv[1:]
    acts: dict[str, Callable[..., Any]] = {
        "call": lambda count: [_call() for _ in range(int(count))],
        "meet": lambda count: [_meet() for _ in range(int(count))],
        "complete": _complete,
        "evidence": _evidence,
        "late": _late,
        "prescribe": _prescribe,
    }
    sys.stdout.write(json.dumps(acts[verb](*words)))
