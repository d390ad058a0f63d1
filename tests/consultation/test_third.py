"""A third person: the patient is asked first; who is invited sees the record while in the call, and no longer."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import cast

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from sehat.audit.models import Entry
from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.consultation import invitations, inviting, queries, services
from sehat.consultation.errors import AlreadyAsked, ConsultationOver, InvitationGone, NotToBeAsked
from sehat.consultation.models import CallEvidence, Consultation, Invitation
from sehat.consultation.rules import Evidence, Invited, Mode, PutBack, Side
from sehat.desk.errors import DeskBusy
from sehat.kernel.clock import now
from sehat.registration.models import Patient
from sehat.tokens import records
from sehat.tokens.rules import By
from tests.consultation.conftest import logged_in
from tests.tokens.files import keep_record, picture


@pytest.fixture
def iyer(dr_iyer: Doctor) -> Doctor:
    """Dr Iyer at the desk, in the pause."""
    Doctor.objects.filter(pk=dr_iyer.pk).update(state=DoctorState.PAUSED)
    dr_iyer.refresh_from_db()
    return dr_iyer


@pytest.fixture
def asked(met: Consultation, iyer: Doctor, ten_o_clock: datetime) -> Invitation:
    """Asha has been asked."""
    return inviting.invite(consultation=met, doctor=iyer, now=ten_o_clock)


@pytest.fixture
def joined(asked: Invitation, ten_o_clock: datetime) -> Invitation:
    """Dr Iyer is in the call."""
    inviting.answer(invitation=asked, agreed=True, now=ten_o_clock)
    inviting.join(invitation=asked, now=ten_o_clock)
    return asked


def png(name: str) -> SimpleUploadedFile:
    """A picture to be sent."""
    return SimpleUploadedFile(name, picture("PNG"))


def _words(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


def test_nobody_rings_before_the_patient_says_yes(
    asked: Invitation, met: Consultation, iyer: Doctor, patients_browser: Client, doctors_browser: Client
) -> None:
    guest = logged_in(doctor=iyer)
    ringing = reverse("consultation:ringing")
    assert "Join the call" not in _words(guest.get(ringing))
    assert guest.post(reverse("consultation:join")).status_code == 409
    assert f"May {iyer}" in _words(patients_browser.get(reverse("consultation:room", args=[met.ref])))
    answer = patients_browser.post(
        reverse("consultation:consent", args=[met.ref]), {"agreed": "yes"}, headers={"X-Part": "state"}
    )
    assert "is being called" in _words(answer)
    rings = _words(guest.get(ringing))
    assert "Join the call" in rings
    assert "Asha" not in rings
    assert guest.post(reverse("consultation:join")).headers["Location"] == reverse("consultation:guest", args=[met.ref])
    assert guest.post(reverse("consultation:join")).status_code == 302  # pressed twice
    assert f"{iyer} ({iyer.opd}) is in the call" in _words(
        doctors_browser.get(reverse("consultation:doctor", args=[met.ref]))
    )


def test_the_consent_is_recorded(asked: Invitation, asha: Patient, ten_o_clock: datetime) -> None:
    inviting.answer(invitation=asked, agreed=True, now=ten_o_clock)
    asked.refresh_from_db()
    assert (asked.state, asked.answered_at) == (Invited.RINGING, ten_o_clock)
    entry = Entry.objects.get(action="consultation.consent")
    assert (entry.actor, entry.details) == (f"registration.patient:{asha.pk}", {"agreed": True})
    with pytest.raises(InvitationGone):
        inviting.answer(invitation=asked, agreed=False, now=ten_o_clock)


def test_a_no_ends_it_and_another_may_be_asked(
    asked: Invitation, met: Consultation, iyer: Doctor, doctors_browser: Client, ten_o_clock: datetime
) -> None:
    inviting.answer(invitation=asked, agreed=False, now=ten_o_clock)
    assert Entry.objects.get(action="consultation.consent").details == {"agreed": False}
    page = _words(doctors_browser.get(reverse("consultation:doctor", args=[met.ref])))
    assert f"The patient does not want {iyer} in the call." in page
    with pytest.raises(InvitationGone):
        inviting.join(invitation=asked, now=ten_o_clock)
    inviting.invite(consultation=met, doctor=iyer, now=ten_o_clock)


def test_who_is_in_the_call_sees_the_record_and_not_after(
    joined: Invitation, met: Consultation, iyer: Doctor, ten_o_clock: datetime
) -> None:
    record = keep_record(met.token, records.take(png("report.png")), by=By.PATIENT)
    guest = logged_in(doctor=iyer)
    ref, side = met.ref, Side.GUEST
    addresses = [
        reverse("consultation:guest", args=[ref]),
        reverse("consultation:state", args=[ref, side]),
        reverse("consultation:lines", args=[ref, side]),
        reverse("consultation:record", args=[ref, side, record.ref]),
        reverse("history:of_patient", args=[ref]),
        reverse("prescription:brief", args=[ref]),
    ]
    for address in addresses:
        response = guest.get(address)
        assert response.status_code == 200, address
        if response.streaming:
            assert b"".join(cast(Iterable[bytes], response))
    assert "Asha Verma" in _words(guest.get(addresses[0]))
    assert Entry.objects.filter(action="record.read", actor=f"accounts.staff:{iyer.staff_id}").count() == 1
    # The consultation stays the doctor's own.
    for name in ("consultation:doctor", "prescription:form", "letters:of_consultation"):
        assert guest.get(reverse(name, args=[ref])).status_code == 404
    for name in ("consultation:end", "consultation:put_back", "consultation:invite", "consultation:take_back"):
        assert guest.post(reverse(name, args=[ref])).status_code == 404

    assert guest.post(reverse("consultation:leave", args=[ref])).status_code == 302
    for address in addresses:
        assert guest.get(address).status_code == 404, address
    assert guest.post(reverse("consultation:say", args=[ref, side]), {"text": "One more thing"}).status_code == 404
    assert queries.open_of_doctor(met.doctor) == met


def test_a_doctor_who_was_not_invited_finds_nothing(joined: Invitation, met: Consultation, dr_nair: Doctor) -> None:
    stranger = logged_in(doctor=dr_nair)
    assert stranger.get(reverse("consultation:guest", args=[met.ref])).status_code == 404
    assert stranger.get(reverse("history:of_patient", args=[met.ref])).status_code == 404
    assert stranger.post(reverse("consultation:leave", args=[met.ref])).status_code == 404
    assert stranger.post(reverse("consultation:consent", args=[met.ref]), {"agreed": "yes"}).status_code == 404


def test_lines_and_files_of_the_invited_doctor_are_the_own_ones(
    joined: Invitation, met: Consultation, iyer: Doctor, patients_browser: Client
) -> None:
    guest = logged_in(doctor=iyer)
    said = guest.post(reverse("consultation:say", args=[met.ref, Side.GUEST]), {"text": "Any pain?"})
    assert said.headers["Location"] == reverse("consultation:guest", args=[met.ref])
    guest.post(reverse("consultation:upload", args=[met.ref, Side.GUEST]), {"file": png("leaflet.png")})
    lines = _words(patients_browser.get(reverse("consultation:lines", args=[met.ref, Side.PATIENT])))
    assert lines.count("Invited doctor") == 2
    assert "leaflet.png" in lines
    assert Entry.objects.get(action="consultation.file").actor == f"clinic.doctor:{iyer.pk}"


def test_the_mode_is_that_of_patient_and_doctor(joined: Invitation, met: Consultation, iyer: Doctor) -> None:
    moment = now()
    services.report(consultation=met, side=Side.PATIENT, reported=Evidence(90, 90, 0), now=moment)
    services.report(consultation=met, side=Side.DOCTOR, reported=Evidence(90, 90, 0), now=moment)
    address = reverse("consultation:evidence", args=[met.ref, Side.GUEST])
    assert logged_in(doctor=iyer).post(address, {"video": 1, "audio": 1, "drops": 0}).status_code == 404
    assert queries.mode_achieved(met) is Mode.VIDEO
    assert set(CallEvidence.objects.values_list("side", flat=True)) == {Side.PATIENT, Side.DOCTOR}


@pytest.mark.parametrize(
    ("state", "fault"),
    [(DoctorState.OFFLINE, NotToBeAsked), (DoctorState.CALLING, NotToBeAsked), (DoctorState.CONSULTING, NotToBeAsked)],
)
def test_only_who_is_at_the_desk_and_free_can_be_asked(
    met: Consultation, iyer: Doctor, ten_o_clock: datetime, state: DoctorState, fault: type[Exception]
) -> None:
    Doctor.objects.filter(pk=iyer.pk).update(state=state)
    with pytest.raises(fault):
        inviting.invite(consultation=met, doctor=iyer, now=ten_o_clock)
    with pytest.raises(NotToBeAsked):
        inviting.invite(consultation=met, doctor=met.doctor, now=ten_o_clock)


def test_one_at_a_time(asked: Invitation, met: Consultation, dr_nair: Doctor, ten_o_clock: datetime) -> None:
    Doctor.objects.filter(pk=dr_nair.pk).update(state=DoctorState.AVAILABLE)
    with pytest.raises(AlreadyAsked):
        inviting.invite(consultation=met, doctor=dr_nair, now=ten_o_clock)


def test_who_was_given_a_patient_meanwhile_cannot_come(asked: Invitation, iyer: Doctor, ten_o_clock: datetime) -> None:
    inviting.answer(invitation=asked, agreed=True, now=ten_o_clock)
    Doctor.objects.filter(pk=iyer.pk).update(state=DoctorState.CALLING)
    with pytest.raises(DeskBusy):
        inviting.join(invitation=asked, now=ten_o_clock)


def test_no_patient_is_called_to_who_is_in_another_call_and_then_again(
    asked: Invitation,
    iyer: Doctor,
    ten_o_clock: datetime,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    inviting.answer(invitation=asked, agreed=True, now=ten_o_clock)
    Doctor.objects.filter(pk=iyer.pk).update(state=DoctorState.AVAILABLE)
    inviting.join(invitation=asked, now=ten_o_clock)
    iyer.refresh_from_db()
    assert iyer.state == DoctorState.PAUSED
    with django_capture_on_commit_callbacks(execute=True):
        inviting.leave(invitation=asked, now=ten_o_clock)
    iyer.refresh_from_db()
    assert iyer.state == DoctorState.AVAILABLE


END: dict[str, Callable[[Consultation, datetime], None]] = {
    "end of the call": lambda met, moment: services.end_call(consultation=met, now=moment),
    "put back": lambda met, moment: services.put_back(consultation=met, reason=PutBack.LINE, now=moment),
}


@pytest.mark.parametrize("how", END)
@pytest.mark.parametrize("stage", [Invited.ASKING, Invited.JOINED])
def test_with_the_call_every_invitation_ends(
    how: str, stage: Invited, request: pytest.FixtureRequest, met: Consultation, ten_o_clock: datetime
) -> None:
    invitation: Invitation = request.getfixturevalue("asked" if stage is Invited.ASKING else "joined")
    END[how](met, ten_o_clock)
    invitation.refresh_from_db()
    assert invitation.state == (Invited.WITHDRAWN if stage is Invited.ASKING else Invited.LEFT)
    assert invitations.open_invitation(met) is None
    with pytest.raises(ConsultationOver):
        met.refresh_from_db()
        inviting.invite(consultation=met, doctor=invitation.doctor, now=ten_o_clock)


def test_an_invited_doctor_may_decline(
    asked: Invitation, met: Consultation, iyer: Doctor, doctors_browser: Client, ten_o_clock: datetime
) -> None:
    inviting.answer(invitation=asked, agreed=True, now=ten_o_clock)
    assert logged_in(doctor=iyer).post(reverse("consultation:decline")).status_code == 302
    assert f"{iyer} cannot come just now." in _words(
        doctors_browser.get(reverse("consultation:doctor", args=[met.ref]))
    )


@pytest.mark.parametrize("chosen", ["", "0", "x", "9" * 30])
def test_a_doctor_that_is_none_gets_a_sentence(met: Consultation, doctors_browser: Client, chosen: str) -> None:
    response = doctors_browser.post(reverse("consultation:invite", args=[met.ref]), {"doctor": chosen})
    assert response.status_code == 409
    assert not Invitation.objects.exists()


def test_who_is_asked_already_is_not_offered(asked: Invitation, met: Consultation, iyer: Doctor) -> None:
    assert iyer not in invitations.to_invite(met)
