"""Reads the environment. A missing or malformed variable stops the start with one line that names it."""

import os
import re
import secrets
import sys
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ

from sehat.papers import hardware
from sehat.papers.hardware import HardwareKey

_env = environ.Env()


def stop(name: str, should: str) -> NoReturn:
    """End the process with exit code 2 and one line: which variable is wrong and what it should be."""
    sys.stderr.write(f"{name}: {should}\n")
    raise SystemExit(2)


def text(name: str, default: str = "") -> str:
    """The variable's text, stripped; `default` where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str) -> bool:
    """Whether the variable says yes. Stops at anything that is neither yes nor no."""
    value = text(name, "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    stop(name, f"should be 1 or 0, not {value!r}")


def one_of(name: str, *words: str) -> str:
    """One of the words; the first where the variable is unset."""
    value = text(name, words[0])
    if value not in words:
        stop(name, f"should be {' or '.join(words)}, not {value!r}")
    return value


def seconds(name: str, default: int) -> int:
    """A whole number of seconds above 0."""
    value = text(name, str(default))
    if not value.isdigit() or int(value) == 0:
        stop(name, f"should be a whole number of seconds above 0, not {value!r}")
    return int(value)


def whole(name: str, default: int) -> int:
    """A whole number, 0 or more."""
    value = text(name, str(default))
    if not value.isdigit():
        stop(name, f"should be a whole number, not {value!r}")
    return int(value)


def words(name: str) -> list[str]:
    """A list with commas between."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def pairs(name: str) -> dict[str, str]:
    """A list of `key=value` with commas between."""
    found = {key: value for key, _, value in (word.partition("=") for word in words(name))}
    if not all(key and value for key, value in found.items()):
        stop(name, "should look like otp=1107160000000000001,call_now=1107160000000000002")
    return found


def mailers(name: str) -> dict[str, Any]:
    """Django's `MAILERS` for a URL such as `smtp+tls://user:password@host:587`; none where it is unset."""
    value = url(name, {"smtp", "smtps", "smtp+tls", "smtp+ssl"}, "smtp+tls://user:password@mail.example.in:587")
    if not value:
        return {}
    parts = urlsplit(value)
    if not parts.hostname:
        stop(name, "should name the mail server, as in smtp+tls://user:password@mail.example.in:587")
    options = {
        "host": parts.hostname,
        "port": parts.port or (587 if parts.scheme == "smtp+tls" else 465 if parts.scheme != "smtp" else 25),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme in {"smtps", "smtp+ssl"},
        "timeout": 20,
    }
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


def existing_file(name: str) -> Path | None:
    """A path to a file that is there, or None where the variable is unset."""
    value = text(name)
    if not value:
        return None
    path = Path(value)
    if not path.is_file():
        stop(name, f"should be the path of a readable file; {value} is not there")
    return path


def signing_key(name: str) -> Path | HardwareKey | None:
    """A path to a private key, or a key in a device by its PKCS#11 URI; None where the variable is unset."""
    value = text(name)
    if not value.startswith(hardware.SCHEME):
        return existing_file(name)
    try:
        return hardware.read_uri(value)
    except ValueError as error:
        stop(name, f"should look like {hardware.EXAMPLE}: {error}")


def p256_key(name: str) -> Path | None:
    """A path to a private key on the curve P-256 in PEM that nobody else may read, or None where it is unset."""
    path = existing_file(name)
    if path is None:
        return None
    if path.stat().st_mode & 0o077:
        stop(name, f"should be a file that only its owner may read: chmod 600 {path}")
    # Only production sets it, and signs with it soon: the import is no loss.
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        stop(name, "should be a private key on P-256: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256")
    return path


def existing_files(name: str) -> list[Path]:
    """Paths to files that are there, with commas between."""
    paths = [Path(word) for word in words(name)]
    for path in paths:
        if not path.is_file():
            stop(name, f"should be paths of readable files with commas between; {path} is not there")
    return paths


def secret_key(demo: bool, data: Path) -> str:
    """`SEHAT_SECRET_KEY`; in demo mode one is made at first start and kept in the data folder."""
    value = text("SEHAT_SECRET_KEY")
    if value:
        if len(value) < 32:
            stop("SEHAT_SECRET_KEY", "should be at least 32 random characters")
        return value
    if not demo:
        stop("SEHAT_SECRET_KEY", "should be set to at least 32 random characters")
    path = data / "secret-key"
    try:
        with path.open("x") as new:
            path.chmod(0o600)
            new.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


def url(name: str, schemes: set[str], example: str) -> str:
    """A URL with one of the schemes, or "" where the variable is unset. A wrong one is not shown: it holds a secret."""
    value = text(name)
    try:
        parts = urlsplit(value)
        well = parts.scheme in schemes and (parts.port is None or parts.port > 0)
    except ValueError:
        well = False
    if value and not well:
        stop(name, f"should look like {example}")
    return value


def secret(name: str) -> str:
    """A secret of at least 16 characters, or "" where the variable is unset."""
    value = text(name)
    if value and len(value) < 16:
        stop(name, "should be at least 16 random characters")
    return value


def networks(name: str, default: str) -> str:
    """IP addresses or networks with commas between."""
    value = text(name, default)
    try:
        for word in value.split(","):
            ip_network(word.strip())
    except ValueError:
        stop(name, "should be addresses or networks with commas between, as in 10.0.0.5,10.1.0.0/16")
    return value


def zone(name: str) -> str:
    """The name of a time zone that this host knows."""
    try:
        ZoneInfo(name)
    except ZoneInfoNotFoundError:
        stop("tzdata", f"should be installed on this host: its time zones lack {name}")
    return name


BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIX = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?")
BUCKET_EXAMPLE = "s3://bucket/prefix?endpoint=https://s3.example.in&region=ap-south-1"


def files(name: str, data: Path) -> dict[str, Any]:
    """Django's settings of the private storage: a folder, `files` in the data folder where the variable is unset, or a
    bucket by `s3://…`. Keys of the bucket come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the host's role.
    """
    value = text(name, str(data / "files"))
    if "://" not in value:
        options = {"location": value, "base_url": None, "file_permissions_mode": 0o600}
        return {"BACKEND": "sehat.kernel.files.Folder", "OPTIONS": options}
    try:
        options = _bucket(value)
    except ValueError as error:
        stop(name, f"should be a folder, or look like {BUCKET_EXAMPLE}: {error}")
    key, its_secret = text("AWS_ACCESS_KEY_ID"), text("AWS_SECRET_ACCESS_KEY")
    if bool(key) != bool(its_secret):
        lacking, there = ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")[:: 1 if key else -1]
        stop(lacking, f"should be set together with {there}, or neither where the host's role opens the bucket")
    if not (find_spec("storages") and find_spec("boto3")):
        stop(name, "names a bucket, which needs pip install --require-hashes --no-deps -r requirements/s3.txt")
    return {"BACKEND": "sehat.kernel.bucket.Bucket", "OPTIONS": options}


def _bucket(value: str) -> dict[str, Any]:
    """The options of `kernel.bucket.Bucket`. Raises ValueError, which does not show what may be a secret."""
    parts = urlsplit(value)
    if parts.scheme != "s3":
        raise ValueError(f"{parts.scheme} is no store that the portal knows")
    if "@" in parts.netloc:
        raise ValueError("keys belong into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    if not BUCKET.fullmatch(parts.netloc):
        raise ValueError("the bucket has a name of small letters, digits, dots and hyphens")
    if not PREFIX.fullmatch(parts.path):
        raise ValueError("the prefix has parts of letters, digits, dots and hyphens with / between")
    asked = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    more = dict(asked)
    if parts.fragment or len(more) < len(asked) or not more.keys() <= {"endpoint", "region"}:
        raise ValueError("endpoint and region, each once, are all that may follow")
    if "endpoint" in more and not _is_endpoint(more["endpoint"]):
        raise ValueError("the endpoint is an address as https://s3.example.in")
    if "region" in more and not re.fullmatch(r"[a-z0-9-]+", more["region"]):
        raise ValueError("the region is a name as ap-south-1")
    return {
        "bucket_name": parts.netloc,
        "location": parts.path.strip("/"),
        "endpoint_url": more.get("endpoint"),
        "region_name": more.get("region"),
    }


def _is_endpoint(value: str) -> bool:
    """Scheme, host and port, and nothing else. Raises ValueError for a port that is none."""
    parts = urlsplit(value)
    bare = not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
    return bare and parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0


def database(data: Path) -> dict[str, Any]:
    """Django's database settings: SQLite in the data folder, or what `DATABASE_URL` names (PostgreSQL)."""
    value = url("DATABASE_URL", {"postgres", "postgresql", "sqlite"}, "postgresql://user:password@host:5432/sehat")
    if value and not value.startswith("sqlite"):
        config: dict[str, Any] = dict(_env.db_url_config(value))
        if not config.get("NAME"):
            stop("DATABASE_URL", "should end in the name of a database, as in postgresql://host:5432/sehat")
        from sehat.config import pool

        # The pool looks at each connection itself.
        config["CONN_HEALTH_CHECKS"] = False
        config["OPTIONS"] = pool.options(config.get("OPTIONS", {}))
        return config
    path = Path(value.removeprefix("sqlite:///")) if value else data / "sehat.sqlite3"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
                "PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY"
            ),
        },
    }
