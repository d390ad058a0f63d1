"""Write a notice; deliver those that are due."""

import logging
import time
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import override

from sehat.kernel.clock import now as clock
from sehat.kernel.rows import change, insert
from sehat.notices import events, gateways, queries
from sehat.notices.errors import GatewayError, TooLate
from sehat.notices.kinds import KINDS
from sehat.notices.models import Notice
from sehat.notices.rules import LEASE, MAX_TRIES, Channel, Reachable, State, back_off, masked

log = logging.getLogger(__name__)

ROUND = LEASE / 2
"""How long one call of `deliver_due` goes on taking notices in hand."""


def write(kind: str, *, to: Reachable, **context: object) -> list[Notice]:
    """Put a notice of `kind` (see `kinds.py`) into the outbox, a row for each channel that reaches `to`.

    Call it inside the transaction of the change that it tells of. `context` fills the kind's text, in the
    recipient's language; raises `KeyError` where the kind or a value for its text is missing.
    """
    notices = compose(kind, to=to, **context)
    if notices:
        insert(*notices)
    return notices


def compose(kind: str, *, to: Reachable, **context: object) -> list[Notice]:
    """The notices that `write` puts into the outbox, for those that go there together with other rows.

    The senders are woken after commit, so it too belongs inside the transaction.
    """
    template = KINDS[kind]
    addresses = {Channel.SMS: to.mobile, Channel.EMAIL: to.email}
    now = clock()
    if template.page and "link" not in context:
        context["link"] = settings.PUBLIC_URL + reverse(template.page)
    with override(to.language):
        subject, text = str(template.subject) % context, str(template.text) % context
    transaction.on_commit(_tell_senders)
    return [
        Notice(
            kind=kind,
            channel=channel,
            to=addresses[channel],
            language=to.language,
            subject=subject,
            text=text,
            template_id=settings.DLT_TEMPLATES.get(kind, "") if channel == Channel.SMS else "",
            next_try_at=now,
            no_use_after=now + template.good_for,
        )
        for channel in template.channels
        if addresses[channel] and channel in gateways.open_channels()
    ]


def deliver_due(*, now: datetime, limit: int = 100) -> int:
    """Send up to `limit` notices that are due at `now`; the number that went out.

    Any number of workers may do this at once: a notice is sent by the one whose claim changed the row. What
    the gateway does not take is tried again after `back_off`, and given up after `MAX_TRIES`. A slow gateway leaves
    the rest to the next call: leases count from `now`, and one that ended before its sending would be no claim.
    """
    sent, began = 0, time.monotonic()
    for notice in queries.due(now=now, limit=limit):
        sent += _deliver(notice, now)
        if time.monotonic() - began > ROUND.total_seconds():
            break
    return sent


def _tell_senders() -> None:
    events.written.send(sender=Notice)


def _deliver(notice: Notice, now: datetime) -> bool:
    if not _claim(notice, now):
        return False
    tries = notice.tries + 1
    try:
        if now > notice.no_use_after:
            raise TooLate
        gateways.send(notice)
    except GatewayError as error:
        gives_up = tries >= MAX_TRIES or isinstance(error, TooLate)
        state = State.FAILED if gives_up else State.PENDING
        log.warning("Notice %s (%s, %s) %s: %s", notice.pk, notice.kind, notice.channel, state, error)
        _settle(notice, tries, state=state, error=str(error)[:200], next_try_at=now + back_off(tries))
        return False
    _settle(notice, tries, state=State.SENT, error="", sent_at=now)
    return True


def _claim(notice: Notice, now: datetime) -> bool:
    """Take the notice for this worker; the number of tries is what the claim is compared by."""
    was = {"pk": notice.pk, "state": notice.state, "tries": notice.tries}
    return change(Notice, was, {"state": State.SENDING, "tries": notice.tries + 1, "next_try_at": now + LEASE})


def _settle(notice: Notice, tries: int, **changes: object) -> None:
    """Note how the try ended, unless another worker has taken the notice over since (this was too slow)."""
    ended = changes["state"] in {State.SENT, State.FAILED}
    if ended and KINDS[notice.kind].secret and not settings.SEHAT_DEMO:
        changes["text"] = masked(notice.text)
    change(Notice, {"pk": notice.pk, "state": State.SENDING, "tries": tries}, changes)
