"""Who may pass into the store: a pharmacist, to the orders of the own store."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponseBase

from sehat.accounts.rules import Role
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.clinic import queries as clinic
from sehat.clinic.models import Store
from sehat.pharmacy import queries
from sehat.pharmacy.errors import NoStore
from sehat.pharmacy.models import Supply

View = Callable[..., HttpResponseBase]


class StoreRequest(StaffRequest):
    """A request of a pharmacist at a store."""

    store: Store


def store_required(view: View) -> View:
    """Let pharmacists in, as `role_required` does, and set `request.store`. Refuses one without (NoStore)."""

    @role_required(Role.PHARMACIST)
    @wraps(view)
    def door(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        store = clinic.store_of(request.user)
        if store is None:
            raise NoStore
        request.store = store
        return view(request, *args, **kwargs)

    return door


def own_supply(request: StoreRequest, ref: str) -> Supply:
    """An order of the pharmacist's own store; else 404."""
    supply = queries.of_store(request.store, ref)
    if supply is None:
        raise Http404
    return supply
