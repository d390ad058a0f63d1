"""Reads a PDF with the tools of poppler, as a pharmacy would."""

import re
import subprocess
from pathlib import Path


def _run(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def text_of(pdf: bytes, folder: Path) -> str:
    """The words of the PDF in reading order."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    return _run("pdftotext", path, "-")


def pages_of(pdf: bytes, folder: Path) -> int:
    """How many pages it has."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    return int(next(line for line in _run("pdfinfo", path).splitlines() if line.startswith("Pages")).split()[1])


def signature_of(pdf: bytes, folder: Path) -> str:
    """What pdfsig says of its signature."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdfsig", "-nocert", path], capture_output=True, check=False, text=True).stdout


def lines_of(pdf: bytes, folder: Path) -> list[tuple[float, float, str]]:
    """Each line of the first page as it is seen: its upper and its lower edge in points, and its words."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    page = _run("pdftotext", "-bbox-layout", "-l", "1", path, "-")
    found = re.findall(r'<line [^>]*yMin="([\d.]+)"[^>]*yMax="([\d.]+)">(.*?)</line>', page, re.DOTALL)
    return [(float(top), float(foot), " ".join(re.findall(r">([^<]+)</word>", words))) for top, foot, words in found]
