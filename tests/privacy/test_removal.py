"""Who is removed is nowhere any more, stays away after a restored backup, and nothing that remains tells of them."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.utils import timezone

from borging.cards.models import Contact
from borging.evidence.models import Entry
from borging.measure import jobs
from borging.measure.leaving import without_smallest
from borging.measure.models import Release
from borging.measure.reads import read
from borging.measure.rules import Mean, Paired, Ranked, Reason, Response, Responses, Share, batch_of
from borging.people import writes as people
from borging.people.models import Account, PeopleImport, Person, Role
from borging.people.pseudonyms import pseudonym
from borging.people.writes import LastAdministratorError
from borging.privacy import looks, tombstones, writes
from borging.privacy.models import Removed
from borging.programmes.models import Enrolment
from tests import journey
from tests.measure import answers
from tests.measure.test_audit import solvable
from tests.people.makers import stage
from tests.web import makers
from tests.web.worlds import build

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("immediate_queue")]
CANARIES = ("Zsofia Qanarie", "zsofia.qanarie@example.org", "QNR-4711")


def everything_kept(folder: Path) -> str:
    """Every value in every table, and every byte of every file."""
    rows = [repr(row) for model in apps.get_models() for row in model._default_manager.values_list()]
    sessions = [repr(session.get_decoded()) for session in Session.objects.all()]
    files = [path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file()]
    return "\n".join([*rows, *sessions, *files])


def marked(person: Person) -> Person:
    person.name, person.email, person.number = CANARIES
    person.save()
    return person


def test_who_is_removed_is_in_no_table_and_no_file(data_folder: Path, django_capture_on_commit_callbacks: Any) -> None:
    home = build("Alpha")
    enrolment = Enrolment.objects.select_related("person__organisation", "cohort__programme").earliest("pk")
    someone = marked(enrolment.person)
    mark = pseudonym(someone)
    account = Account.objects.filter(person=someone).first() or people.account_for(person=someone)
    Account.objects.filter(pk=account.pk).update(name=CANARIES[0])
    makers.client_of(account).get("/own/")
    makers.client_of(home.accounts["ld"]).get(f"/people/{someone.pk}/")
    said = answers.entry(enrolment, "weekly", "own-words")
    said.text = f"{CANARIES[0]} wrote this"
    said.save()
    Contact.objects.create(
        organisation=someone.organisation, person=someone, made_at=timezone.now(), due_at=timezone.now()
    )
    stage(makers.client_of(home.accounts["ld"]), f"Nr\tNaam\n{CANARIES[2]}\t{CANARIES[0]}\n", everybody=False)
    before = everything_kept(data_folder)
    assert all(canary in before for canary in CANARIES)
    assert str(mark) in before

    with django_capture_on_commit_callbacks(execute=True):
        writes.remove_person(person=someone, now=timezone.now())

    after = everything_kept(data_folder)
    assert [canary for canary in CANARIES if canary in after] == []
    assert str(mark) not in after
    assert mark.hex not in after
    assert Person.objects.filter(organisation=someone.organisation_id).count() > 5
    assert Entry.objects.exclude(author=None).exists()
    assert looks.breaks() == []


def test_a_session_of_who_is_removed_opens_nothing() -> None:
    noor = makers.account()
    someone = journey.person(noor.organisation, "Lena Visser")
    client = makers.client_of(people.account_for(person=someone))
    assert client.get("/own/").status_code == 200
    writes.remove_person(person=someone, now=timezone.now())
    assert client.get("/own/").status_code == 302
    assert Session.objects.count() == 0


def test_the_last_administrator_is_not_removed_and_then_nobody_is() -> None:
    noor = makers.account()
    admin, other = journey.person(noor.organisation, "Noor"), journey.person(noor.organisation, "Omar")
    people.link_person(account=noor, person=admin)
    with pytest.raises(LastAdministratorError):
        writes.remove_people(people=[other, admin], now=timezone.now())
    assert Person.objects.count() == 2
    assert not Removed.objects.exists()
    second = makers.account("second@example.org")
    people.grant_roles(account=second, roles=[Role.ADMIN])
    writes.remove_people(people=[other, admin], now=timezone.now())
    assert Person.objects.count() == 0


# --- a restored backup ------------------------------------------------------------------------------------------------


def backup() -> dict[Any, list[Any]]:
    return {model: list(model._default_manager.all()) for model in (Person, Enrolment, Entry)}


def restore(kept: dict[Any, list[Any]]) -> None:
    Removed.objects.all().delete()
    for model, rows in kept.items():
        model._default_manager.bulk_create(rows, ignore_conflicts=True)


def test_a_restored_backup_does_not_bring_back_who_was_removed(django_capture_on_commit_callbacks: Any) -> None:
    made = answers.programme(learners=7)
    enrolments = answers.people(made)
    answers.everything(enrolments)
    kept = backup()
    gone, forgetting, staying = (each.person for each in enrolments[:3])
    with django_capture_on_commit_callbacks(execute=True):
        writes.remove_person(person=gone, now=timezone.now())
        writes.forget_answers(person=forgetting, programme=made, now=timezone.now())
    restore(kept)
    later = answers.entry(enrolments[1], "weekly", "tried", choice="worked")
    later.recorded_at = timezone.now() + timedelta(minutes=1)
    later.save()
    assert Person.objects.filter(pk=gone.pk).exists()

    assert writes.replay_tombstones(now=timezone.now()) == 2

    assert not Person.objects.filter(pk=gone.pk).exists()
    assert not Entry.objects.filter(author=pseudonym(gone)).exists()
    assert list(Entry.objects.filter(author=pseudonym(forgetting))) == [later]  # said after, so not meant
    assert Entry.objects.filter(author=pseudonym(staying)).exists()
    assert writes.replay_tombstones(now=timezone.now()) == 0


def test_the_list_of_removals_names_nobody_and_survives_a_torn_line(django_capture_on_commit_callbacks: Any) -> None:
    noor = makers.account()
    someone = marked(journey.person(noor.organisation, "x"))
    with django_capture_on_commit_callbacks(execute=True):
        writes.remove_person(person=someone, now=timezone.now())
    written = tombstones.path().read_text()
    assert not [canary for canary in CANARIES if canary in written]
    assert json.loads(written)["what"] == "person"
    assert tombstones.path().stat().st_mode & 0o077 == 0
    with tombstones.path().open("a") as file:
        file.write('{"mark": "half')
    assert len(tombstones.bring_together()) == 1


def test_a_removal_that_only_one_of_table_and_file_knows_gets_into_the_other() -> None:
    noor = makers.account()
    mark = uuid.uuid4()
    Removed.objects.create(organisation=noor.organisation, mark=mark, what="person", at=timezone.now())
    tombstones.bring_together()
    assert [stone.mark for stone in tombstones.in_file()] == [mark.hex]
    Removed.objects.all().delete()
    tombstones.bring_together()
    assert Removed.objects.get().mark == mark


# --- what was shown ---------------------------------------------------------------------------------------------------


def shown_of(made: Any) -> Paired | None:
    newest = (
        made.releases.filter(batch=batch_of("behaviour-post", answers.first_behaviour(made).pk)).order_by("-pk").first()
    )
    if newest is None:
        return None
    result = read(newest)
    assert isinstance(result, Paired)
    return result


def test_a_figure_of_five_goes_with_one_of_them_and_a_figure_of_more_stays() -> None:
    for learners, stays in ((5, False), (6, True)):
        made = answers.programme(learners=learners)
        enrolments = answers.people(made)
        for n, each in enumerate(enrolments):
            answers.say_pair(each, before=float(n), after=float(n + 2 + n % 2))
        jobs.pair(programme=made, now=answers.AFTER_ALL)
        result = shown_of(made)
        assert result
        assert result.sources[0].n == learners
        writes.remove_person(person=enrolments[0].person, now=timezone.now())
        result = shown_of(made)
        assert result
        assert (result.sources[0].n, result.sources[0].reason) == ((6, None) if stays else (0, Reason.FEW))


def test_a_ranking_and_a_response_that_rest_on_just_enough_people_go_too() -> None:
    share = Share(name="time", n=20, of=20, share=Mean(value=0.25, low=0.1, high=0.5))
    ranked = without_smallest(Ranked(invited=20, n=20, rows=(share,)), cells=False)
    assert ranked == Ranked(invited=20, reason=Reason.FEW)
    rows = (
        Response(step="a", actor="learner", invited=5, answered=5),
        Response(step="b", actor="learner", invited=9, answered=5),
        Response(step="c", actor="learner", invited=9, answered=7),
    )
    left = without_smallest(Responses(rows=rows), cells=False)
    assert left == Responses(rows=(Response(step="b", actor="learner", invited=9, answered=None), rows[2]))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("how", ["everywhere", "answers"])
def test_nothing_can_be_solved_from_what_was_shown_before_and_after_removals(seed: int, how: str) -> None:
    rng = np.random.default_rng(seed)
    made = answers.programme(learners=16)
    queue = [answers.people(made)[i] for i in rng.permutation(16)]
    names = {each.person_id: str(pseudonym(each.person)) for each in queue}
    inside: dict[int, Enrolment] = {}
    released: list[frozenset[str]] = []
    naive: list[frozenset[str]] = []
    latest: Any = None
    for night in range(100, 112):
        for each in [queue.pop() for _ in range(min(int(rng.integers(1, 4)), len(queue)))]:
            answers.say_pair(each, before=float(rng.integers(0, 11)), after=float(rng.integers(0, 11)))
            inside[each.person_id] = each
        if night % 3 == 0 and inside:
            gone = inside.pop(int(rng.choice(sorted(inside))))
            if how == "everywhere":
                writes.remove_person(person=gone.person, now=timezone.now())
            else:
                writes.forget_answers(person=gone.person, programme=made, now=timezone.now())
        jobs.pair(programme=made, now=answers.on(night))
        group = frozenset(names[person] for person in inside)
        naive += [group] if len(group) >= 5 else []
        result = shown_of(made)
        cell = result.sources[0] if result else None
        if cell and cell.reason is None and cell != latest:
            assert cell.n == len(group) >= 5
            released.append(group)
        latest = cell if cell and cell.reason is None else latest
    assert released
    assert solvable(released) == set()
    assert solvable(naive) != set()  # showing every group of five or more would have told


def test_the_gate_still_knows_of_whom_sums_were_shown() -> None:
    made = answers.programme(learners=8)
    enrolments = answers.people(made)
    for n, each in enumerate(enrolments):
        answers.say_pair(each, before=float(n), after=float(n + 1 + n % 2))
    jobs.pair(programme=made, now=answers.AFTER_ALL)
    sizes = sorted(len(group) for release in Release.objects.all() for _questions, group in release.ledger)
    writes.remove_person(person=enrolments[0].person, now=timezone.now())
    assert sorted(len(group) for release in Release.objects.all() for _questions, group in release.ledger) == sizes


def test_files_that_wait_are_put_aside_and_an_answered_study_keeps_its_answer(
    data_folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    noor = makers.account()
    study = makers.finished(noor)
    assert any(study.folder.iterdir())
    stage(makers.client_of(noor), "Naam\tTeam\nNew Person\tTeam\n", everybody=False)
    someone = journey.person(noor.organisation, "Lena")
    with django_capture_on_commit_callbacks(execute=True):
        writes.remove_person(person=someone, now=timezone.now())
    assert not PeopleImport.objects.exists()
    assert not study.folder.exists()
    client = makers.client_of(noor)
    assert client.get(f"/studies/{study.pk}/").status_code == 200
    assert client.get(f"/studies/{study.pk}/report.xlsx").status_code == 200
