from django.db import migrations

from sehat.kernel.upkeep import statistics_within_the_day


class Migration(migrations.Migration):

    dependencies = [
        ("notices", "0002_failed"),
    ]

    operations = [
        statistics_within_the_day("notices_notice"),
    ]
