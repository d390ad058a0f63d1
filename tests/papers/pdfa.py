"""What ISO 19005-2 (PDF/A-2, level A) asks of a file, clause by clause, as far as it can be read off its objects.

Written against the standard's text and read by pikepdf (qpdf), which has no part in making the papers. It is no full
validator: what fonts and pictures hold inside is left to the tools of poppler and qpdf (test_pdfa.py).
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Stream

ACTIONS_ALLOWED = {"/GoTo", "/GoToR", "/Thread", "/URI", "/Named", "/SubmitForm"}
BLENDS = {
    *("/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge"),
    *("/ColorBurn", "/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation", "/Color"),
    "/Luminosity",
}
PRINT, HIDING = 4, 1 | 2 | 32 | 256


def faults(pdf: bytes) -> list[str]:
    """Each broken clause in words; empty where none is."""
    found = list(_header(pdf))
    with pikepdf.open(io.BytesIO(pdf)) as paper:
        for part in (_trailer, _metadata, _output_intent, _structure, _actions, _annotations, _signatures):
            found += part(paper)
        for thing in paper.objects:
            if isinstance(thing, Dictionary | Stream):
                found += _thing(thing)
    return found


def _header(pdf: bytes) -> Iterator[str]:
    lines = pdf.split(b"\n", 2)
    if not re.fullmatch(rb"%PDF-1\.[0-7]", lines[0].strip()):
        yield "6.1.2 the header is no %PDF-1.n"
    if not (lines[1].startswith(b"%") and len(lines[1]) >= 5 and all(sign > 127 for sign in lines[1][1:5])):
        yield "6.1.2 no line of four high bytes after the header"
    if not pdf.rstrip().endswith(b"%%EOF"):
        yield "6.1.3 something follows the last %%EOF"


def _trailer(paper: pikepdf.Pdf) -> Iterator[str]:
    if paper.pdf_version > "1.7" or str(paper.Root.get("/Version", "/1.7")) > "/1.7":
        yield "1 the file is no PDF 1.7"
    if any(str(one.BaseVersion) > "/1.7" for one in _extensions(paper)):
        yield "1 the file extends a later PDF"
    if Name.ID not in paper.trailer:
        yield "6.1.3 the trailer has no ID"
    if Name.Encrypt in paper.trailer:
        yield "6.1.3 the file is encrypted"
    if set(paper.Root.get("/Perms", Dictionary()).keys()) - {"/UR3", "/DocMDP"}:
        yield "6.1.12 permissions that are not allowed"
    if "/Names" in paper.Root and "/EmbeddedFiles" in paper.Root.Names:
        yield "6.8 a file is embedded"


def _extensions(paper: pikepdf.Pdf) -> list[Any]:
    given = [one for name, one in paper.Root.get("/Extensions", Dictionary()).items() if name != "/Type"]
    return [inner for one in given for inner in (list(one) if isinstance(one, pikepdf.Array) else [one])]


def _metadata(paper: pikepdf.Pdf) -> Iterator[str]:
    if "/Metadata" not in paper.Root:
        yield "6.6.2.1 no XMP metadata"
        return
    about = paper.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False)
    if (about.get("pdfaid:part"), about.get("pdfaid:conformance")) != ("2", "A"):
        yield "6.6.4 the metadata does not say PDF/A-2, level A"


def _output_intent(paper: pikepdf.Pdf) -> Iterator[str]:
    intents = [one for one in paper.Root.get("/OutputIntents", []) if one.get("/S") == Name.GTS_PDFA1]
    if len(intents) != 1 or not isinstance(intents[0].get("/DestOutputProfile"), Stream):
        yield "6.2.3 no output intent with a colour profile"
    elif bytes(intents[0].DestOutputProfile.read_bytes())[36:40] != b"acsp":
        yield "6.2.3 the colour profile is none"


def _structure(paper: pikepdf.Pdf) -> Iterator[str]:
    if paper.Root.get("/MarkInfo", Dictionary()).get("/Marked") is not True:
        yield "6.7.2.2 not marked as tagged"
    if "/StructTreeRoot" not in paper.Root:
        yield "6.7.3 no structure"
    if not str(paper.Root.get("/Lang", "")):
        yield "6.7.4 no language"
    for thing in paper.objects:
        if isinstance(thing, Dictionary) and thing.get("/S") == Name.Figure and not str(thing.get("/Alt", "")):
            yield "6.7.5 a picture without words for it"


def _actions(paper: pikepdf.Pdf) -> Iterator[str]:
    if "/AA" in paper.Root or any("/AA" in page for page in paper.pages):
        yield "6.5.2 an additional action"
    if "/Names" in paper.Root and "/JavaScript" in paper.Root.Names:
        yield "6.5.1 JavaScript"


def _annotations(paper: pikepdf.Pdf) -> Iterator[str]:
    for page in paper.pages:
        for note in page.get("/Annots", []):
            kind, flags = str(note.Subtype), int(note.get("/F", 0))
            if kind in ("/3D", "/Sound", "/Screen", "/Movie"):
                yield f"6.3.1 {kind} is not allowed"
            if kind != "/Popup" and (not flags & PRINT or flags & HIDING):
                yield f"6.3.2 {kind} is not printed"
            left, low, right, high = (float(edge) for edge in note.Rect)
            if kind not in ("/Popup", "/Link") and (left, low) != (right, high) and "/AP" not in note:
                yield f"6.3.3 {kind} has no appearance"
            if kind == "/Widget" and ("/A" in note or "/AA" in note):
                yield "6.4.1 a field with an action"


def _signatures(paper: pikepdf.Pdf) -> Iterator[str]:
    form = paper.Root.get("/AcroForm", Dictionary())
    if form.get("/NeedAppearances", False) or "/XFA" in form:
        yield "6.4.1 fields that a reader has to draw"
    for field in form.get("/Fields", []):
        if field.get("/FT") == Name.Sig and "/V" in field:
            signature = field.V
            if str(signature.SubFilter) not in ("/adbe.pkcs7.detached", "/ETSI.CAdES.detached"):
                yield "6.4.3 a signature of another make"
            if int(signature.ByteRange[0]) != 0:
                yield "6.4.3 a signature that leaves the beginning out"


def _thing(thing: Any) -> Iterator[str]:
    kind, action = str(thing.get("/Type", "")), str(thing.get("/S", ""))
    if (kind == "/Action" or action in ("/JavaScript", "/Launch")) and action not in ACTIONS_ALLOWED:
        yield f"6.5.1 the action {action}"
    if kind == "/Font" and str(thing.get("/Subtype")) not in ("/Type0", "/Type3"):
        described = thing.get("/FontDescriptor", Dictionary())
        if not any(name in described for name in ("/FontFile", "/FontFile2", "/FontFile3")):
            yield f"6.2.11.4.1 the font {thing.get('/BaseFont')} is not embedded"
    if kind == "/Font" and str(thing.get("/Subtype")) == "/Type0" and "/ToUnicode" not in thing:
        yield f"6.2.11.7 the font {thing.get('/BaseFont')} does not say its letters"
    if kind == "/ExtGState" and "/BM" in thing and str(thing.BM) not in BLENDS:
        yield f"6.2.10 the blend mode {thing.BM}"
    if kind == "/ExtGState" and "/TR" in thing:
        yield "6.2.5 a transfer function"
    if isinstance(thing, Stream):
        yield from _stream(thing)


def _stream(stream: Stream) -> Iterator[str]:
    given: Any = stream.get("/Filter", [])
    filters = [str(one) for one in (given if isinstance(given, pikepdf.Array) else [given])]
    if {"/LZWDecode", "/Crypt"} & set(filters):
        yield f"6.1.7.2 the filter {filters}"
    if any(name in stream for name in ("/F", "/FFilter", "/FDecodeParms")):
        yield "6.1.7.1 a stream that lies outside the file"
    if str(stream.get("/Subtype")) == "/Image" and (stream.get("/Interpolate", False) or "/Alternates" in stream):
        yield "6.2.8 a picture that a reader may change"
    if str(stream.get("/Subtype")) == "/PS":
        yield "6.2.9 PostScript"
