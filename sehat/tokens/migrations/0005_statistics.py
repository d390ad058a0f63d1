from django.db import migrations

from sehat.kernel.upkeep import statistics_within_the_day


class Migration(migrations.Migration):

    dependencies = [
        ("tokens", "0004_fewer_indexes"),
    ]

    operations = [
        statistics_within_the_day("tokens_token"),
    ]
