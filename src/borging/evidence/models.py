"""What happened, as rows that are only added. Nobody's name is in it."""

import uuid

from django.db import models
from django.db.models import Q

from borging.people.models import Organisation
from borging.programmes.models import Behaviour, Cohort, Programme


class Source(models.TextChoices):
    """From which eyes an entry comes."""

    SELF = "self"
    MANAGER = "manager"
    BUDDY = "buddy"
    OBSERVER = "observer"
    TRAINER = "trainer"
    SPONSOR = "sponsor"
    LD = "ld"
    TEAM = "team"


class Entry(models.Model):
    """One answer to one question on one card.

    `subject` is whom it is about and `author` who said it, both as a pseudonym that only their own secret leads to;
    both empty in an anonymous entry, which has no finer time than `happened_on` and whose id tells no order.
    `slot` is the place of an answer (card, question, behaviour): a later answer in the same slot replaces the earlier,
    which stays as it was, so of each slot one entry stands.
    `number` holds scales and counts, `choice` the key of an option ("no-opportunity" is one), `text` own words.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own where another begins with the column or nobody looks by it: each is written with every answer.
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+", db_index=False)
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="entries", db_index=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="entries")
    subject = models.UUIDField(null=True, blank=True)
    author = models.UUIDField(null=True, blank=True)
    source = models.CharField(max_length=8, choices=Source)
    step = models.CharField(max_length=40)
    occurrence = models.PositiveSmallIntegerField(default=0)
    question = models.CharField(max_length=40)
    family = models.CharField(max_length=12)
    behaviour = models.ForeignKey(Behaviour, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    item = models.PositiveSmallIntegerField(null=True, blank=True)
    number = models.FloatField(null=True, blank=True)
    choice = models.CharField(max_length=40, blank=True)
    text = models.TextField(blank=True)
    happened_on = models.DateField()
    recorded_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)
    slot = models.UUIDField()

    class Meta:
        indexes = [
            models.Index(fields=["programme", "step", "question"]),
            models.Index(fields=["subject", "programme"]),
        ]
        constraints = [
            models.UniqueConstraint(name="entry_stands_once", fields=["slot"], condition=Q(replaced_at=None)),
            models.CheckConstraint(name="entry_source_known", condition=Q(source__in=Source.values)),
            models.CheckConstraint(
                name="entry_anonymous_has_no_time",
                condition=Q(author__isnull=False) | Q(subject=None, recorded_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}/{self.question}"
