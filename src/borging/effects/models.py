"""A study: two files, the question asked of them, how far the work is, and the answer."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q

from borging.people.models import Account, Organisation


class Status(models.TextChoices):
    """Where a study stands. Work is done in `INSPECTING` and `WORKING`; people act in `MAPPING` and the last three."""

    RECEIVED = "received"
    INSPECTING = "inspecting"
    MAPPING = "mapping"
    QUEUED = "queued"
    WORKING = "working"
    READY = "ready"
    UNUSABLE = "unusable"
    FAILED = "failed"


AT_WORK = (Status.RECEIVED, Status.INSPECTING, Status.QUEUED, Status.WORKING)
STOPPED = (Status.UNUSABLE, Status.FAILED)


class Study(models.Model):
    """One question asked of one pair of files.

    `due_at` is set exactly while Borging has work to do: from then on any worker may claim the row. A claim moves it
    ahead, so that work which was lost comes back by itself; `attempts` counts the claims and tells them apart.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="studies")
    owner = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="studies")
    title = models.CharField(max_length=120)
    status = models.CharField(max_length=10, choices=Status, default=Status.RECEIVED)
    stage = models.CharField(max_length=40, blank=True)
    progress = models.FloatField(default=0.0)
    participants_name = models.TextField()
    outcomes_name = models.TextField()
    options = models.JSONField(default=dict)
    inspection = models.JSONField(null=True, blank=True)
    columns = models.JSONField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True)
    left_out = models.JSONField(null=True, blank=True)
    rejected = models.PositiveIntegerField(default=0)
    problem = models.JSONField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["organisation", "-created_at"])]
        constraints = [
            models.CheckConstraint(name="study_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(name="study_progress_is_a_share", condition=Q(progress__range=(0, 1))),
            models.CheckConstraint(
                name="study_due_while_at_work",
                condition=Q(status__in=AT_WORK, due_at__isnull=False)
                | (~Q(status__in=AT_WORK) & Q(due_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="study_ready_has_a_result", condition=~Q(status=Status.READY) | Q(result__isnull=False)
            ),
            models.CheckConstraint(
                name="study_stopped_has_a_problem", condition=~Q(status__in=STOPPED) | Q(problem__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def folder(self) -> Path:
        """Where the files of this study lie; nobody's own words are in a path."""
        return Path(settings.DATA_DIR) / "studies" / str(self.pk)

    @property
    def rejected_path(self) -> Path:
        """Every row that does not count, one JSON object a line, as a problem of the connectors."""
        return self.folder / "rejected.jsonl"
