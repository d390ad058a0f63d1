"""Makes the PDF of a prescription: typst fills `sheet.typ`, Hindi and English on one sheet, as PDF/A-2a.

Fonts come from the packages `fontpkg_noto_sans` and `fontpkg_noto_sans_devanagari`; nothing of the machine's
own is used, so that a sheet looks the same wherever it was made.
"""

import io
import json
import re
import threading
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import fontpkg_noto_sans
import fontpkg_noto_sans_devanagari

from sehat.kernel.clock import INDIA
from sehat.prescription.facts import Fact
from sehat.prescription.phrases import Said

if TYPE_CHECKING:
    import typst

TEMPLATE = Path(__file__).with_name("sheet.typ")
STANDARD: Final = "a-2a"

# A compiler holds the caches of one document at a time.
_one_at_a_time = threading.Lock()

# Signs that doctors type and the fonts lack.
_SPELLED = str.maketrans({"→": "->", "←": "<-", "≥": ">=", "≤": "<=", "≈": "~", "✓": "+", "\t": " ", "\u00ad": None})
_KNOWN = (
    (0x20, 0x7E),
    (0xA0, 0x377),
    (0x384, 0x3FF),
    (0x400, 0x52F),
    (0x900, 0x97F),
    (0x1E00, 0x1EFF),
    (0x2000, 0x2027),
    (0x2030, 0x205E),
    (0x2070, 0x208E),
    (0x20A0, 0x20BF),
    (0x2100, 0x214F),
)


_LONG_WORD = re.compile(r"\S{50,}")


@dataclass(frozen=True, slots=True)
class Line:
    """One medicine as it stands on the sheet. `times` are the four times of the day, or empty when
    `frequency` says it.
    """

    generic: str
    form: str
    strength: str
    route: str
    times: list[str]
    frequency: str
    days: int
    quantity: Said
    english: str
    hindi: str
    instructions: str
    instructions_hindi: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything on the sheet, as text. `people` are dictionaries of the keys that `sheet.typ` names."""

    number: str
    verify_url: str
    code: str
    """What the QR code says: an address with the signed statement."""
    plain_lines: str
    """What the statement's hash is of, as JSON: kept among the PDF's properties, for checking offline."""
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
    investigations: str
    advice: list[Said]
    follow_up_on: date | None
    referral: dict[str, str] | None = None
    """Keys `english`, `hindi` (the OPD) and `note`."""
    facts: list[Fact] = field(default_factory=list)
    outcome: Said | None = None
    """Where the patient was not treated: that, and `reason`."""
    reason: str = ""


def unprintable(text: str) -> str:
    """The first sign of the text that the sheet's fonts do not have (a picture, another script), empty when
    all can be printed.
    """
    for sign in text.translate(_SPELLED):
        if sign != "\n" and not any(first <= ord(sign) <= last for first, last in _KNOWN):
            return sign
    return ""


def make(sheet: Sheet) -> bytes:
    """The PDF of the sheet, unsigned. One A4 for about eight medicines, more pages for more."""
    content = asdict(sheet)
    content["issued"] = moment_in_words(sheet.issued_at)
    content["follow_up"] = day_in_words(sheet.follow_up_on) if sheet.follow_up_on else ""
    del content["issued_at"], content["follow_up_on"]
    # What a machine reads stays as it is; `_printable` would break long words.
    plain = {name: content.pop(name) for name in ("verify_url", "code", "plain_lines")}
    inputs = {
        "data": json.dumps(_printable(content), ensure_ascii=False),
        "url": plain["verify_url"],
        "code": plain["code"],
        "lines": plain["plain_lines"],
        "qr": _qr(plain["code"]),
    }
    with _one_at_a_time:
        pdf = _compiler().compile(
            sys_inputs=inputs, pdf_standards=STANDARD, timestamp=sheet.issued_at.replace(microsecond=0)
        )
    if not isinstance(pdf, bytes):
        raise TypeError("typst gave no PDF")
    return pdf


def warm_up() -> None:
    """Load typst, its fonts and the maker of QR codes."""
    _compiler()
    _qr("warm")


def day_in_words(day: date) -> str:
    """`7 Dec 2026`: the same for both languages, and read alike by all."""
    return f"{day.day} {day:%b %Y}"


def moment_in_words(moment: datetime) -> str:
    """`23 Nov 2026, 14:05 IST`."""
    there = moment.astimezone(INDIA)
    return f"{day_in_words(there.date())}, {there:%H:%M} IST"


@cache
def _compiler() -> "typst.Compiler":
    # Only a process that makes documents pays for typst and the fonts it holds.
    import typst

    folders = [str(package.ROOT / "files") for package in (fontpkg_noto_sans, fontpkg_noto_sans_devanagari)]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    return typst.Compiler(input=str(TEMPLATE), font_paths=fonts)


def _qr(text: str) -> str:
    import segno

    picture = io.BytesIO()
    # Every mask can be read; looking for the fairest of the eight takes 3 ms.
    segno.make_qr(text, error="m", mask=2).save(picture, kind="svg", xmldecl=False, border=0)
    return picture.getvalue().decode()


def _printable(content: object) -> object:
    """The content with every sign that the fonts lack spelled or marked, as PDF/A refuses a letter that has
    no shape; a word longer than a
    line may be broken anywhere.
    """
    if isinstance(content, str):
        text = content.translate(_SPELLED)
        if unprintable(text):
            text = "".join("?" if unprintable(sign) else sign for sign in text)
        return _LONG_WORD.sub(lambda word: "\u200b".join(word[0]), text)
    if isinstance(content, dict):
        return {key: _printable(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_printable(value) for value in content]
    return content
