"""A patient's whole record as one zip: each prescription as PDF and as FHIR documents, the FHIR
document of each consultation that ended without one, the letters, and the health records.

It is gathered before the first byte of it is sent: a store or a database that goes meanwhile is a sentence, and never
a torn file that is taken for the whole. It lies in a temporary file: at any moment the portal holds a piece of one
file in memory, however long the past is.
"""

import zipfile
from collections.abc import Iterator
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO

from sehat.consultation import queries as consultations
from sehat.kernel import files
from sehat.kernel.clock import INDIA
from sehat.letters import queries as letters
from sehat.papers.models import Paper
from sehat.prescription import fhir
from sehat.prescription import queries as prescriptions
from sehat.registration.models import Patient
from sehat.tokens.models import HealthRecord

AT_ONCE = 20
"""Rows fetched together."""
PIECE = 64 * 1024
"""Bytes copied together."""
IN_MEMORY = 1024 * 1024
"""Bytes of a zip kept in memory; a longer one lies on the disk."""


def archive(patient: Patient, *, now: datetime) -> IO[bytes]:
    """The zip, standing at its beginning, to be closed by who asked. Raises StoreAway."""
    gathered = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (who asked closes it)
    try:
        with zipfile.ZipFile(gathered, "w") as whole:
            for name, content in _files(patient):
                about = zipfile.ZipInfo(name, now.astimezone(INDIA).timetuple()[:6])
                about.external_attr = 0o600 << 16
                # Pictures and PDFs are compressed already.
                about.compress_type = zipfile.ZIP_DEFLATED if name.endswith(".json") else zipfile.ZIP_STORED
                with whole.open(about, "w") as entry:
                    for piece in content:
                        entry.write(piece)
    except BaseException:
        gathered.close()
        raise
    gathered.seek(0)
    return gathered


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
    with files.private().asked(), kept.file.open("rb") as file:
        yield from file.chunks(PIECE)
