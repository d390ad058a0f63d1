"""Verbs on a token. Each runs in one transaction: change, history row, notice, audit."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format

from sehat.audit import services as audit
from sehat.clinic import queries as clinic
from sehat.clinic.errors import OpdClosed
from sehat.clinic.models import Opd
from sehat.clinic.rules import OpdKind
from sehat.entitlement.rules import Category
from sehat.kernel import files
from sehat.kernel.clock import INDIA, india_day
from sehat.kernel.rows import change, insert
from sehat.notices import services as notices
from sehat.registration.models import Patient
from sehat.tokens import queries
from sehat.tokens.errors import CannotCancel, OneOpenToken, OpdFull, ReferralNeeded, TokenMovedOn
from sehat.tokens.events import token_moved
from sehat.tokens.models import ComeBack, FollowUp, HealthRecord, Token, TokenCounter, TokenMove
from sehat.tokens.records import MOST_RECORDS as MAX_RECORDS
from sehat.tokens.records import CleanFile, TooManyRecords
from sehat.tokens.rules import MOVES, By, Credits, RedFlag, State, Why, code_of, credit_minutes, turn_key


def move(
    token: Token,
    to: State,
    *,
    why: Why,
    by: By,
    now: datetime,
    turn_key: datetime | None = None,
    rests_until: datetime | None = None,
    beside: Sequence[Model] = (),
) -> None:
    """Move a token by compare-and-set, write the history row and those `beside` it, tell later rooms. In a transaction.

    The token keeps its turn key unless a new one is given. Raises TokenMovedOn where the move is not in `MOVES`,
    or where somebody was first: the database decides, not the read before. The place is compared with the state,
    as a token that fell back and was called again meanwhile is in the same state at another place.
    """
    frm = State(token.state)
    if to not in MOVES[frm]:
        raise TokenMovedOn
    changes: dict[str, Any] = {"state": to, "moved_at": now}
    if turn_key is not None:
        changes["turn_key"] = turn_key
    if rests_until is not None:
        changes["rests_until"] = rests_until
    if frm is State.ISSUED and to is State.WAITING:
        changes["joined_at"] = now
    if to is State.CONSULTING:
        changes["consulting_at"] = now
    if not change(Token, {"pk": token.pk, "state": frm, "turn_key": token.turn_key}, changes):
        raise TokenMovedOn
    for name, value in changes.items():
        setattr(token, name, value)
    _write_move(token, frm=frm, why=why, by=by, now=now, beside=beside)


def _write_move(
    token: Token, *, frm: State | None, why: Why, by: By, now: datetime, beside: Iterable[Model] = ()
) -> None:
    row = TokenMove(token=token, at=now, frm=frm or "", to=token.state, why=why, by=by, turn_key=token.turn_key)
    insert(row, *beside)
    token_moved.send(sender=Token, token=token, frm=frm, to=State(token.state), why=why, now=now)


def _next_number(opd: Opd, day: date) -> int:
    """The OPD's next number of the day, in one statement: the counter's row lock keeps out gaps and doubles."""
    table = connection.ops.quote_name(TokenCounter._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (opd_id, day, last) VALUES (%s, %s, 1) "  # noqa: S608 our own table's name
            f"ON CONFLICT (opd_id, day) DO UPDATE SET last = {table}.last + 1 RETURNING last",
            [opd.pk, day],
        )
        return int(cursor.fetchone()[0])


def credit_of(
    patient: Patient, *, now: datetime, referred: bool = False, emergency: bool = False, carried: int = 0
) -> int:
    """The patient's credit in the line, in minutes."""
    return credit_minutes(
        Credits(**settings.CREDIT_MINUTES, cap=settings.CREDIT_CAP_MINUTES),
        age=patient.age(india_day(now)),
        ex_serviceman=patient.category == Category.EX,
        special_need=bool(patient.special_need),
        referred=referred,
        emergency=emergency,
        carried=carried,
    )


def closing_time(opd: Opd, *, now: datetime) -> datetime:
    """When the OPD session of `now` ends, tokens being given a little before its start. Refuses OpdClosed."""
    calendar = clinic.calendar(opd, now=now)
    session = calendar.session(now, early=timedelta(minutes=settings.TOKENS_OPEN_MINUTES_BEFORE))
    if session is None:
        upcoming = calendar.next_session(now)
        if upcoming is None:
            raise OpdClosed(when="–")
        raise OpdClosed(when=date_format(timezone.localtime(upcoming.opens, INDIA), "l, j F, H:i"))
    return session.closes


def issue(
    *,
    patient: Patient,
    opd: Opd,
    complaint: str,
    duration: str,
    records: Sequence[HealthRecord],
    now: datetime,
    red_flags: Sequence[RedFlag] = (),
    follow_up: FollowUp | None = None,
) -> Token:
    """Issue a token with its records (`stored`) and notices: a walk-in, or the follow-up that a prescription asked for.

    Refuses a closed or full OPD, a specialist OPD without a follow-up (OpdClosed, OpdFull, ReferralNeeded), a
    second open token (OneOpenToken) and a fourth record (TooManyRecords). Entitlement is the caller's to have
    required.
    """
    if len(records) > MAX_RECORDS:
        raise TooManyRecords(most=MAX_RECORDS)
    if opd.kind != OpdKind.GENERAL and (follow_up is None or follow_up.opd_id != opd.pk):
        raise ReferralNeeded
    day, expires_at = india_day(now), closing_time(opd, now=now)
    come_back = queries.come_back_of(patient, now=now)
    try:
        with transaction.atomic():
            token = make(
                patient=patient,
                opd=opd,
                day=day,
                expires_at=expires_at,
                by=By.PATIENT,
                now=now,
                complaint=complaint,
                duration=duration,
                red_flags=list(red_flags),
                doctor=follow_up.doctor if follow_up else None,
                credit=credit_of(
                    patient,
                    now=now,
                    emergency=bool(red_flags),
                    carried=come_back.minutes if come_back else 0,
                ),
                beside=lambda token: [
                    *_of(token, records),
                    *notices.compose(
                        "token_issued", to=patient, patient_id=patient.grouped_id, token=token.code, opd=opd
                    ),
                    audit.entry(actor=patient, action="token.issue", subject=token, opd=opd.code, number=token.number),
                ],
            )
            for right in (follow_up, come_back):
                if right is not None:
                    use_up(right, token)
    except IntegrityError:
        # The constraint decides, not a look before: two windows may press at once.
        standing = queries.open_token_of(patient)
        if standing is None:
            raise
        raise OneOpenToken(code=standing.code) from None
    return token


def make(
    *,
    patient: Patient,
    opd: Opd,
    day: date,
    expires_at: datetime,
    by: By,
    now: datetime,
    beside: Callable[[Token], Iterable[Model]],
    **visit: Any,
) -> Token:
    """Write a token with the OPD's next number of the day, its first move and the rows `beside` it. In a transaction.

    `visit` holds the rest of the token's fields. Refuses a full OPD (OpdFull). The OPD's other patients wait from the
    number to the end of the transaction, so what can be done before is done before, and the rows go in together.
    """
    number, secret = _next_number(opd, day), f"{secrets.randbelow(10_000):04d}"
    if opd.daily_cap is not None and number > opd.daily_cap:
        raise OpdFull
    token = Token(
        patient=patient,
        opd=opd,
        day=day,
        number=number,
        secret=secret,
        code=code_of(opd.code, number, secret),
        moved_at=now,
        expires_at=expires_at,
        **visit,
    )
    insert(token)
    _write_move(token, frm=None, why=Why.ISSUED, by=by, now=now, beside=beside(token))
    return token


def use_up(right: FollowUp | ComeBack, token: Token) -> None:
    """A right is good for one token: whoever was first has it, the other is told that the page is old."""
    if not type(right).objects.filter(pk=right.pk, token=None).update(token=token):
        raise TokenMovedOn


@contextmanager
def stored(records: Sequence[CleanFile], *, day: date, by: By) -> Iterator[list[HealthRecord]]:
    """The cleaned files, stored, each with its row that still lacks its token and is to be inserted (`keep`).

    Around the transaction, so that nobody waits for a slow storage; where the block fails, they are taken away again.
    Raises StoreAway.
    """
    rows: list[HealthRecord] = []
    try:
        for record in records:
            row = HealthRecord(name=record.name, kind=record.kind, size=record.size, sha256=record.sha256, by=by)
            row.file.save(f"{day:%Y/%m/%d}/{row.ref}", ContentFile(record.data), save=False)
            rows.append(row)
        yield rows
    except BaseException:
        for row in rows:
            files.discard(str(row.file.name))
        raise


def _of(token: Token, rows: Iterable[HealthRecord]) -> Iterator[HealthRecord]:
    for row in rows:
        row.token, row.patient_id = token, token.patient_id
        yield row


def keep(token: Token, rows: Sequence[HealthRecord]) -> None:
    """Insert the rows of stored files with their token. In a transaction."""
    insert(*_of(token, rows))


def _require_room(token: Token) -> None:
    if HealthRecord.objects.filter(token=token, by=By.PATIENT).count() >= MAX_RECORDS:
        raise TooManyRecords(most=MAX_RECORDS)


def add_record(*, token: Token, record: CleanFile, now: datetime) -> HealthRecord:
    """Keep one more record of a waiting patient. Refuses a fourth (TooManyRecords) and an ended token."""
    _require_room(token)  # before anything is stored
    with stored([record], day=token.day, by=By.PATIENT) as rows, transaction.atomic():
        # The update takes the row's lock, so that two uploads at once cannot both be the third.
        if not Token.objects.filter(pk=token.pk, state__in=[State.ISSUED, State.WAITING, State.CALLED]).update(
            created_at=token.created_at
        ):
            raise TokenMovedOn
        _require_room(token)
        keep(token, rows)
        audit.record(actor=token.patient, action="record.add", subject=rows[0], size=record.size)
    return rows[0]


def join(*, token: Token, now: datetime) -> None:
    """Into the line (login); a token that waits already, or is further on, stays where it is."""
    if token.state != State.ISSUED:
        return
    key = turn_key(now, token.credit)
    with transaction.atomic():
        move(token, State.WAITING, why=Why.JOINED, by=By.PATIENT, now=now, turn_key=key)


def cancel(*, token: Token, now: datetime, by: By = By.PATIENT) -> None:
    """Cancel an open token. Refuses one that is with the doctor or has ended (CannotCancel)."""
    if State.CANCELLED not in MOVES[State(token.state)]:
        raise CannotCancel
    with transaction.atomic():
        beside = [
            *notices.compose("token_cancelled", to=token.patient, token=token.code),
            audit.entry(actor=token.patient, action="token.cancel", subject=token, by=by),
        ]
        move(token, State.CANCELLED, why=Why.CANCELLED, by=by, now=now, beside=beside)


def expire_due(*, now: datetime) -> int:
    """End the tokens whose OPD day is over, each in its own transaction; returns how many.

    A token that is called or with the doctor is left to finish; it expires when it comes back to the line.
    """
    ended = 0
    for token in queries.day_over(now=now):
        try:
            with transaction.atomic():
                move(token, State.EXPIRED, why=Why.DAY_OVER, by=By.PORTAL, now=now)
                notices.write("token_expired", to=token.patient, token=token.code)
        except TokenMovedOn:
            continue  # another sweeper, or the patient, was first
        ended += 1
    return ended
