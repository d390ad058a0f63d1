"""The shared cast: the people whom the tests speak of. Each is made only where a test asks for her or him."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import hypothesis
import pytest
from django.core.cache import cache
from django.utils import translation

from sehat.accounts.models import Staff
from sehat.accounts.rules import Role
from sehat.clinic.models import Doctor, Hospital, Opd, Posting, Store
from sehat.clinic.rules import OpdKind
from sehat.config import messages
from sehat.entitlement.models import RegisterEntry
from sehat.entitlement.rules import Category, Relation, Verification
from sehat.registration.models import Patient
from sehat.registration.rules import Gender, new_patient_id
from sehat.tokens import services as tokens
from sehat.tokens.models import Token
from sehat.tokens.rules import State

pytest_plugins = ["tests.portal"]

# How long one example takes says something about a busy machine, nothing about the portal.
hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("portal")


def pytest_configure(config: pytest.Config) -> None:
    """A fresh clone has the Hindi catalogues but not yet what Django reads."""
    if not hasattr(config, "workerinput"):
        messages.compile_all()


PASSWORD = "a-long-enough-password"
CALLS = ("tests/consultation/", "tests/deploy/test_restart", "tests/journey/test_opd_day")
"""Where two browsers show each other pictures."""
OWN_SERVERS = {"prepared", "production", "s3_server"}
"""Fixtures that start servers of their own, whatever database the tests run on."""
DATABASE = {"db", "transactional_db"}
"""Fixtures without which pytest-django lets no test at a database."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the calls, and deal the rest out to the workers: tests with a browser by module.

    What brings its own servers, or asks no database, runs once, in the run on SQLite.
    """
    once = []
    for item in items:
        if OWN_SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.own_servers)
        needs = item.get_closest_marker("django_db") or DATABASE & set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("own_servers") or not needs:
            once.append(item)
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
            if item.nodeid.startswith(CALLS):
                item.add_marker(pytest.mark.calls)
    if os.environ.get("SEHAT_TEST_DATABASE_URL"):
        config.hook.pytest_deselected(items=once)
        items[:] = [item for item in items if item not in once]


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """What a page before may have left in this process: cached answers, the reader's language."""
    cache.clear()
    translation.activate("en")


@pytest.fixture
def ten_o_clock() -> datetime:
    """A Monday in the OPD's hours: 10:00 in India."""
    return datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


@pytest.fixture
def hospital(db: None) -> Hospital:
    """The hospital of all doctors."""
    return Hospital.objects.create(name="Military Hospital Shantipur", city="Shantipur", state="Delhi")


@pytest.fixture
def opd(db: None) -> Opd:
    """The General OPD."""
    return Opd.objects.create(code="G", name="General OPD", name_hi="सामान्य ओपीडी", kind=OpdKind.GENERAL)


@pytest.fixture
def medicine(db: None) -> Opd:
    """A specialist OPD."""
    return Opd.objects.create(code="M", name="Medicine", name_hi="मेडिसिन", kind=OpdKind.SPECIALIST)


def _staff(username: str, role: Role, first: str = "", last: str = "") -> Staff:
    return Staff.objects.create_user(username, password=PASSWORD, role=role, first_name=first, last_name=last)


def _doctor(staff: Staff, hospital: Hospital, opd: Opd, number: str) -> Doctor:
    return Doctor.objects.create(
        staff=staff,
        hospital=hospital,
        opd=opd,
        rank="Lt Col",
        qualification="MBBS, MD",
        registration_number=number,
        council="Karnataka Medical Council",
        languages="English, हिन्दी",
    )


@pytest.fixture
def dr_rao(hospital: Hospital, opd: Opd) -> Doctor:
    """A doctor of the General OPD."""
    return _doctor(_staff("rao", Role.DOCTOR, "Arvind", "Rao"), hospital, opd, "KMC-1")


@pytest.fixture
def dr_iyer(hospital: Hospital, opd: Opd) -> Doctor:
    """Another doctor of the General OPD."""
    return _doctor(_staff("iyer", Role.DOCTOR, "Kavita", "Iyer"), hospital, opd, "KMC-2")


@pytest.fixture
def dr_nair(hospital: Hospital, medicine: Opd) -> Doctor:
    """A specialist in Medicine."""
    return _doctor(_staff("nair", Role.SPECIALIST, "Suresh", "Nair"), hospital, medicine, "KMC-3")


@pytest.fixture
def ama_clerk(db: None) -> Staff:
    """The AMA desk."""
    return _staff("ama", Role.AMA, "Vinod", "Pillai")


@pytest.fixture
def store(hospital: Hospital) -> Store:
    """The store of the hospital of all doctors."""
    return Store.objects.create(hospital=hospital, address="Gate 2", hours="Mon-Sat 09:00-17:00", sends_home=True)


@pytest.fixture
def pharmacist(store: Store) -> Staff:
    """Who works there."""
    staff = _staff("pharmacist", Role.PHARMACIST, "Rekha", "Joshi")
    Posting.objects.create(staff=staff, hospital=store.hospital)
    return staff


@pytest.fixture
def commandant(hospital: Hospital) -> Staff:
    """The hospital's commandant."""
    staff = _staff("commandant", Role.COMMANDANT, "Rajiv", "Menon")
    Posting.objects.create(staff=staff, hospital=hospital)
    return staff


@pytest.fixture
def hq(db: None) -> Staff:
    """HQ IDS (Medical)."""
    return _staff("hq", Role.HQ, "Nandini", "Bose")


def _patient(name: str, mobile: str, born: date, ten_o_clock: datetime, **more: object) -> Patient:
    values: dict[str, object] = {
        "gender": Gender.FEMALE,
        "category": Category.SERVING,
        "service_number": "IC60417M",
        "address": "14 Shanti Vihar",
        "pincode": "110010",
        "state": "Delhi",
        "district": "South West",
        "city": "Delhi Cantt",
        "language": "en",
        "verification": Verification.VERIFIED,
        "verified_at": ten_o_clock,
    }
    return Patient.objects.create(
        patient_id=new_patient_id(),
        mobile=mobile,
        mobile_proved_at=ten_o_clock,
        name=name,
        date_of_birth=born,
        **values | more,
    )


@pytest.fixture
def register(db: None) -> list[RegisterEntry]:
    """The AMA register: Asha, and Ramesh who is Meera's husband."""
    return RegisterEntry.objects.bulk_create(
        [
            RegisterEntry(service_number="IC60417M", name="Asha Verma", mobile="9876543211"),
            RegisterEntry(service_number="JC481205K", name="Ramesh Kumar", mobile="9876543210"),
        ]
    )


@pytest.fixture
def asha(register: list[RegisterEntry], ten_o_clock: datetime) -> Patient:
    """Serving, verified, 34 years old, reads English."""
    return _patient("Asha Verma", "9876543211", date(1992, 3, 8), ten_o_clock, email="asha@example.in")


@pytest.fixture
def meera(register: list[RegisterEntry], ten_o_clock: datetime) -> Patient:
    """The wife of Ramesh, 71 years old, not verified yet, reads Hindi."""
    return _patient(
        "Meera Kumar",
        "9876543218",
        date(1955, 1, 20),
        ten_o_clock,
        category=Category.DEPENDENT,
        relation=Relation.SPOUSE,
        service_number="JC481205K",
        language="hi",
        verification=Verification.PENDING,
        verified_at=None,
    )


@pytest.fixture
def mohan(register: list[RegisterEntry], ten_o_clock: datetime) -> Patient:
    """An ex-serviceman of 62."""
    return _patient(
        "Mohan Lal Sharma",
        "9876543216",
        date(1964, 7, 1),
        ten_o_clock,
        category=Category.EX,
        gender=Gender.MALE,
        service_number="4057811N",
    )


IssueToken = Callable[..., Token]


@pytest.fixture
def issue_token(opd: Opd, ten_o_clock: datetime) -> IssueToken:
    """Issue a token of the General OPD to a patient; `joined=True` puts it into the line."""

    def issue(patient: Patient, *, now: datetime = ten_o_clock, joined: bool = False) -> Token:
        token = tokens.issue(patient=patient, opd=opd, complaint="Fever", duration="3 days", records=[], now=now)
        if joined:
            tokens.join(token=token, now=now)
        return token

    return issue


Served = Callable[..., list[Token]]


@pytest.fixture
def served(opd: Opd, asha: Patient, ten_o_clock: datetime) -> Served:
    """Consultations of the morning in the General OPD, each of so many minutes, of patients who are nobody else's."""

    def serve(*minutes: int, opd: Opd = opd, joined_before: int = 15) -> list[Token]:
        rows: list[Token] = []
        for length in minutes:
            number = Token.objects.count() + len(rows) + 500
            twin = Patient.objects.get(pk=asha.pk)
            twin.pk, twin.mobile, twin.patient_id = None, f"9{number:09d}", f"{number:012d}"
            twin.save(force_insert=True)
            started = ten_o_clock - timedelta(hours=1)
            rows.append(
                Token(
                    patient=twin,
                    opd=opd,
                    day=ten_o_clock.date(),
                    number=number,
                    secret="0000",
                    code=f"{opd.code}{number}-0000",
                    state=State.COMPLETED,
                    complaint="Fever",
                    joined_at=started - timedelta(minutes=joined_before),
                    turn_key=started,
                    consulting_at=started,
                    moved_at=started + timedelta(minutes=length),
                    expires_at=ten_o_clock + timedelta(hours=7),
                )
            )
        return Token.objects.bulk_create(rows)

    return serve
