"""Private storage: health records and prescriptions. Nothing in it has a public address; views hand files out."""

from django.core.files.storage import Storage, storages


def private() -> Storage:
    """The storage named `private` in the settings (`SEHAT_FILES`); a callable, so that migrations name no folder."""
    return storages["private"]
