"""Health records as they come in: known by their content, cleaned, or refused with a sentence.

What is stored is never the bytes that came: pictures are painted anew (which drops EXIF with its
places and names, and anything hidden behind the picture), PDFs are written anew without whatever
could act by itself. Rules: domain.md, step 2.
"""

import io
import re
import threading
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeGuard

import pikepdf
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from sehat.kernel.errors import Refusal

MOST_RECORDS = 3
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 50_000_000  # the largest camera pictures that fit into 5 MB
LONGEST_SIDE = 4000  # pixels kept: a page of A4 at 340 dpi
ACCEPT = ".pdf,.jpg,.jpeg,.jfif,.gif,.bmp,.png"

CONTENT_TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}

# One picture of 50 million pixels takes some 200 MB while it is open; two at a time are enough.
_open_pictures = threading.BoundedSemaphore(2)


class RecordRefused(Refusal):
    """A file that is not taken; the sentence says why, and what to do. Carries `name`."""

    status = 422


class TooManyRecords(RecordRefused):
    """More files than one token may hold."""

    sentence = _("You can add up to %(most)s files. Please choose fewer.")


class EmptyRecord(RecordRefused):
    """No bytes at all."""

    sentence = _("The file “%(name)s” is empty. Please choose it again.")


class RecordTooLarge(RecordRefused):
    """More than 5 MB."""

    sentence = _("The file “%(name)s” is larger than 5 MB. Please choose a smaller one, or take a photo of the page.")


class UnknownKind(RecordRefused):
    """Neither PDF nor picture, whatever the name says."""

    sentence = _("The file “%(name)s” is neither a PDF nor a picture (jpg, png, gif, bmp). Please choose another.")


class BrokenRecord(RecordRefused):
    """It begins like a PDF or a picture but cannot be read to its end."""

    sentence = _("The file “%(name)s” is damaged and cannot be opened. Please save it again, or take a photo of it.")


class TooManyPixels(RecordRefused):
    """A picture that would fill the memory."""

    sentence = _("The picture “%(name)s” has too many pixels. Please make it smaller, or take a new photo.")


class LockedPdf(RecordRefused):
    """An encrypted PDF: the doctor could not open it."""

    sentence = _(
        "The PDF “%(name)s” is locked with a password. Please save it without the password, or take a photo of it."
    )


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A record that may be stored: `kind` is pdf, jpg or png; `size` counts bytes; `sha256` is hex."""

    data: bytes
    kind: str
    name: str
    size: int
    sha256: str


def take(upload: UploadedFile) -> CleanFile:
    """Clean one uploaded file; raise a `RecordRefused` whose sentence belongs beside the field."""
    name = display_name(upload.name or "")
    if not upload.size:
        raise EmptyRecord(name=name)
    if upload.size > MOST_BYTES:
        raise RecordTooLarge(name=name)
    upload.seek(0)
    raw = upload.read()
    if b"%PDF-" in raw[:1024]:
        kind, data = "pdf", _clean_pdf(raw, name)
    else:
        kind, data = _clean_picture(raw, name)
    return CleanFile(data, kind, _with_ending(name, kind), len(data), sha256(data).hexdigest())


def display_name(name: str) -> str:
    """Return a name that is safe to show: no folders, no invisible or direction-changing characters."""
    last = re.split(r"[/\\]", name)[-1]
    # Joiners stay: Hindi names need them.
    seen = "".join(c for c in last if c in "\u200c\u200d" or not unicodedata.category(c).startswith("C"))
    return " ".join(seen.split())[-80:] or "record"


def _with_ending(name: str, kind: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    if kind == "jpg" and ending.lower() in {"jpg", "jpeg", "jfif"}:
        return name
    return name if ending.lower() == kind else f"{stem or 'record'}.{kind}"


def _clean_picture(raw: bytes, name: str) -> tuple[str, bytes]:
    try:
        picture = Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "GIF", "BMP"))
    except Image.UnidentifiedImageError:
        raise UnknownKind(name=name) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyPixels(name=name) from None
    except (OSError, SyntaxError, ValueError):
        raise BrokenRecord(name=name) from None
    width, height = picture.size
    if width * height > MOST_PIXELS:  # known from the head of the file, before anything is decoded
        raise TooManyPixels(name=name)
    with _open_pictures:
        try:
            return _paint_anew(picture)
        except (OSError, SyntaxError, ValueError, EOFError, IndexError):
            raise BrokenRecord(name=name) from None


def _paint_anew(picture: Image.Image) -> tuple[str, bytes]:
    photo = picture.format == "JPEG"
    if photo:
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # libjpeg skips what would be thrown away
    painted = ImageOps.exif_transpose(picture)
    painted.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    if photo:
        grey = painted.mode == "L"
        bare = painted if grey else painted.convert("RGB")
        bare.info.clear()
        bare.save(out, "JPEG", quality=85)
        return "jpg", out.getvalue()
    bare = painted.convert("RGBA" if painted.has_transparency_data else "RGB")
    bare.info.clear()
    bare.save(out, "PNG")
    return "png", out.getvalue()


# Keys that hold something which acts, or carries another file, wherever they stand.
_DROPPED_KEYS = frozenset(
    {
        *("/AA", "/OpenAction", "/JS", "/JavaScript", "/XFA"),
        *("/EmbeddedFiles", "/EF", "/AF", "/Collection", "/RichMediaContent", "/RichMediaSettings"),
    }
)
# Actions that run, fetch, send or start something (ISO 32000-2, 12.6.4). Links inside the
# document and to the web stay: they do nothing before somebody presses them.
_DANGEROUS_ACTIONS = frozenset(
    {
        *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE"),
        *("/Rendition", "/Movie", "/Sound", "/RichMediaExecute"),
    }
)


def _clean_pdf(raw: bytes, name: str) -> bytes:
    try:
        # Without recovery: a guess at a damaged file may silently lose pages of a medical record.
        with pikepdf.open(io.BytesIO(raw), attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise LockedPdf(name=name)
            if not len(pdf.pages):
                raise BrokenRecord(name=name)
            for thing in pdf.objects:
                _disarm(thing)
            out = io.BytesIO()
            pdf.save(out)
            return out.getvalue()
    except pikepdf.PasswordError:
        raise LockedPdf(name=name) from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RecursionError):
        raise BrokenRecord(name=name) from None


def _disarm(thing: pikepdf.Object) -> None:
    """Take everything that acts out of one object and what is written directly inside it."""
    todo = [thing]
    while todo:
        part = todo.pop()
        if isinstance(part, pikepdf.Array):
            todo += [item for item in part if _is_inside(item)]
        elif isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            keys = set(part.keys())
            acts = "/S" in keys and str(part.get("/S")) in _DANGEROUS_ACTIONS
            for key in keys if acts else keys & _DROPPED_KEYS:
                del part[key]
            if not acts:
                todo += [value for key in keys - _DROPPED_KEYS if _is_inside(value := part.get(key))]


def _is_inside(value: object) -> TypeGuard[pikepdf.Object]:
    # Indirect objects come up by themselves, each once: following them would go round in circles.
    return isinstance(value, pikepdf.Array | pikepdf.Dictionary) and not value.is_indirect
