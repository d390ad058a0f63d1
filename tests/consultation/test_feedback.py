"""The patient says how it was."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from sehat.clinic.models import Doctor
from sehat.consultation import services
from sehat.consultation.models import Consultation, Feedback
from tests.consultation.conftest import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(met: Consultation, ten_o_clock: datetime) -> Consultation:
    """Asha's consultation, with its prescription issued."""
    services.complete(consultation=met, now=ten_o_clock + timedelta(minutes=9))
    met.refresh_from_db()
    return met


def test_asha_says_it_was_very_good(done: Consultation, patients_browser: Client) -> None:
    there = reverse("consultation:feedback", args=[done.ref])
    assert patients_browser.get(reverse("consultation:feedback_last")).headers["Location"] == there
    answer = patients_browser.post(there, {"stars": "5", "text": "The doctor listened."})
    assert "Thank you" in answer.content.decode()
    said = Feedback.objects.get()
    assert (said.consultation_id, said.stars, said.text) == (done.pk, 5, "The doctor listened.")


def test_said_again_it_is_changed(done: Consultation, patients_browser: Client) -> None:
    there = reverse("consultation:feedback", args=[done.ref])
    patients_browser.post(there, {"stars": "1"})
    patients_browser.post(there, {"stars": "4", "text": "It was the line, not the doctor."})
    assert Feedback.objects.get().stars == 4
    assert "It was the line" in patients_browser.get(there).content.decode()


@pytest.mark.parametrize("stars", ["", "0", "6", "five"])
def test_only_one_to_five(done: Consultation, patients_browser: Client, stars: str) -> None:
    answer = patients_browser.post(reverse("consultation:feedback", args=[done.ref]), {"stars": stars, "text": "Hm"})
    assert answer.status_code == 422
    assert "Hm" in answer.content.decode()
    assert not Feedback.objects.exists()


def test_not_before_the_prescription_and_not_by_others(
    met: Consultation, dr_rao: Doctor, patients_browser: Client, ten_o_clock: datetime
) -> None:
    there = reverse("consultation:feedback", args=[met.ref])
    assert patients_browser.get(there).status_code == 404
    assert patients_browser.get(reverse("consultation:feedback_last")).status_code == 404
    services.complete(consultation=met, now=ten_o_clock)
    assert logged_in(doctor=dr_rao).get(there).status_code == 302
    assert patients_browser.get(there).status_code == 200
