"""A signing key that never leaves its device: a smart card, a USB token or an HSM, by PKCS#11.

It is named by a URI (RFC 7512), `pkcs11:token=SeHAT;object=signing?module-path=/usr/lib/…/libsofthsm2.so&pin-source=
/etc/sehat/pin`: the token's label, the key's label, the maker's library, and the file that holds the PIN.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate
    from pyhanko.sign.signers import Signer

SCHEME = "pkcs11:"
EXAMPLE = "pkcs11:token=SeHAT;object=signing?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/etc/sehat/pin"


@dataclass(frozen=True, slots=True)
class HardwareKey:
    """Where the key is, and what opens it."""

    module: Path
    token: str
    label: str
    pin_file: Path


def read_uri(text: str) -> HardwareKey:
    """The key that a URI names. Raises ValueError, saying what is missing or not there."""
    path, _, query = text.removeprefix(SCHEME).partition("?")
    named = {name: unquote(value) for name, _, value in (part.partition("=") for part in path.split(";"))}
    asked = {name: values[0].removeprefix("file:") for name, values in parse_qs(query).items()}
    for name, given in (("token", named), ("object", named), ("module-path", asked), ("pin-source", asked)):
        if not given.get(name):
            raise ValueError(f"it lacks {name}")
    module, pin_file = Path(asked["module-path"]), Path(asked["pin-source"])
    for file in (module, pin_file):
        if not file.is_file():
            raise ValueError(f"{file} is not there")
    return HardwareKey(module, named["token"], named["object"], pin_file)


def signer(key: HardwareKey, certificate: "Certificate", chain: "list[Certificate]") -> "Signer":
    """A signer by the device, with a session of its own. Raises pkcs11's errors where the device does not answer."""
    from pkcs11.exceptions import UserAlreadyLoggedIn
    from pyhanko.config.pkcs11 import TokenCriteria
    from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

    criteria = TokenCriteria(label=key.token)
    try:
        session = open_pkcs11_session(
            str(key.module), token_criteria=criteria, user_pin=key.pin_file.read_text().strip()
        )
    except UserAlreadyLoggedIn:
        # A login counts for the whole process: an earlier session was lost without saying good-bye.
        session = open_pkcs11_session(str(key.module), token_criteria=criteria)
    # Devices hash less than they sign: the portal hashes, the device signs the hash.
    raw = certificate.public_key.algorithm == "ec"
    return PKCS11Signer(session, signing_cert=certificate, ca_chain=chain, key_label=key.label, use_raw_mechanism=raw)
