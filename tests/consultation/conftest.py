"""Asha and Dr Rao, face to face."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from sehat.accounts.models import Staff
from sehat.clinic.models import Doctor
from sehat.consultation import services
from sehat.consultation.models import Consultation
from sehat.desk import queries as desk_queries
from sehat.desk import services as desk
from sehat.live.sessions import PATIENT_KEY
from sehat.registration.models import Patient
from sehat.waiting import services as waiting
from tests.conftest import IssueToken

Meet = Callable[[Patient, Doctor], Consultation]


@pytest.fixture
def meet(
    issue_token: IssueToken,
    ten_o_clock: datetime,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Meet:
    """Bring a patient to a doctor: token, line, Call Now, Answer."""

    def bring(patient: Patient, doctor: Doctor) -> Consultation:
        token = issue_token(patient, joined=True)
        with django_capture_on_commit_callbacks(execute=True):
            desk.go_available(doctor=doctor, now=ten_o_clock)
        waiting.press_call_now(token=token, now=ten_o_clock)
        call = desk_queries.open_call_of(doctor)
        assert call is not None
        return services.answer(call=call, now=ten_o_clock)

    return bring


@pytest.fixture
def met(meet: Meet, asha: Patient, dr_rao: Doctor) -> Consultation:
    """The consultation of Asha with Dr Rao."""
    return meet(asha, dr_rao)


def logged_in(
    *,
    patient: Patient | None = None,
    doctor: Doctor | None = None,
    staff: Staff | None = None,
    client: Client | None = None,
) -> Client:
    """A browser in which these people are logged in."""
    client = client or Client()
    if member := doctor.staff if doctor else staff:
        client.force_login(member, backend="sehat.accounts.backend.StaffBackend")
    if patient is not None:
        session = client.session
        session[PATIENT_KEY] = patient.pk
        session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return client


@pytest.fixture
def patients_browser(asha: Patient) -> Client:
    """Asha, logged in."""
    return logged_in(patient=asha)


@pytest.fixture
def doctors_browser(dr_rao: Doctor) -> Client:
    """Dr Rao, logged in."""
    return logged_in(doctor=dr_rao)
