"""Prints a paper: typst fills a template, Hindi and English on one sheet, as PDF/A-2a.

Fonts come from the packages `fontpkg_noto_sans` and `fontpkg_noto_sans_devanagari`; nothing of the machine's
own is used, so that a sheet looks the same wherever it was made.
"""

import json
import re
import threading
import unicodedata
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import fontpkg_noto_sans
import fontpkg_noto_sans_devanagari

from sehat.kernel.clock import INDIA
from sehat.papers.coding import Code

if TYPE_CHECKING:
    import typst

STANDARD: Final = "a-2a"
KEPT: Final = 10
"""After how many compilations typst forgets what none of them used (`comemo::evict` in its binding for Python)."""
ROOMS = Path(__file__).resolve().parents[1]
"""A template may take parts from another room's."""

# A compiler holds the caches of one document at a time.
_one_at_a_time = threading.Lock()

# Signs that doctors type and the fonts lack.
_SPELLED = str.maketrans({"→": "->", "←": "<-", "≥": ">=", "≤": "<=", "≈": "~", "✓": "+", "\t": " ", "\u00ad": None})
_UNKNOWN = re.compile(
    r"[^\n\x20-\x7e\xa0-\u0377\u0384-\u03ff\u0400-\u052f\u0900-\u097f\u1e00-\u1eff"
    r"\u2000-\u2027\u2030-\u205e\u2070-\u208e\u20a0-\u20bf\u2100-\u214f]"
)
_LONG_WORD, _LONG_NAME = re.compile(r"\S{50,}"), re.compile(r"\S{26,}")
"""What may be broken anywhere; a name stands in half a line, in big letters."""
_JOINERS = "\u200c\u200d\u094d"  # after them a Devanagari syllable goes on
_DARK = re.compile(rb"\0+")


def unprintable(text: str) -> str:
    """The first sign of the text that the sheet's fonts do not have (a picture, another script), empty when
    all can be printed.
    """
    found = _UNKNOWN.search(text.translate(_SPELLED))
    return found[0] if found else ""


def print_sheet(template: Path, content: dict[str, object], *, code: Code, issued_at: datetime) -> bytes:
    """The PDF that `template` makes of `content`, which it reads as `sys.inputs.data`; unsigned."""
    # What a machine reads stays as it is; `_printable` would break long words.
    machine = {"url": code.verify_url, "code": code.address, "lines": code.plain_lines, "qr": _qr(code.address)}
    return print_plain(template, content, at=issued_at, **machine)


def print_plain(template: Path, content: dict[str, object], *, at: datetime, **inputs: str) -> bytes:
    """The PDF of something that is no signed paper, such as a label; `inputs` are given to the template as they are."""
    inputs["data"] = json.dumps(_printable(content), ensure_ascii=False)
    with _one_at_a_time:
        pdf = _compiler(template).compile(
            sys_inputs=inputs, pdf_standards=STANDARD, timestamp=at.replace(microsecond=0)
        )
        _forget_sheets()
    if not isinstance(pdf, bytes):
        raise TypeError("typst gave no PDF")
    return pdf


def warm_up(template: Path) -> None:
    """Load typst, its fonts and the maker of QR codes."""
    _compiler(template)
    _qr("warm")


def day_in_words(day: date) -> str:
    """`7 Dec 2026`: the same for both languages, and read alike by all."""
    return f"{day.day} {day:%b %Y}"


def moment_in_words(moment: datetime) -> str:
    """`23 Nov 2026, 14:05 IST`."""
    there = moment.astimezone(INDIA)
    return f"{day_in_words(there.date())}, {there:%H:%M} IST"


@cache
def _fonts() -> "typst.Fonts":
    # Only a process that makes documents pays for typst and the fonts it holds.
    import typst

    folders = [str(package.ROOT / "files") for package in (fontpkg_noto_sans, fontpkg_noto_sans_devanagari)]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@cache
def _compiler(template: Path) -> "typst.Compiler":
    import typst

    return typst.Compiler(input=str(template), root=str(ROOMS), font_paths=_fonts())


@cache
def _blank() -> "typst.Compiler":
    import typst

    return typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False))


def _forget_sheets() -> None:
    """Let typst forget all but what the last sheet was set with, which the next one needs again.

    It keeps whatever one of the last `KEPT` compilations used: 2 MB of each sheet that serve no other. Blank pages in
    between make that one sheet, 17 MB less, for a third of a millisecond.
    """
    for _page in range(KEPT - 1):
        _blank().compile(b" ", format="svg")


def _qr(text: str) -> str:
    """The QR code as SVG: in each row a stroke for each run of dark modules."""
    import zxingcpp

    # Every mask can be read; looking for the fairest of the eight takes eight times as long.
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", data_mask=2)
    modules = memoryview(code.to_image(add_quiet_zones=False))
    side, signs = len(modules), modules.tobytes()
    rows = (signs[start : start + side] for start in range(0, side * side, side))
    runs = (
        f"M{run.start()} {y}.5h{run.end() - run.start()}" for y, row in enumerate(rows) for run in _DARK.finditer(row)
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}">'
    return f'{head}<path stroke="#000" d="{"".join(runs)}"/></svg>'


def _breakable(word: str) -> str:
    """The word with a place to break after each syllable: never inside one, as half a conjunct cannot be read."""
    parts = [word[0]]
    for before, sign in pairwise(word):
        inside = unicodedata.category(sign).startswith("M") or sign in _JOINERS or before in _JOINERS
        parts.append(sign if inside else "\u200b" + sign)
    return "".join(parts)


def _printable(content: object, name: str = "") -> object:
    """The content with every sign that the fonts lack spelled or marked, as PDF/A refuses a letter that has
    no shape; a word longer than a line may be broken anywhere.
    """
    if isinstance(content, str):
        text = _UNKNOWN.sub("?", content.translate(_SPELLED))
        return (_LONG_NAME if name == "name" else _LONG_WORD).sub(lambda word: _breakable(word[0]), text)
    if isinstance(content, dict):
        return {key: _printable(value, key) for key, value in content.items()}
    if isinstance(content, list):
        return [_printable(value) for value in content]
    return content
