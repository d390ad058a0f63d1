"""`SEHAT_FILES`: a folder, or a bucket by its URL; anything else stops the start with one line."""

import subprocess
import sys
from pathlib import Path

import pytest

from sehat.config import env
from tests.portal import ROOT


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SEHAT_FILES", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert env.files("SEHAT_FILES", tmp_path)["OPTIONS"]["location"] == str(tmp_path / "files")
    monkeypatch.setenv("SEHAT_FILES", "/srv/files")
    assert env.files("SEHAT_FILES", tmp_path)["OPTIONS"]["location"] == "/srv/files"


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("s3://opd-files", ("opd-files", "", None, None)),
        ("s3://opd-files/", ("opd-files", "", None, None)),
        ("s3://opd.files/a/b_c", ("opd.files", "a/b_c", None, None)),
        ("s3://opd-files/a?region=ap-south-1", ("opd-files", "a", None, "ap-south-1")),
        (
            "s3://opd-files/a/?endpoint=https://s3.example.in:9000&region=ap-south-1",
            ("opd-files", "a", "https://s3.example.in:9000", "ap-south-1"),
        ),
        ("s3://opd-files?endpoint=http%3A%2F%2F10.0.0.5%3A9000", ("opd-files", "", "http://10.0.0.5:9000", None)),
    ],
)
def test_a_bucket(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, options: tuple[str, str, str | None, str | None]
) -> None:
    monkeypatch.setenv("SEHAT_FILES", url)
    names = ("bucket_name", "location", "endpoint_url", "region_name")
    assert env.files("SEHAT_FILES", tmp_path)["OPTIONS"] == dict(zip(names, options, strict=True))


def stopped(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> str:
    """The one line with which the start stops."""
    with pytest.raises(SystemExit) as end:
        env.files("SEHAT_FILES", tmp_path)
    assert end.value.code == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    return line


@pytest.mark.parametrize(
    "url",
    [
        "s3://",
        "s3:///prefix",
        "s3://A-Bucket",
        "s3://b",
        "s3://bucket:9000/prefix",
        "s3://[half",
        "s3://bucket/../elsewhere",
        "s3://bucket/a//b",
        "s3://bucket/a b",
        "s3://bucket?endpoint",
        "s3://bucket?endpoint=s3.example.in",
        "s3://bucket?endpoint=ftp://s3.example.in",
        "s3://bucket?endpoint=https://key:hidden@s3.example.in",
        "s3://bucket?endpoint=https://s3.example.in/bucket",
        "s3://bucket?endpoint=https://s3.example.in:port",
        "s3://bucket?region=",
        "s3://bucket?region=ap south",
        "s3://bucket?region=a&region=b",
        "s3://bucket?secret=hidden",
        "s3://bucket#hidden",
        "s3://key:hidden@bucket",
        "gs://bucket",
        "https://bucket.s3.example.in/",
    ],
)
def test_a_wrong_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, url: str
) -> None:
    monkeypatch.setenv("SEHAT_FILES", url)
    line = stopped(capsys, tmp_path)
    assert line.startswith(f"SEHAT_FILES: should be a folder, or look like {env.BUCKET_EXAMPLE}: ")
    assert "hidden" not in line


@pytest.mark.parametrize(
    ("one", "other"),
    [("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")],
)
def test_half_a_pair_of_keys(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, one: str, other: str
) -> None:
    monkeypatch.setenv("SEHAT_FILES", "s3://bucket")
    monkeypatch.setenv(one, "hidden")
    line = stopped(capsys, tmp_path)
    assert line.startswith(f"{other}: should be set together with {one}")
    assert "hidden" not in line


def test_a_bucket_without_its_library(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("SEHAT_FILES", "s3://bucket")
    monkeypatch.setattr(env, "find_spec", lambda name: None)
    assert "-r requirements/s3.txt" in stopped(capsys, tmp_path)
    assert (ROOT / "requirements/s3.txt").is_file()


def test_a_folder_needs_no_library(tmp_path: Path) -> None:
    """What `make run` installs has none of it."""
    program = (
        "import sys; sys.modules |= dict.fromkeys(['storages', 'boto3', 'botocore'])\n"
        "import django; django.setup()\n"
        "from sehat.kernel.files import try_out; from sehat.config import background, urls; try_out()"
    )
    surroundings = {"SEHAT_DEMO": "1", "DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "sehat.config.settings"}
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=surroundings, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    locked = (ROOT / "requirements/runtime.txt").read_text()
    assert "boto" not in locked
    assert "django-storages" not in locked
