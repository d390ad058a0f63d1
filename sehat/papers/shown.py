"""What somebody shows of a paper: its PDF, or a photograph of its code."""

import io

import zxingcpp
from django.core.files.uploadedfile import UploadedFile
from PIL import Image

from sehat.papers import statement, verification
from sehat.papers.checking import MOST_BYTES, MOST_MEGABYTES
from sehat.papers.errors import NoCodeInPicture, TooBig
from sehat.papers.verification import Finding
from sehat.tokens import records

QR_CODES = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def of_upload(upload: UploadedFile) -> Finding:
    """Refuses as `verification.of_pdf`, `records.take` and `verification.of_text` do, a PDF that is too big (TooBig)
    and a picture without a code (NoCodeInPicture).
    """
    begins = upload.read(1024)
    upload.seek(0)
    if b"%PDF-" not in begins:
        return verification.of_text(_code_on(records.take(upload).data))
    if (upload.size or 0) > MOST_BYTES:
        raise TooBig(most=MOST_MEGABYTES)
    return verification.of_pdf(bytes(upload.read()))


def _code_on(picture: bytes) -> str:
    """A code of ours, where others lie on the picture as well."""
    with Image.open(io.BytesIO(picture)) as image:
        codes = [str(code.text) for code in zxingcpp.read_barcodes(image.convert("L"), formats=QR_CODES)]
    if not codes:
        raise NoCodeInPicture
    return next((code for code in codes if statement.code_in(code) or statement.number_in(code)), codes[0])
