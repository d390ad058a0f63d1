"""Health records at the door: known by content, cleaned, or refused with a sentence that says what to do."""

import io

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sehat.tokens import records
from tests.tokens.files import armed_pdf, pdf, photo_with_place, picture, png_bomb, upload
from tests.yardstick import cpu_ms

FIVE_MB = 5 * 1024 * 1024


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (pdf(), "report.pdf", "pdf"),
        (picture("JPEG"), "photo.jpg", "jpg"),
        (picture("JPEG"), "photo.JFIF", "jpg"),
        (picture("PNG"), "scan.png", "png"),
        (picture("GIF"), "scan.gif", "png"),
        (picture("BMP"), "scan.bmp", "png"),
        (picture("PNG"), "really-a-png.pdf", "png"),
        (pdf(), "really-a-pdf.jpg", "pdf"),
        (b"\n\n" + pdf(), "late.pdf", "pdf"),
    ],
)
def test_the_content_says_what_it_is(data: bytes, name: str, kind: str) -> None:
    clean = records.take(upload(data, name))
    assert clean.kind == kind
    assert clean.size == len(clean.data)
    assert clean.name.lower().endswith(("jpg", "jfif") if kind == "jpg" else kind)


@pytest.mark.parametrize(
    ("data", "name", "refusal", "word"),
    [
        (b"", "empty.pdf", records.EmptyRecord, "empty"),
        (b"MZ\x90\x00" + bytes(500), "holiday.jpg", records.UnknownKind, "neither a PDF nor a picture"),
        (b"<html><script>1</script></html>", "page.pdf", records.UnknownKind, "neither"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "drawing.png", records.UnknownKind, "neither"),
        (pdf(3)[:-200], "torn.pdf", records.BrokenRecord, "damaged"),
        (b"%PDF-1.7 nothing more", "torn.pdf", records.BrokenRecord, "damaged"),
        (picture("JPEG", (900, 900))[:2000], "torn.jpg", records.BrokenRecord, "damaged"),
        (picture("PNG", (900, 900))[:200], "torn.png", records.BrokenRecord, "damaged"),
        (pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "bank.pdf", records.LockedPdf, "password"),
        (pdf(encryption=pikepdf.Encryption(owner="o", user="")), "bank.pdf", records.LockedPdf, "password"),
        (pdf(0), "no-pages.pdf", records.BrokenRecord, "damaged"),
        (png_bomb(), "bomb.png", records.TooManyPixels, "pixels"),
        (png_bomb(12_000, 8_000), "large.png", records.TooManyPixels, "pixels"),
        (png_bomb(8_000, 6_300), "just-too-large.png", records.TooManyPixels, "pixels"),
    ],
)
def test_each_bad_file_gets_its_sentence(
    data: bytes, name: str, refusal: type[records.RecordRefused], word: str
) -> None:
    with pytest.raises(refusal) as refused:
        records.take(upload(data, name))
    assert name in str(refused.value)
    assert word in str(refused.value)


def test_five_megabytes_are_taken_and_one_byte_more_is_not() -> None:
    filling = b"%" + bytes(FIVE_MB)
    document = pdf()
    exact = document + filling[: FIVE_MB - len(document)]
    with pytest.raises(records.RecordTooLarge):
        records.take(upload(exact + b"%"))
    # Five megabytes of anything pass the scales; what it is, is weighed afterwards.
    with pytest.raises(records.BrokenRecord):
        records.take(upload(exact))
    assert records.take(upload(picture("BMP", (1320, 1320)), "large.bmp")).kind == "png"


def test_a_bomb_costs_nothing() -> None:
    bomb = png_bomb()

    def work() -> None:
        with pytest.raises(records.TooManyPixels):
            records.take(upload(bomb, "bomb.png"))

    assert cpu_ms(work, times=3) < 30  # opened it would be a second


def test_a_photo_loses_its_place_and_stands_upright() -> None:
    clean = records.take(upload(photo_with_place(), "photo.jpg"))
    with Image.open(io.BytesIO(clean.data)) as photo:
        assert photo.size == (40, 60)
        assert not photo.getexif()
        assert "comment" not in photo.info
    for word in (b"Asha", b"secret", b"Exif"):
        assert word not in clean.data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP"])
def test_what_hides_behind_a_picture_is_gone(kind: str) -> None:
    clean = records.take(upload(picture(kind) + b"PK\x03\x04 hidden archive", "photo.jpg"))
    assert b"hidden" not in clean.data


@pytest.mark.parametrize(
    "data",
    [
        picture("JPEG", mode="L"),
        picture("JPEG", mode="CMYK"),
        picture("PNG", mode="P"),
        picture("PNG", mode="1"),
        picture("PNG", mode="I;16"),
        picture("PNG", mode="RGBA"),
        picture("GIF", mode="P", transparency=0),
    ],
)
def test_every_way_to_keep_colours_is_taken(data: bytes) -> None:
    clean = records.take(upload(data, "photo"))
    with Image.open(io.BytesIO(clean.data)) as photo:
        assert photo.size == (60, 40)


def test_a_large_photo_is_kept_at_a_size_that_can_be_read() -> None:
    clean = records.take(upload(picture("JPEG", (6000, 3000)), "photo.jpg"))
    with Image.open(io.BytesIO(clean.data)) as photo:
        assert photo.size == (4000, 2000)


def test_a_pdf_is_disarmed_and_keeps_its_pages_and_links() -> None:
    clean = records.take(upload(armed_pdf()))
    with pikepdf.open(io.BytesIO(clean.data)) as document:
        assert len(document.pages) == 1
        plain = io.BytesIO()
        document.save(
            plain,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
        )
    text = plain.getvalue()
    for word in (b"JavaScript", b"alert", b"Launch", b"cmd.exe", b"/AA", b"/OpenAction", b"XFA", b"xdp", b"MZ evil"):
        assert word not in text, word
    assert b"https://afms.example.in/" in text


def test_a_pdf_of_200_kilobytes_costs_a_few_milliseconds() -> None:
    with pikepdf.new() as document:
        for _ in range(4):
            document.add_blank_page()
            document.pages[-1].obj.Contents = pikepdf.Stream(document, bytes(range(256)) * 200)
        out = io.BytesIO()
        document.save(out, compress_streams=False)
    data = out.getvalue()
    assert len(data) > 200_000
    assert cpu_ms(lambda: records.take(upload(data)), times=5) < 20


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\asha\\scan.pdf", "scan.pdf"),
        ("fdp\u202eexe.pdf", "fdpexe.pdf"),
        ("a\x00b\r\n\tc.pdf", "abc.pdf"),
        ("रिपोर्ट क्र‍म.pdf", "रिपोर्ट क्र‍म.pdf"),
        ("", "record"),
        ("x" * 300 + ".pdf", "x" * 76 + ".pdf"),
    ],
)
def test_a_name_is_made_safe_to_show(name: str, shown: str) -> None:
    assert records.display_name(name) == shown


@given(st.text(max_size=300), st.sampled_from(["pdf", "jpg", "png"]))
def test_no_name_is_too_long_or_empty(name: str, kind: str) -> None:
    shown = records._with_ending(records.display_name(name), kind)
    assert 0 < len(shown) <= 100
    assert "/" not in shown
    assert "\n" not in shown


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"%PDF-1.7\n", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM"]),
)
def test_no_bytes_break_the_door(data: bytes, head: bytes) -> None:
    try:
        records.take(upload(head + data, "x"))
    except records.RecordRefused as refusal:
        assert str(refusal)
