"""The desk hears of every token that moves: who joins the line may be called at once."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from sehat.desk import services
from sehat.tokens.events import token_moved
from sehat.tokens.models import Token
from sehat.tokens.rules import State


@receiver(token_moved)
def somebody_may_be_called(
    sender: type[Token], token: Token, frm: State | None, to: State, now: datetime, **kwargs: Any
) -> None:
    """A joined line or a freed doctor: match after commit, when both are there for everybody to see."""
    if frm is State.CALLED and to in {State.CANCELLED, State.EXPIRED}:
        services.call_withdrawn(token_id=token.pk, now=now)
        transaction.on_commit(lambda: services.match(opd=token.opd_id, now=now))
    elif to is State.WAITING:
        transaction.on_commit(lambda: services.match(opd=token.opd_id, now=now))
