"""Press Call Now; tell who comes next."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from sehat import live
from sehat.clinic import queries as clinic
from sehat.kernel.clock import INDIA
from sehat.kernel.rows import change, insert
from sehat.live import topics
from sehat.notices import services as notices
from sehat.tokens.models import Token
from sehat.tokens.rules import State
from sehat.waiting import queries
from sehat.waiting.errors import NotCalled
from sehat.waiting.models import Call, Promise
from sehat.waiting.rules import CallState, wait_range

TELL_AT_ONCE = 500


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
    was = {"pk": call.pk, "state": CallState.SUMMONED, "deadline": call.deadline}
    if call.deadline <= now or not change(Call, was, changes):
        raise NotCalled
    live.after_commit(topics.doctor(call.doctor_id), {"kind": "ringing"})
    live.after_commit(topics.token(token.pk), {"kind": "state"})
    for name, value in changes.items():
        setattr(call, name, value)
    return call


def promise(*, token: Token, now: datetime) -> Promise | None:
    """Keep the wait range that a patient is told on joining, to be held against the wait that comes true.

    None where the wait is not known yet. Inside the transaction in which the token joins.
    """
    wait = queries.wait_of(token, now=now)
    if wait is None:
        return None
    made = Promise(token=token, opd_id=token.opd_id, made_at=now, low=wait.low, high=wait.high)
    insert(made)
    return made


def came_true(*, token: Token, now: datetime) -> None:
    """The patient is called for the first time: the wait that was promised has ended."""
    if token.joined_at is not None:
        waited = max(0, int((now - token.joined_at).total_seconds()))
        change(Promise, {"token": token.pk, "waited": None}, {"waited": waited})


def tell_closing(*, now: datetime) -> int:
    """Tell those in the line whom no doctor may reach before the OPD closes, an hour before; returns how many.

    They may keep waiting, or come back on the next OPD day with priority. Told once; where it is not known how
    long consultations take, only an OPD without any doctor is told of.
    """
    told, places, reach = 0, Counter[int](), dict[int, _Reach]()
    for token in queries.closing_soon(now=now).select_related("patient", "opd")[:TELL_AT_ONCE]:
        opd = token.opd
        if opd.pk not in reach:
            reach[opd.pk] = _Reach(doctors=clinic.on_duty(opd).count(), seconds=queries.service_seconds(opd, now=now))
        places[opd.pk] += 1
        if reach[opd.pk].may_miss(ahead=places[opd.pk] - 1, left=token.expires_at - now):
            told += _tell_closing(token, now=now)
    return told


@dataclass(frozen=True)
class _Reach:
    """How far the doctors of an OPD may get."""

    doctors: int
    seconds: list[float]

    def may_miss(self, *, ahead: int, left: timedelta) -> bool:
        """Whether the slow end of the expected wait lies behind closing time."""
        wait = wait_range(ahead, self.doctors, self.seconds)
        return self.doctors == 0 if wait is None else timedelta(minutes=wait.high) > left


def _tell_closing(token: Token, *, now: datetime) -> bool:
    with transaction.atomic():
        untold = Token.objects.filter(pk=token.pk, state=State.WAITING, closing_told_at=None)
        if not untold.update(closing_told_at=now):
            return False
        closes = date_format(timezone.localtime(token.expires_at, INDIA), "H:i")
        notices.write("closing_soon", to=token.patient, token=token.code, closes=closes)
        live.after_commit(topics.token(token.pk), {"kind": "state"})
    return True


def tell_fourth(opd: int, *, now: datetime) -> None:
    """The line moved up: one notice, once, to the patient who now has three ahead.

    Whose row somebody else holds is left to the line's next move: the caller holds another row of the line, and
    two who waited for each other's would be a deadlock.
    """
    pk = queries.untold_fourth(opd)
    if pk is None:
        return
    untold = Token.objects.filter(pk=pk, state=State.WAITING, three_ahead_told_at=None)
    for token in untold.select_for_update(skip_locked=True, of=("self",)).select_related("patient"):
        Token.objects.filter(pk=pk).update(three_ahead_told_at=now)
        notices.write("three_ahead", to=token.patient, token=token.code)
