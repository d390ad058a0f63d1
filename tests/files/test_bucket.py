"""Health records, prescriptions and letters in a bucket: kept, read by whom they concern, downloaded, swept.

The store is moto's server (tests/files/conftest.py), a stand-in: what it is asked is the real protocol over a socket.
"""

import io
import os
import zipfile
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest
from django.core.files.base import ContentFile
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from sehat.clinic.models import Doctor, Opd
from sehat.config.background import sweep_files
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Side
from sehat.entitlement.models import RegisterEntry
from sehat.kernel import clock
from sehat.kernel.bucket import IN_MEMORY, Bucket
from sehat.kernel.files import try_out
from sehat.letters import services as letters
from sehat.letters.writing import SickLeave
from sehat.papers import verification
from sehat.prescription.models import Prescription
from sehat.tokens.models import HealthRecord
from tests.papers.reading import signature_of
from tests.tokens.files import pdf, picture, upload
from tests.tokens.visitor import RAMESHS_MOBILE, details, prove

pytestmark = pytest.mark.django_db


def keys(bucket: Bucket) -> list[str]:
    """The names of all objects, as the store has them."""
    return sorted(found.key for found in bucket.bucket.objects.all())


def body(response: HttpResponseBase) -> bytes:
    """What a browser downloads."""
    assert response.status_code == 200
    return b"".join(cast(Iterable[bytes], response))


def test_records_come_with_the_registration_and_open_for_the_patient_only(
    client: Client, register: list[RegisterEntry], opd: Opd, bucket: Bucket
) -> None:
    prove(client, RAMESHS_MOBILE)
    files = [upload(pdf()), upload(picture(), "photo.jpg")]
    assert client.post("/register/details/", details(opd) | {"records": files}).status_code == 302
    client.post("/register/enter/")
    rows = list(HealthRecord.objects.all())
    assert keys(bucket) == sorted(f"opd/files/{row.file.name}" for row in rows)
    for row in rows:
        address = reverse("tokens:record", args=[row.ref])
        shown = client.get(address)
        assert shown.headers["Content-Length"] == str(row.size)
        assert sha256(body(shown)).hexdigest() == row.sha256
        assert Client().get(address).status_code == 302


def test_a_waiting_patient_adds_one_and_the_doctor_reads_it(
    met: Consultation, patients_browser: Client, doctors_browser: Client, bucket: Bucket
) -> None:
    sent = {"file": upload(picture(), "rash.jpg")}
    assert patients_browser.post(reverse("consultation:upload", args=[met.ref, Side.PATIENT]), sent).status_code == 302
    row = HealthRecord.objects.get()
    seen = doctors_browser.get(reverse("consultation:record", args=[met.ref, Side.DOCTOR, row.ref]))
    assert sha256(body(seen)).hexdigest() == row.sha256


def test_a_prescription_is_signed_kept_downloaded_and_verified(
    bucket: Bucket, issued: Prescription, tmp_path: Path
) -> None:
    assert keys(bucket) == [f"opd/files/prescriptions/{issued.issued_at:%Y/%m/%d}/{issued.ref}.pdf"]
    got = body(Client().get(reverse("prescription:pdf", args=[issued.ref])))
    assert sha256(got).hexdigest() == issued.sha256
    assert "Signature is Valid" in signature_of(got, tmp_path)
    assert verification.of_pdf(got).paper == issued


def test_the_whole_record_as_one_zip(
    bucket: Bucket, issued: Prescription, dr_rao: Doctor, leave: SickLeave, patients_browser: Client
) -> None:
    letter = letters.issue(
        consultation=issued.consultation, doctor=dr_rao, content=leave, pressed="once", now=issued.issued_at
    )
    whole = zipfile.ZipFile(io.BytesIO(body(patients_browser.get(reverse("history:whole_record")))))
    assert whole.testzip() is None
    for paper, folder in ((issued, "prescriptions"), (letter, "letters")):
        assert sha256(whole.read(f"{folder}/{paper.number}.pdf")).hexdigest() == paper.sha256


def test_orphans_are_swept_and_nothing_else(bucket: Bucket, issued: Prescription) -> None:
    moment = clock.now()
    Prescription.objects.update(issued_at=moment)
    kept = f"prescriptions/{moment:%Y/%m/%d}/{issued.ref}.pdf"
    orphan = f"prescriptions/{moment:%Y/%m/%d}/nobodys.pdf"
    for name in (kept, orphan, f"elsewhere/{moment:%Y/%m/%d}/another"):
        bucket.save(name, ContentFile(b"x"))
    before = keys(bucket)
    sweep_files(now=moment)  # too young: a transaction may still be open
    assert keys(bucket) == before
    sweep_files(now=moment + timedelta(hours=2))
    assert set(before) - set(keys(bucket)) == {f"opd/files/{orphan}"}


def test_nothing_is_overwritten_public_or_whole_in_memory(bucket: Bucket) -> None:
    large = os.urandom(IN_MEMORY + 1)
    first = bucket.save("records/one", ContentFile(b"first"))
    second = bucket.save("records/one", ContentFile(large))
    assert first != second
    with bucket.open(first) as file:
        assert file.read() == b"first"
    with bucket.open(second) as file:
        assert cast(Any, file.file)._rolled  # it lies in a temporary file
        assert b"".join(file.chunks()) == large
    client = bucket.connection.meta.client
    grants = client.get_object_acl(Bucket=bucket.bucket_name, Key=f"opd/files/{first}")["Grants"]
    assert not [grant for grant in grants if "URI" in grant["Grantee"]]  # nobody but the owner
    try_out()
    assert len(keys(bucket)) == 2
