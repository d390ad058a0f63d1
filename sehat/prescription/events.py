"""What later rooms may add to a consultation's documents."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.dispatch import Signal

documented = Signal()
"""`told` (told.Told): a record of its whole consultation is made. Who answers gives `Beside`."""


@dataclass(frozen=True, slots=True)
class Beside:
    """FHIR resources of papers that were written in the same consultation, and when each was written or revoked."""

    referrals: list[dict[str, Any]] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    changes: list[datetime] = field(default_factory=list)
