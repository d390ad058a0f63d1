"""A machine that plays a prescription at two stores: whatever happens in whatever order, never more is handed out than
was prescribed, one order at most is open, and what stands in the balance is what lies in the parcels.
"""

from collections import Counter
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from sehat.accounts.models import Staff
from sehat.clinic.models import Doctor, Store
from sehat.kernel.errors import Refusal
from sehat.pharmacy import queries, services
from sehat.pharmacy.models import Balance, Dispensed, Supply
from sehat.pharmacy.rules import END_STATES, OPEN_STATES, State, Way, may_move
from sehat.pharmacy.services import Choice
from sehat.prescription import services as prescriptions
from sehat.prescription.models import Prescription
from sehat.prescription.writing import Written
from tests.pharmacy.conftest import HOME, parcel

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
either_store = st.sampled_from([0, 0, 0, 1])
"""Mostly one, so that orders get far."""


class TwoStores(RuleBasedStateMachine):
    """One prescription, two stores, a patient who changes her mind, a doctor who amends."""

    prescription: ClassVar[Prescription]
    doctor: ClassVar[Doctor]
    written: ClassVar[Written]
    stores: ClassVar[list[Store]]
    staff: ClassVar[list[Staff]]
    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.paper = type(self).prescription
        self.ended: dict[int, str] = {}
        self._transaction = transaction.atomic()
        self._transaction.__enter__()

    def teardown(self) -> None:
        """Take everything back."""
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)

    def _try(self, verb: Any, **arguments: Any) -> bool:
        try:
            with transaction.atomic():
                verb(now=NOW, **arguments)
        except Refusal as refusal:
            self.seen[type(refusal).__name__] += 1
            return False
        self.seen[verb.__name__] += 1
        return True

    def _fresh(self) -> Prescription:
        return Prescription.objects.get(pk=self.paper.pk)

    def _supply(self, store: int) -> Supply | None:
        last = Supply.objects.filter(store=self.stores[store]).order_by("-id").first()
        return queries.of_store(self.stores[store], last.ref) if last else None

    @rule(store=either_store, home=st.booleans())
    def chooses(self, store: int, home: bool) -> None:
        choice = Choice(self.stores[store], HOME if home else None)
        self._try(services.choose, patient=self.paper.patient, prescription=self._fresh(), choice=choice)

    @rule(store=either_store)
    def gives_up(self, store: int) -> None:
        if supply := self._supply(store):
            self._try(services.give_up, supply=supply)

    @rule(store=either_store)
    def shows_the_paper(self, store: int) -> None:
        self._try(services.serve, prescription=self._fresh(), store=self.stores[store], staff=self.staff[store])

    @rule(store=either_store)
    def begins(self, store: int) -> None:
        if supply := self._supply(store):
            self._try(services.begin, supply=supply, staff=self.staff[store])

    @rule(
        store=either_store,
        one=st.sampled_from([15, 4, 0, 16]),
        two=st.sampled_from([5, 0]),
        then=st.sampled_from([None, None, State.READY, State.HANDED_OVER, State.SENT]),
    )
    def packs(self, store: int, one: int, two: int, then: State | None) -> None:
        if supply := self._supply(store):
            packed = parcel(supply, one, two)
            self._try(services.pack, supply=supply, packed=packed, staff=self.staff[store], then=then)

    @rule(store=either_store, to=st.sampled_from([State.READY, State.SENT, State.HANDED_OVER, State.DELIVERED]))
    def advances(self, store: int, to: State) -> None:
        if supply := self._supply(store):
            frm, way = State(supply.state), supply.way
            if self._try(services.advance, supply=supply, to=to, staff=self.staff[store]):
                assert may_move(way, frm, to)  # type: ignore[arg-type]

    @rule(store=either_store, whole=st.booleans())
    def works_on(self, store: int, whole: bool) -> None:
        """What the state of the order asks for, so that many get to their end."""
        supply = self._supply(store)
        if supply is None:
            return
        onward = {State.READY: State.HANDED_OVER, State.SENT: State.DELIVERED}.get(State(supply.state))
        if supply.state == State.RECEIVED:
            self.begins(store)
        elif onward:
            self.advances(store, onward)
        elif supply.state == State.PREPARING:
            one, two = [rest.left for rest in queries.rests(supply.prescription)] if whole else (4, 0)
            self.packs(store, one, two, State.SENT if supply.way == Way.HOME else State.READY)

    @rule(store=either_store)
    def cancels(self, store: int) -> None:
        if supply := self._supply(store):
            self._try(services.cancel, supply=supply, staff=self.staff[store])

    @precondition(lambda self: Dispensed.objects.exists())
    @rule()
    def amends(self) -> None:
        if Prescription.objects.count() < 2:
            self.paper = prescriptions.amend(
                prescription=self._fresh(), doctor=self.doctor, written=self.written, reason="A slip", now=NOW
            )

    @invariant()
    def never_more_than_prescribed(self) -> None:
        """Over all stores, and over the amended ones with what they replace."""
        assert not Balance.objects.filter(dispensed__gt=F("prescribed")).exists()
        out = Dispensed.objects.exclude(supply__state=State.CANCELLED)
        for position, prescribed in ((1, 15), (2, 5)):
            given = out.filter(line__position=position).aggregate(all=Sum("quantity"))["all"] or 0
            assert given <= prescribed

    @invariant()
    def the_balance_is_what_lies_in_the_parcels(self) -> None:
        for balance in Balance.objects.all():
            rows = Dispensed.objects.filter(line=balance.line_id).exclude(supply__state=State.CANCELLED)
            assert balance.dispensed == balance.carried + (rows.aggregate(all=Sum("quantity"))["all"] or 0)

    @invariant()
    def one_order_is_open_and_none_by_an_old_paper_in_the_store(self) -> None:
        papers = Supply.objects.filter(state__in=OPEN_STATES).values_list("prescription", flat=True)
        assert len(set(papers)) == len(papers)
        old = Supply.objects.filter(state__in=OPEN_STATES).exclude(prescription=self.paper)
        assert not old.exclude(state=State.SENT).exists()

    @invariant()
    def nothing_leaves_an_end_state_and_the_history_tells_every_state(self) -> None:
        for supply in Supply.objects.all():
            assert supply.moves.latest("id").to == supply.state
            if supply.pk in self.ended or supply.state in END_STATES:
                assert self.ended.setdefault(supply.pk, supply.state) == supply.state


@pytest.mark.django_db
def test_never_twice(
    issued: Prescription,
    dr_rao: Doctor,
    written: Written,
    store: Store,
    other_store: Store,
    pharmacist: Staff,
    other_pharmacist: Staff,
) -> None:
    TwoStores.prescription, TwoStores.doctor, TwoStores.written = issued, dr_rao, written
    TwoStores.stores, TwoStores.staff = [store, other_store], [pharmacist, other_pharmacist]
    run_state_machine_as_test(
        TwoStores,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    # The machine went where it matters.
    done = TwoStores.seen.keys()
    assert {"choose", "serve", "begin", "pack", "advance", "cancel"} <= done
    assert {"MoreThanPrescribed", "AllDispensed", "BeingServed", "StoreHasBegun", "SupplyMovedOn"} <= done
