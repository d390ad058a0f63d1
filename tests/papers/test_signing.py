"""A key that stays in its device, and an authority that vouches for the moment; both by programs that are not ours."""

import io
import secrets
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pytest_django import Settings

from sehat.config import env
from sehat.papers import checking, hardware, keys, signing
from sehat.papers.hardware import HardwareKey
from sehat.prescription import document
from sehat.prescription.writing import Written
from tests.papers.pdfa import faults
from tests.papers.reading import signature_of
from tests.prescription.test_document import _sheet

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")


def _forget() -> None:
    for kept in (signing._signer, signing._stamper, keys.published):
        kept.cache_clear()


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    _forget()
    yield
    _forget()


PIN = "246810"


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[HardwareKey, Path]]]:
    """A SoftHSM token for each kind of key, with the key's certificate. The library reads its folder once a process."""
    folder = tmp_path_factory.mktemp("devices")
    (folder / "tokens").mkdir()
    (folder / "softhsm.conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    (folder / "pin").write_text(PIN + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm.conf"))
        kinds = {"RSA": "rsa_keygen_bits:2048", "EC": "ec_paramgen_curve:prime256v1"}
        yield {kind: _token(folder, kind, option) for kind, option in kinds.items()}


def _token(folder: Path, kind: str, option: str) -> tuple[HardwareKey, Path]:
    def run(*command: str) -> None:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)

    label, certificate = f"SeHAT {kind}", f"{kind}.pem"
    run("openssl", "genpkey", "-algorithm", kind, "-pkeyopt", option, "-out", "key.pem")
    run("openssl", "req", "-x509", "-key", "key.pem", "-out", certificate, "-days", "30", "-subj", "/CN=MH Shantipur")
    run("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "13579", "--pin", PIN)
    run("softhsm2-util", "--import", "key.pem", "--token", label, "--label", "signing", "--id", "01", "--pin", PIN)
    (folder / "key.pem").unlink()
    uri = f"pkcs11:token=SeHAT%20{kind};object=signing?module-path={MODULE}&pin-source=file:{folder}/pin"
    return hardware.read_uri(uri), folder / certificate


@pytest.fixture(params=["RSA", "EC"])
def device(
    request: pytest.FixtureRequest, tokens: dict[str, tuple[HardwareKey, Path]], settings: Settings
) -> HardwareKey:
    """The portal signs by a device."""
    key, certificate = tokens[request.param]
    settings.SIGNING_KEY, settings.SIGNING_CERT = key, certificate
    return key


def test_a_key_in_a_device_signs_as_one_in_a_file_does(device: HardwareKey, written: Written, tmp_path: Path) -> None:
    signed = signing.sign(document.make(_sheet(written)), reason="Prescription")
    said = signature_of(signed, tmp_path)
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "MH Shantipur" in said
    assert faults(signed) == []
    assert checking.check_pdf(signed, keys.published()).number == "RX-7K3M-9QTD-E"


def test_many_threads_share_the_device(device: HardwareKey, written: Written, tmp_path: Path) -> None:
    pdf, made = document.make(_sheet(written)), []
    threads = [
        threading.Thread(target=lambda: made.append(signing.sign(pdf, reason="Prescription"))) for _number in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert all("Signature is Valid" in signature_of(one, tmp_path) for one in made)


def test_a_device_that_lost_its_session_is_opened_anew(device: HardwareKey, written: Written, tmp_path: Path) -> None:
    pdf = document.make(_sheet(written))
    signing.sign(pdf, reason="Prescription")
    signing._signer().pkcs11_session.close()  # type: ignore[attr-defined]
    assert "Signature is Valid" in signature_of(signing.sign(pdf, reason="Prescription"), tmp_path)


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("pkcs11:object=signing?module-path=/bin/sh&pin-source=/etc/passwd", "it lacks token"),
        ("pkcs11:token=x?module-path=/bin/sh&pin-source=/etc/passwd", "it lacks object"),
        ("pkcs11:token=x;object=y?pin-source=/etc/passwd", "it lacks module-path"),
        ("pkcs11:token=x;object=y?module-path=/bin/sh", "it lacks pin-source"),
        ("pkcs11:token=x;object=y?module-path=/no/such.so&pin-source=/etc/passwd", "/no/such.so is not there"),
    ],
)
def test_a_wrong_uri_stops_the_start_with_one_line(
    uri: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEHAT_SIGNING_KEY", uri)
    with pytest.raises(SystemExit):
        env.signing_key("SEHAT_SIGNING_KEY")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("SEHAT_SIGNING_KEY: should look like pkcs11:")
    assert words in line


AUTHORITY = """
[tsa]
default_tsa = local
[local]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
[ext]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
basicConstraints = critical,CA:false
"""


@pytest.fixture
def authority(tmp_path: Path, settings: Settings) -> Iterator[ThreadingHTTPServer]:
    """A time-stamp authority on this host: openssl makes the answers."""
    folder = tmp_path / "authority"
    folder.mkdir()
    (folder / "tsa.cnf").write_text(AUTHORITY)
    (folder / "serial").write_text("01\n")

    def run(*command: str) -> None:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)

    run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "key.pem")
    request = ("openssl", "req", "-new", "-key", "key.pem", "-subj", "/CN=Time of Shantipur")
    run(*request, "-out", "tsa.csr")
    certify = ("openssl", "x509", "-req", "-in", "tsa.csr", "-signkey", "key.pem", "-days", "30")
    run(*certify, "-extfile", "tsa.cnf", "-extensions", "ext", "-out", "tsa.pem")

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked, told = folder / f"{secrets.token_hex(4)}.tsq", folder / f"{secrets.token_hex(4)}.tsr"
            asked.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            reply = ("openssl", "ts", "-reply", "-config", "tsa.cnf", "-section", "local", "-queryfile", str(asked))
            run(*reply, "-signer", "tsa.pem", "-inkey", "key.pem", "-out", str(told))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(told.read_bytes())

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.TIMESTAMP_URL = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _stamps(pdf: bytes) -> list[Any]:
    """The time stamps of the signature."""
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    found = signature.signer_info["unsigned_attrs"]
    return [stamp for one in found if one["type"].native == "signature_time_stamp_token" for stamp in one["values"]]


def test_an_authority_vouches_for_the_moment(authority: ThreadingHTTPServer, written: Written, tmp_path: Path) -> None:
    signed = signing.sign(document.make(_sheet(written)), reason="Prescription")
    assert "Signature is Valid" in signature_of(signed, tmp_path)
    (stamp,) = _stamps(signed)
    assert stamp["content"]["encap_content_info"]["content"].parsed["policy"].native == "1.2.3.4.1"
    assert faults(signed) == []
    assert checking.check_pdf(signed, keys.published()).number == "RX-7K3M-9QTD-E"


def test_without_an_answer_it_is_signed_all_the_same(
    written: Written, tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """A patient waits for the prescription: an authority that is down holds nobody up."""
    settings.TIMESTAMP_URL = "http://127.0.0.1:9/"
    signed = signing.sign(document.make(_sheet(written)), reason="Prescription")
    assert "Signature is Valid" in signature_of(signed, tmp_path)
    assert _stamps(signed) == []
    assert "did not answer" in caplog.text
