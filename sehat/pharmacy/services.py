"""Verbs of the store and of the patient who chooses. Each runs in one transaction: change, history row, notice, audit.

Whoever touches what is left of a prescription locks the prescription's row first: dispensing, choosing and the
doctor's taking back (`receivers`) come one after the other. The balance is compared and set all the same, and a
constraint stands behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format

from sehat.accounts.models import Staff
from sehat.audit import services as audit
from sehat.clinic.models import Store
from sehat.kernel.clock import india_day
from sehat.notices import services as notices
from sehat.notices.kinds import MEDICINE_SENT, PARCEL_CANCELLED, PARCEL_CHOSEN, PARCEL_DELIVERED, PARCEL_READY
from sehat.papers.rules import Status
from sehat.pharmacy import packing, queries
from sehat.pharmacy.errors import (
    AllDispensed,
    BeingServed,
    NoMedicines,
    NothingPacked,
    StoreHasBegun,
    SupplyMovedOn,
    TooOld,
    WasReplaced,
    WasRevoked,
)
from sehat.pharmacy.models import Dispensed, Supply, SupplyMove
from sehat.pharmacy.packing import Packed
from sehat.pharmacy.rules import (
    IN_THE_STORE,
    STORE_CANCELS,
    STORE_MOVES,
    By,
    State,
    Way,
    Why,
    last_day,
    may_move,
)
from sehat.prescription.models import Prescription
from sehat.registration.models import Patient


@dataclass(frozen=True, slots=True)
class Place:
    """Where a home delivery goes."""

    address: str
    city: str
    area: str
    pincode: str


@dataclass(frozen=True, slots=True)
class Choice:
    """How the patient wants the medicines; `place` for home delivery only."""

    store: Store
    place: Place | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """As the supply keeps it."""
        to = self.place or Place("", "", "", "")
        return {
            "store": self.store,
            "way": Way.HOME if self.place else Way.COLLECT,
            "address": to.address,
            "city": to.city,
            "area": to.area,
            "pincode": to.pincode,
        }


def check_valid(prescription: Prescription) -> None:
    """Refuse one that was replaced (WasReplaced) or revoked (WasRevoked)."""
    if prescription.status != Status.ISSUED:
        newer = Prescription.objects.filter(replaces=prescription).first()
        raise WasReplaced(number=newer.number) if newer else WasRevoked


def check(prescription: Prescription, *, now: datetime) -> None:
    """Refuse, when it is presented, what nothing may be handed out by: as `check_valid`, and what has no medicines, is
    too old, or has nothing left (NoMedicines, TooOld, AllDispensed).
    """
    check_valid(prescription)
    rests = queries.rests(prescription)
    if not rests:
        raise NoMedicines
    if not any(rest.left for rest in rests):
        raise AllDispensed
    until = last_day(
        india_day(prescription.issued_at),
        limit=settings.DISPENSE_DAYS,
        longest_course=max(rest.line.days for rest in rests),
    )
    if india_day(now) > until:
        raise TooOld(day=date_format(until, "j F Y"))


def _locked(prescription: Prescription) -> Prescription:
    """The prescription as it stands now, kept so until the transaction ends."""
    return Prescription.objects.select_for_update(of=("self",)).get(pk=prescription.pk)


def move(
    supply: Supply,
    to: State,
    *,
    why: Why,
    by: By,
    now: datetime,
    staff: Staff | None = None,
    **changes: Any,
) -> None:
    """Move a supply by compare-and-set and write the history row. Refuses what is not in `MOVES`, and where somebody
    was first (SupplyMovedOn). Store and way are compared too, as the patient may change them while it is received.
    """
    frm = State(supply.state)
    if not may_move(Way(supply.way), frm, to):
        raise SupplyMovedOn
    _change(supply, why=why, by=by, now=now, staff=staff, state=to, **changes)


def _change(supply: Supply, *, why: Why, by: By, now: datetime, staff: Staff | None = None, **changes: Any) -> None:
    frm = supply.state
    same = Supply.objects.filter(pk=supply.pk, state=frm, store=supply.store_id, way=supply.way)
    changes["moved_at"] = now
    with transaction.atomic():
        if not same.update(**changes):
            raise SupplyMovedOn
        for name, value in changes.items():
            setattr(supply, name, value)
        _write_move(supply, frm=frm, why=why, by=by, now=now, staff=staff)


def _write_move(supply: Supply, *, frm: str, why: Why, by: By, now: datetime, staff: Staff | None = None) -> None:
    SupplyMove.objects.create(
        supply=supply, at=now, frm=frm, to=supply.state, why=why, by=by, staff=staff, store_id=supply.store_id
    )


# The patient


def choose(*, patient: Patient, prescription: Prescription, choice: Choice, now: datetime) -> Supply:
    """The patient says how to get the medicines, or changes it as long as the store has not begun.

    Refuses as `check` does, and a store that has begun (StoreHasBegun).
    """
    with transaction.atomic():
        prescription = _locked(prescription)
        check(prescription, now=now)
        supply = queries.open_supply_of(prescription)
        if supply is None:
            supply = _new(prescription, choice, why=Why.CHOSEN, by=By.PATIENT, now=now)
        elif supply.state == State.RECEIVED:
            _change(supply, why=Why.CHANGED, by=By.PATIENT, now=now, **choice.fields)
        else:
            raise _has_begun(supply)
        _tell(PARCEL_CHOSEN, supply)
        audit.record(actor=patient, action="supply.choose", subject=supply, way=supply.way, store=supply.store_id)
    return supply


def give_up(*, supply: Supply, now: datetime) -> None:
    """The patient wants it no more. Refuses a store that has begun (StoreHasBegun)."""
    if supply.state != State.RECEIVED:
        raise _has_begun(supply)
    with transaction.atomic():
        _locked(supply.prescription)
        move(supply, State.CANCELLED, why=Why.NOT_WANTED, by=By.PATIENT, now=now)
        audit.record(actor=supply.patient, action="supply.cancelled", subject=supply, why=Why.NOT_WANTED)


def confirm_arrival(*, supply: Supply, now: datetime) -> None:
    """The patient has the parcel; pressed twice, it stays so. Refuses what was not sent (SupplyMovedOn)."""
    if supply.state == State.DELIVERED:
        return
    with transaction.atomic():
        move(supply, State.DELIVERED, why=Why.ARRIVED, by=By.PATIENT, now=now)
        audit.record(actor=supply.patient, action="supply.delivered", subject=supply)


def _has_begun(supply: Supply) -> StoreHasBegun:
    return StoreHasBegun(store=supply.store, phone=supply.store.hospital.phone or "–")


def _new(
    prescription: Prescription, choice: Choice, *, why: Why, by: By, now: datetime, staff: Staff | None = None
) -> Supply:
    supply = Supply.objects.create(
        prescription=prescription, patient_id=prescription.patient_id, moved_at=now, **choice.fields
    )
    _write_move(supply, frm="", why=why, by=by, now=now, staff=staff)
    return supply


# The store


def serve(*, prescription: Prescription, store: Store, staff: Staff, now: datetime) -> Supply:
    """The prescription is shown at the counter: this store prepares it now, whatever was chosen before.

    Refuses as `check` does, and what another store is preparing (BeingServed). What this store has in hand
    already is given back as it stands.
    """
    with transaction.atomic():
        prescription = _locked(prescription)
        supply = queries.open_supply_of(prescription)
        if supply and supply.state != State.RECEIVED:
            if supply.store_id == store.pk:
                return supply
            raise BeingServed(store=supply.store)
        check(prescription, now=now)
        here = Choice(store)
        if supply is None:
            supply = _new(prescription, here, why=Why.AT_THE_COUNTER, by=By.STORE, now=now, staff=staff)
        else:
            _change(supply, why=Why.AT_THE_COUNTER, by=By.STORE, now=now, staff=staff, **here.fields)
        move(supply, State.PREPARING, why=Why.BEGUN, by=By.STORE, now=now, staff=staff)
        audit.record(actor=staff, action="supply.serve", subject=supply, number=prescription.number)
    return supply


def begin(*, supply: Supply, staff: Staff, now: datetime) -> None:
    """The store prepares what a patient chose; from here on the patient can no longer change it."""
    with transaction.atomic():
        check_valid(_locked(supply.prescription))
        move(supply, State.PREPARING, why=Why.BEGUN, by=By.STORE, now=now, staff=staff)
        audit.record(actor=staff, action="supply.begin", subject=supply)


def pack(
    *,
    supply: Supply,
    packed: Sequence[Packed],
    staff: Staff,
    now: datetime,
    then: State | None = None,
    parcel: str = "",
) -> None:
    """Note what lies in the parcel, in place of what was noted before; `then` moves it on at once.

    Refuses a supply that is not being prepared (SupplyMovedOn), a prescription that may not be dispensed by
    (NotToBeDispensed), more than is left (MoreThanPrescribed), and a substitute that may not be given (NoSubstitute).
    """
    with transaction.atomic():
        prescription = _locked(supply.prescription)
        check_valid(prescription)
        # Nobody closes the parcel meanwhile: whoever moves it takes the prescription's row first.
        if not Supply.objects.filter(pk=supply.pk, state=State.PREPARING).exists():
            raise SupplyMovedOn
        packing.open_balances(prescription)
        for one in packed:
            packing.put(one, into=supply, staff=staff, now=now)
        audit.record(
            actor=staff,
            action="supply.pack",
            subject=supply,
            number=prescription.number,
            lines={str(one.line.position): one.quantity for one in packed},
        )
        if then:
            advance(supply=supply, to=then, staff=staff, now=now, parcel=parcel)


def advance(*, supply: Supply, to: State, staff: Staff, now: datetime, parcel: str = "") -> None:
    """Ready, sent, handed over, delivered: the store's moves after packing. The patient is told.

    Refuses an empty parcel (NothingPacked), what is not the next move (SupplyMovedOn), and to let go of medicines
    that may not be dispensed any more (NotToBeDispensed); what was sent may arrive all the same.
    """
    with transaction.atomic():
        if to != State.DELIVERED:
            check_valid(_locked(supply.prescription))
        if not Dispensed.objects.filter(supply=supply).exists():
            raise NothingPacked
        more = {"parcel": parcel} if to == State.SENT else {}
        if to not in STORE_MOVES or to == State.PREPARING:
            raise SupplyMovedOn
        move(supply, to, why=STORE_MOVES[to], by=By.STORE, now=now, staff=staff, **more)
        kind = {State.READY: PARCEL_READY, State.SENT: MEDICINE_SENT, State.DELIVERED: PARCEL_DELIVERED}.get(to)
        if kind:
            _tell(kind, supply)
        audit.record(actor=staff, action=f"supply.{to}", subject=supply, number=supply.prescription.number)


def cancel(*, supply: Supply, staff: Staff, now: datetime) -> None:
    """The store ends an order: it cannot supply it, nobody came for it, or it came back. What was packed is on the
    shelf again and may be dispensed anew; the patient is told.
    """
    why = STORE_CANCELS.get(State(supply.state))
    if why is None:
        raise SupplyMovedOn
    with transaction.atomic():
        _locked(supply.prescription)
        _cancel(supply, why=why, by=By.STORE, now=now, staff=staff)


def withdraw(*, prescription: Prescription, now: datetime) -> None:
    """The doctor took the prescription back: what is still in the store stays there. Inside the doctor's transaction,
    which holds the prescription's row; the notice of the revocation tells the patient.
    """
    for supply in Supply.objects.filter(prescription=prescription, state__in=IN_THE_STORE).select_related("store"):
        _cancel(supply, why=Why.REVOKED, by=By.PORTAL, now=now)


def _cancel(supply: Supply, *, why: Why, by: By, now: datetime, staff: Staff | None = None) -> None:
    move(supply, State.CANCELLED, why=why, by=by, now=now, staff=staff)
    packing.put_back(supply)
    if why is not Why.REVOKED:
        _tell(PARCEL_CANCELLED, supply)
    audit.record(actor=staff, action="supply.cancelled", subject=supply, why=why)


def _tell(kind: str, supply: Supply) -> None:
    link = settings.PUBLIC_URL + reverse("pharmacy:medicines", args=[supply.prescription.ref])
    notices.write(kind, to=supply.patient, number=supply.number, store=supply.store, link=link)
