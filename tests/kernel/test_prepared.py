"""Prepared questions give what their QuerySets give."""

from datetime import datetime

import pytest
from django.db.models import QuerySet
from django.db.models.functions import Upper
from pytest_django import DjangoAssertNumQueries

from sehat.clinic.models import Doctor
from sehat.kernel.prepared import prepared
from sehat.registration.models import Patient
from sehat.tokens.models import Token
from sehat.tokens.rules import OPEN_STATES
from tests.conftest import IssueToken

pytestmark = pytest.mark.django_db


def _tokens(mobile: object, before: object) -> QuerySet[Token]:
    found = Token.objects.filter(patient__mobile=mobile, created_at__lte=before, state__in=OPEN_STATES)
    return found.select_related("patient", "opd", "doctor__staff").order_by("id")


def _numbers(opd: int) -> QuerySet[Token, tuple[int, datetime]]:
    return Token.objects.filter(opd=opd).order_by("-number").values_list("number", "expires_at")[:2]


def _same(one: object, other: object) -> bool:
    kept = {name: value for name, value in vars(other).items() if name != "_state"}
    return one == other and {name: value for name, value in vars(one).items() if name != "_state"} == kept


def test_rows_are_the_querysets_own(
    issue_token: IssueToken, asha: Patient, mohan: Patient, ten_o_clock: datetime
) -> None:
    token, _ = issue_token(asha, joined=True), issue_token(mohan)
    asked, late = prepared(_tokens), token.created_at
    for mobile in (asha.mobile, mohan.mobile, "9000000000"):
        expected = list(_tokens(mobile, late.replace(year=2100)))
        found = asked(mobile, late.replace(year=2100))
        assert len(found) == len(expected) and all(map(_same, found, expected))
    hers = asked.first(asha.mobile, late.replace(year=2100))
    assert hers is not None
    assert _same(hers.patient, asha) and _same(hers.opd, token.opd)
    assert hers.doctor is None and not hers._state.adding
    hers.save()  # an object like any other
    assert asked.first(asha.mobile, late.replace(year=2000)) is None


def test_related_rows_cost_no_query_more(
    issue_token: IssueToken, asha: Patient, dr_rao: Doctor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token = issue_token(asha)
    Token.objects.filter(pk=token.pk).update(doctor=dr_rao)
    asked = prepared(_tokens)
    with django_assert_num_queries(1):
        found = asked.first(asha.mobile, token.created_at.replace(year=2100))
        assert found is not None and found.doctor is not None
        assert found.doctor.staff.get_full_name() and found.patient.name == asha.name


def test_tuples_come_as_tuples(issue_token: IssueToken, asha: Patient, mohan: Patient) -> None:
    opd = issue_token(asha).opd_id
    issue_token(mohan)
    assert prepared(_numbers)(opd) == list(_numbers(opd))
    assert prepared(_numbers).first(opd) == _numbers(opd).first()


def test_annotations_and_what_is_fetched_ahead_come_along(
    issue_token: IssueToken, asha: Patient, mohan: Patient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    @prepared
    def patients(category: str) -> QuerySet[Patient]:
        found = Patient.objects.filter(category=category).prefetch_related("tokens__opd").order_by("id")
        return found.annotate(loud=Upper("name"))

    issue_token(asha), issue_token(mohan)
    with django_assert_num_queries(3):
        found = patients(asha.category)
        assert [one.loud for one in found] == [one.name.upper() for one in found]  # type: ignore[attr-defined]
        assert all(token.opd.code for one in found for token in one.tokens.all())
    assert asha in found


def test_rows_are_counted(issue_token: IssueToken, asha: Patient, mohan: Patient) -> None:
    @prepared
    def of_opd(opd: int) -> QuerySet[Token, tuple[int]]:
        return Token.objects.filter(opd=opd, state__in=OPEN_STATES).values_list("pk")

    opd = issue_token(asha).opd_id
    issue_token(mohan)
    assert of_opd.count(opd) == 2
    assert of_opd.count(opd + 1) == 0


def test_a_quoted_value_is_a_value(asha: Patient, ten_o_clock: datetime) -> None:
    assert prepared(_tokens).first("' OR 1=1 --", ten_o_clock.replace(year=2100)) is None
