"""Version 1, put together. Importing this loads the whole library; see `views` for when."""

from typing import Any

from ninja import NinjaAPI

from sehat.api import entry, headquarters, past, visit
from sehat.api.doors import tell_refusals

PREFIX = "/api/v1/"

api = NinjaAPI(
    title="SeHAT OPD",
    version="1",
    description=(
        "The patient's OPD day for apps, and records for HQ. Every refusal is `{error, sentence}`: the sentence is for "
        "the person, in the language of `Accept-Language` (`hi` or `en`)."
    ),
    openapi_url=None,
    docs_url=None,
    urls_namespace="v1",
)
tell_refusals(api)
for router in (entry.router, visit.router, past.router, headquarters.router):
    api.add_router("", router)


def description() -> dict[str, Any]:
    """The OpenAPI document."""
    return api.get_openapi_schema(path_prefix=PREFIX)
