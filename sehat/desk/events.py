"""What later rooms may hear."""

from django.dispatch import Signal

doctor_returns = Signal()
"""`doctor`, `now`: a doctor in consultation asks to be available; the consultation room ends what is completed."""
