"""Makes people in the portal's own database, with sessions that stand: `python -m bench.people patients 1000`.

Prints as JSON what a generator of load sends as them. Runs in a process of its own, as Django knows one database.
"""

import json
import secrets
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from importlib import import_module
from itertools import count
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.http import HttpResponse  # noqa: E402

from sehat.accounts.models import Staff  # noqa: E402
from sehat.accounts.rules import Role  # noqa: E402
from sehat.clinic.models import Doctor, Hospital, Opd  # noqa: E402
from sehat.kernel.clock import india_day, now  # noqa: E402
from sehat.live.sessions import PATIENT_KEY  # noqa: E402
from sehat.registration.models import Consent, Otp, Patient  # noqa: E402
from sehat.registration.rules import CONSENT_VERSION, new_patient_id, otp_digest  # noqa: E402
from sehat.registration.sessions import OTP_COOKIE, PROVED_KEY, keep_otp_mobile  # noqa: E402
from sehat.tokens.models import Token, TokenCounter, TokenMove  # noqa: E402
from sehat.tokens.rules import By, State, Why, code_of  # noqa: E402

AT_ONCE = 2000
CODE = "271828"
LIVES = timedelta(hours=12)


def _sessions(datas: Sequence[dict[str, Any]]) -> list[str]:
    """A stored session for each; their keys."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    rows = [store(secrets.token_hex(16)).create_model_instance(data) for data in datas]
    store.get_model_class().objects.bulk_create(rows, batch_size=AT_ONCE)
    return [row.session_key for row in rows]


def _mobiles(number: int) -> list[str]:
    """Mobiles that nobody has, and to which no OTP went."""
    used = [
        model.objects.filter(mobile__startswith="7").order_by("-mobile").values_list("mobile", flat=True).first()
        for model in (Patient, Otp)
    ]
    free = count(max(int(last or "7000000000") for last in used) + 1)
    return [str(next(free)) for _ in range(number)]


def _patients(number: int) -> list[Patient]:
    moment = now()
    people = [
        Patient(
            patient_id=new_patient_id(),
            mobile=mobile,
            mobile_proved_at=moment,
            name="Mohan Lal Sharma",
            gender="male",
            date_of_birth=date(1961, 5, 27),
            category="ex",
            service_number=f"N{mobile}",
            address="14 Shanti Vihar",
            pincode="110010",
            state="Delhi",
            district="New Delhi",
            city="Delhi Cantt",
            language="hi",
        )
        for mobile in _mobiles(number)
    ]
    people = Patient.objects.bulk_create(people, batch_size=AT_ONCE)
    agreed = [Consent(patient=one, version=CONSENT_VERSION, language="hi", agreed_at=moment) for one in people]
    Consent.objects.bulk_create(agreed, batch_size=AT_ONCE)
    return people


def patients(number: int) -> list[dict[str, Any]]:
    """Registered patients, logged in, without a token."""
    people = _patients(number)
    sessions = _sessions([{PATIENT_KEY: one.pk} for one in people])
    return [{"patient": one.pk, "session": key} for one, key in zip(people, sessions, strict=True)]


def waiting(number: int) -> list[dict[str, Any]]:
    """Patients, logged in, waiting in the General OPD in the order of the list."""
    opd, moment, people = Opd.objects.get(code="G"), now(), _patients(number)
    counter, _ = TokenCounter.objects.get_or_create(opd=opd, day=india_day(moment), defaults={"last": 0})
    tokens = [
        Token(
            patient=one,
            opd=opd,
            day=counter.day,
            number=counter.last + place,
            secret="0000",
            code=code_of(opd.code, counter.last + place, "0000"),
            state=State.WAITING,
            complaint="Fever and cough",
            credit=10,
            turn_key=moment + timedelta(microseconds=place),
            joined_at=moment,
            moved_at=moment,
            expires_at=moment + LIVES,
        )
        for place, one in enumerate(people, 1)
    ]
    tokens = Token.objects.bulk_create(tokens, batch_size=AT_ONCE)
    TokenCounter.objects.filter(pk=counter.pk).update(last=counter.last + number)
    moves = [
        TokenMove(token=one, at=moment, frm=State.ISSUED, to=State.WAITING, why=Why.JOINED, by=By.PATIENT)
        for one in tokens
    ]
    TokenMove.objects.bulk_create(moves, batch_size=AT_ONCE)
    sessions = _sessions([{PATIENT_KEY: one.pk} for one in people])
    return [
        {"patient": token.patient_id, "token": token.pk, "session": key}
        for token, key in zip(tokens, sessions, strict=True)
    ]


def proved(number: int) -> list[dict[str, Any]]:
    """Browsers whose mobile is proved and not registered yet."""
    moment, mobiles = now(), _mobiles(number)
    sessions = _sessions([{PROVED_KEY: [mobile, moment.timestamp()]} for mobile in mobiles])
    return [{"mobile": mobile, "session": key} for mobile, key in zip(mobiles, sessions, strict=True)]


def otps(number: int) -> list[dict[str, Any]]:
    """Mobiles to which an OTP went a moment ago, with the cookie that says so."""
    moment, mobiles = now(), _mobiles(number)
    rows = [
        Otp(
            mobile=mobile,
            digest=otp_digest(CODE, mobile, settings.SECRET_KEY),
            sent_at=moment,
            sends=[moment.timestamp()],
            expires_at=moment + LIVES,
        )
        for mobile in mobiles
    ]
    Otp.objects.bulk_create(rows, batch_size=AT_ONCE)
    return [{"cookie": _cookie(mobile), "code": CODE} for mobile in mobiles]


def _cookie(mobile: str) -> str:
    response = HttpResponse()
    keep_otp_mobile(response, mobile)
    return f"{OTP_COOKIE}={response.cookies[OTP_COOKIE].value}"


def doctors(number: int) -> list[dict[str, Any]]:
    """Doctors of the General OPD, logged in, not on duty yet."""
    opd, hospital = Opd.objects.get(code="G"), Hospital.objects.order_by("id")[0]
    first = Staff.objects.count()
    names = [f"doctor{first + place}" for place in range(number)]
    people = Staff.objects.bulk_create(
        [Staff(username=name, password="!", role=Role.DOCTOR, first_name="Arvind", last_name="Rao") for name in names],
        batch_size=AT_ONCE,
    )
    rows = [
        Doctor(staff=one, hospital=hospital, opd=opd, rank="Lt Col", registration_number=f"B-{one.pk}")
        for one in people
    ]
    rows = Doctor.objects.bulk_create(rows, batch_size=AT_ONCE)
    backend = settings.AUTHENTICATION_BACKENDS[-1]
    sessions = _sessions(
        [
            {
                SESSION_KEY: str(one.pk),
                BACKEND_SESSION_KEY: backend,
                HASH_SESSION_KEY: one.get_session_auth_hash(),
            }
            for one in people
        ]
    )
    return [{"doctor": row.pk, "session": key} for row, key in zip(rows, sessions, strict=True)]


KINDS = {function.__name__: function for function in (patients, waiting, proved, otps, doctors)}


if __name__ == "__main__":
    print(json.dumps(KINDS[sys.argv[1]](int(sys.argv[2]))))
