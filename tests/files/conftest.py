"""The private storage in a bucket. The store is moto's server in a process of its own: a stand-in that speaks S3."""

from collections.abc import Callable, Iterator

import boto3
import pytest
from django.core.files.storage import storages

from sehat.kernel.bucket import Bucket
from sehat.letters.models import Letter
from sehat.prescription.models import Prescription
from sehat.tokens.models import HealthRecord
from tests import servers
from tests.letters.conftest import leave
from tests.prescription.conftest import doctors_browser, issued, meet, met, patients_browser, written

__all__ = ["doctors_browser", "issued", "leave", "meet", "met", "patients_browser", "written"]

NAME = "sehat-files"
KEYS = {"AWS_ACCESS_KEY_ID": "a-key-of-the-tests", "AWS_SECRET_ACCESS_KEY": "a-secret-of-the-tests"}

Use = Callable[[str], Bucket]


def make_bucket(endpoint: str) -> None:
    """In a store that has none yet."""
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )
    client.create_bucket(Bucket=NAME)
    client.close()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The endpoint of a store with one bucket."""
    with servers.s3() as endpoint:
        make_bucket(endpoint)
        yield endpoint


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Let the portal keep its files in the bucket at an endpoint."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)

    def put(endpoint: str) -> Bucket:
        bucket = Bucket(bucket_name=NAME, location="opd/files", endpoint_url=endpoint, region_name="us-east-1")
        monkeypatch.setitem(storages._storages, "private", bucket)  # type: ignore[attr-defined]
        for model in (HealthRecord, Prescription, Letter):
            monkeypatch.setattr(model._meta.get_field("file"), "storage", bucket)
        return bucket

    return put


@pytest.fixture
def bucket(s3_server: str, use: Use) -> Iterator[Bucket]:
    """The bucket, empty."""
    used = use(s3_server)
    used.bucket.objects.all().delete()
    yield used
    used.connection.meta.client.close()


@pytest.fixture
def away(use: Use) -> Iterator[Bucket]:
    """A bucket where nobody answers."""
    gone = use(f"http://127.0.0.1:{servers.free_port()}")
    yield gone
    gone.connection.meta.client.close()
