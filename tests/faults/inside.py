"""What is asked of a portal's database, in a process of its own: lines of words come in, lines of JSON go out.

The tests' own process keeps the settings and the database of the other tests.
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any


def seed() -> None:
    """One OPD, one doctor."""
    from sehat.accounts.models import Staff
    from sehat.clinic.models import Doctor, Hospital, Opd

    opd = Opd.objects.create(code="G", name="General OPD", name_hi="सामान्य ओपीडी", kind="general")
    Doctor.objects.create(
        staff=Staff.objects.create_user("rao", role="doctor", first_name="Arvind", last_name="Rao"),
        hospital=Hospital.objects.create(name="MH", city="Pune", state="Maharashtra"),
        opd=opd,
        qualification="MBBS",
        registration_number="1",
        council="MMC",
        languages="Hindi",
    )


def people(count: str) -> list[str]:
    """Ex-servicemen who have proved their mobiles; the keys of their sessions."""
    from datetime import date

    from django.contrib.sessions.backends.db import SessionStore

    from sehat.kernel.clock import now
    from sehat.live.sessions import PATIENT_KEY
    from sehat.registration.models import Patient
    from sehat.registration.rules import new_patient_id
    from sehat.registration.sessions import PROVED_KEY

    moment, first = now(), Patient.objects.count()
    keys = []
    for number in range(first, first + int(count)):
        patient = Patient.objects.create(
            patient_id=new_patient_id(),
            mobile=f"98765{number:05d}",
            mobile_proved_at=moment,
            name=f"Patient {number}",
            gender="male",
            date_of_birth=date(1964, 7, 1),
            category="ex",
            service_number=f"{4057000 + number}N",
            address="14 Shanti Vihar",
            pincode="411001",
            state="Maharashtra",
            district="Pune",
            city="Pune",
            verification="verified",
        )
        session = SessionStore()
        session[PATIENT_KEY], session[PROVED_KEY] = patient.pk, [patient.mobile, moment.timestamp()]
        session.save()
        keys.append(str(session.session_key))
    return keys


def sign_in(username: str) -> str:
    """The key of a session of a member of staff."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from sehat.accounts.models import Staff

    staff = Staff.objects.get(username=username)
    session = SessionStore()
    session[SESSION_KEY] = str(staff.pk)
    session[BACKEND_SESSION_KEY] = "sehat.accounts.backend.StaffBackend"
    session[HASH_SESSION_KEY] = staff.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def broken() -> list[str]:
    """The promises that do not hold."""
    from tests.faults import promises

    return promises.broken()


def holders() -> list[str]:
    """The sessions whose patients hold a token."""
    from django.contrib.sessions.models import Session

    from sehat.live.sessions import PATIENT_KEY
    from sehat.tokens.models import Token
    from sehat.tokens.rules import OPEN_STATES

    with_token = set(Token.objects.filter(state__in=OPEN_STATES).values_list("patient", flat=True))
    sessions = {session.session_key: session.get_decoded() for session in Session.objects.all()}
    return [key for key, data in sessions.items() if data.get(PATIENT_KEY) in with_token]


def calls() -> list[dict[str, Any]]:
    """Every call, oldest first: its state, and seconds from its making to its deadline and to its end."""
    from sehat.waiting.models import Call

    return [
        {
            "state": call.state,
            "stands": (call.deadline - call.made_at).total_seconds(),
            "ended_after": (call.ended_at - call.made_at).total_seconds() if call.ended_at else None,
        }
        for call in Call.objects.order_by("id")
    ]


def tell(count: str) -> None:
    """Notices into the outbox, each with its number in the text."""
    from sehat.notices import services as notices
    from sehat.notices.rules import Recipient

    for number in range(int(count)):
        notices.write("token_cancelled", to=Recipient("9876543211"), token=f"G{number:03d}-0000")


def outbox() -> list[dict[str, Any]]:
    """Every SMS."""
    from sehat.notices.models import Notice

    rows = Notice.objects.filter(channel="sms").order_by("id")
    return [{"state": row.state, "tries": row.tries, "text": row.text} for row in rows]


def a_minute_passes() -> None:
    """For the leases of the outbox: each ends as if a minute had gone by."""
    from django.db.models import F

    from sehat.notices.models import Notice
    from sehat.notices.rules import State

    Notice.objects.filter(state=State.SENDING).update(next_try_at=F("next_try_at") - timedelta(minutes=1))


WORDS: dict[str, Callable[..., Any]] = {
    word.__name__: word for word in (seed, people, sign_in, broken, holders, calls, tell, outbox, a_minute_passes)
}


def main() -> None:
    """Answer each line of words with a line of JSON, until the input ends."""
    import django

    django.setup()
    from django.db import close_old_connections

    for line in sys.stdin:
        word, *more = line.split()
        close_old_connections()
        sys.stdout.write(json.dumps(WORDS[word](*more)) + "\n")
        sys.stdout.flush()
        close_old_connections()


if __name__ == "__main__":
    main()
