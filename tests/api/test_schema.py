"""Schemathesis asks every operation of the OpenAPI document with whatever fits it and with what does not."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sehat.accounts.models import Staff
from sehat.api import keys
from sehat.clinic.models import Opd
from sehat.kernel.clock import now
from sehat.registration.models import Patient
from tests.api.conftest import AppOf
from tests.permissions.test_table import ROWS

pytestmark = pytest.mark.django_db

CHECKS: list[CheckFunction] = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
OPERATIONS = [
    f"{method.upper()} {path.removeprefix('/api/v1/')}"
    for path, methods in schema.raw_schema["paths"].items()
    for method in methods
]


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """As Django's own test client does: the end of a request does not close the test's connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_one_connection")
@schema.parametrize()
@settings(
    max_examples=12,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)
def test_no_operation_breaks(case: Any, asha: Patient, opd: Opd, hq: Staff, app_of: AppOf) -> None:
    """As a patient who is signed in, or a machine of HQ: what is asked is answered or refused, as the document says."""
    is_hqs = case.path.startswith("/api/v1/hq/")
    key = keys.make(name="Test", days=30, by=hq, now=now())[0] if is_hqs else app_of(asha).key
    case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=CHECKS)


def test_every_operation_stands_in_the_permissions_table() -> None:
    asked = {f"{row.method} {row.address.partition('rest=')[2]}" for row in ROWS if row.name == "api:v1"}
    assert {_shape(operation) for operation in OPERATIONS} == {_shape(operation) for operation in asked}


def _shape(operation: str) -> str:
    """With the references of both sides left out."""
    parts = operation.replace("{ref}", "*").replace("{record}", "*").split("/")
    return "/".join("*" if part in {"rx", "his", "prescription", "consultation"} else part for part in parts)
