"""What may happen to a study, and what of two at once happens."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from borging.effects import reads, writes
from borging.effects.models import Status, Study
from tests.web import makers

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PROBLEM = {"code": "failed", "params": {"error_id": "ab12"}}


@pytest.fixture
def study() -> Study:
    return received()


def received(email: str = "noor@example.org") -> Study:
    return writes.receive(
        owner=makers.account(email, organisation=email),
        title="",
        options={"assignment": "choice"},
        participants=makers.csv_file("Mijn mensen (nieuw).CSV", "id"),
        outcomes=makers.csv_file("cijfers.xlsx", "value"),
        now=NOW,
    )


def claimed(study: Study, *, now: datetime = NOW) -> writes.Claim:
    claim = writes.claim(study_id=study.pk, now=now)
    assert claim is not None
    return claim


def test_files_get_neutral_names_and_keep_their_own_as_text(study: Study, data_folder: Path) -> None:
    participants, outcomes = writes.files_of(study)
    assert participants == data_folder / "studies" / str(study.pk) / "participants.csv"
    assert outcomes.name == "outcomes.xlsx"
    assert participants.read_text() == "id"
    assert (study.participants_name, study.title) == ("Mijn mensen (nieuw).CSV", "cijfers")


def test_a_name_with_a_path_in_it_leads_nowhere(data_folder: Path) -> None:
    path = writes.stored_path(data_folder, "participants", "../../etc/passwd.sh")
    assert path == data_folder / "participants"


def test_of_two_workers_one_gets_the_study(study: Study) -> None:
    assert writes.claim(study_id=study.pk, now=NOW) is not None
    assert writes.claim(study_id=study.pk, now=NOW) is None


def test_a_study_that_waits_for_a_person_is_nobodys_to_claim(study: Study) -> None:
    writes.ask_columns(claim=claimed(study), inspection={"columns": {}})
    assert writes.claim(study_id=study.pk, now=LATER) is None
    assert reads.due_studies(now=LATER) == []


def test_work_without_a_sign_of_life_comes_back_and_its_first_worker_can_change_nothing(study: Study) -> None:
    silent = claimed(study)
    assert writes.claim(study_id=study.pk, now=NOW + writes.LEASE / 2) is None
    second = claimed(study, now=NOW + writes.LEASE)
    with pytest.raises(writes.LostClaimError):
        writes.ask_columns(claim=silent, inspection={})
    writes.ask_columns(claim=second, inspection={"columns": {}})
    study.refresh_from_db()
    assert study.inspection == {"columns": {}}


def test_a_sign_of_life_keeps_a_claim(study: Study) -> None:
    claim = claimed(study)
    writes.keep(claim=claim, now=NOW + writes.LEASE / 2)
    assert writes.claim(study_id=study.pk, now=NOW + writes.LEASE) is None


def test_a_worker_from_before_the_files_were_replaced_changes_nothing(study: Study) -> None:
    old = claimed(study)
    writes.refuse(claim=claimed(study, now=LATER), problem=PROBLEM, now=LATER)
    study.refresh_from_db()
    writes.replace_files(study=study, participants=None, outcomes=None, now=LATER)
    claimed(study, now=LATER + timedelta(seconds=1))
    with pytest.raises(writes.LostClaimError):
        writes.refuse(claim=old, problem=PROBLEM, now=LATER)


def test_a_failure_is_tried_again_four_times_each_after_a_longer_wait_and_then_parked(study: Study) -> None:
    now, waits = NOW, []
    for _attempt in range(4):
        due_at = writes.fail(claim=claimed(study, now=now), problem=PROBLEM, now=now)
        assert due_at is not None
        waits.append((due_at - now).total_seconds())
        now = due_at
    assert waits == sorted(set(waits))
    assert writes.fail(claim=claimed(study, now=now), problem=PROBLEM, now=now) is None
    study.refresh_from_db()
    assert (study.status, study.problem, study.due_at) == (Status.FAILED, PROBLEM, None)


def test_what_kills_its_worker_five_times_is_stopped_by_the_sweep_and_others_go_on(study: Study) -> None:
    other = received("else@example.org")
    now = NOW
    for _attempt in range(5):
        claimed(study, now=now)
        now += writes.LEASE
    assert writes.claim(study_id=study.pk, now=now) is None
    assert writes.give_up_lost(problem=PROBLEM, now=now) == 1
    study.refresh_from_db()
    assert study.status == Status.FAILED
    assert reads.due_studies(now=now) == [other.pk]


def test_columns_are_confirmed_once(study: Study) -> None:
    writes.ask_columns(claim=claimed(study), inspection={})
    writes.confirm_columns(study=study, columns={"participants": {}}, now=LATER)
    with pytest.raises(writes.NotNowError):
        writes.confirm_columns(study=study, columns={}, now=LATER)


def test_columns_are_settled_anew_once_it_is_known_what_came_of_them(study: Study) -> None:
    writes.ask_columns(claim=claimed(study), inspection={"participants": {}})
    Study.objects.filter(pk=study.pk).update(status=Status.READY, result={}, finished_at=NOW)
    writes.confirm_columns(study=study, columns={"participants": {"start": "other"}}, now=LATER)
    study.refresh_from_db()
    assert (study.status, study.columns) == (Status.QUEUED, {"participants": {"start": "other"}})
    assert study.finished_at is None


def test_files_under_a_worker_cannot_be_replaced(study: Study) -> None:
    claimed(study)
    with pytest.raises(writes.NotNowError):
        writes.replace_files(study=study, participants=None, outcomes=makers.csv_file("x.csv", "x"), now=LATER)
    assert writes.files_of(study)[1].read_text() == "value"


def test_a_worker_on_a_deleted_study_finds_its_claim_lost(study: Study) -> None:
    claim = claimed(study)
    writes.delete(study=study)
    with pytest.raises(writes.LostClaimError):
        writes.show_progress(claim=claim, stage="calculating", share=0.5, now=NOW)


def test_an_upload_that_never_became_a_study_is_removed_and_a_study_is_not(study: Study, data_folder: Path) -> None:
    orphan = data_folder / "studies" / "orphan"
    orphan.mkdir()
    assert writes.remove_orphans(before=datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert writes.remove_orphans(before=datetime(2100, 1, 1, tzinfo=UTC)) == 1
    assert (orphan.exists(), study.folder.exists()) == (False, True)


@pytest.mark.parametrize(
    "values",
    [
        {"status": Status.READY, "due_at": None},
        {"status": Status.FAILED, "due_at": None},
        {"status": Status.MAPPING},
        {"due_at": None},
        {"progress": 1.5},
        {"status": "lost"},
    ],
    ids=["no result", "no problem", "due while waiting", "never due", "more than all", "unknown state"],
)
def test_the_database_refuses_a_study_that_cannot_be(study: Study, values: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Study.objects.filter(pk=study.pk).update(**values)
