"""Registering: who gets a Patient ID, what stays, what may change."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from sehat.accounts.models import Staff
from sehat.audit.models import Entry
from sehat.entitlement.errors import NotInRegister, RefusedByDesk, SponsorUnknown
from sehat.entitlement.models import RegisterEntry
from sehat.entitlement.rules import Category, Relation, Verification
from sehat.registration import services
from sehat.registration.models import Consent, Patient
from sehat.registration.rules import CONSENT_VERSION, Gender, is_patient_id
from sehat.registration.services import Contact, Identity

pytestmark = pytest.mark.django_db

RAMESH = Identity(
    name="Ramesh Kumar",
    gender=Gender.MALE,
    date_of_birth=date(1980, 5, 17),
    only_age_known=False,
    category=Category.SERVING,
    service_number="JC481205K",
    relation=None,
)
AT_HOME = Contact(
    email="",
    address="14 Shanti Vihar",
    pincode="110010",
    state="Delhi",
    district="South West",
    city="Delhi Cantt",
    language="hi",
    special_need="",
)
RAMESHS_MOBILE = "9876543210"
OTHER_MOBILE = "9876543219"


def test_a_soldier_in_the_register_gets_a_patient_id(register: list[RegisterEntry], ten_o_clock: datetime) -> None:
    ramesh = services.register(mobile=RAMESHS_MOBILE, identity=RAMESH, contact=AT_HOME, now=ten_o_clock)
    assert is_patient_id(ramesh.patient_id)
    assert ramesh.is_verified
    consent = Consent.objects.get(patient=ramesh)
    assert (consent.version, consent.language, consent.agreed_at) == (CONSENT_VERSION, "hi", ten_o_clock)
    assert Entry.objects.filter(action="patient.register").count() == 1


@pytest.mark.parametrize("mobile", [OTHER_MOBILE, "9876543211"])
def test_a_soldier_needs_the_mobile_of_the_register(
    register: list[RegisterEntry], ten_o_clock: datetime, mobile: str
) -> None:
    with pytest.raises(NotInRegister) as refused:
        services.register(mobile=mobile, identity=RAMESH, contact=AT_HOME, now=ten_o_clock)
    assert "AMA desk" in str(refused.value)
    assert not Patient.objects.exists()


def test_a_veteran_may_consult_while_the_desk_is_looking(db: None, ten_o_clock: datetime) -> None:
    veteran = replace(RAMESH, category=Category.EX, service_number="4057811N")
    patient = services.register(mobile=OTHER_MOBILE, identity=veteran, contact=AT_HOME, now=ten_o_clock)
    assert patient.verification == Verification.PENDING
    assert patient.verified_at is None


def test_a_wife_comes_by_the_register(register: list[RegisterEntry], ten_o_clock: datetime) -> None:
    wife = replace(RAMESH, name="Meera Kumar", category=Category.DEPENDENT, relation=Relation.SPOUSE)
    meera = services.register(mobile=OTHER_MOBILE, identity=wife, contact=AT_HOME, now=ten_o_clock)
    assert meera.sponsor_service_number == "JC481205K"
    assert not meera.is_verified


def test_a_veterans_daughter_comes_by_her_father_the_patient(mohan: Patient, ten_o_clock: datetime) -> None:
    daughter = replace(
        RAMESH, category=Category.DEPENDENT, relation=Relation.DAUGHTER, service_number=mohan.service_number
    )
    assert services.register(mobile=OTHER_MOBILE, identity=daughter, contact=AT_HOME, now=ten_o_clock).pk


def test_a_dependent_is_no_sponsor(meera: Patient, ten_o_clock: datetime) -> None:
    RegisterEntry.objects.all().delete()
    sister = replace(RAMESH, category=Category.DEPENDENT, relation=Relation.SISTER)
    with pytest.raises(SponsorUnknown):
        services.register(mobile=OTHER_MOBILE, identity=sister, contact=AT_HOME, now=ten_o_clock)


def test_coming_back_changes_contact_and_never_identity(asha: Patient, ten_o_clock: datetime) -> None:
    before = asha.patient_id
    moved = replace(AT_HOME, city="Dwarka", language="en", email=asha.email)
    again = services.register(mobile=asha.mobile, identity=RAMESH, contact=moved, now=ten_o_clock)
    again.refresh_from_db()
    assert (again.pk, again.patient_id, again.name, again.city) == (asha.pk, before, "Asha Verma", "Dwarka")
    entry = Entry.objects.get(action="patient.update")
    assert "city" in entry.details["fields"]
    assert "Dwarka" not in str(entry.details)


def test_one_consent_for_one_wording(asha: Patient, ten_o_clock: datetime) -> None:
    for _ in range(2):
        services.register(mobile=asha.mobile, identity=None, contact=AT_HOME, now=ten_o_clock)
    assert Consent.objects.filter(patient=asha).count() == 1


def test_who_left_the_register_gets_no_token(asha: Patient, ten_o_clock: datetime) -> None:
    RegisterEntry.objects.all().delete()
    with pytest.raises(NotInRegister):
        services.register(mobile=asha.mobile, identity=None, contact=AT_HOME, now=ten_o_clock)


def test_the_desk_verifies_and_refuses(mohan: Patient, ama_clerk: Staff, ten_o_clock: datetime) -> None:
    services.decide_verification(patient=mohan, decision=Verification.VERIFIED, by=ama_clerk, now=ten_o_clock)
    assert Patient.objects.get().is_verified
    services.decide_verification(patient=mohan, decision=Verification.REFUSED, by=ama_clerk, now=ten_o_clock)
    with pytest.raises(RefusedByDesk):
        services.register(mobile=mohan.mobile, identity=None, contact=AT_HOME, now=ten_o_clock)
    assert Entry.objects.filter(action="patient.verify").count() == 2


def test_nobody_is_registered_without_an_identity(db: None, ten_o_clock: datetime) -> None:
    with pytest.raises(Patient.DoesNotExist):
        services.register(mobile=OTHER_MOBILE, identity=None, contact=AT_HOME, now=ten_o_clock)
