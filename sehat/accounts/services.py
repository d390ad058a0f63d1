"""A member of staff proves who it is; sets up, uses and loses the second factor; gets another password.

A proof is counted before it is looked at (`throttle`), and so outside of any transaction.
"""

from datetime import datetime

from django.db import transaction

from sehat.accounts import codes, throttle
from sehat.accounts.errors import AlreadySetUp, OwnSecondFactor, WrongCode, WrongPassword
from sehat.accounts.models import RecoveryCode, SecondFactor, Staff
from sehat.accounts.rules import CODE_DIGITS
from sehat.accounts.throttle import Limit
from sehat.audit import services as audit
from sehat.kernel.rows import change, insert_new, remove

WRONG_CODES = Limit("wrong codes of a member of staff", tries=5)
WRONG_PASSWORDS = Limit("wrong passwords of who is signed in", tries=5)


def prove_password(*, staff: Staff, password: str, now: datetime) -> None:
    """Whoever sits there knows the password. Refuses WrongPassword, and after five of them LockedOut."""
    throttle.spend(WRONG_PASSWORDS, str(staff.pk), now=now)
    if not staff.check_password(password):
        raise WrongPassword
    throttle.forgive(WRONG_PASSWORDS, str(staff.pk))


def prove_code(*, staff: Staff, code: str, now: datetime) -> None:
    """Take a code of the app, or a recovery code; either counts once.

    Refuses WrongCode, and LockedOut for a quarter of an hour after five of them.
    """
    throttle.spend(WRONG_CODES, str(staff.pk), now=now)
    take = _take_code if len(code) == CODE_DIGITS else _take_recovery_code
    if not take(staff, code, now):
        raise WrongCode
    throttle.forgive(WRONG_CODES, str(staff.pk))


def _take_code(staff: Staff, code: str, now: datetime) -> bool:
    factor = SecondFactor.objects.filter(staff=staff).first()
    key = codes.opened(factor.sealed_key, staff.pk) if factor else None
    if not factor or not key:
        return False
    step = codes.step_of(key, code, now=now, after=factor.last_step)
    # Of two who bring the same code at once, the row takes one.
    return step is not None and change(
        SecondFactor, {"pk": factor.pk, "last_step": factor.last_step}, {"last_step": step}
    )


def _take_recovery_code(staff: Staff, code: str, now: datetime) -> bool:
    with transaction.atomic():
        if not remove(RecoveryCode, {"staff": staff.pk, "digest": codes.digest_of(code, staff.pk)}):
            return False
        left = RecoveryCode.objects.filter(staff=staff).count()
        audit.record(actor=staff, action="recovery_code.use", subject=staff, left=left)
    return True


def set_up(*, staff: Staff, key: bytes, code: str, now: datetime) -> list[str]:
    """From now on the login asks for codes of that key; return the recovery codes, which nobody can read again.

    `code` shows that the app has the key, and counts no more afterwards. Refuses WrongCode and AlreadySetUp.
    """
    step = codes.step_of(key, code, now=now)
    if step is None:
        raise WrongCode
    with transaction.atomic():
        if not insert_new(SecondFactor(staff=staff, sealed_key=codes.seal(key, staff.pk), last_step=step)):
            raise AlreadySetUp
        _mark(staff, now)
        fresh = _write_recovery_codes(staff)
        audit.record(actor=staff, action="second_factor.set_up", subject=staff)
    return fresh


def renew_recovery_codes(*, staff: Staff) -> list[str]:
    """Ten new recovery codes; those before count no more. The person has proved who it is."""
    with transaction.atomic():
        fresh = _write_recovery_codes(staff)
        audit.record(actor=staff, action="recovery_codes.renew", subject=staff)
    return fresh


def _write_recovery_codes(staff: Staff) -> list[str]:
    RecoveryCode.objects.filter(staff=staff).delete()
    fresh = codes.new_recovery_codes()
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(staff=staff, digest=codes.digest_of(code, staff.pk)) for code in fresh]
    )
    return fresh


def turn_off(*, staff: Staff) -> None:
    """The login asks for no code any more. The person has proved who it is, by password and code."""
    with transaction.atomic():
        _forget(staff)
        audit.record(actor=staff, action="second_factor.turn_off", subject=staff)


def take_away(*, staff: Staff, by: Staff | None) -> bool:
    """The telephone is lost: HQ, or the operator (None), takes the second factor away; whether there was one.

    Ends every session of the person. Refuses OwnSecondFactor.
    """
    if by and by.pk == staff.pk:
        raise OwnSecondFactor
    with transaction.atomic():
        had = _forget(staff)
        if had:
            audit.record(actor=by, action="second_factor.take_away", subject=staff)
    return had


def _forget(staff: Staff) -> bool:
    RecoveryCode.objects.filter(staff=staff).delete()
    _mark(staff, None)
    return remove(SecondFactor, {"staff": staff.pk})


def _mark(staff: Staff, at: datetime | None) -> None:
    staff.second_factor_at = at
    staff.save(update_fields=["second_factor_at"])


def change_password(*, staff: Staff, password: str) -> None:
    """Another password, chosen by the person, who has proved the old one. Ends the other sessions."""
    with transaction.atomic():
        staff.set_password(password)
        staff.save(update_fields=["password"])
        audit.record(actor=staff, action="password.change", subject=staff)
