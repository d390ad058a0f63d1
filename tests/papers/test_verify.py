"""The signed code, the page that checks it, the command that checks it offline; what each says to bad input."""

import hashlib
import io
import json
import re
import subprocess
import sys
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import segno
import zxingcpp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey
from PIL import Image
from pytest_django import Settings

from sehat.clinic.models import Doctor
from sehat.papers import checking, command, keys, queries, statement, verification
from sehat.papers.errors import NoCode, OtherPortal, Tampered
from sehat.papers.statement import Statement
from sehat.prescription import services
from sehat.prescription.models import Prescription
from sehat.prescription.writing import Written

ROOT = Path(__file__).resolve().parents[2]
STATED = Statement("RX-7K3M-9QTD-E", date(2026, 11, 23), "KMC-1", "uGALHHlRJivwZWt-xry3gQ")


def _pdf(prescription: Prescription) -> bytes:
    with prescription.file.open("rb") as file:
        return bytes(file.read())


def _scan(pdf: bytes, folder: Path, *, dots: int = 100) -> str:
    """What a telephone reads off the first page at that many dots an inch; empty where it reads nothing."""
    (folder / "sheet.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", str(dots), "-f", "1", "-l", "1", "-png", "-singlefile", "sheet.pdf", "sheet"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    with Image.open(folder / "sheet.png") as picture:
        return "".join(code.text for code in zxingcpp.read_barcodes(picture))


def _query(scanned: str) -> str:
    return scanned[scanned.index("/verify/") :]


def _raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _words(response: Any) -> str:
    """The page without the blanks around what stands in a tag."""
    return re.sub(r">\s+|\s+<", lambda found: found[0].strip(), " ".join(response.content.decode().split()))


@pytest.fixture
def forged() -> Callable[[str], str]:
    """Sign what the portal would sign, with a key that is not the portal's, under the key id given."""

    def sign(kid: str) -> str:
        key = ECKey.generate_key("P-256")
        return statement.sign(STATED, ECKey.import_key({**key.as_dict(private=True), "kid": kid}))

    return sign


def test_a_telephone_reads_the_code_and_comes_to_valid(issued: Prescription, tmp_path: Path) -> None:
    scanned = _scan(_pdf(issued), tmp_path, dots=75)
    assert scanned.startswith("http://127.0.0.1:8000/verify/?qr=ey")
    page = _words(Client().get(_query(scanned)))
    assert "<h2>Valid</h2>" in page
    assert "it is the portal&#x27;s" in page or "it is the portal's" in page
    for clinical in ("Asha", "Fever", "Paracetamol", "PARACETAMOL", issued.ref):
        assert clinical not in page


def test_the_code_is_big_enough_for_a_cheap_print(issued: Prescription) -> None:
    """0.33 mm a module is what telephones need at arm's length; the sheet prints 30 mm."""
    with pikepdf.open(io.BytesIO(_pdf(issued))) as paper:
        note = next(one for one in paper.pages[0]["/Annots"] if "/A" in one)
        modules = segno.make_qr(str(note["/A"]["/URI"]), error="m").symbol_size(border=0)[0]
        left, low, right, high = (float(edge) for edge in note["/Rect"])
    millimetres = min(right - left, high - low) / 72 * 25.4
    assert modules <= 69
    assert millimetres / modules > 0.4


def test_the_code_says_number_day_doctor_and_hash_and_nothing_else(issued: Prescription, tmp_path: Path) -> None:
    code = statement.code_in(_scan(_pdf(issued), tmp_path))
    assert code is not None
    claims = json.loads(_raw(code.split(".")[1]))
    assert claims.keys() == {"rx", "on", "by", "lines"}
    assert (claims["rx"], claims["on"], claims["by"]) == (issued.number, "2026-11-23", "KMC-1")


def test_an_offline_checker_needs_the_published_keys_only(issued: Prescription, tmp_path: Path) -> None:
    """With another library than the portal's, by the JWKS as it is served."""
    response = Client().get("/.well-known/jwks.json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    code = statement.code_in(_scan(_pdf(issued), tmp_path))
    assert code is not None
    head, payload, signature = code.split(".")
    kid = json.loads(_raw(head))["kid"]
    (jwk,) = [key for key in response.json()["keys"] if key["kid"] == kid]
    assert "d" not in jwk
    numbers = ec.EllipticCurvePublicNumbers(
        int.from_bytes(_raw(jwk["x"])), int.from_bytes(_raw(jwk["y"])), ec.SECP256R1()
    )
    both = _raw(signature)
    der = encode_dss_signature(int.from_bytes(both[:32]), int.from_bytes(both[32:]))
    numbers.public_key().verify(der, f"{head}.{payload}".encode(), ec.ECDSA(hashes.SHA256()))


def test_keys_used_before_are_still_accepted(tmp_path: Path, settings: Settings) -> None:
    old = keys.code_key()
    (tmp_path / "old.pem").write_bytes(old.as_pem(private=False))
    (tmp_path / "old-certificate.pem").write_bytes(keys.signing.certificate())
    code = statement.sign(STATED, old)
    settings.QR_KEY = keys.development_key(tmp_path / "new.pem")
    settings.OLD_KEYS = [tmp_path / "old.pem", tmp_path / "old-certificate.pem"]
    for kept in (keys.code_key, keys.code_keys, keys.published):
        kept.cache_clear()
    try:
        assert keys.code_key().kid != old.kid
        assert statement.read(code, keys.code_keys()) == STATED
        assert [key["kid"][:4] == "pdf-" for key in keys.published()["keys"]] == [False, False, True, True]
    finally:
        for kept in (keys.code_key, keys.code_keys, keys.published):
            kept.cache_clear()


def test_the_demo_key_is_for_its_owner_only(tmp_path: Path) -> None:
    path = keys.development_key(tmp_path / "key.pem")
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.development_key(path).read_bytes() == path.read_bytes()
    assert [found.name for found in tmp_path.iterdir()] == ["key.pem"]


@pytest.mark.parametrize("what", ["number", "an older code"])
def test_a_number_is_told_without_a_signature(issued: Prescription, what: str) -> None:
    asked = issued.number if what == "number" else f"https://opd.example.in/verify/?number={issued.number}"
    page = _words(Client().get(reverse("papers:verify"), {"number": asked}))
    assert "<h2>Valid</h2>" in page
    assert "Not checked: scan the code" in page


def test_a_code_reader_may_write_into_the_field(issued: Prescription, tmp_path: Path) -> None:
    page = _words(Client().get(reverse("papers:verify"), {"number": _scan(_pdf(issued), tmp_path)}))
    assert "<h2>Valid</h2>" in page


def test_bad_codes_get_a_sentence(db: None, forged: Callable[[str], str]) -> None:
    good = statement.sign(STATED, keys.code_key())
    own = str(keys.code_key().kid)
    wrong = {
        good[:-4] + "AAAA": "was changed after it was signed",
        good[:70] + ("A" if good[70] != "A" else "B") + good[71:]: "was changed after it was signed",
        forged(own): "was changed after it was signed",
        forged("foreign1"): "signed by another portal",
        "eyJhbGciOiJub25lIn0.e30.": "no code of a prescription",
        "eyJ.eyJ.abc": "no code of a prescription",
        "hello": "no code of a prescription",
        "x" * 5000: "no code of a prescription",
    }
    for code, words in wrong.items():
        response = Client().get(reverse("papers:verify"), {"qr": code})
        assert response.status_code == 422, code
        assert words in _words(response), code


def test_a_true_code_of_a_prescription_that_is_not_there_is_unknown(db: None) -> None:
    response = Client().get(reverse("papers:verify"), {"qr": statement.sign(STATED, keys.code_key())})
    assert response.status_code == 404
    assert "<h2>Unknown</h2>" in _words(response)


def test_a_line_changed_in_the_database_is_found(issued: Prescription, tmp_path: Path) -> None:
    scanned = _scan(_pdf(issued), tmp_path)
    issued.lines.filter(position=1).update(strength="5000 mg")
    with pytest.raises(Tampered):
        verification.of_text(scanned)


@given(st.text(max_size=300))
def test_no_scanned_text_breaks_the_reader(text: str) -> None:
    for scanned in (text, f"https://x/?qr={text}", f"ey{text}.{text}.{text}"):
        with pytest.raises((NoCode, OtherPortal, Tampered)):
            statement.read(scanned, keys.code_keys())


def _upload(content: bytes, **more: Any) -> Any:
    paper = SimpleUploadedFile("RX.pdf", content, content_type="application/pdf")
    return Client().post(reverse("papers:verify"), {"paper": paper}, **more)


def test_the_pdf_is_valid_then_amended_then_says_by_which(
    issued: Prescription, dr_rao: Doctor, written: Written, ten_o_clock: datetime, tmp_path: Path
) -> None:
    pdf = _pdf(issued)
    assert "<h2>Valid</h2>" in _words(_upload(pdf))
    new = services.amend(prescription=issued, doctor=dr_rao, written=written, reason="Wrong strength", now=ten_o_clock)
    for answer in (_upload(pdf), Client().get(_query(_scan(pdf, tmp_path)))):
        page = _words(answer)
        assert "<h2>Amended</h2>" in page
        assert new.number in page
        assert "Wrong strength" not in page
    assert "<h2>Valid</h2>" in _words(_upload(_pdf(new)))
    services.revoke(prescription=new, doctor=dr_rao, reason="Allergy told later", now=ten_o_clock)
    page = _words(_upload(_pdf(new)))
    assert "<h2>Revoked</h2>" in page
    assert "Allergy" not in page


def test_bad_papers_get_a_sentence(issued: Prescription, tmp_path: Path) -> None:
    pdf = _pdf(issued)
    blank = io.BytesIO()
    with pikepdf.new() as paper:
        paper.add_blank_page()
        paper.save(blank)
    rewritten = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as paper:
        paper.save(rewritten)
    middle = len(pdf) // 2
    wrong = {
        b"no pdf at all": "neither a PDF nor a picture",
        b"": "is empty",
        b"%PDF-1.7\nbroken": "no PDF, or it is damaged",
        blank.getvalue(): "not made by this portal",
        rewritten.getvalue(): "changed after it was signed",
        pdf + b"\n% more": "changed after it was signed",
        pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :]: "changed after it was signed",
    }
    for content, words in wrong.items():
        response = _upload(content)
        assert response.status_code == 422, words
        assert words in _words(response)


def test_every_single_changed_byte_is_found(issued: Prescription) -> None:
    """Here and there all over the file; the tidy room of the signature included."""
    pdf, published = _pdf(issued), keys.published()
    assert checking.check_pdf(pdf, published).number == issued.number
    for place in range(7, len(pdf), len(pdf) // 97):
        changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
        with pytest.raises((Tampered, checking.NotAPdf)):
            checking.check_pdf(changed, published)


def test_the_code_of_one_sheet_does_not_vouch_for_another(
    issued: Prescription, dr_rao: Doctor, written: Written, ten_o_clock: datetime
) -> None:
    """A paper of one's own with a true code pasted in."""
    paste = io.BytesIO()
    with pikepdf.open(io.BytesIO(_pdf(issued))) as paper:
        del paper.Root["/AcroForm"]
        paper.pages[0]["/Annots"] = pikepdf.Array([one for one in paper.pages[0]["/Annots"] if "/A" in one])
        paper.save(paste)
    with pytest.raises(Tampered):
        checking.check_pdf(paste.getvalue(), keys.published())


def test_a_huge_upload_gets_a_sentence_and_one_beyond_reason_is_not_read(db: None) -> None:
    response = _upload(b"%PDF-1.7\n" + b"0" * checking.MOST_BYTES)
    assert response.status_code == 413
    assert "too big for a prescription: at most 4 MB" in _words(response)
    response = _upload(b"%PDF-1.7\n", CONTENT_LENGTH=str(5 * 1024**3))
    assert response.status_code == 413


def test_an_address_may_have_so_many_papers_checked(db: None) -> None:
    for _ in range(60):
        assert _upload(b"no pdf").status_code == 422
    assert _upload(b"no pdf").status_code == 429


def test_the_page_without_a_file_says_what_to_do(db: None) -> None:
    response = Client().post(reverse("papers:verify"))
    assert response.status_code == 422
    assert "Please choose a picture or a PDF." in _words(response)


def _photo(*texts: str, side: int = 1200) -> bytes:
    """A photograph on which these codes lie side by side."""
    picture = Image.new("RGB", (side * max(1, len(texts)), side), "white")
    for place, text in enumerate(texts):
        code = io.BytesIO()
        segno.make_qr(text).save(code, kind="png", scale=8, border=6)
        picture.paste(Image.open(code), (place * side, 0))
    photo = io.BytesIO()
    picture.save(photo, "JPEG")
    return photo.getvalue()


def test_a_photo_of_the_code_is_read(issued: Prescription, tmp_path: Path) -> None:
    scanned = _scan(_pdf(issued), tmp_path)
    page = _words(_upload(_photo(scanned)))
    assert "<h2>Valid</h2>" in page
    assert "Checked: it is the portal" in page
    for clinical in ("Asha", "Fever", "PARACETAMOL", issued.ref):
        assert clinical not in page


def test_another_code_beside_it_does_not_mislead(issued: Prescription, tmp_path: Path) -> None:
    """The chemist's own sticker with the code to pay by."""
    assert "<h2>Valid</h2>" in _words(_upload(_photo("upi://pay?pa=chemist@bank", _scan(_pdf(issued), tmp_path))))


def test_bad_photos_get_a_sentence_beside_the_field(issued: Prescription, forged: Callable[[str], str]) -> None:
    for photo, words in {
        _photo(): "no code on this picture",
        _photo("upi://pay?pa=chemist@bank"): "no code of a prescription",
        _photo(f"https://other.example/verify/?qr={forged('foreign1')}"): "signed by another portal",
        _photo(f"https://here.example/verify/?qr={forged(str(keys.code_key().kid))}"): "changed after it was signed",
        _photo()[:400]: "damaged",
        _photo() + b"0" * 5 * 1024 * 1024: "larger than 5 MB",
    }.items():
        response = _upload(photo)
        assert response.status_code == 422, words
        assert re.search(f'id="id_paper_error">[^<]*{words}', _words(response)), words


def test_the_camera_is_for_the_pages_that_scan_or_call(db: None) -> None:
    may = {"papers:verify": "camera=(self), microphone=()", "consultation:check": "camera=(self), microphone=(self)"}
    for page in ("papers:verify", "consultation:check", "site:home", "registration:start", "accounts:login"):
        told = Client().get(reverse(page)).headers["Permissions-Policy"]
        assert told.startswith(may.get(page, "camera=(), microphone=()")), page


def _verify(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """`sehat verify` as a pharmacy runs it: no settings, no database, another folder."""
    return subprocess.run(
        [sys.executable, "-m", "sehat", "verify", *map(str, arguments)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_checks_offline(issued: Prescription, tmp_path: Path) -> None:
    pdf, jwks = _pdf(issued), tmp_path / "jwks.json"
    jwks.write_text(json.dumps(keys.published()))
    (tmp_path / "good.pdf").write_bytes(pdf)
    (tmp_path / "bad.pdf").write_bytes(pdf[:3000] + bytes([pdf[3000] ^ 1]) + pdf[3001:])
    good = _verify("good.pdf", "--jwks", jwks, folder=tmp_path)
    assert good.returncode == 0, good.stderr
    assert issued.number in good.stdout
    assert not list(tmp_path.glob("var"))
    code = _scan(pdf, tmp_path)
    assert _verify("--qr", code, "--jwks", jwks, folder=tmp_path).returncode == 0
    bad = _verify("bad.pdf", "--jwks", jwks, folder=tmp_path)
    assert bad.returncode == 1
    assert "changed after it was signed" in bad.stderr
    assert _verify("--qr", code[:-4] + "AAAA", "--jwks", jwks, folder=tmp_path).returncode == 1


def test_the_command_says_when_it_could_not_check(tmp_path: Path) -> None:
    (tmp_path / "no.json").write_text('{"keys": []}')
    missing = _verify("missing.pdf", "--jwks", "missing.json", folder=tmp_path)
    assert (missing.returncode, "missing.json" in missing.stderr) == (2, True)
    assert _verify("missing.pdf", "--jwks", "no.json", folder=tmp_path).returncode == 2
    assert _verify(folder=tmp_path).returncode == 2


def test_the_command_knows_more_beside_the_database(
    issued: Prescription,
    dr_rao: Doctor,
    ten_o_clock: datetime,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    paper = tmp_path / "rx.pdf"
    paper.write_bytes(_pdf(issued))
    assert command.online(paper=paper, code="") == 0
    assert command.online(paper=None, code=issued.number) == 0
    services.revoke(prescription=issued, doctor=dr_rao, reason="Allergy told later", now=ten_o_clock)
    assert command.online(paper=paper, code="") == 1
    assert command.online(paper=None, code="RX-7K3M-9QTD-E") == 1
    assert command.online(paper=None, code="hello") == 1
    assert command.online(paper=tmp_path / "missing.pdf", code="") == 2
    said = capsys.readouterr()
    assert "revoked: " in said.out
    assert "unknown: " in said.out


def test_the_hash_finds_the_file_by_an_index(issued: Prescription) -> None:
    assert queries.by_hash(hashlib.sha256(_pdf(issued)).hexdigest()) == issued
