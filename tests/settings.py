"""The portal's own settings, in a data folder of its own, with cheap passwords and unhashed static names."""

import atexit
import os
import shutil
import tempfile

_DATA = tempfile.mkdtemp(prefix="sehat-tests-")
atexit.register(shutil.rmtree, _DATA, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith(("SEHAT_", "TURN_", "SMS_", "EMAIL_", "REDIS_"))]:
    if _name != "SEHAT_TEST_DATABASE_URL":
        del os.environ[_name]
os.environ |= {
    "SEHAT_DEMO": "1",
    "DATA": _DATA,
    # Set by `python -m tests.servers postgresql …`; a DATABASE_URL of the machine is never used.
    "DATABASE_URL": os.environ.get("SEHAT_TEST_DATABASE_URL", ""),
}

from sehat.config.settings import *  # noqa: E402, F403
from sehat.config.settings import DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, so that tests of races may have several connections.
    DATABASES["default"]["TEST"] = {"NAME": f"{_DATA}/test.sqlite3"}
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Tests turn `now` themselves; one that is about the rest sets it.
PUT_BACK_REST_SECONDS = 0
