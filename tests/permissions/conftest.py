"""The scene of the table."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from sehat.accounts.models import Staff
from sehat.api import keys
from sehat.api.models import HqKey
from sehat.clinic.models import Doctor, Duty, Holiday, Hospital, Opd, OpeningHours, Store
from sehat.consultation import services as consultations
from sehat.consultation.models import ChatMessage, Consultation, Feedback
from sehat.desk import services as desk
from sehat.entitlement.models import RegisterEntry
from sehat.kernel.clock import india_day, now
from sehat.letters import services as letters
from sehat.letters.models import Letter
from sehat.letters.writing import SickLeave
from sehat.live.sessions import PATIENT_KEY
from sehat.pharmacy import services as pharmacy
from sehat.pharmacy.models import Balance, Dispensed, Supply, SupplyMove
from sehat.pharmacy.services import Choice
from sehat.prescription import services as prescriptions
from sehat.prescription.models import Draft, Prescription
from sehat.prescription.writing import Written
from sehat.registration import corrections
from sehat.registration.models import CorrectionRequest, Patient
from sehat.tokens import records
from sehat.tokens.models import HealthRecord, Token, TokenMove
from sehat.tokens.rules import By
from sehat.waiting.models import Call
from tests.conftest import IssueToken
from tests.consultation.conftest import Meet, meet
from tests.letters.conftest import leave
from tests.prescription.conftest import written
from tests.tokens.files import keep_record

__all__ = ["leave", "meet", "written"]

CHANGING = (
    *(Token, TokenMove, HealthRecord, Call, Consultation, ChatMessage, Feedback, Draft, Prescription, Letter, Doctor),
    *(Patient, CorrectionRequest, RegisterEntry, Duty, OpeningHours, Holiday),
    *(Supply, SupplyMove, Dispensed, Balance, HqKey),
)


@dataclass
class Scene:
    """People by the names of the table's columns, references by the names in its addresses."""

    people: dict[str, Staff | Patient | None]
    refs: dict[str, str]

    def __post_init__(self) -> None:
        """Log everybody in, once: what is asked later is often taken back."""
        self._sessions = {name: self._log_in(person) for name, person in self.people.items()}

    def _log_in(self, person: Staff | Patient | None) -> str | None:
        client = Client()
        if isinstance(person, Staff):
            client.force_login(person, backend="sehat.accounts.backend.StaffBackend")
        elif isinstance(person, Patient):
            session = client.session
            session[PATIENT_KEY] = person.pk
            session.save()
        return client.session.session_key if person else None

    def client(self, name: str) -> Client:
        """A browser in which the person is logged in."""
        client = Client()
        if session := self._sessions[name]:
            client.cookies[settings.SESSION_COOKIE_NAME] = session
        return client

    def everything(self) -> list[object]:
        """What stands in the tables that the addresses can change; when a page was last seen open is no change."""
        return [
            {key: value for key, value in row.items() if key != "doctor_seen_at"}
            for model in CHANGING
            for row in model._default_manager.order_by("pk").values()
        ]


@pytest.fixture
def scene(
    hospital: Hospital,
    asha: Patient,
    meera: Patient,
    mohan: Patient,
    dr_rao: Doctor,
    dr_iyer: Doctor,
    dr_nair: Doctor,
    ama_clerk: Staff,
    pharmacist: Staff,
    store: Store,
    commandant: Staff,
    hq: Staff,
    meet: Meet,
    issue_token: IssueToken,
    written: Written,
    leave: SickLeave,
    ten_o_clock: datetime,
) -> Scene:
    """Mohan was seen by Dr Rao, has his papers and ordered the medicines; Asha is with Dr Rao now and gave a record;
    Meera waits, and asks for a correction.
    """
    later = ten_o_clock + timedelta(minutes=10)
    his = meet(mohan, dr_rao)
    prescription = prescriptions.issue(consultation=his, doctor=dr_rao, written=written, now=later)
    letter = letters.issue(consultation=his, doctor=dr_rao, content=leave, pressed="once", now=later)
    consultations.finish(consultation=his, now=later)
    supply = pharmacy.choose(patient=mohan, prescription=prescription, choice=Choice(store), now=now())
    desk.end_shift(doctor=dr_rao, now=later)
    hers = meet(asha, dr_rao)
    picture = BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "PNG")
    upload = SimpleUploadedFile("report.png", picture.getvalue())
    record = keep_record(hers.token, records.take(upload), by=By.PATIENT)
    issue_token(meera, joined=True, now=now())
    asked = corrections.ask(patient=meera, changes={"name": "Meera Devi"}, reason="Spelling", now=now())
    Opd.objects.update(hospital=hospital)
    holiday = Holiday.objects.create(opd=Opd.objects.get(code="G"), day=india_day(now()), name="Army Day")
    return Scene(
        people={
            "nobody": None,
            "asha": asha,
            "meera": meera,
            "mohan": mohan,
            "rao": dr_rao.staff,
            "iyer": dr_iyer.staff,
            "nair": dr_nair.staff,
            "ama": ama_clerk,
            "pharmacist": pharmacist,
            "commandant": commandant,
            "hq": hq,
        },
        refs={
            "hers": hers.ref,
            "his": his.ref,
            "record": record.ref,
            "rx": prescription.ref,
            "letter": letter.ref,
            "meera": str(meera.pk),
            "asked": str(asked.pk),
            "holiday": str(holiday.pk),
            "supply": supply.ref,
            "key": keys.make(name="ABDM", days=30, by=hq, now=now())[1].handle,
        },
    )
