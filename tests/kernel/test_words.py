"""What Django itself says on our pages reads well in Hindi."""

from datetime import UTC, date, datetime, timedelta

from django.template.defaultfilters import filesizeformat
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timesince import timesince


def test_days_lengths_and_sizes_in_hindi() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    with translation.override("hi"):
        assert [date_format(date(2026, month, 1), "F") for month in (9, 11, 12)] == ["सितंबर", "नवंबर", "दिसंबर"]
        assert timesince(now - timedelta(minutes=62), now) == "1\xa0घंटा, 2\xa0मिनट"
        assert filesizeformat(3_000_000) == "2.9\xa0MB"
