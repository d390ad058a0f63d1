"""Sessions in the database, as Django keeps them, in one statement each: read at every request, and so without building
the query anew; stored without a transaction, as that statement is one by itself."""

from datetime import datetime

from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import get_random_string

from sehat.kernel.prepared import prepared
from sehat.kernel.rows import change, insert_new, remove


@prepared
def _living(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class SessionStore(DatabaseStore):
    """The engine of `SESSION_ENGINE`."""

    def save(self, must_create: bool = False) -> None:
        """Store the session: a new one (CreateError where its key is taken), or one that is still there (UpdateError
        where it has ended meanwhile).
        """
        if self.session_key is None:
            return self.create()
        row = self.create_model_instance(self._get_session(no_load=must_create))  # type: ignore[attr-defined]
        if must_create:
            if not insert_new(row):
                raise CreateError
            return None
        to = {"session_data": row.session_data, "expire_date": row.expire_date}
        if not change(Session, {"pk": row.pk}, to):
            raise UpdateError
        return None

    def delete(self, session_key: str | None = None) -> None:
        """End the session of that key, or this one."""
        if key := session_key or self.session_key:
            remove(Session, {"pk": key})

    def _get_new_session_key(self) -> str:
        # Whether another session has it is for `save` to find out, and not worth a look before.
        return get_random_string(32, VALID_KEY_CHARS)

    def _get_session_from_db(self) -> Session | None:
        found = _living.first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found
