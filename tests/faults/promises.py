"""What must hold of a database after any fault: each promise broken becomes a sentence."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Outcome
from sehat.notices.models import Notice
from sehat.tokens.models import Token, TokenCounter, TokenMove
from sehat.tokens.rules import MOVES, OPEN_STATES, State, Why
from sehat.waiting.models import Call
from sehat.waiting.rules import OPEN_CALL, CallState

NEW_PLACE = {Why.JOINED, Why.MISSED}
"""What may change a turn key; every other move keeps the place."""

TOLD = {Why.ISSUED: "token_issued", Why.CANCELLED: "token_cancelled", Why.DAY_OVER: "token_expired"}
"""Moves that a notice tells of, once on each channel."""


def broken() -> list[str]:
    """Every promise of the queue that the database as it stands does not keep."""
    return [*_numbers(), *_histories(), *_pairs(), *_counts(), *_notices()]


def _numbers() -> Iterator[str]:
    """Numbers of a day have neither gaps nor doubles: a rolled-back issue takes its number back."""
    numbers = defaultdict(list)
    for opd, day, number in Token.objects.values_list("opd", "day", "number"):
        numbers[opd, day].append(number)
    for key, given in numbers.items():
        if sorted(given) != list(range(1, len(given) + 1)):
            yield f"the numbers of OPD and day {key} are {sorted(given)}"
    for counter in TokenCounter.objects.all():
        given = numbers[counter.opd_id, counter.day]
        if counter.last != len(given):
            yield f"the counter {counter} stands beside {len(given)} tokens"


def _histories() -> Iterator[str]:
    """Every state and place is what its history says, and the history goes only ways that there are."""
    moves = defaultdict(list)
    for move in TokenMove.objects.order_by("id"):
        moves[move.token_id].append(move)
    for token in Token.objects.all():
        state, key = "", None
        for move in moves[token.pk]:
            if move.frm != state or (state and State(move.to) not in MOVES[State(state)]):
                yield f"{token}: {move} follows {state or 'nothing'}"
            if move.turn_key != key and move.why not in NEW_PLACE:
                yield f"{token}: {move} changed the place"
            state, key = move.to, move.turn_key
        if (token.state, token.turn_key) != (state, key):
            yield f"{token} is {token.state} at {token.turn_key}; its history ends {state} at {key}"


def _pairs() -> Iterator[str]:
    """One open token a patient; one patient a doctor, one doctor a patient."""
    open_tokens = Counter(Token.objects.filter(state__in=OPEN_STATES).values_list("patient", flat=True))
    yield from (f"patient {patient} holds {count} open tokens" for patient, count in open_tokens.items() if count > 1)

    calls = list(Call.objects.filter(state__in=OPEN_CALL).values_list("token", "doctor"))
    called = set(Token.objects.filter(state=State.CALLED).values_list("pk", flat=True))
    calling = set(Doctor.objects.filter(state=DoctorState.CALLING).values_list("pk", flat=True))
    if (sorted(called), sorted(calling)) != (
        sorted(token for token, _ in calls),
        sorted(doctor for _, doctor in calls),
    ):
        yield f"called tokens {called} and calling doctors {calling} stand beside the calls {calls}"

    meetings = Consultation.objects.filter(ended_at=None)
    consulting = set(Token.objects.filter(state=State.CONSULTING).values_list("pk", flat=True))
    meeting = sorted(meetings.filter(outcome=Outcome.OPEN).values_list("token", flat=True))
    if sorted(consulting) != meeting:
        yield f"tokens {consulting} are with a doctor; open consultations are of tokens {meeting}"
    busy = set(Doctor.objects.filter(state=DoctorState.CONSULTING).values_list("pk", flat=True))
    at_desks = sorted(meetings.values_list("doctor", flat=True))
    if sorted(busy) != at_desks:
        yield f"doctors {busy} are in consultation; consultations stand at the desks of {at_desks}"


def _counts() -> Iterator[str]:
    """Every call and consultation has its move, and every move its call or consultation."""
    moves = Counter(TokenMove.objects.values_list("token", "why"))
    calls = Counter(Call.objects.values_list("token", "state"))
    meetings = Counter(Consultation.objects.values_list("token", "outcome"))
    for token in Token.objects.values_list("pk", flat=True):
        found = {
            Why.DOCTOR_FREE: sum(calls[token, state] for state in CallState),
            Why.ANSWERED: calls[token, CallState.ANSWERED],
            Why.MISSED: calls[token, CallState.MISSED],
            Why.DOCTOR_SILENT: calls[token, CallState.UNANSWERED],
            Why.PUT_BACK: meetings[token, Outcome.PUT_BACK],
            Why.PRESCRIBED: meetings[token, Outcome.COMPLETED],
        }
        for why, count in found.items():
            if moves[token, why] != count:
                yield f"token {token}: {moves[token, why]} moves '{why}' beside {count} calls or consultations"


def _notices() -> Iterator[str]:
    """Whoever is to be told has the notice in the outbox, once on each channel."""
    texts = defaultdict(list)
    for kind, channel, text in Notice.objects.values_list("kind", "channel", "text"):
        texts[kind, channel].append(text)
    for why, code in TokenMove.objects.filter(why__in=TOLD).values_list("why", "token__code"):
        told = sum(code in text for text in texts[TOLD[Why(why)], "sms"])
        if told != 1:
            yield f"{code}: {told} SMS tell that it is {why}"
    summons = Call.objects.count()
    if len(texts["call_now", "sms"]) != summons:
        yield f"{len(texts['call_now', 'sms'])} SMS Call Now for {summons} calls"
    missed = Call.objects.filter(state=CallState.MISSED).count()
    if len(texts["call_missed", "sms"]) != missed:
        yield f"{len(texts['call_missed', 'sms'])} SMS tell of {missed} missed calls"
