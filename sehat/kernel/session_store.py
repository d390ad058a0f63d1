"""Sessions in the database, as Django keeps them; read at every request, so without building the query anew."""

from datetime import datetime

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from sehat.kernel.prepared import prepared


@prepared
def _living(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class SessionStore(DatabaseStore):
    """The engine of `SESSION_ENGINE`."""

    def _get_session_from_db(self) -> Session | None:
        found = _living.first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found
