"""What later rooms may hear: sent inside the transaction of the change."""

from django.dispatch import Signal

token_moved = Signal()
"""`token`, `frm` (State, or None at issue), `to` (State), `why` (Why), `now`: a token changed its state."""
