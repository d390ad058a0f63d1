"""PDF/A-2a, checked by what did not make it: qpdf, poppler, and the standard's clauses over the file's objects."""

import io
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from sehat.papers import signing
from sehat.papers.models import Paper
from sehat.prescription import document
from sehat.prescription.models import Prescription
from sehat.prescription.writing import Written
from tests.letters.conftest import advised, leave, letter, referral
from tests.papers.pdfa import faults
from tests.prescription.test_document import EIGHT, _sheet

__all__ = ["advised", "leave", "letter", "referral"]


def _pdf(paper: Paper) -> bytes:
    with paper.file.open("rb") as file:
        return bytes(file.read())


@pytest.fixture(params=["issued", "letter", "advised"])
def signed(request: pytest.FixtureRequest) -> bytes:
    """A prescription, a referral letter and a sick leave, as they are handed out."""
    return _pdf(request.getfixturevalue(request.param))


def test_every_paper_keeps_the_clauses_of_pdf_a_2(signed: bytes) -> None:
    assert faults(signed) == []


def test_a_long_sheet_does_too_before_and_after_it_is_signed(written: Written) -> None:
    unsigned = document.make(_sheet(replace(written, lines=EIGHT * 2)))
    sealed = signing.sign(unsigned, reason="Prescription")
    assert faults(unsigned) == []
    assert faults(sealed) == []
    assert sealed.startswith(unsigned)  # the signature is an incremental update: what was vouched for stays as it was


def test_other_programs_read_it_as_pdf_a_with_every_font_inside(signed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(signed)

    def said(*command: str) -> str:
        return subprocess.run([*command, path], capture_output=True, check=True, text=True).stdout

    assert "No syntax or stream encoding errors found" in said("qpdf", "--check")
    assert re.search(r"PDF version: +1\.7", said("pdfinfo"))
    about = said("pdfinfo", "-meta")
    assert re.search(r'pdfaid:part(="|>)2\b', about), about
    assert re.search(r'pdfaid:conformance(="|>)A\b', about), about
    fonts = said("pdffonts").splitlines()[2:]
    assert len(fonts) >= 2
    for font in fonts:
        embedded, subset, unicode = font.split()[-5:-2]
        assert (embedded, subset, unicode) == ("yes", "yes", "yes"), font


def _javascript(paper: pikepdf.Pdf) -> None:
    paper.Root.OpenAction = paper.make_indirect(
        Dictionary(Type=Name.Action, S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    )


def _no_intent(paper: pikepdf.Pdf) -> None:
    del paper.Root.OutputIntents


def _no_metadata(paper: pikepdf.Pdf) -> None:
    del paper.Root.Metadata


def _level_b(paper: pikepdf.Pdf) -> None:
    with paper.open_metadata(set_pikepdf_as_editor=False) as about:
        about["pdfaid:conformance"] = "B"


def _font_outside(paper: pikepdf.Pdf) -> None:
    for thing in paper.objects:
        if isinstance(thing, Dictionary) and thing.get("/Type") == Name.FontDescriptor:
            for name in ("/FontFile2", "/FontFile3"):
                if name in thing:
                    del thing[name]


def _untagged(paper: pikepdf.Pdf) -> None:
    del paper.Root.MarkInfo
    del paper.Root.StructTreeRoot


def _hidden_note(paper: pikepdf.Pdf) -> None:
    note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 10, 10]), F=2)
    paper.pages[0].Annots.append(paper.make_indirect(note))


def _pdf_2(paper: pikepdf.Pdf) -> None:
    paper.Root.Version = Name("/2.0")


def _file_inside(paper: pikepdf.Pdf) -> None:
    paper.attachments["x.txt"] = b"x"


@pytest.mark.parametrize(
    ("spoil", "clause"),
    [
        (_pdf_2, "1"),
        (_javascript, "6.5.1"),
        (_no_intent, "6.2.3"),
        (_no_metadata, "6.6.2.1"),
        (_level_b, "6.6.4"),
        (_font_outside, "6.2.11.4.1"),
        (_untagged, "6.7.3"),
        (_hidden_note, "6.3.2"),
        (_file_inside, "6.8"),
    ],
)
def test_the_check_finds_what_is_wrong(issued: Prescription, spoil: Callable[[pikepdf.Pdf], None], clause: str) -> None:
    spoiled = io.BytesIO()
    with pikepdf.open(io.BytesIO(_pdf(issued))) as paper:
        spoil(paper)
        paper.save(spoiled)
    assert clause in {fault.split()[0] for fault in faults(spoiled.getvalue())}
