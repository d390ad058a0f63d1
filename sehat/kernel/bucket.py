"""The private storage in an S3 bucket, of Amazon or of any store that speaks its protocol.

Objects have no access list and no address of their own, and are encrypted as the bucket has it. boto3 is asked for only
where `SEHAT_FILES` names a bucket (requirements/s3.txt).
"""

import shutil
import threading
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from sehat.kernel.files import Careful

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 2, 10, 2
"""How long a page waits for a store that is slow: half a minute at the very most."""
CONNECTIONS = 32
IN_MEMORY = 1024 * 1024
"""Bytes of a file kept in memory while it is handed out; a larger one goes through a temporary file."""
ONE_PIECE = 64 * 1024 * 1024
"""Bytes sent in one piece: more than any file of the portal has, as half a file in pieces would be left behind."""

_CONFIG = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    max_pool_connections=CONNECTIONS,
    # The signature covers the content already; older stores know no other check sums.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class Fetched(File):
    """A file of the bucket; opened again after it was closed, it is fetched again."""

    def __init__(self, name: str, of: "Bucket") -> None:
        super().__init__(of.fetch(name), name)
        self.of = of

    def open(self, *args: Any, **kwargs: Any) -> "Fetched":
        """From the beginning."""
        if self.closed:
            with self.of.asked():
                self.file = self.of.fetch(str(self.name))
        self.seek(0)
        return self


class Bucket(Careful, S3Storage):
    """Below a prefix of a bucket. `endpoint_url` names a store other than Amazon's, asked by path."""

    TROUBLES = (BotoCoreError, ClientError, Boto3Error, OSError)

    def __init__(self, **options: Any) -> None:
        style = "path" if options.get("endpoint_url") else "auto"
        super().__init__(
            file_overwrite=False,
            default_acl=None,
            client_config=_CONFIG.merge(Config(s3={"addressing_style": style})),
            transfer_config=TransferConfig(use_threads=False, multipart_threshold=ONE_PIECE),
            **options,
        )
        self._connecting = threading.Lock()

    @property
    def connection(self) -> Any:
        """One for all threads: of what it can do, the portal uses what several may do at once."""
        with self._connecting:
            return self._connection

    @cached_property
    def _connection(self) -> Any:
        return self._create_session().resource(
            "s3", region_name=self.region_name, endpoint_url=self.endpoint_url, config=self.client_config
        )

    def reason(self, error: Exception) -> str:
        """The store's own word where it gave one, as `AccessDenied`."""
        if isinstance(error, ClientError):
            said = error.response.get("Error", {}).get("Code") or type(error).__name__
            return {"403": "AccessDenied", "404": "NotFound"}.get(said, said)
        return super().reason(error)

    def _open(self, name: str, mode: str = "rb") -> File:
        if mode != "rb":
            raise ValueError("files in a bucket are saved whole")
        return Fetched(name, self)

    def fetch(self, name: str) -> IO[bytes]:
        """The content, fetched to its end by one request, so that no half of a file is handed out."""
        kept = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (closed by who opened)
        try:
            found = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
            shutil.copyfileobj(found["Body"], kept)
        except BaseException:
            kept.close()
            raise
        kept.seek(0)
        return kept

    def written(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """From one listing by prefix, a thousand at a time."""
        prefix = f"{self._normalize_name(folder)}/"
        pages = self.connection.meta.client.get_paginator("list_objects_v2")
        with self.asked():
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=prefix, Delimiter="/"):
                for entry in page.get("Contents", ()):
                    yield entry["Key"].removeprefix(prefix), entry["LastModified"]
