"""Set the roster, the hours and the holidays. Each is audited with who did it."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db import transaction

from sehat.accounts.models import Staff
from sehat.audit import services as audit
from sehat.clinic import queries
from sehat.clinic.models import Duty, Holiday, Hospital, Opd, OpeningHours
from sehat.clinic.rules import DutyPart, Hours

WEEK = timedelta(days=7)

Roster = Mapping[tuple[int, date], DutyPart | None]
"""What a doctor (by key) does on a day; None: nothing."""


def set_roster(*, hospital: Hospital, roster: Roster, by: Staff) -> int:
    """Bring the duties of the hospital's doctors up to what is given; returns how many changed.

    Days and doctors that are not named stay as they are; of another hospital's doctor nothing is changed.
    """
    own = set(hospital.doctors.values_list("pk", flat=True))
    wanted = {key: part for key, part in roster.items() if key[0] in own}
    if not wanted:
        return 0
    days = {day for _doctor, day in wanted}
    with transaction.atomic():
        held = {(d.doctor_id, d.day): d for d in queries.roster(hospital, frm=min(days), to=max(days))}
        gone = [held[key].pk for key, part in wanted.items() if part is None and key in held]
        given = [
            Duty(doctor_id=doctor, day=day, part=part)
            for (doctor, day), part in wanted.items()
            if part is not None and ((doctor, day) not in held or held[doctor, day].part != part)
        ]
        Duty.objects.filter(pk__in=gone).delete()
        Duty.objects.bulk_create(given, update_conflicts=True, unique_fields=["doctor", "day"], update_fields=["part"])
        changed = len(gone) + len(given)
        if changed:
            audit.record(actor=by, action="roster.set", subject=hospital, frm=min(days), to=max(days), changed=changed)
    return changed


def copy_roster(*, hospital: Hospital, week: date, by: Staff) -> int:
    """Write the duties of the week before into the week that begins on that Monday, where nothing stands yet."""
    before = queries.roster(hospital, frm=week - WEEK, to=week - timedelta(days=1))
    stands = set(queries.roster(hospital, frm=week, to=week + timedelta(days=6)).values_list("doctor", "day"))
    copied = {(d.doctor_id, d.day + WEEK): DutyPart(d.part) for d in before}
    missing = {key: part for key, part in copied.items() if key not in stands}
    return set_roster(hospital=hospital, roster=missing, by=by)


def set_hours(*, opd: Opd, hours: Iterable[Hours], by: Staff) -> None:
    """Let the OPD keep these hours from now on; none: the default of all OPDs.

    Tokens given out before keep their closing time.
    """
    rows = [OpeningHours(opd=opd, weekday=h.weekday, opens=h.opens, closes=h.closes) for h in hours]
    with transaction.atomic():
        OpeningHours.objects.filter(opd=opd).delete()
        OpeningHours.objects.bulk_create(rows)
        audit.record(actor=by, action="hours.set", subject=opd, stretches=len(rows))


def add_holiday(*, opd: Opd, day: date, name: str, by: Staff) -> Holiday:
    """Close the OPD on that day. Tokens given out before keep their closing time."""
    with transaction.atomic():
        holiday = Holiday.objects.create(opd=opd, day=day, name=name)
        audit.record(actor=by, action="holiday.add", subject=opd, day=day)
    return holiday


def remove_holiday(*, holiday: Holiday, by: Staff) -> None:
    """Open the OPD on that day after all."""
    with transaction.atomic():
        audit.record(actor=by, action="holiday.remove", subject=holiday.opd or "clinic.opd", day=holiday.day)
        holiday.delete()
