"""How often something was tried in a stretch of time: what all web processes count together."""

from django.db import models


class Tally(models.Model):
    """One count. `key` is a hash: nobody's address or code stands in it."""

    key = models.CharField(max_length=64, primary_key=True)
    n = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.n}"
