"""What `SEHAT_QR_KEY` and `SEHAT_OLD_KEYS` may be: else one line names it and the start ends."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sehat.config import env


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A good one, named by the environment."""
    path = tmp_path / "qr.key"
    path.write_bytes(_pem(ec.generate_private_key(ec.SECP256R1())))
    path.chmod(0o600)
    monkeypatch.setenv("SEHAT_QR_KEY", str(path))
    return path


def _line(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stopped:
        env.p256_key("SEHAT_QR_KEY")
    assert stopped.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("SEHAT_QR_KEY: should be ")
    return lines[0]


def test_a_good_key_is_taken(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.p256_key("SEHAT_QR_KEY") == key
    monkeypatch.delenv("SEHAT_QR_KEY")
    assert env.p256_key("SEHAT_QR_KEY") is None


def test_a_key_that_others_may_read_is_refused(key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key.chmod(0o640)
    assert f"chmod 600 {key}" in _line(capsys)


@pytest.mark.parametrize("kind", ["text", "rsa", "another curve", "public"])
def test_another_kind_of_key_is_refused(key: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    if kind == "text":
        key.write_text("no key")
    elif kind == "rsa":
        key.write_bytes(_pem(rsa.generate_private_key(65537, 2048)))
    elif kind == "another curve":
        key.write_bytes(_pem(ec.generate_private_key(ec.SECP384R1())))
    else:
        public = ec.generate_private_key(ec.SECP256R1()).public_key()
        key.write_bytes(
            public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
    assert "P-256" in _line(capsys)


def test_old_keys_must_be_there(key: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SEHAT_OLD_KEYS", f"{key}, {key}")
    assert env.existing_files("SEHAT_OLD_KEYS") == [key, key]
    monkeypatch.setenv("SEHAT_OLD_KEYS", f"{key},{key}.gone")
    with pytest.raises(SystemExit):
        env.existing_files("SEHAT_OLD_KEYS")
    assert capsys.readouterr().err.startswith("SEHAT_OLD_KEYS: should be paths")
