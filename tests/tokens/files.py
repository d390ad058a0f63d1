"""Files as patients send them: good ones, bad ones, and worse."""

import io
from typing import Any
from zlib import crc32

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image

from sehat.tokens import services
from sehat.tokens.models import HealthRecord, Token
from sehat.tokens.records import CleanFile
from sehat.tokens.rules import By


def upload(data: bytes, name: str = "report.pdf") -> SimpleUploadedFile:
    """A file under a name; the type that the browser claims plays no part."""
    return SimpleUploadedFile(name, data, content_type="application/octet-stream")


def keep_record(token: Token, record: CleanFile, *, by: By) -> HealthRecord:
    """A cleaned file, kept with a token."""
    with services.stored([record], day=token.day, by=by) as rows:
        services.keep(token, rows)
    return rows[0]


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: Any) -> bytes:
    """A small picture of that kind."""
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 1).save(out, kind, **options)
    return out.getvalue()


def photo_with_place() -> bytes:
    """A photo held upright, with its place and the name of its owner in the EXIF."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x013B] = "Asha Verma"
    exif.get_ifd(0x8825)[1] = "N"
    return picture(exif=exif, comment=b"secret remark")


def pdf(pages: int = 1, **options: Any) -> bytes:
    """A plain PDF."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        document.save(out, **options)
    return out.getvalue()


def armed_pdf() -> bytes:
    """A PDF that would run, fetch, start and carry things at every place where one can."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        page = document.pages[0].obj
        runs = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
        page.AA = Dictionary(O=runs)
        page.Annots = Array(
            [
                Dictionary(Type=Name.Annot, Subtype=Name.Link, A=Dictionary(S=Name.Launch, F="cmd.exe")),
                document.make_indirect(
                    Dictionary(
                        Type=Name.Annot,
                        Subtype=Name.Link,
                        A=Dictionary(S=Name.URI, URI="https://afms.example.in/", Next=runs),
                    )
                ),
            ]
        )
        document.Root.OpenAction = document.make_indirect(runs)
        document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["a", runs])))
        document.Root.AcroForm = Dictionary(XFA=Stream(document, b"<xdp/>"), Fields=Array([]))
        document.attachments["virus.exe"] = b"MZ evil"
        document.save(out)
    return out.getvalue()


def png_bomb(width: int = 20_000, height: int = 20_000) -> bytes:
    """A few hundred bytes that claim to be 400 million pixels."""
    small = picture("PNG")
    at = small.index(b"IHDR")
    header = b"IHDR" + width.to_bytes(4) + height.to_bytes(4) + small[at + 12 : at + 17]
    return small[:at] + header + crc32(header).to_bytes(4) + small[at + 21 :]
