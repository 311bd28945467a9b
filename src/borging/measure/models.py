"""When figures of a programme were released."""

from django.db import models

from borging.programmes.models import Programme


class Release(models.Model):
    """Figures of a programme as they were released: after enough new answers, or when a measurement closed.

    `batch` names what was measured; `answers` how many were in it, so that the next batch waits for enough new ones.
    `figures` holds numbers and codes, no words, so that they can be told in any language. `ledger` keeps of which
    answers (under pseudonym) sums were shown for the first time, so that no later figure, taken together with earlier
    ones, tells what one person answered.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="releases")
    batch = models.CharField(max_length=60)
    answers = models.PositiveIntegerField()
    figures = models.JSONField()
    ledger = models.JSONField(default=list)
    released_at = models.DateTimeField()

    class Meta:
        ordering = ["-released_at"]
        constraints = [models.UniqueConstraint("programme", "batch", "answers", name="release_once")]

    def __str__(self) -> str:
        return f"{self.programme}: {self.batch}"
