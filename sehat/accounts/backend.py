"""Who a member of staff is: by password, and at each request again by the session."""

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from sehat.accounts.models import Staff
from sehat.kernel.prepared import prepared


@prepared
def _active(pk: int) -> QuerySet[Staff]:
    return Staff.objects.filter(pk=pk, is_active=True)


class StaffBackend(ModelBackend):
    """Django's own, that asks for the person at every request without building the query anew."""

    def get_user(self, user_id: int) -> Staff | None:
        """The member of staff whom a session names, if still active."""
        return _active.first(user_id)
