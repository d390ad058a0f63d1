"""A message from the contact page: checked, stored, acknowledged, seen by HQ."""

import json
from base64 import b64encode

import altcha
import pytest
from django.test import Client

from sehat.accounts.models import Staff
from sehat.audit.models import Entry
from sehat.notices.models import Notice
from sehat.site.models import ContactMessage

MESSAGE = {
    "first_name": "Asha",
    "last_name": "Verma",
    "mobile": "+91 98765-43211",
    "email": "asha@example.in",
    "city": "Pune",
    "state": "Maharashtra",
    "text": "How do I add <b>my mother</b>?",
}


def solved(client: Client) -> str:
    """What the widget in a browser sends: the number that it found by trying."""
    challenge = client.get("/contact/check/").json()
    solution = altcha.solve_challenge(
        challenge["challenge"], challenge["salt"], challenge["algorithm"], challenge["max_number"]
    )
    assert solution is not None
    answer = {key: challenge[key] for key in ("algorithm", "challenge", "salt", "signature")}
    return b64encode(json.dumps(answer | {"number": solution.number}).encode()).decode()


def test_a_message_is_stored_and_acknowledged(client: Client, db: None) -> None:
    response = client.post("/contact/", MESSAGE | {"robot": solved(client)}, follow=True)
    assert response.redirect_chain == [("/contact/sent/", 302)]
    message = ContactMessage.objects.get()
    assert (message.mobile, message.language, message.text) == ("9876543211", "en", MESSAGE["text"])
    assert sorted(Notice.objects.values_list("kind", "to")) == [
        ("contact_received", "9876543211"),
        ("contact_received", "asha@example.in"),
    ]
    assert Entry.objects.get(action="contact.receive").actor == "visitor"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"first_name": ""}, "Please fill this in."),
        ({"mobile": "12345"}, "Please enter an Indian mobile number of ten digits."),
        ({"mobile": "+1 212 555 0123"}, "Please enter an Indian mobile number of ten digits."),
        ({"email": "asha@"}, "Enter a valid email address."),
        ({"state": "Atlantis"}, "Select a valid choice."),
        ({"text": "x" * 2001}, "shorten it to 2000"),
        ({"robot": ""}, "Please wait until"),
        ({"robot": "bm9uc2Vuc2U="}, "The check"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    client: Client, db: None, wrong: dict[str, str], sentence: str
) -> None:
    response = client.post("/contact/", MESSAGE | {"robot": solved(client)} | wrong)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert f'id="id_{next(iter(wrong))}_error"' in page
    assert 'value="Pune"' in page
    assert not ContactMessage.objects.exists()


def test_a_solved_check_counts_once(client: Client, db: None) -> None:
    check = solved(client)
    assert client.post("/contact/", MESSAGE | {"robot": check}).status_code == 302
    assert client.post("/contact/", MESSAGE | {"robot": check}).status_code == 422
    assert ContactMessage.objects.count() == 1


def test_hq_reads_a_message_and_marks_it_answered(client: Client, hq: Staff) -> None:
    message = ContactMessage.objects.create(**MESSAGE | {"mobile": "9876543211"}, language="en")
    client.force_login(hq, backend="sehat.accounts.backend.StaffBackend")
    page = client.get(f"/admin/site/contactmessage/{message.pk}/change/").content.decode()
    assert "&lt;b&gt;my mother&lt;/b&gt;" in page
    assert "SeHAT OPD office" in page
    client.post(
        "/admin/site/contactmessage/",
        {"action": "mark_answered", "_selected_action": [message.pk], "index": 0},
    )
    message.refresh_from_db()
    assert message.answered_at is not None


def test_other_staff_do_not_see_messages(client: Client, ama_clerk: Staff) -> None:
    client.force_login(ama_clerk, backend="sehat.accounts.backend.StaffBackend")
    assert client.get("/admin/site/contactmessage/").status_code == 403
