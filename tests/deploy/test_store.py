"""`sehat check` tries the store of files out: a folder, or a bucket (moto's server, a stand-in for a store)."""

from pathlib import Path

from tests import servers
from tests.deploy.production import Production
from tests.deploy.test_start import refused
from tests.files.conftest import KEYS, NAME, s3_server

__all__ = ["s3_server"]


def bucket(endpoint: str, name: str = NAME) -> dict[str, str | None]:
    """The variables that name it."""
    return {"SEHAT_FILES": f"s3://{name}/check?endpoint={endpoint}&region=ap-south-1", **KEYS}


def test_a_bucket_that_works(production: Production, s3_server: str) -> None:
    done = production.run("check", **bucket(s3_server))
    assert done.returncode == 0, done.stderr


def test_one_that_does_not(production: Production, s3_server: str, tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{servers.free_port()}"
    should = "SEHAT_FILES: should name a bucket that the portal can write, list and read: "
    assert refused(production, "check", **bucket(nobody)) == f"{should}EndpointConnectionError"
    assert refused(production, "check", **bucket(s3_server, "no-such-bucket")).startswith(should)
    (tmp_path / "file").touch()
    line = refused(production, "check", SEHAT_FILES=str(tmp_path / "file"))
    assert line.startswith("SEHAT_FILES: should name a folder that the portal can write, list and read: ")
