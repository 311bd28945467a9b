"""One function per change to a study. Each is one conditional update, so that of two at once only one happens."""

import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.module_loading import import_string

from borging.people.models import Account

from .models import STOPPED, Status, Study
from .reads import MOST_ATTEMPTS, example_path
from .rules import Assignment

LEASE = timedelta(seconds=60)
"""How long a claim holds without a sign of life."""
STEPS = {Status.RECEIVED: Status.INSPECTING, Status.QUEUED: Status.WORKING}
"""What a waiting study becomes when a worker takes it."""
REPLACEABLE = (Status.MAPPING, *STOPPED)
SETTLED = (Status.MAPPING, Status.READY, Status.UNUSABLE)
"""From here the columns can be settled: the first time, and anew once it is known what came of it."""
KINDS = ("participants", "outcomes")
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")


class LostClaimError(Exception):
    """Another worker has taken over this study, or it was deleted; stop."""


class NotNowError(Exception):
    """The study is not in a state that allows this change."""


class Upload(Protocol):
    """A file as a form hands it over."""

    name: str | None

    def chunks(self) -> Iterable[bytes]: ...


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to do one step of one study; when it was taken tells it from other claims on the same study."""

    study_id: uuid.UUID
    status: Status
    attempt: int
    taken_at: datetime


def stored_path(folder: Path, kind: str, name: str) -> Path:
    """Where a file lies: a name of our own, with the ending of the original when that is a kind we know."""
    suffix = Path(name).suffix.lower()
    return folder / f"{kind}{suffix if suffix in SUFFIXES else ''}"


def files_of(study: Study) -> tuple[Path, Path]:
    """The participants file and the outcomes file."""
    return (
        stored_path(study.folder, "participants", study.participants_name),
        stored_path(study.folder, "outcomes", study.outcomes_name),
    )


def receive(
    *, owner: Account, title: str, options: Mapping[str, Any], participants: Upload, outcomes: Upload, now: datetime
) -> Study:
    """Keep two files and ask for them to be read. Without a title the outcomes file gives its name."""
    study = Study(
        organisation_id=owner.organisation_id,
        owner=owner,
        title=title or Path(outcomes.name or "").stem[:120],
        options=dict(options),
        participants_name=participants.name or "",
        outcomes_name=outcomes.name or "",
        created_at=now,
        due_at=now,
    )
    try:
        _keep(study, participants=participants, outcomes=outcomes)
        with transaction.atomic():
            study.save(force_insert=True)
            _announce(study.pk)
    except BaseException:
        shutil.rmtree(study.folder, ignore_errors=True)
        raise
    return study


def receive_example(*, owner: Account, title: str, now: datetime) -> Study:
    """A study of the example files, about which a lottery decided."""
    participants, outcomes = (example_path(kind) for kind in KINDS)
    with participants.open("rb") as first, outcomes.open("rb") as second:
        return receive(
            owner=owner,
            title=title,
            options={"assignment": Assignment.LOTTERY.value},
            participants=File(first, name=participants.name),
            outcomes=File(second, name=outcomes.name),
            now=now,
        )


def replace_files(*, study: Study, participants: Upload | None, outcomes: Upload | None, now: datetime) -> None:
    """Put a mended file in the place of the old one, keep the other, and read both again. Raises NotNowError."""
    with transaction.atomic():
        locked = Study.objects.select_for_update().filter(pk=study.pk, status__in=REPLACEABLE).first()
        if locked is None:
            raise NotNowError(study.status)
        _keep(locked, participants=participants, outcomes=outcomes)
        locked.status, locked.stage, locked.progress = Status.RECEIVED, "", 0.0
        locked.inspection = locked.columns = locked.problem = locked.finished_at = None
        locked.attempts, locked.due_at = 0, now
        locked.save()
        _announce(study.pk)


def confirm_columns(*, study: Study, columns: Mapping[str, Any], now: datetime) -> None:
    """What each column is has been settled: calculate, or calculate anew. Raises NotNowError."""
    with transaction.atomic():
        known = Study.objects.filter(pk=study.pk, status__in=SETTLED, inspection__isnull=False)
        changed = known.update(
            status=Status.QUEUED,
            columns=dict(columns),
            stage="",
            progress=0.0,
            attempts=0,
            due_at=now,
            finished_at=None,
            problem=None,
        )
        if not changed:
            raise NotNowError(study.status)
        _announce(study.pk)


def delete(*, study: Study) -> None:
    """Remove the study, then its files; a worker that is busy with it finds its claim lost."""
    Study.objects.filter(pk=study.pk).delete()
    shutil.rmtree(study.folder, ignore_errors=True)


def claim(*, study_id: uuid.UUID, now: datetime) -> Claim | None:
    """Take the next step of a study that is due, or of one whose worker has gone silent; None when there is none."""
    for waiting, busy in STEPS.items():
        mine = Study.objects.filter(
            pk=study_id, status__in=(waiting, busy), due_at__lte=now, attempts__lt=MOST_ATTEMPTS
        ).update(status=busy, attempts=F("attempts") + 1, started_at=now, due_at=now + LEASE)
        if mine:
            attempt = Study.objects.values_list("attempts", flat=True).get(pk=study_id)
            return Claim(study_id=study_id, status=busy, attempt=attempt, taken_at=now)
    return None


def _change(claim: Claim, **values: Any) -> None:
    mine = Study.objects.filter(pk=claim.study_id, status=claim.status, started_at=claim.taken_at).update(**values)
    if not mine:
        raise LostClaimError(claim.study_id)


def keep(*, claim: Claim, now: datetime) -> None:
    """A sign of life: the claim holds for another lease. Raises LostClaimError."""
    _change(claim, due_at=now + LEASE)


def show_progress(*, claim: Claim, stage: str, share: float, now: datetime) -> None:
    """Raises LostClaimError, so that a worker without its claim stops at its next stage."""
    _change(claim, stage=stage[:40], progress=min(max(share, 0.0), 1.0), due_at=now + LEASE)


def ask_columns(*, claim: Claim, inspection: Mapping[str, Any]) -> None:
    """The files were read: somebody has to say whether the columns were understood."""
    _change(claim, status=Status.MAPPING, inspection=dict(inspection), stage="", progress=0.0, due_at=None)


def finish(
    *, claim: Claim, result: Mapping[str, Any], left_out: Mapping[str, Any], rejected: int, now: datetime
) -> None:
    """The answer is there; `left_out` says what the files held and what of it does not count."""
    _change(
        claim,
        status=Status.READY,
        result=dict(result),
        left_out=dict(left_out),
        rejected=rejected,
        problem=None,
        stage="",
        progress=1.0,
        due_at=None,
        finished_at=now,
    )


def refuse(*, claim: Claim, problem: Mapping[str, Any], now: datetime) -> None:
    """The files cannot be used as they are: somebody has to mend them."""
    _change(claim, status=Status.UNUSABLE, problem=dict(problem), due_at=None, finished_at=now)


def fail(*, claim: Claim, problem: Mapping[str, Any], now: datetime) -> datetime | None:
    """Something went wrong: try again later, each time after a longer wait; the fifth time stop, visibly.

    Returns when it will be tried again, None when it will not.
    """
    if claim.attempt >= MOST_ATTEMPTS:
        _change(claim, status=Status.FAILED, problem=dict(problem), due_at=None, finished_at=now)
        return None
    due_at = now + timedelta(seconds=2**claim.attempt)
    waiting = next(waiting for waiting, busy in STEPS.items() if busy == claim.status)
    _change(claim, status=waiting, stage="", progress=0.0, due_at=due_at)
    return due_at


def give_up_lost(*, problem: Mapping[str, Any], now: datetime) -> int:
    """Stop, visibly, what was lost so often that it probably kills its worker. Returns how many."""
    lost = Study.objects.filter(due_at__lte=now, attempts__gte=MOST_ATTEMPTS)
    return lost.update(status=Status.FAILED, problem=dict(problem), due_at=None, finished_at=now)


def forget_uploads(studies: QuerySet[Study]) -> None:
    """Keep nothing of the files of these studies: an answer stays without them, a study that waits goes."""
    for study in studies.filter(due_at=None):
        shutil.rmtree(study.folder, ignore_errors=True)
        if study.status == Status.READY:
            Study.objects.filter(pk=study.pk).update(inspection=None)
        else:
            Study.objects.filter(pk=study.pk).delete()


def remove_orphans(*, before: datetime) -> int:
    """Remove folders of uploads that never became a study. Returns how many."""
    folders = Path(settings.DATA_DIR) / "studies"
    known = {str(pk) for pk in Study.objects.values_list("pk", flat=True)}
    orphans = [
        folder
        for folder in (folders.iterdir() if folders.exists() else ())
        if folder.name not in known and folder.stat().st_mtime < before.timestamp()
    ]
    for folder in orphans:
        shutil.rmtree(folder, ignore_errors=True)
    return len(orphans)


def _keep(study: Study, **uploads: Upload | None) -> None:
    """Write new files beside the old ones and only then put them in their place."""
    study.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for kind, upload in uploads.items():
        if upload is None:
            continue
        fresh = study.folder / f"{kind}.new"
        with fresh.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        stored_path(study.folder, kind, getattr(study, f"{kind}_name")).unlink(missing_ok=True)
        setattr(study, f"{kind}_name", upload.name or "")
        fresh.replace(stored_path(study.folder, kind, upload.name or ""))


def _announce(study_id: uuid.UUID) -> None:
    """Tell the queue, once the row is there. Were that to fail, the minute sweep finds the row."""
    transaction.on_commit(lambda: import_string(settings.WORK_QUEUE)(study_id), robust=True)
