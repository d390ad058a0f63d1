"""What the outbox tells whoever sends it."""

from django.dispatch import Signal

written = Signal()
"""Notices were committed to the outbox: a sender that waits may wake."""
