from django.db import migrations

from sehat.kernel.upkeep import statistics_within_the_day


class Migration(migrations.Migration):

    dependencies = [
        ("waiting", "0002_promise"),
    ]

    operations = [
        statistics_within_the_day("waiting_call"),
    ]
