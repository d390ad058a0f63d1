"""The prescription's sheet: what stands on it, and its PDF, unsigned."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path

from sehat.papers import printing
from sehat.papers.coding import Code
from sehat.papers.printing import day_in_words, moment_in_words
from sehat.papers.said import Said
from sehat.prescription.facts import Fact

TEMPLATE = Path(__file__).with_name("sheet.typ")


@dataclass(frozen=True, slots=True)
class SheetStep:
    """How a medicine is taken for so many days. `times` are the four times of the day, or empty when `frequency`
    says it.
    """

    times: list[str]
    frequency: str
    days: int


@dataclass(frozen=True, slots=True)
class Line:
    """One medicine as it stands on the sheet; a taper has several steps."""

    generic: str
    form: str
    strength: str
    route: str
    steps: list[SheetStep]
    quantity: Said
    english: str
    hindi: str
    instructions: str
    instructions_hindi: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything on the sheet, as text. `people` are dictionaries of the keys that `sheet.typ` names."""

    number: str
    code: Code
    replaces: str
    demo: bool
    issued_at: datetime
    hospital: str
    opd: Said
    mode: Said
    doctor: dict[str, str]
    patient: dict[str, object]
    complaint: str
    findings: str
    diagnoses: list[dict[str, str]]
    lines: list[Line]
    investigations: list[Said]
    advice: list[Said]
    follow_up_on: date | None
    referral: dict[str, str] | None = None
    """Keys `english`, `hindi` (the OPD) and `note`."""
    facts: list[Fact] = field(default_factory=list)
    outcome: Said | None = None
    """Where the patient was not treated: that, and `reason`."""
    reason: str = ""
    red_flags: list[Said] = field(default_factory=list)
    emergency: dict[str, str] | None = None
    """Keys `english`, `hindi` (the signs that were told) and `hospital` (the nearest)."""


def make(sheet: Sheet) -> bytes:
    """The PDF of the sheet, unsigned. One A4 for about eight medicines, more pages for more."""
    content = asdict(sheet)
    content["issued"] = moment_in_words(sheet.issued_at)
    content["follow_up"] = day_in_words(sheet.follow_up_on) if sheet.follow_up_on else ""
    del content["issued_at"], content["follow_up_on"]
    del content["code"]
    return printing.print_sheet(TEMPLATE, content, code=sheet.code, issued_at=sheet.issued_at)


def warm_up() -> None:
    """Load typst, its fonts and the maker of QR codes."""
    printing.warm_up(TEMPLATE)
