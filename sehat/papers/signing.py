"""Signs PDFs: a PAdES signature by pyHanko with the portal's key (architecture.md; clinical.md, "What a
prescription holds").

The key and its certificate come from `SIGNING_KEY` and `SIGNING_CERT`; a demo makes a development pair in the
data folder at the first signature. The signer is built once a process and shared by its threads.
"""

import io
import os
import secrets
import shutil
from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from sehat.kernel.clock import now

if TYPE_CHECKING:
    from pyhanko.sign.signers import SimpleSigner

RESERVED = 8192
"""Hex digits kept free in the PDF for the signature: enough for a chain of three certificates."""
FIELD = "PortalSignature"
DEVELOPMENT_YEARS = 10


def sign(pdf: bytes, *, reason: str) -> bytes:
    """The PDF with an invisible signature over all of it. PDF readers show `reason`; no clinical text."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    about = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        location="India",
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    return PdfSigner(about, signer=_signer()).sign_pdf(writer, bytes_reserved=RESERVED).getvalue()


def warm_up() -> None:
    """Load pyHanko and the key, which is made where a demo has none yet."""
    _signer()


@cache
def _signer() -> "SimpleSigner":
    # pyHanko takes 0.8 s and 19 MB to import: only a process that signs pays for it.
    from asn1crypto import keys
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from pyhanko.keys import load_certs_from_pemder_data
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    key_file, certificate_file = _pair()
    loaded = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
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

    # The file holds the signer's certificate first, then those of its chain.
    certificate, *chain = load_certs_from_pemder_data(certificate_file.read_bytes())
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return WarmSigner(
        signing_cert=certificate,
        signing_key=keys.PrivateKeyInfo.load(plain),
        cert_registry=SimpleCertificateStore.from_certs(chain),
    )


def certificate() -> bytes:
    """The signer's certificate and its chain, as PEM."""
    return _pair()[1].read_bytes()


def _pair() -> tuple[Path, Path]:
    if settings.SIGNING_KEY and settings.SIGNING_CERT:
        return Path(settings.SIGNING_KEY), Path(settings.SIGNING_CERT)
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
