"""Keep the register, and hold people against it."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import batched
from pathlib import Path
from typing import TextIO

from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sehat.audit import services as audit
from sehat.entitlement import errors, queries
from sehat.entitlement.models import RegisterEntry
from sehat.entitlement.rules import (
    Category,
    Claim,
    Verdict,
    Verification,
    is_service_number,
    tidy_service_number,
)
from sehat.kernel.phones import indian_mobile

_REFUSALS: dict[Verdict, type[errors.NotEntitled]] = {
    Verdict.NOT_IN_REGISTER: errors.NotInRegister,
    Verdict.SPONSOR_UNKNOWN: errors.SponsorUnknown,
    Verdict.NOT_VERIFIED_YET: errors.NotVerifiedYet,
    Verdict.REFUSED_BY_DESK: errors.RefusedByDesk,
}


def admit(
    claim: Claim,
    *,
    service_number: str,
    mobile: str,
    sponsor_is_patient: bool,
    decision: Verification,
    today: date,
) -> Verification:
    """Return how far the claim is verified; raise a `NotEntitled` that says whom to see."""
    verdict = queries.verdict(
        claim,
        service_number=service_number,
        mobile=mobile,
        sponsor_is_patient=sponsor_is_patient,
        decision=decision,
        today=today,
    )
    if verdict is Verdict.SON_TOO_OLD:
        raise errors.SonTooOld(age=queries.policy().son_until_age)
    if verdict in _REFUSALS:
        raise _REFUSALS[verdict]
    return Verification(verdict)


COLUMNS = ("service_number", "name", "mobile", "category", "unit")
_REQUIRED = ("service_number", "name", "mobile")
_FIELDS_KEPT = ("name", "mobile", "category", "unit")
_AT_ONCE = 400  # rows a statement: SQLite takes no more than some thousand values at once


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken: its line in the file (the head is line 1), and why."""

    line: int
    why: str | Promise

    def __str__(self) -> str:
        return _("Line %(line)s: %(why)s") % {"line": self.line, "why": self.why}


@dataclass(slots=True)
class Report:
    """What an import did, or would do in a dry run."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: list[BadRow] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every row can be taken. Only then does an import change anything."""
        return not self.bad


def import_register(file: TextIO | Path, *, dry_run: bool, actor: str = "import") -> Report:
    """Bring the register up to a CSV with the columns service_number, name, mobile, category, unit.

    `category` (serving or ex) and `unit` may be left out. A known service number is updated, none is ever
    deleted. All rows or none: one bad row and nothing is changed; the report names every bad row and why.
    """
    if isinstance(file, Path):
        with file.open(encoding="utf-8-sig", newline="") as opened:
            return import_register(opened, dry_run=dry_run, actor=actor)
    report = Report()
    entries = list(_read(file, report))
    with transaction.atomic():
        _compare(entries, report, dry_run or bool(report.bad))
        if report.ok and not dry_run and (report.new or report.changed):
            audit.record(
                actor=actor,
                action="register.import",
                subject="entitlement.registerentry",
                new=report.new,
                changed=report.changed,
            )
    report.bad.sort(key=lambda row: row.line)
    return report


def _read(file: Iterable[str], report: Report) -> Iterator[tuple[int, RegisterEntry]]:
    reader = csv.DictReader(file, restkey="too many")
    reader.fieldnames = [name.strip().lower().replace(" ", "_") for name in reader.fieldnames or []]
    missing = [name for name in _REQUIRED if name not in reader.fieldnames]
    if missing:
        report.bad.append(BadRow(1, _("the column %(name)s is missing") % {"name": ", ".join(missing)}))
        return
    numbers: dict[str, int] = {}
    mobiles: dict[str, int] = {}
    for row in reader:
        line = reader.line_num
        entry, why = _entry(row)
        if entry is None:
            report.bad.append(BadRow(line, why))
            continue
        twice = numbers.setdefault(entry.service_number, line), mobiles.setdefault(entry.mobile, line)
        if twice[0] != line:
            why = _("the service number stands in line %(line)s already") % {"line": twice[0]}
            report.bad.append(BadRow(line, why))
        elif twice[1] != line:
            why = _("the mobile number stands in line %(line)s already") % {"line": twice[1]}
            report.bad.append(BadRow(line, why))
        else:
            yield line, entry


def _entry(row: dict[str, str | None]) -> tuple[RegisterEntry | None, str | Promise]:
    """One row as an entry, or why not."""
    cells = {name: " ".join((row.get(name) or "").split()) for name in COLUMNS}
    if "too many" in row:
        return None, gettext_lazy("there are more cells than columns")
    number, mobile = tidy_service_number(cells["service_number"]), indian_mobile(cells["mobile"])
    category = cells["category"].lower() or Category.SERVING
    if not is_service_number(number):
        return None, gettext_lazy("the service number is missing or not right")
    if not 2 <= len(cells["name"]) <= 100:
        return None, gettext_lazy("the name is missing or longer than 100 letters")
    if mobile is None:
        return None, gettext_lazy("the mobile number is not an Indian mobile number")
    if category not in (Category.SERVING, Category.EX):
        return None, gettext_lazy("the category is neither “serving” nor “ex”")
    if len(cells["unit"]) > 100:
        return None, gettext_lazy("the unit is longer than 100 letters")
    return (
        RegisterEntry(service_number=number, name=cells["name"], mobile=mobile, category=category, unit=cells["unit"]),
        "",
    )


def _compare(entries: list[tuple[int, RegisterEntry]], report: Report, only_look: bool) -> None:
    """Sort the entries into new, changed and unchanged; write them unless only looking."""
    stored = list(_stored([entry for _line, entry in entries]))
    known = {entry.service_number: entry for entry in stored}
    owner = {entry.mobile: entry.service_number for entry in stored}
    coming = {entry.service_number: entry.mobile for _line, entry in entries}
    new, changed = [], []
    for line, entry in entries:
        holder = owner.get(entry.mobile, entry.service_number)
        # A mobile may pass from one entry to another within one file.
        if holder != entry.service_number and coming.get(holder, entry.mobile) == entry.mobile:
            report.bad.append(BadRow(line, _("the mobile number belongs to another service number")))
        elif entry.service_number not in known:
            new.append(entry)
        elif all(getattr(known[entry.service_number], name) == getattr(entry, name) for name in _FIELDS_KEPT):
            report.unchanged += 1
        else:
            entry.pk = known[entry.service_number].pk
            changed.append(entry)
    report.new, report.changed = len(new), len(changed)
    if only_look or report.bad:
        return
    # Mobiles that change hands step aside first: the database allows each only once at any moment.
    for entry in changed:
        RegisterEntry.objects.filter(pk=entry.pk).exclude(mobile=entry.mobile).update(mobile=f"-{entry.pk}")
    RegisterEntry.objects.bulk_update(changed, _FIELDS_KEPT, batch_size=_AT_ONCE)
    RegisterEntry.objects.bulk_create(new, batch_size=_AT_ONCE)


def _stored(entries: list[RegisterEntry]) -> Iterator[RegisterEntry]:
    """What the register holds under the numbers and mobiles of the file, some hundreds at a time."""
    seen = set()
    for few in batched(entries, _AT_ONCE):
        of_number = Q(service_number__in=[entry.service_number for entry in few])
        of_mobile = Q(mobile__in=[entry.mobile for entry in few])
        for entry in RegisterEntry.objects.filter(of_number | of_mobile):
            if entry.pk not in seen:
                seen.add(entry.pk)
                yield entry
