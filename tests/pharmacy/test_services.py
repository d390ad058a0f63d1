"""Choose, prepare, dispense, hand over, send, cancel: on both databases, never twice."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from sehat.accounts.models import Staff
from sehat.audit.models import Entry
from sehat.clinic.models import Doctor, Store
from sehat.kernel.errors import Refusal
from sehat.notices.models import Notice
from sehat.pharmacy import queries, services
from sehat.pharmacy.errors import (
    AllDispensed,
    BeingServed,
    MoreThanPrescribed,
    NoSubstitute,
    NothingPacked,
    StoreHasBegun,
    SupplyMovedOn,
    TooOld,
    WasReplaced,
    WasRevoked,
)
from sehat.pharmacy.models import Balance, Dispensed, Supply
from sehat.pharmacy.packing import Packed
from sehat.pharmacy.rules import State, Way, Why
from sehat.pharmacy.services import Choice
from sehat.prescription import services as prescriptions
from sehat.prescription.models import Prescription
from sehat.prescription.writing import Written
from sehat.registration.models import Patient
from tests.pharmacy.conftest import HOME, left, parcel
from tests.prescription.conftest import line


def history(supply: Supply) -> list[str]:
    """Where it has been."""
    return list(supply.moves.order_by("id").values_list("to", flat=True))


def told(patient: Patient) -> list[str]:
    """The kinds of SMS of parcels to the patient, oldest first."""
    sms = Notice.objects.filter(to=patient.mobile, channel="sms", kind__regex="^(parcel|medicine)")
    return list(sms.order_by("id").values_list("kind", flat=True))


# The patient chooses


def test_asha_collects_at_a_store_of_her_choice(
    asha: Patient, ordered: Supply, store: Store, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    services.begin(supply=ordered, staff=pharmacist, now=ten_o_clock)
    services.pack(supply=ordered, packed=parcel(ordered, 15, 5), staff=pharmacist, now=ten_o_clock, then=State.READY)
    services.advance(supply=ordered, to=State.HANDED_OVER, staff=pharmacist, now=ten_o_clock)
    assert history(ordered) == ["received", "preparing", "ready", "handed_over"]
    assert told(asha) == ["parcel_chosen", "parcel_ready"]
    assert left(ordered.prescription) == [0, 0]
    actions = Entry.objects.filter(action__startswith="supply.").order_by("id").values_list("action", flat=True)
    assert list(actions) == ["supply.choose", "supply.begin", "supply.pack", "supply.ready", "supply.handed_over"]


def test_it_comes_home_to_the_address_of_this_delivery(
    asha: Patient, issued: Prescription, store: Store, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    supply = services.choose(patient=asha, prescription=issued, choice=Choice(store, HOME), now=ten_o_clock)
    services.begin(supply=supply, staff=pharmacist, now=ten_o_clock)
    services.pack(
        supply=supply,
        packed=parcel(supply, 15, 5),
        staff=pharmacist,
        now=ten_o_clock,
        then=State.SENT,
        parcel="EJ123456789IN",
    )
    sms = Notice.objects.get(kind="medicine_sent", channel="sms")
    assert "EJ123456789IN" in sms.text
    services.confirm_arrival(supply=supply, now=ten_o_clock + timedelta(days=2))
    services.confirm_arrival(supply=supply, now=ten_o_clock + timedelta(days=2))
    assert history(supply) == ["received", "preparing", "sent", "delivered"]
    asha.refresh_from_db()
    assert asha.address == "14 Shanti Vihar"
    assert supply.place == "9 Cantonment Road, Pune, Maharashtra 411001"


def test_the_words_of_an_sms_are_not_clinical(ordered: Supply, pharmacist: Staff, ten_o_clock: datetime) -> None:
    services.cancel(supply=ordered, staff=pharmacist, now=ten_o_clock)
    for notice in Notice.objects.filter(kind__startswith="parcel"):
        for word in ("paracetamol", "medicine", "tablet", "दवा", "fever"):
            assert word not in (notice.text + notice.subject).lower()


def test_the_choice_may_be_changed_until_the_store_has_begun(
    asha: Patient, ordered: Supply, other_store: Store, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    prescription = ordered.prescription
    again = services.choose(patient=asha, prescription=prescription, choice=Choice(other_store), now=ten_o_clock)
    assert (again.pk, again.store) == (ordered.pk, other_store)
    home = services.choose(patient=asha, prescription=prescription, choice=Choice(ordered.store, HOME), now=ten_o_clock)
    assert (home.pk, home.way, home.city) == (ordered.pk, Way.HOME, "Pune")
    services.begin(supply=home, staff=pharmacist, now=ten_o_clock)
    with pytest.raises(StoreHasBegun):
        services.choose(patient=asha, prescription=prescription, choice=Choice(other_store), now=ten_o_clock)
    with pytest.raises(StoreHasBegun):
        services.give_up(supply=home, now=ten_o_clock)
    assert history(home) == ["received", "received", "received", "preparing"]


def test_a_store_that_the_patient_has_left_cannot_begin(
    asha: Patient, ordered: Supply, other_store: Store, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    stale = Supply.objects.select_related("prescription").get(pk=ordered.pk)
    services.choose(patient=asha, prescription=ordered.prescription, choice=Choice(other_store), now=ten_o_clock)
    with pytest.raises(SupplyMovedOn):
        services.begin(supply=stale, staff=pharmacist, now=ten_o_clock)


def test_the_patient_gives_it_up_and_orders_again(asha: Patient, ordered: Supply, ten_o_clock: datetime) -> None:
    services.give_up(supply=ordered, now=ten_o_clock)
    new = services.choose(
        patient=asha, prescription=ordered.prescription, choice=Choice(ordered.store), now=ten_o_clock
    )
    assert new.pk != ordered.pk


# What may not be dispensed


def test_a_revoked_prescription_is_not_dispensed_and_what_is_packed_stays(
    preparing: Supply, dr_rao: Doctor, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    services.pack(supply=preparing, packed=parcel(preparing, 15), staff=pharmacist, now=ten_o_clock, then=State.READY)
    prescriptions.revoke(prescription=preparing.prescription, doctor=dr_rao, reason="A mistake", now=ten_o_clock)
    stale = Supply.objects.select_related("prescription").get(pk=preparing.pk)
    assert (stale.state, stale.moves.latest("id").why) == (State.CANCELLED, Why.REVOKED)
    preparing.state = State.READY
    with pytest.raises(WasRevoked):
        services.advance(supply=preparing, to=State.HANDED_OVER, staff=pharmacist, now=ten_o_clock)
    with pytest.raises(WasRevoked):
        services.serve(prescription=preparing.prescription, store=preparing.store, staff=pharmacist, now=ten_o_clock)
    assert left(preparing.prescription) == [15, 5]


def test_of_an_amended_one_the_newer_is_named(
    issued: Prescription, dr_rao: Doctor, written: Written, pharmacist: Staff, store: Store, ten_o_clock: datetime
) -> None:
    newer = prescriptions.amend(prescription=issued, doctor=dr_rao, written=written, reason="A slip", now=ten_o_clock)
    with pytest.raises(WasReplaced) as refusal:
        services.serve(prescription=issued, store=store, staff=pharmacist, now=ten_o_clock)
    assert newer.number in str(refusal.value)
    assert services.serve(prescription=newer, store=store, staff=pharmacist, now=ten_o_clock)


def test_what_the_replaced_one_gave_counts_for_the_same_medicine(
    preparing: Supply, dr_rao: Doctor, written: Written, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    """An amendment must not be a way to twice the medicine."""
    services.pack(
        supply=preparing, packed=parcel(preparing, 10, 5), staff=pharmacist, now=ten_o_clock, then=State.HANDED_OVER
    )
    better = replace(
        written, lines=(line("paracetamol-tablet-500-mg", "1-0-1"), line("cetirizine-tablet-10-mg", "0-0-0-1", days=10))
    )
    newer = prescriptions.amend(
        prescription=preparing.prescription, doctor=dr_rao, written=better, reason="A slip", now=ten_o_clock
    )
    assert left(newer) == [0, 5]
    supply = services.serve(prescription=newer, store=preparing.store, staff=pharmacist, now=ten_o_clock)
    with pytest.raises(MoreThanPrescribed):
        services.pack(supply=supply, packed=parcel(supply, 1), staff=pharmacist, now=ten_o_clock)
    services.pack(supply=supply, packed=parcel(supply, 0, 5), staff=pharmacist, now=ten_o_clock)
    assert Balance.objects.get(line__prescription=newer, line__position=1).carried == 10
    assert queries.progress_of(newer).is_whole


def test_a_prescription_has_an_age_limit_and_a_course_its_days(
    issued: Prescription, store: Store, pharmacist: Staff, ten_o_clock: datetime, settings: Settings
) -> None:
    last = ten_o_clock + timedelta(days=30)
    with pytest.raises(TooOld) as refusal:
        services.check(issued, now=last + timedelta(days=1))
    assert "23 December 2026" in str(refusal.value)
    services.check(issued, now=last)
    settings.DISPENSE_DAYS = 2
    services.check(issued, now=ten_o_clock + timedelta(days=5))
    with pytest.raises(TooOld):
        services.serve(prescription=issued, store=store, staff=pharmacist, now=ten_o_clock + timedelta(days=6))


def test_what_was_ordered_in_time_is_handed_over_later(
    preparing: Supply, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    later = ten_o_clock + timedelta(days=31)
    services.pack(supply=preparing, packed=parcel(preparing, 15), staff=pharmacist, now=later, then=State.HANDED_OVER)


# Whole, in part, substituted, never twice


def test_a_part_today_the_rest_another_day_and_no_more(
    asha: Patient, preparing: Supply, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    prescription, store = preparing.prescription, preparing.store
    services.pack(
        supply=preparing, packed=parcel(preparing, 6, 5), staff=pharmacist, now=ten_o_clock, then=State.HANDED_OVER
    )
    assert left(prescription) == [9, 0]
    rest = services.serve(prescription=prescription, store=store, staff=pharmacist, now=ten_o_clock)
    with pytest.raises(MoreThanPrescribed) as refusal:
        services.pack(supply=rest, packed=parcel(rest, 10), staff=pharmacist, now=ten_o_clock)
    assert "9 of 15" in str(refusal.value)
    services.pack(supply=rest, packed=parcel(rest, 9), staff=pharmacist, now=ten_o_clock, then=State.HANDED_OVER)
    with pytest.raises(AllDispensed):
        services.serve(prescription=prescription, store=store, staff=pharmacist, now=ten_o_clock)
    with pytest.raises(AllDispensed):
        services.choose(patient=asha, prescription=prescription, choice=Choice(store), now=ten_o_clock)


def test_a_refused_line_takes_the_whole_parcel_back(
    preparing: Supply, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    with pytest.raises(MoreThanPrescribed):
        services.pack(supply=preparing, packed=parcel(preparing, 15, 6), staff=pharmacist, now=ten_o_clock)
    assert left(preparing.prescription) == [15, 5]
    assert not Dispensed.objects.exists()


def test_packing_again_takes_the_place_of_what_was_noted(
    preparing: Supply, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    for quantities, rest in (((15, 5), [0, 0]), ((3, 0), [12, 5]), ((15, 1), [0, 4])):
        services.pack(supply=preparing, packed=parcel(preparing, *quantities), staff=pharmacist, now=ten_o_clock)
        assert left(preparing.prescription) == rest
    assert [row.quantity for row in preparing.dispensed.all()] == [15, 1]


def test_another_strength_with_its_own_dose_and_quantity(
    preparing: Supply, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    paracetamol = preparing.prescription.lines.get(position=1)
    packed = [Packed(paracetamol, 15, "paracetamol-syrup-250-mg-5-ml", "Calpol", "Cannot swallow tablets")]
    services.pack(supply=preparing, packed=packed, staff=pharmacist, now=ten_o_clock)
    row = Dispensed.objects.get()
    assert (row.quantity, row.given, row.unit, row.steps[0].dose) == (15, 150, "ml", "10 ml")
    assert row.is_substitute
    assert left(preparing.prescription) == [0, 5]


@pytest.mark.parametrize("code", ["cetirizine-tablet-10-mg", "paracetamol-tablet-650-mg", "no-such-thing"])
def test_a_wrong_substitute_is_refused(preparing: Supply, pharmacist: Staff, ten_o_clock: datetime, code: str) -> None:
    paracetamol = preparing.prescription.lines.get(position=1)
    with pytest.raises(NoSubstitute):
        services.pack(supply=preparing, packed=[Packed(paracetamol, 1, code)], staff=pharmacist, now=ten_o_clock)
    assert left(preparing.prescription) == [15, 5]


def test_an_empty_parcel_goes_nowhere(preparing: Supply, pharmacist: Staff, ten_o_clock: datetime) -> None:
    with pytest.raises(NothingPacked):
        services.pack(
            supply=preparing, packed=parcel(preparing, 0, 0), staff=pharmacist, now=ten_o_clock, then=State.READY
        )


def test_nothing_is_packed_into_a_closed_parcel(preparing: Supply, pharmacist: Staff, ten_o_clock: datetime) -> None:
    services.pack(supply=preparing, packed=parcel(preparing, 5), staff=pharmacist, now=ten_o_clock, then=State.READY)
    with pytest.raises(SupplyMovedOn):
        services.pack(supply=preparing, packed=parcel(preparing, 6), staff=pharmacist, now=ten_o_clock)
    assert left(preparing.prescription) == [10, 5]


@pytest.mark.parametrize("state", [State.PREPARING, State.READY])
def test_what_is_cancelled_goes_back_to_the_shelf(
    asha: Patient, preparing: Supply, pharmacist: Staff, ten_o_clock: datetime, state: State
) -> None:
    then = None if state == State.PREPARING else state
    services.pack(supply=preparing, packed=parcel(preparing, 15, 5), staff=pharmacist, now=ten_o_clock, then=then)
    services.cancel(supply=preparing, staff=pharmacist, now=ten_o_clock)
    assert left(preparing.prescription) == [15, 5]
    assert told(asha)[-1] == "parcel_cancelled"
    with pytest.raises(SupplyMovedOn):
        services.cancel(supply=preparing, staff=pharmacist, now=ten_o_clock)
    assert left(preparing.prescription) == [15, 5]


def test_the_counter_takes_over_what_was_not_begun_elsewhere(
    ordered: Supply, other_store: Store, other_pharmacist: Staff, ten_o_clock: datetime
) -> None:
    here = services.serve(prescription=ordered.prescription, store=other_store, staff=other_pharmacist, now=ten_o_clock)
    assert (here.pk, here.store, here.state) == (ordered.pk, other_store, State.PREPARING)


def test_what_another_store_prepares_is_refused_by_name(
    preparing: Supply, other_store: Store, other_pharmacist: Staff, ten_o_clock: datetime
) -> None:
    with pytest.raises(BeingServed) as refusal:
        services.serve(prescription=preparing.prescription, store=other_store, staff=other_pharmacist, now=ten_o_clock)
    assert "Military Hospital Shantipur" in str(refusal.value)


def test_the_database_refuses_more_than_prescribed(preparing: Supply, pharmacist: Staff, ten_o_clock: datetime) -> None:
    services.pack(supply=preparing, packed=parcel(preparing, 15), staff=pharmacist, now=ten_o_clock)
    with pytest.raises(IntegrityError), transaction.atomic():
        Balance.objects.filter(line__position=1).update(dispensed=16)
    with pytest.raises(IntegrityError), transaction.atomic():
        Supply.objects.create(
            prescription=preparing.prescription,
            patient=preparing.patient,
            store=preparing.store,
            way=Way.COLLECT,
            moved_at=ten_o_clock,
        )


def _at_once(*deeds: Callable[[], object]) -> list[object]:
    """Everybody does it at the same moment, on connections of their own; what each got or was refused with."""
    gate, results = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int) -> None:
        try:
            gate.wait()
            results[place] = deeds[place]()  # type: ignore[call-overload]
        except Refusal as refusal:
            results[place] = refusal  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(results)


@pytest.mark.django_db(transaction=True)
def test_two_stores_at_once_are_one(
    issued: Prescription,
    store: Store,
    other_store: Store,
    pharmacist: Staff,
    other_pharmacist: Staff,
    ten_o_clock: datetime,
) -> None:
    """Two windows with the same paper at two stores: one of them dispenses."""

    def dispense(store: Store, staff: Staff) -> Callable[[], object]:
        def deed() -> object:
            paper = Prescription.objects.get(pk=issued.pk)
            supply = services.serve(prescription=paper, store=store, staff=staff, now=ten_o_clock)
            services.pack(
                supply=supply, packed=parcel(supply, 15, 5), staff=staff, now=ten_o_clock, then=State.HANDED_OVER
            )
            return supply

        return deed

    results = _at_once(dispense(store, pharmacist), dispense(other_store, other_pharmacist))
    assert sum(isinstance(one, BeingServed | AllDispensed) for one in results) == 1, results
    assert [row.quantity for row in Dispensed.objects.order_by("line__position")] == [15, 5]


@pytest.mark.django_db(transaction=True)
def test_two_windows_packing_at_once_never_give_more(
    preparing: Supply, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    def pack(quantity: int) -> Callable[[], object]:
        def deed() -> object:
            supply = Supply.objects.select_related("prescription", "patient", "store").get(pk=preparing.pk)
            packed = [Packed(supply.prescription.lines.get(position=1), quantity)]
            services.pack(supply=supply, packed=packed, staff=pharmacist, now=ten_o_clock, then=State.HANDED_OVER)
            return supply

        return deed

    results = _at_once(pack(15), pack(9))
    assert sum(isinstance(one, SupplyMovedOn) for one in results) == 1, results
    row = Dispensed.objects.get()
    assert Balance.objects.get(line=row.line).dispensed == row.quantity


@pytest.mark.django_db(transaction=True)
def test_a_doctor_who_revokes_and_a_store_that_hands_over_come_one_after_the_other(
    preparing: Supply, dr_rao: Doctor, pharmacist: Staff, ten_o_clock: datetime
) -> None:
    services.pack(supply=preparing, packed=parcel(preparing, 15, 5), staff=pharmacist, now=ten_o_clock)

    def hand_over() -> object:
        supply = Supply.objects.select_related("prescription", "patient", "store").get(pk=preparing.pk)
        services.advance(supply=supply, to=State.HANDED_OVER, staff=pharmacist, now=ten_o_clock)
        return "handed over"

    def revoke() -> object:
        paper = Prescription.objects.select_related("consultation", "patient").get(pk=preparing.prescription_id)
        prescriptions.revoke(prescription=paper, doctor=dr_rao, reason="A mistake", now=ten_o_clock)
        return "revoked"

    handed, revoked = _at_once(hand_over, revoke)
    preparing.refresh_from_db()
    assert revoked == "revoked"
    if handed == "handed over":
        assert (preparing.state, left(preparing.prescription)) == (State.HANDED_OVER, [0, 0])
    else:
        assert isinstance(handed, WasRevoked | SupplyMovedOn)
        assert (preparing.state, left(preparing.prescription)) == (State.CANCELLED, [15, 5])
