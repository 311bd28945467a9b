"""Questions about studies, each taking the viewer: what an account may see is decided here, once."""

import uuid
from datetime import datetime
from pathlib import Path

from django.db.models import QuerySet

from borging.people.models import Account

from .models import Study

MOST_ATTEMPTS = 5


def visible_studies(viewer: Account) -> QuerySet[Study]:
    """The studies of the viewer's own organisation; those of others do not exist for the viewer."""
    return Study.objects.filter(organisation_id=viewer.organisation_id)


def study_for(viewer: Account, study_id: uuid.UUID) -> Study:
    """One study the viewer may see. Raises Study.DoesNotExist for all others, whether they exist or not."""
    return visible_studies(viewer).get(pk=study_id)


def listed_studies(viewer: Account) -> QuerySet[Study]:
    """What the list shows of each study, without its result."""
    return visible_studies(viewer).only("title", "status", "created_at", "finished_at", "organisation_id")


def due_studies(*, now: datetime) -> list[uuid.UUID]:
    """Studies Borging has work for, in the order they came. For the worker only."""
    return list(Study.objects.filter(due_at__lte=now).order_by("due_at").values_list("pk", flat=True))


def example_path(kind: str) -> Path:
    """A file of the example: a real job-training experiment (see SOURCE.md beside it)."""
    return Path(__file__).parent / "examples" / f"{kind}.csv"
