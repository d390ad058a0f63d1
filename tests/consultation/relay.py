"""A real coturn on a host of its own, whose credentials the portal makes: over UDP, TCP and TLS."""

import base64
import hashlib
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

from tests.faults.hosts import Host

SECRET = "a-secret-for-the-relay"
PORT, TLS_PORT = 3478, 5349


@dataclass
class Relay:
    """coturn, to be killed and started again."""

    host: Host
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def urls(self) -> str:
        """As TURN_URLS names it."""
        plain, tls = f"turn:{self.host.address}:{PORT}", f"turns:{self.host.address}:{TLS_PORT}"
        return f"{plain}?transport=udp,{plain}?transport=tcp,{tls}?transport=tcp"

    def start(self) -> None:
        """Start it and wait until its ports answer."""
        program = shutil.which("turnserver")
        assert program, "coturn is not installed"
        certificate, key = self.certificate()
        options = {
            "listening-ip": self.host.address,
            "listening-port": str(PORT),
            "tls-listening-port": str(TLS_PORT),
            "cert": str(certificate),
            "pkey": str(key),
            "relay-ip": self.host.address,
            "static-auth-secret": SECRET,
            "realm": "sehat",
            "log-file": str(self.folder / "coturn.log"),
            "pidfile": str(self.folder / "coturn.pid"),
            "userdb": str(self.folder / "coturn.db"),
        }
        self.process = subprocess.Popen(
            [
                *(*self.host.inside, program, "-n", "--use-auth-secret", "--no-cli", "--no-dtls"),
                *(f"--{name}={value}" for name, value in options.items()),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(100):
            if self.host.do(self._answers):
                return
            time.sleep(0.1)
        raise AssertionError("coturn did not start")

    def kill(self) -> None:
        """Cut every line that goes through it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _answers(self) -> bool:
        for port in (PORT, TLS_PORT):
            with socket.socket() as probe:
                if probe.connect_ex((self.host.address, port)):
                    return False
        return True

    def certificate(self) -> tuple[Path, Path]:
        """Self-made, for the host's address; its file and its key's."""
        certificate, key = self.folder / "relay.pem", self.folder / "relay.key"
        if not key.exists():
            name = ("-subj", "/CN=relay", "-addext", f"subjectAltName=IP:{self.host.address}")
            new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
            files = ("-out", str(certificate), "-keyout", str(key))
            subprocess.run(["openssl", "req", "-x509", *new, *name, *files], check=True, capture_output=True)
        return certificate, key

    @property
    def trusted(self) -> str:
        """The flag that lets a Chromium trust this one certificate."""
        certificate = load_pem_x509_certificate(self.certificate()[0].read_bytes())
        info = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"--ignore-certificate-errors-spki-list={base64.b64encode(hashlib.sha256(info).digest()).decode()}"
