"""What later rooms may hear and say of a paper: sent inside the transaction of the change."""

from django.dispatch import Signal

taken_back = Signal()
"""`paper`, `now`: it was revoked, alone or by one that replaces it."""

asked_about = Signal()
"""`paper`: somebody verifies it. Who answers gives a pair of plain words (label, text), nothing clinical, or None."""
