"""A patient at a browser, as the pages see one."""

import re
from typing import TYPE_CHECKING, Any

from django.test import Client

from sehat.clinic.models import Opd
from sehat.notices.models import Notice
from sehat.tokens.models import HealthRecord

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

RAMESHS_MOBILE = "9876543210"


def otp_of(mobile: str) -> str:
    """The OTP of the newest SMS."""
    found = re.search(r"\b\d{6}\b", Notice.objects.filter(kind="otp", to=mobile).latest("id").text)
    assert found
    return found[0]


def prove(client: Client, mobile: str, *, start: str = "/register/") -> "Answer":
    """Send the OTP and enter it; the answer to *OK*."""
    sent = client.post(start, {"mobile": mobile})
    assert sent.status_code == 302, sent.content.decode()
    return client.post(sent.headers["Location"], {"code": otp_of(mobile)})


def details(opd: Opd, /, **changes: Any) -> dict[str, Any]:
    """What Ramesh fills in; a change to None leaves the field out."""
    filled: dict[str, Any] = {
        "name": "Ramesh Kumar",
        "gender": "male",
        "date_of_birth": "1980-05-17",
        "age": "",
        "category": "serving",
        "service_number": "JC-481205 K",
        "relation": "",
        "email": "",
        "address": "14 Shanti Vihar",
        "pincode": "411001",
        "state": "",
        "district": "",
        "city": "Pune",
        "language": "en",
        "special_need": "",
        "complaint": "Fever and cough",
        "duration": "3 days",
        "opd": str(opd.pk),
        "agree": "on",
    }
    return {name: value for name, value in (filled | changes).items() if value is not None}


def error_beside(response: "Answer", field: str) -> str:
    """The sentence beside a field; empty where there is none."""
    found = re.search(rf'id="id_{field}_error">(.*?)</p>', response.content.decode(), re.DOTALL)
    return found[1].strip() if found else ""


def stored_files() -> int:
    """How many files lie in the private storage."""
    storage = HealthRecord._meta.get_field("file").storage
    return _count(storage, "records") if storage.exists("records") else 0


def _count(storage: Any, folder: str) -> int:
    folders, files = storage.listdir(folder)
    return len(files) + sum(_count(storage, f"{folder}/{name}") for name in folders)
