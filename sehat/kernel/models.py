"""The base of every table."""

from django.db import models


class Base(models.Model):
    """A row knows when it was made."""

    created_at = models.DateTimeField(auto_now_add=True, editable=False)

    class Meta:
        abstract = True
