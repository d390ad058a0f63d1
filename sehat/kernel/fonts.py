"""The portal's own web fonts: Noto, cut down to the letters that its pages use.

The fonts come from the packages `fontpkg_noto_sans` and `fontpkg_noto_sans_devanagari`; no page ever asks
another host for a font (domain.md, "third-party captcha, fonts, scripts"). `kernel/fonts.css` names the files
made here and repeats each one's `unicode-range`.
"""

import hashlib
import inspect
import logging
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

STAMP = "made-of.txt"

LATIN = (*range(0x20, 0x7F), 0xA0, 0xA9, 0xAB, 0xB0, 0xB1, 0xB7, 0xBB, 0xD7, 0xE9)
SIGNS = (0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x20B9, 0x2212)
LATIN_REST = tuple(c for c in range(0xA1, 0x180) if c not in LATIN)
HINDI = (
    *range(0x0901, 0x0904),
    *range(0x0905, 0x090C),
    *range(0x090F, 0x0912),
    *range(0x0913, 0x0929),
    *range(0x092A, 0x0931),
    *(0x0932, 0x0933),
    *range(0x0935, 0x093A),
    *range(0x093C, 0x0944),
    0x0945,
    *range(0x0947, 0x094A),
    *range(0x094B, 0x094E),
    0x0950,
    *range(0x0958, 0x0960),
    *range(0x0964, 0x0971),
    *(0x200C, 0x200D, 0x25CC),
)

UNITS = 500
"""To how many steps an em is drawn: finer than any screen shows, a tenth lighter than the source's thousand."""

SHAPING = ["kern", "mark", "mkmk", "ccmp", "locl", "liga"]
SHAPING_INDIC = [
    *("kern", "mark", "mkmk", "ccmp", "liga"),
    *("nukt", "akhn", "rphf", "rkrf", "pref", "blwf", "half", "abvf", "pstf", "vatu", "cjct"),
    *("pres", "abvs", "blws", "psts", "haln", "calt", "dist", "abvm", "blwm"),
]


@dataclass(frozen=True)
class Cut:
    """One woff2 file: the letters `letters` of the package font `package`, weights 400 to 700 in one file."""

    name: str
    package: str
    letters: tuple[int, ...]
    features: tuple[str, ...]


CUTS = (
    Cut("latin", "fontpkg_noto_sans", LATIN + SIGNS, tuple(SHAPING)),
    Cut("latin-rest", "fontpkg_noto_sans", LATIN_REST, tuple(SHAPING)),
    Cut("devanagari", "fontpkg_noto_sans_devanagari", HINDI, tuple(SHAPING_INDIC)),
    # The language switch says "हिन्दी" on English pages: 2 KB for the word instead of 55 KB for the script.
    Cut("switch", "fontpkg_noto_sans_devanagari", tuple(map(ord, "हिन्दी")), tuple(SHAPING_INDIC)),
)


def build(target: Path) -> None:
    """Make the woff2 files in `target`; do nothing when they are there and made by this recipe.

    Takes about four seconds the first time and less than a millisecond after that.
    """
    recipe, stamp = _recipe(), target / STAMP
    current = stamp.exists() and stamp.read_text() == recipe
    missing = [cut for cut in CUTS if not (current and (target / f"{cut.name}.woff2").exists())]
    if not missing:
        return
    target.mkdir(parents=True, exist_ok=True)
    # It tells every glyph it touches.
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    for cut in missing:
        _make(cut, target / f"{cut.name}.woff2")
    stamp.write_text(recipe)


def _recipe() -> str:
    """A fingerprint of this module and of the fonts' versions: a change of either makes the files anew."""
    source = inspect.getsource(sys.modules[__name__])
    versions = [version(cut.package) for cut in CUTS]
    return hashlib.sha256("|".join([source, *versions]).encode()).hexdigest()


def _source(package: str) -> Path:
    """The upright variable font inside a font package."""
    module = __import__(package)
    return next(path for path in sorted((module.ROOT / "files").glob("*.ttf")) if "Italic" not in path.name)


def _make(cut: Cut, target: Path) -> None:
    # fontTools takes 0.3 s to import, which a start with fonts already made should not pay.
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.scaleUpem import scale_upem
    from fontTools.varLib import instancer

    options = Options()
    options.hinting = False
    options.layout_features = list(cut.features)
    options.layout_scripts = ["DFLT", "latn", "dev2"]
    font = TTFont(_source(cut.package))
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=cut.letters)
    subsetter.subset(font)
    font = instancer.instantiateVariableFont(font, {"wdth": 100, "wght": (400, 700)})
    scale_upem(font, UNITS)
    font.flavor = "woff2"
    # Written beside and renamed, so that a start which is cut short leaves no half font.
    part = target.with_suffix(".part")
    font.save(part)
    part.rename(target)
