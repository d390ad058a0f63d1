"""The keys that vouch for prescriptions: the one that signs codes, and the public ones that are published.

The key of the codes comes from `QR_KEY` (an elliptic-curve key on P-256, PEM); a demo makes one in the data
folder at the first code. Public keys and certificates that were used before stand in `OLD_KEYS`, so that old
sheets are still accepted.
"""

import os
import secrets
from base64 import b64encode
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from sehat.papers import signing
from sehat.papers.statement import ALGORITHM, KEY_ID_LENGTH, key_set

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, KeySet


@cache
def code_key() -> "ECKey":
    """The private key that signs codes now."""
    from joserfc.jwk import ECKey

    key = ECKey.import_key(_file().read_bytes())
    return ECKey.import_key({**key.as_dict(private=True), "kid": key.thumbprint()[:KEY_ID_LENGTH]})


@cache
def code_keys() -> "KeySet":
    """The public keys of all codes, the present one first."""
    return key_set(published())


@cache
def published() -> dict[str, Any]:
    """The JWKS at `/.well-known/jwks.json`: keys of codes, and the certificates that sign PDFs (`x5c`)."""
    from joserfc.jwk import ECKey

    old = [path.read_bytes() for path in settings.OLD_KEYS]
    certificates = [signing.certificate(), *(pem for pem in old if b"BEGIN CERTIFICATE" in pem)]
    keys = [code_key(), *(ECKey.import_key(pem) for pem in old if b"BEGIN CERTIFICATE" not in pem)]
    return {"keys": [*map(_published_key, keys), *map(_published_certificate, certificates)]}


def _published_key(key: "ECKey") -> dict[str, Any]:
    kid = key.thumbprint()[:KEY_ID_LENGTH]
    return {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM}


def _published_certificate(pem: bytes) -> dict[str, Any]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from joserfc.jwk import ECKey, RSAKey

    # The first certificate of the file is the signer's, the others are of its chain.
    chain = x509.load_pem_x509_certificates(pem)
    public = chain[0].public_key()
    plain = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    key = RSAKey.import_key(plain) if isinstance(public, rsa.RSAPublicKey) else ECKey.import_key(plain)
    return {
        **key.as_dict(private=False),
        "kid": "pdf-" + chain[0].fingerprint(hashes.SHA256()).hex()[:KEY_ID_LENGTH],
        "use": "sig",
        "x5c": [b64encode(one.public_bytes(serialization.Encoding.DER)).decode() for one in chain],
    }


def _file() -> Path:
    if settings.QR_KEY:
        return Path(settings.QR_KEY)
    return development_key(Path(settings.DATA) / "qr-key.pem")


def development_key(path: Path) -> Path:
    """A P-256 key at `path`, made when it is not there. Several processes may ask at once: all get the same."""
    if not path.exists():
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
        # A link appears whole or not at all: who came second keeps the first one's key.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path
