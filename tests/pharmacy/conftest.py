"""Asha's prescription (15 paracetamol, 5 cetirizine), and a store that has both."""

from datetime import datetime

import pytest
from django.test import Client

from sehat.accounts.models import Staff
from sehat.accounts.rules import Role
from sehat.clinic.models import Hospital, Posting, Store
from sehat.pharmacy import queries, services
from sehat.pharmacy.models import Supply
from sehat.pharmacy.packing import Packed
from sehat.pharmacy.services import Choice, Place
from sehat.prescription.models import Prescription
from sehat.registration.models import Patient
from tests.conftest import PASSWORD
from tests.letters.conftest import leave
from tests.prescription.conftest import doctors_browser, issued, meet, met, patients_browser, written

__all__ = ["doctors_browser", "issued", "leave", "meet", "met", "patients_browser", "written"]

HOME = Place("9 Cantonment Road", "Pune", "Maharashtra", "411001")


@pytest.fixture
def other_store(db: None) -> Store:
    """The store of a hospital far away, which sends nothing home."""
    hospital = Hospital.objects.create(name="Naval Hospital Sagarpur", city="Sagarpur", state="Maharashtra")
    return Store.objects.create(hospital=hospital, address="OPD block", hours="Mon-Fri")


@pytest.fixture
def other_pharmacist(other_store: Store) -> Staff:
    """Who works there."""
    staff = Staff.objects.create_user("other", password=PASSWORD, role=Role.PHARMACIST)
    Posting.objects.create(staff=staff, hospital=other_store.hospital)
    return staff


def browser_of(staff: Staff) -> Client:
    """A browser in which a member of staff is signed in."""
    client = Client()
    client.force_login(staff, backend="sehat.accounts.backend.StaffBackend")
    return client


@pytest.fixture
def stores_browser(pharmacist: Staff) -> Client:
    """The pharmacist's."""
    return browser_of(pharmacist)


@pytest.fixture
def ordered(asha: Patient, issued: Prescription, store: Store, ten_o_clock: datetime) -> Supply:
    """Asha will collect at the store."""
    return services.choose(patient=asha, prescription=issued, choice=Choice(store), now=ten_o_clock)


@pytest.fixture
def preparing(ordered: Supply, pharmacist: Staff, ten_o_clock: datetime) -> Supply:
    """The store has begun."""
    services.begin(supply=ordered, staff=pharmacist, now=ten_o_clock)
    return ordered


def parcel(supply: Supply, *quantities: int) -> list[Packed]:
    """So many of each line of the prescription."""
    lines = supply.prescription.lines.all()
    return [Packed(line, quantity) for line, quantity in zip(lines, quantities, strict=False)]


def left(prescription: Prescription) -> list[int]:
    """What may still be handed out, line by line."""
    return [rest.left for rest in queries.rests(prescription)]
