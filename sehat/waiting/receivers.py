"""The waiting room hears of every token that moves."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from sehat import live
from sehat.live import topics
from sehat.tokens.events import token_moved
from sehat.tokens.models import Token
from sehat.tokens.rules import State
from sehat.waiting import services
from sehat.waiting.models import Call
from sehat.waiting.rules import OPEN_CALL, CallState


@receiver(token_moved)
def the_line_moved(
    sender: type[Token], token: Token, frm: State | None, to: State, now: datetime, **kwargs: Any
) -> None:
    """Tell the patient's page and the line's pages; the call of a token that ended in its call is withdrawn.

    Joining makes the promise of a wait, the first call ends it.
    """
    if frm is State.CALLED and to in {State.CANCELLED, State.EXPIRED}:
        Call.objects.filter(token=token, state__in=OPEN_CALL).update(state=CallState.WITHDRAWN, ended_at=now)
    live.after_commit(topics.token(token.pk), {"kind": "state"})
    if State.WAITING in {frm, to}:
        live.after_commit(topics.opd(token.opd_id), {"kind": "line"})
    if frm is State.ISSUED and to is State.WAITING:
        services.promise(token=token, now=now)
    if to is State.CALLED:
        services.came_true(token=token, now=now)
    if frm is State.WAITING:
        services.tell_fourth(token.opd_id, now=now)
