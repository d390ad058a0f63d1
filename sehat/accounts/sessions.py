"""Doors for staff: who may pass, by role."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase

from sehat.accounts.models import Staff
from sehat.accounts.rules import Role
from sehat.kernel.requests import PortalRequest

View = Callable[..., HttpResponseBase]


class StaffRequest(PortalRequest):
    """A request whose user is a signed-in member of staff."""

    user: Staff


def role_required(*roles: Role) -> Callable[[View], View]:
    """Let these roles in; everybody of the staff where none is named.

    Nobody signed in: to the login for a GET, else 404; another role: 404.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if not user.is_authenticated:
                if request.method == "GET" and "HX-Request" not in request.headers:
                    return redirect_to_login(request.get_full_path(), "accounts:login")
                raise Http404
            if not isinstance(user, Staff) or (roles and user.role not in roles):
                raise Http404
            return view(request, *args, **kwargs)

        return door

    return wrap
