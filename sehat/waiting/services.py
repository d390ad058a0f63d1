"""Press Call Now; tell who comes next."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from sehat import live
from sehat.clinic.models import Opd
from sehat.live import topics
from sehat.notices import services as notices
from sehat.tokens.models import Token
from sehat.tokens.rules import State
from sehat.waiting import queries
from sehat.waiting.errors import NotCalled
from sehat.waiting.models import Call
from sehat.waiting.rules import CallState

FOURTH = 3  # the token that has three ahead


def press_call_now(*, token: Token, now: datetime) -> Call:
    """The patient is there: the doctor's desk rings for `ANSWER_SECONDS`.

    Pressing twice is pressing once. Refuses where no call stands, or its clock has run out (NotCalled).
    """
    call = queries.open_call(token)
    if call is None:
        raise NotCalled
    if call.state == CallState.RINGING:
        return call
    changes = {
        "state": CallState.RINGING,
        "pressed_at": now,
        "deadline": now + timedelta(seconds=settings.ANSWER_SECONDS),
    }
    with transaction.atomic():
        standing = Call.objects.filter(pk=call.pk, state=CallState.SUMMONED, deadline__gt=now)
        if not standing.update(**changes):
            raise NotCalled
        live.after_commit(topics.doctor(call.doctor_id), {"kind": "ringing"})
        live.after_commit(topics.token(token.pk), {"kind": "state"})
    for name, value in changes.items():
        setattr(call, name, value)
    return call


def tell_fourth(opd: Opd | int, *, now: datetime) -> None:
    """The line moved up: one notice, once, to the patient who now has three ahead."""
    fourth = queries.line(opd).select_related("patient")[FOURTH : FOURTH + 1]
    for token in fourth:
        untold = Token.objects.filter(pk=token.pk, state=State.WAITING, three_ahead_told_at=None)
        if untold.update(three_ahead_told_at=now):
            notices.write("three_ahead", to=token.patient, token=token.code)
