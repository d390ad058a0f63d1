from django.db import migrations

from sehat.kernel.upkeep import statistics_within_the_day


class Migration(migrations.Migration):

    dependencies = [
        ("consultation", "0008_missed_invitation"),
    ]

    operations = [
        statistics_within_the_day("consultation_consultation", "consultation_invitation"),
    ]
