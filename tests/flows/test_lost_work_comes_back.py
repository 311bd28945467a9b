"""Work that is lost on the way is taken up by the minute sweep; work that always fails is parked where it is seen."""

import pytest
from django.utils import timezone

from borging import tick
from borging.connectors import files
from borging.effects import writes
from borging.effects.models import Status, Study
from tests.web import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """Received, but the queue was never told: a worker or a machine went down in between."""
    return writes.receive_example(owner=makers.account(), title="Lost", now=timezone.now())


def test_the_sweep_finds_a_study_the_queue_knows_nothing_of(study: Study) -> None:
    tick.sweep()
    study.refresh_from_db()
    assert study.status == Status.MAPPING


def test_a_study_told_twice_is_done_once(study: Study) -> None:
    tick.enqueue(study.pk)
    study.refresh_from_db()
    read_at = study.started_at
    tick.enqueue(study.pk)
    study.refresh_from_db()
    assert (study.attempts, study.started_at) == (1, read_at)


def test_five_failures_park_a_study_with_a_number_to_quote(
    study: Study, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(files, "inspect", broken)
    for _attempt in range(5):
        Study.objects.filter(pk=study.pk, due_at__isnull=False).update(due_at=timezone.now())
        tick.run_step(str(study.pk))
    study.refresh_from_db()
    assert study.status == Status.FAILED
    assert study.problem is not None
    number = study.problem["params"]["error_id"]
    assert study.owner is not None
    html = makers.client_of(study.owner).get(f"/studies/{study.pk}/").content.decode()
    assert number in html
    assert "disk on fire" not in html
    assert f"error {number}" in caplog.text
    assert "disk on fire" in caplog.text


def test_the_queue_is_told_when_a_study_is_received_and_not_before(
    django_capture_on_commit_callbacks: pytest.FixtureRequest,
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as told:  # type: ignore[operator]
        study = writes.receive_example(owner=makers.account(), title="Told", now=timezone.now())
        assert study.status == Status.RECEIVED
    assert len(told) == 1
    study.refresh_from_db()
    assert study.status == Status.MAPPING


def test_the_demonstration_studies_its_example_to_the_end() -> None:
    study = tick.study_example(makers.account())
    assert study.status == Status.READY
    assert not study.folder.joinpath("participants.parquet").exists()
