"""The second factor as a service: each code once, wrong ones lock, nothing secret is kept."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from sehat.accounts import codes, queries, services
from sehat.accounts.errors import AlreadySetUp, LockedOut, OwnSecondFactor, WrongCode, WrongPassword
from sehat.accounts.models import RecoveryCode, SecondFactor, Staff
from sehat.audit.models import Entry
from sehat.kernel.clock import now as clock
from sehat.kernel.errors import Refusal
from tests.accounts.app import App
from tests.accounts.conftest import GiveApp
from tests.conftest import PASSWORD


def test_a_code_counts_once(rao: Staff, raos_app: App) -> None:
    now = clock()
    code = raos_app.code(at=now.timestamp())
    services.prove_code(staff=rao, code=code, now=now)
    for later in (0, 20, 29):
        with pytest.raises(WrongCode):
            services.prove_code(staff=rao, code=code, now=now + timedelta(seconds=later))
    with pytest.raises(WrongCode):  # nor one that came before it
        services.prove_code(staff=rao, code=raos_app.code(at=now.timestamp(), later=-1), now=now)
    services.prove_code(staff=rao, code=raos_app.code(at=now.timestamp(), later=1), now=now)


def test_the_first_code_counts_no_more_either(rao: Staff) -> None:
    key, now = codes.new_key(), clock()
    code = App(key).code(at=now.timestamp())
    services.set_up(staff=rao, key=key, code=code, now=now)
    with pytest.raises(WrongCode):
        services.prove_code(staff=rao, code=code, now=now)


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_bring_the_same_code_at_once_one_gets_in(rao: Staff, raos_app: App) -> None:
    now = clock()
    code = raos_app.code(at=now.timestamp())

    def bring(_number: int) -> bool:
        try:
            services.prove_code(staff=Staff.objects.get(pk=rao.pk), code=code, now=now)
        except Refusal:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(bring, range(8))) == 1


def test_a_recovery_code_counts_once_and_is_audited(rao: Staff, raos_app: App) -> None:
    services.prove_code(staff=rao, code=raos_app.paper[3], now=clock())
    with pytest.raises(WrongCode):
        services.prove_code(staff=rao, code=raos_app.paper[3], now=clock())
    assert queries.recovery_codes_left(rao) == 9
    assert Entry.objects.get(action="recovery_code.use").details == {"left": 9}


def test_new_recovery_codes_replace_the_old(rao: Staff, raos_app: App) -> None:
    fresh = services.renew_recovery_codes(staff=rao)
    with pytest.raises(WrongCode):
        services.prove_code(staff=rao, code=raos_app.paper[0], now=clock())
    services.prove_code(staff=rao, code=fresh[0], now=clock())


def test_the_codes_of_another_count_for_nobody_else(
    rao: Staff, raos_app: App, ama_clerk: Staff, give_app: GiveApp
) -> None:
    other = give_app(ama_clerk)
    for code in (other.code(), other.paper[0]):
        with pytest.raises(WrongCode):
            services.prove_code(staff=rao, code=code, now=clock())


def test_five_wrong_codes_lock_for_a_quarter_also_the_right_one(rao: Staff, raos_app: App) -> None:
    now = clock()
    for _ in range(5):
        with pytest.raises(WrongCode):
            services.prove_code(staff=rao, code=raos_app.wrong(), now=now)
    for code in (raos_app.code(at=now.timestamp()), raos_app.paper[0]):
        with pytest.raises(LockedOut) as locked:
            services.prove_code(staff=rao, code=code, now=now)
        assert locked.value.values == {"minutes": 15}
    assert queries.recovery_codes_left(rao) == 10
    later = now + timedelta(minutes=15)
    services.prove_code(staff=rao, code=raos_app.code(at=later.timestamp()), now=later)


def test_a_right_code_forgives_wrong_ones_and_another_person_is_not_locked(
    rao: Staff, raos_app: App, ama_clerk: Staff, give_app: GiveApp
) -> None:
    now = clock()
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(WrongCode):
                services.prove_code(staff=rao, code=raos_app.wrong(), now=now)
        services.prove_code(staff=rao, code=raos_app.code(at=now.timestamp()), now=now)
        now += timedelta(seconds=30)
    for _ in range(5):
        with pytest.raises(WrongCode):
            services.prove_code(staff=rao, code=raos_app.wrong(), now=now)
    services.prove_code(staff=ama_clerk, code=give_app(ama_clerk).code(at=now.timestamp()), now=now)


def test_five_wrong_passwords_of_who_is_signed_in_lock(rao: Staff) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            services.prove_password(staff=rao, password="a guess", now=clock())
    with pytest.raises(LockedOut):
        services.prove_password(staff=rao, password=PASSWORD, now=clock())


def test_it_is_set_up_by_a_right_code_only_and_once(rao: Staff, raos_app: App, ama_clerk: Staff) -> None:
    with pytest.raises(WrongCode):
        services.set_up(staff=ama_clerk, key=raos_app.key, code=raos_app.wrong(), now=clock())
    assert not queries.has_second_factor(ama_clerk)
    other = App(codes.new_key())
    with pytest.raises(AlreadySetUp):
        services.set_up(staff=rao, key=other.key, code=other.code(), now=clock())
    services.prove_code(staff=rao, code=raos_app.code(), now=clock())


def test_turned_off_nothing_is_left(rao: Staff, raos_app: App) -> None:
    services.turn_off(staff=rao)
    rao.refresh_from_db()
    assert rao.second_factor_at is None
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    with pytest.raises(WrongCode):
        services.prove_code(staff=rao, code=raos_app.paper[0], now=clock())


def test_hq_takes_it_from_others_and_not_from_themselves(
    rao: Staff, raos_app: App, hq: Staff, give_app: GiveApp
) -> None:
    give_app(hq)
    assert services.take_away(staff=rao, by=hq)
    assert not services.take_away(staff=rao, by=hq)
    with pytest.raises(OwnSecondFactor):
        services.take_away(staff=hq, by=hq)
    assert queries.has_second_factor(hq)
    (entry,) = Entry.objects.filter(action="second_factor.take_away")
    assert (entry.actor, entry.subject) == (f"accounts.staff:{hq.pk}", f"accounts.staff:{rao.pk}")


def _dump() -> str:
    """All that a copy of the database tells of the second factor."""
    tables: list[Any] = [SecondFactor, RecoveryCode, Staff, Entry]
    return json.dumps([list(table.objects.values()) for table in tables], default=str)


def test_a_copy_of_the_database_opens_nothing(rao: Staff, raos_app: App) -> None:
    services.renew_recovery_codes(staff=rao)
    services.prove_code(staff=rao, code=raos_app.code(), now=clock())
    dump = _dump()
    base32 = codes.to_type(raos_app.key).replace(" ", "")
    for secret in (raos_app.key.hex(), base32, raos_app.code(), *raos_app.paper):
        assert secret not in dump


def test_everything_is_audited(rao: Staff, raos_app: App, hq: Staff, give_app: GiveApp) -> None:
    services.renew_recovery_codes(staff=rao)
    services.turn_off(staff=rao)
    give_app(rao)
    services.take_away(staff=rao, by=None)
    services.change_password(staff=rao, password="another-long-password")
    told = (
        Entry.objects.filter(subject=f"accounts.staff:{rao.pk}")
        .order_by("pk")
        .values_list("actor", "action", "details")
    )
    me = f"accounts.staff:{rao.pk}"
    assert list(told) == [
        (me, "second_factor.set_up", {}),
        (me, "recovery_codes.renew", {}),
        (me, "second_factor.turn_off", {}),
        (me, "second_factor.set_up", {}),
        ("portal", "second_factor.take_away", {}),
        (me, "password.change", {}),
    ]
