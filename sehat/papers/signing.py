"""Signs PDFs: a PAdES signature by pyHanko with the portal's key (architecture.md; clinical.md, "What a
prescription holds").

The key and its certificate come from `SIGNING_KEY` (a file, or a device by PKCS#11: `hardware.py`) and
`SIGNING_CERT`; a demo makes a development pair in the data folder at the first signature. The signer is built once
a process and shared by its threads. With `TIMESTAMP_URL`, an authority of the field (RFC 3161) vouches for the moment.
"""

import io
import logging
import os
import secrets
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from sehat.kernel.clock import now
from sehat.papers import hardware
from sehat.papers.hardware import HardwareKey

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import Signer
    from pyhanko.sign.timestamps import TimeStamper

log = logging.getLogger(__name__)

RESERVED, RESERVED_WITH_TIME = 8192, 32768
"""Hex digits kept free in the PDF for the signature: enough for a chain of three certificates, and for the time stamp
with the authority's chain.
"""
TIMESTAMP_SECONDS = 3
"""How long the authority is waited for: a doctor and a patient wait, too."""
FIELD = "PortalSignature"
PDF_VERSION = (1, 7)
DEVELOPMENT_YEARS = 10
_one_at_a_time = threading.Lock()


def sign(pdf: bytes, *, reason: str) -> bytes:
    """The PDF with an invisible signature over all of it. PDF readers show `reason`; no clinical text."""
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
    from pyhanko.sign.timestamps.common_utils import TimestampRequestError

    about = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        location="India",
    )

    def signed(signer: "Signer", stamper: "TimeStamper | None") -> bytes:
        writer = _writer()(io.BytesIO(pdf))
        room = RESERVED_WITH_TIME if stamper else RESERVED
        return PdfSigner(about, signer=signer, timestamper=stamper).sign_pdf(writer, bytes_reserved=room).getvalue()

    if stamper := _stamper():
        try:
            return _by_key(lambda signer: signed(signer, stamper))
        except (TimestampRequestError, OSError) as error:
            # The signature counts without it, and a patient must not wait for an authority that is down.
            log.warning("the time-stamp authority did not answer, signed without: %s", type(error).__name__)
    return _by_key(lambda signer: signed(signer, None))


@cache
def _writer() -> "type[IncrementalPdfFileWriter]":
    from pyhanko.pdf_utils.extensions import DeveloperExtension
    from pyhanko.pdf_utils.generic import NameObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class StaysPdf17(IncrementalPdfFileWriter):
        """PDF/A-2 is PDF 1.7: pyHanko would call the file PDF 2.0 for the sake of an elliptic-curve key."""

        def ensure_output_version(self, version: tuple[int, int]) -> None:
            """At most 1.7."""
            super().ensure_output_version(min(version, PDF_VERSION))

        def register_extension(self, ext: DeveloperExtension) -> None:
            """Only what extends PDF 1.7."""
            if ext.base_version == NameObject("/1.7"):
                super().register_extension(ext)

    return StaysPdf17


def _by_key(work: "Callable[[Signer], bytes]") -> bytes:
    """Sign by the key. A device does one thing at a time, and is opened anew once where it has let go of us."""
    if not isinstance(settings.SIGNING_KEY, HardwareKey):
        return work(_signer())
    from pkcs11.exceptions import PKCS11Error

    with _one_at_a_time:
        try:
            return work(_signer())
        except PKCS11Error:
            _signer.cache_clear()
            return work(_signer())


@cache
def _stamper() -> "TimeStamper | None":
    if not settings.TIMESTAMP_URL:
        return None
    from pyhanko.sign.timestamps import HTTPTimeStamper

    return HTTPTimeStamper(settings.TIMESTAMP_URL, timeout=TIMESTAMP_SECONDS)


def warm_up() -> None:
    """Load pyHanko and the key, which is made where a demo has none yet."""
    _signer()


@cache
def _signer() -> "Signer":
    # pyHanko takes 0.8 s and 19 MB to import: only a process that signs pays for it.
    from pyhanko.keys import load_certs_from_pemder_data

    # The file holds the signer's certificate first, then those of its chain.
    held, *chain = load_certs_from_pemder_data(certificate())
    if isinstance(settings.SIGNING_KEY, HardwareKey):
        return hardware.signer(settings.SIGNING_KEY, held, chain)
    return _software_signer(held, chain)


def _software_signer(held: "Certificate", chain: "list[Certificate]") -> "Signer":
    from asn1crypto import keys
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    loaded = serialization.load_pem_private_key(_pair()[0].read_bytes(), password=None)
    if not isinstance(loaded, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise TypeError("SEHAT_SIGNING_KEY should be an RSA or elliptic-curve key in PEM")
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = loaded

    algorithms: dict[str, hashes.HashAlgorithm] = {
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
    }

    class WarmSigner(SimpleSigner):
        """Keeps the loaded key: pyHanko would read and check it anew at every signature, 33 ms for RSA."""

        def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
            """Sign with the key held."""
            algorithm = algorithms[digest_algorithm]
            if isinstance(key, rsa.RSAPrivateKey):
                return key.sign(data, padding.PKCS1v15(), algorithm)
            return key.sign(data, ec.ECDSA(algorithm))

    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return WarmSigner(
        signing_cert=held,
        signing_key=keys.PrivateKeyInfo.load(plain),
        cert_registry=SimpleCertificateStore.from_certs(chain),
    )


def certificate() -> bytes:
    """The signer's certificate and its chain, as PEM."""
    return (settings.SIGNING_CERT or _pair()[1]).read_bytes()


def _pair() -> tuple[Path, Path]:
    if isinstance(settings.SIGNING_KEY, Path) and settings.SIGNING_CERT:
        return settings.SIGNING_KEY, settings.SIGNING_CERT
    return development_pair(Path(settings.DATA) / "signing")


def development_pair(folder: Path) -> tuple[Path, Path]:
    """Key and self-signed certificate in `folder`, made when they are not there. Several processes may ask at
    once: all get the same.
    """
    if not folder.is_dir():
        draft = folder.with_name(f"{folder.name}.{secrets.token_hex(8)}")
        draft.mkdir(mode=0o700, parents=True)
        _make_pair(draft)
        # A rename onto a folder that has files fails: who came second throws the own pair away.
        with suppress(OSError):
            draft.rename(folder)
        shutil.rmtree(draft, ignore_errors=True)
    return folder / "key.pem", folder / "certificate.pem"


def _make_pair(folder: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "IN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SeHAT OPD"),
            x509.NameAttribute(NameOID.COMMON_NAME, "SeHAT OPD development certificate"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    begin = now() - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=365 * DEVELOPMENT_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(folder / "key.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
