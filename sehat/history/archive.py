"""A patient's whole record as one zip: each prescription as PDF and as FHIR documents, the FHIR
document of each consultation that ended without one, the letters, and the health records.

It is made while it is sent: at any moment the portal holds one file of it in memory, however long the past is.
"""

import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import RawIOBase
from typing import TYPE_CHECKING

from sehat.consultation import queries as consultations
from sehat.kernel.clock import INDIA
from sehat.letters import queries as letters
from sehat.papers.models import Paper
from sehat.prescription import fhir
from sehat.prescription import queries as prescriptions
from sehat.registration.models import Patient
from sehat.tokens.models import HealthRecord

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

AT_ONCE = 20
"""Rows fetched together."""
PIECE = 64 * 1024
"""Bytes copied together."""


def archive(patient: Patient, *, now: datetime) -> Iterator[bytes]:
    """The zip, piece by piece."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as whole:
        for name, content in _files(patient):
            about = zipfile.ZipInfo(name, now.astimezone(INDIA).timetuple()[:6])
            about.external_attr = 0o600 << 16
            # Pictures and PDFs are compressed already.
            about.compress_type = zipfile.ZIP_DEFLATED if name.endswith(".json") else zipfile.ZIP_STORED
            with whole.open(about, "w") as entry:
                for piece in content:
                    entry.write(piece)
                    yield from sink.taken()
            yield from sink.taken()
    yield from sink.taken()


def _files(patient: Patient) -> Iterator[tuple[str, Iterator[bytes]]]:
    for prescription in prescriptions.whole(prescriptions.of_patient(patient)).iterator(chunk_size=AT_ONCE):
        yield f"prescriptions/{prescription.number}.pdf", _pieces(prescription)
        for record in fhir.Record:
            name = fhir.file_name(prescription, record)
            yield f"prescriptions/{name}", iter([fhir.bundle(prescription, record)])
    for consultation in consultations.put_back_of(patient).iterator(chunk_size=AT_ONCE):
        if document := fhir.record_of(consultation):
            yield f"consultations/{document.name}", iter([document.content])
    for letter in letters.of_patient(patient).iterator(chunk_size=AT_ONCE):
        yield f"letters/{letter.number}.pdf", _pieces(letter)
    for uploaded in HealthRecord.objects.filter(patient=patient).order_by("pk").iterator(chunk_size=AT_ONCE):
        day = uploaded.created_at.astimezone(INDIA).date()
        yield f"records/{day}-{uploaded.pk}.{uploaded.kind}", _pieces(uploaded)


def _pieces(kept: HealthRecord | Paper) -> Iterator[bytes]:
    with kept.file.open("rb") as file:
        yield from file.chunks(PIECE)


class _Sink(RawIOBase):
    """What the zip writes, until it is taken."""

    def __init__(self) -> None:
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: "ReadableBuffer", /) -> int:
        self.held += memoryview(piece)
        return memoryview(piece).nbytes

    def taken(self) -> Iterator[bytes]:
        if self.held:
            piece = bytes(self.held)
            self.held.clear()
            yield piece
