"""Who may open a health record: its patient here; who else, later rooms say."""

from collections.abc import Callable

from django.http import HttpRequest

from sehat.tokens.models import HealthRecord

Reader = Callable[[HttpRequest, HealthRecord], bool]

readers: list[Reader] = []
"""A later room appends its rule in `AppConfig.ready`: say, the doctor in whose consultation the token is."""


def may_read(request: HttpRequest, record: HealthRecord) -> bool:
    """Whether the person at this browser may see the record."""
    patient = getattr(request, "patient", None)
    if patient is not None and patient.pk == record.patient_id:
        return True
    return any(reader(request, record) for reader in readers)
