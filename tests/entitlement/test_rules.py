"""Who is entitled (domain.md, "Entitlement"): each sentence an example."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sehat.entitlement.rules import (
    Category,
    Claim,
    Evidence,
    Policy,
    Relation,
    Verdict,
    Verification,
    is_service_number,
    judge,
    tidy_service_number,
)

TODAY = date(2026, 11, 23)
GROWN_UP = date(1980, 5, 17)
POLICY = Policy()


def claim(category: Category, relation: Relation | None = None, born: date = GROWN_UP) -> Claim:
    return Claim(category, relation, born)


def known(
    *, in_register: bool = False, sponsor: bool = False, decision: Verification = Verification.PENDING
) -> Evidence:
    return Evidence(mobile_in_register=in_register, sponsor_known=sponsor, decision=decision)


def test_a_soldier_stands_in_the_register() -> None:
    assert judge(claim(Category.SERVING), known(in_register=True), POLICY, TODAY) is Verdict.VERIFIED


@pytest.mark.parametrize("decision", [Verification.PENDING, Verification.VERIFIED])
def test_a_soldier_outside_the_register_stays_outside(decision: Verification) -> None:
    evidence = known(sponsor=True, decision=decision)
    assert judge(claim(Category.SERVING), evidence, POLICY, TODAY) is Verdict.NOT_IN_REGISTER


def test_a_veteran_may_wait_for_the_desk() -> None:
    assert judge(claim(Category.EX), known(), POLICY, TODAY) is Verdict.PENDING
    assert judge(claim(Category.EX), known(in_register=True), POLICY, TODAY) is Verdict.VERIFIED


def test_unless_headquarters_wants_verified_only() -> None:
    strict = Policy(verified_only=True)
    assert judge(claim(Category.EX), known(), strict, TODAY) is Verdict.NOT_VERIFIED_YET
    seen = known(decision=Verification.VERIFIED)
    assert judge(claim(Category.EX), seen, strict, TODAY) is Verdict.VERIFIED


def test_a_dependent_needs_a_known_sponsor() -> None:
    wife = claim(Category.DEPENDENT, Relation.SPOUSE)
    assert judge(wife, known(), POLICY, TODAY) is Verdict.SPONSOR_UNKNOWN
    assert judge(wife, known(sponsor=True), POLICY, TODAY) is Verdict.PENDING


@pytest.mark.parametrize(
    ("born", "verdict"),
    [(date(2001, 11, 24), Verdict.PENDING), (date(2001, 11, 23), Verdict.SON_TOO_OLD)],
)
def test_a_son_is_entitled_until_his_25th_birthday(born: date, verdict: Verdict) -> None:
    son = claim(Category.DEPENDENT, Relation.SON, born)
    assert judge(son, known(sponsor=True), POLICY, TODAY) is verdict


def test_the_age_is_a_setting_and_daughters_have_none() -> None:
    son = claim(Category.DEPENDENT, Relation.SON, date(1999, 1, 1))
    assert judge(son, known(sponsor=True), Policy(son_until_age=30), TODAY) is Verdict.PENDING
    daughter = claim(Category.DEPENDENT, Relation.DAUGHTER, date(1980, 1, 1))
    assert judge(daughter, known(sponsor=True), POLICY, TODAY) is Verdict.PENDING


CLAIMS = st.builds(Claim, st.sampled_from(Category), st.sampled_from(Relation), st.dates(date(1910, 1, 1), TODAY))
EVIDENCE = st.builds(Evidence, st.booleans(), st.booleans(), st.sampled_from(Verification))


@given(CLAIMS, EVIDENCE, st.booleans())
def test_what_the_desk_refused_stays_refused(one: Claim, evidence: Evidence, strict: bool) -> None:
    verdict = judge(one, evidence, Policy(verified_only=strict), TODAY)
    assert (verdict is Verdict.REFUSED_BY_DESK) == (evidence.decision is Verification.REFUSED)


@given(CLAIMS, EVIDENCE)
def test_strictness_never_lets_more_people_in(one: Claim, evidence: Evidence) -> None:
    inside = {Verdict.VERIFIED, Verdict.PENDING}
    if judge(one, evidence, Policy(verified_only=True), TODAY) in inside:
        assert judge(one, evidence, Policy(), TODAY) in inside


@pytest.mark.parametrize("text", ["JC-481205K", "jc 481205 k", "JC481205K", "  jc/481205-k "])
def test_a_service_number_is_one_however_it_is_written(text: str) -> None:
    assert tidy_service_number(text) == "JC481205K"


@pytest.mark.parametrize("text", ["", "12", "SOLDIER", "1" * 21])
def test_what_is_no_service_number(text: str) -> None:
    assert not is_service_number(tidy_service_number(text))
