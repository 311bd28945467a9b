"""Work situations that are asked as questions, and when figures of a programme were released."""

from django.db import models

from borging.programmes.models import Programme


class Form(models.TextChoices):
    """Parallel forms: A before, B after, R for repetition in between."""

    A = "A"
    B = "B"
    RECALL = "R"


class Situation(models.Model):
    """A work situation with a few plausible things to do first. The best is the first in `options`; they are shown in
    another order. `explanation` says why, after answering."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="situations")
    form = models.CharField(max_length=1, choices=Form)
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    options = models.JSONField()
    explanation = models.TextField(blank=True)

    class Meta:
        ordering = ["form", "position"]
        constraints = [models.UniqueConstraint("programme", "form", "position", name="situation_once")]

    def __str__(self) -> str:
        return self.text


class Release(models.Model):
    """Figures of a programme as they were released: after enough new answers, or when a measurement closed.

    `batch` names what was measured; `answers` how many were in it, so that the next batch waits for enough new ones.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="releases")
    batch = models.CharField(max_length=60)
    answers = models.PositiveIntegerField()
    figures = models.JSONField()
    released_at = models.DateTimeField()

    class Meta:
        ordering = ["-released_at"]
        constraints = [models.UniqueConstraint("programme", "batch", "answers", name="release_once")]

    def __str__(self) -> str:
        return f"{self.programme}: {self.batch}"
