"""Evidence: what a browser may claim."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sehat.consultation.rules import LEAST_SECONDS, Evidence, Mode, achieved, bounded

START = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
numbers = st.integers(min_value=-(10**6), max_value=10**6)
reports = st.builds(Evidence, video=numbers, audio=numbers, drops=numbers)


@given(reports, st.integers(min_value=-60, max_value=7200))
def test_no_second_counts_that_has_not_passed(reported: Evidence, passed: int) -> None:
    kept = bounded(reported, started=START, until=START + timedelta(seconds=passed))
    for value, said in [
        (kept.video, reported.video),
        (kept.audio, reported.audio),
        (kept.drops, reported.drops),
    ]:
        assert 0 <= value <= max(0, passed)
        assert value <= max(0, said)


@given(reports)
def test_an_honest_report_is_kept_as_it_is(reported: Evidence) -> None:
    honest = Evidence(abs(reported.video) % 600, abs(reported.audio) % 600, abs(reported.drops) % 600)
    assert bounded(honest, started=START, until=START + timedelta(minutes=10)) == honest


def test_the_mode_is_what_both_ends_saw() -> None:
    long, short, heard = Evidence(300, 300), Evidence(LEAST_SECONDS - 1, 300), Evidence(0, 300)
    assert achieved(long, long) is Mode.VIDEO
    assert achieved(long, short) is Mode.AUDIO
    assert achieved(heard, long) is Mode.AUDIO
    assert achieved(Evidence(), long) is Mode.TEXT
