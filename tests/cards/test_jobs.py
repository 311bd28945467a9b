"""Cards are made once, gathered into contacts, and sent so that none is lost or doubled."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from borging.cards import jobs, writes
from borging.cards.models import Actor, Card, CardStatus, Contact, ContactStatus, Moment
from borging.cards.rules import WINDOW
from borging.people.models import Employment, Leave, Reporting
from borging.programmes.models import Enrolment, Session, Status
from borging.transfer.jobs import plan
from tests import journey
from tests.journey import TRAINING_DAY, at

pytestmark = pytest.mark.django_db

DAY_BEFORE_BASELINE = at(TRAINING_DAY - timedelta(days=12))
BASELINE = at(TRAINING_DAY - timedelta(days=8), time(9, 30))  # day -10 is a Saturday: Monday it is


def taken(batch: Iterable[Contact]) -> Iterator[None]:
    """A mail server that takes everything."""
    yield from (None for _contact in batch)


def cards(step: str, actor: str = Actor.LEARNER) -> list[Card]:
    return list(Card.objects.filter(moment__step=step, moment__actor=actor).order_by("pk"))


def test_planning_twice_makes_every_card_once() -> None:
    programme = journey.programme()
    assert plan(programme=programme, now=DAY_BEFORE_BASELINE) > 0
    before = Card.objects.count()
    assert plan(programme=programme, now=DAY_BEFORE_BASELINE) == 0
    assert Card.objects.count() == before


def test_each_role_gets_its_own_card_about_each_learner() -> None:
    plan(programme=journey.programme(learners=4), now=DAY_BEFORE_BASELINE)
    baseline = {actor: cards("baseline-others", actor) for actor in (Actor.MANAGER, Actor.BUDDY)}
    assert [len(baseline[actor]) for actor in baseline] == [4, 4]
    assert {card.person.name for card in baseline[Actor.MANAGER]} == {"Manager 0 Cohort 1"}
    assert all(card.enrolment and card.person == card.enrolment.buddy for card in baseline[Actor.BUDDY])


def test_a_team_card_goes_once_to_each_manager() -> None:
    plan(programme=journey.programme(learners=6, managers=2), now=at(TRAINING_DAY + timedelta(days=30)))
    team = cards("team-card", Actor.TEAM)
    assert [(card.person.name, card.enrolment) for card in team] == [
        ("Manager 0 Cohort 1", None),
        ("Manager 1 Cohort 1", None),
    ]


def test_without_a_manager_the_talk_goes_to_the_sponsor() -> None:
    programme = journey.programme(learners=2)
    Reporting.objects.all().delete()
    plan(programme=programme, now=at(TRAINING_DAY - timedelta(days=14)))
    assert {card.person.name for card in cards("talk-before", Actor.MANAGER)} == {"Sam Sponsor"}


def test_a_new_manager_gets_the_cards_from_then_on() -> None:
    programme = journey.programme(learners=1)
    learner = Enrolment.objects.get().person
    successor = journey.person(programme.organisation, "Second Manager")
    plan(programme=programme, now=at(TRAINING_DAY - timedelta(days=14)))
    Reporting.objects.update(end_date=TRAINING_DAY)
    Reporting.objects.create(person=learner, manager=successor, start_date=TRAINING_DAY + timedelta(days=1))
    plan(programme=programme, now=at(TRAINING_DAY + timedelta(days=4)))
    assert [card.person.name for card in cards("talk-before", Actor.MANAGER)] == ["Manager 0 Cohort 1"]
    assert [card.person.name for card in cards("talk-after", Actor.MANAGER)] == ["Second Manager"]


def test_who_enrols_late_gets_what_is_still_open_and_nothing_of_the_past() -> None:
    programme = journey.programme(learners=2)
    late = journey.person(programme.organisation, "Late Comer")
    Enrolment.objects.create(cohort=programme.cohorts.get(), person=late, enrolled_on=TRAINING_DAY)
    plan(programme=programme, now=at(TRAINING_DAY - timedelta(days=5)))
    assert {card.moment.step for card in Card.objects.filter(person=late)} == {"baseline-learner", "case-reminder"}


def test_who_left_or_does_not_work_here_yet_gets_no_card() -> None:
    programme = journey.programme(learners=3)
    left, ended, future = Enrolment.objects.order_by("pk")
    Enrolment.objects.filter(pk=left.pk).update(left_on=TRAINING_DAY - timedelta(days=30))
    Employment.objects.filter(person=ended.person).update(end_date=TRAINING_DAY - timedelta(days=30))
    Employment.objects.filter(person=future.person).update(start_date=TRAINING_DAY + timedelta(days=30))
    plan(programme=programme, now=DAY_BEFORE_BASELINE)
    assert not Card.objects.filter(enrolment__isnull=False).exists()


def test_planning_takes_as_many_statements_for_three_people_as_for_thirty() -> None:
    counts = []
    for learners, name in ((3, "A"), (30, "B")):
        programme = journey.programme(learners=learners)
        programme.name = name
        with CaptureQueriesContext(connection) as queries:
            writes.issue(now=DAY_BEFORE_BASELINE, programme=programme)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 15


def test_a_moved_session_takes_along_what_is_not_done_and_leaves_what_is() -> None:
    programme = journey.programme(learners=2)
    plan(programme=programme, now=DAY_BEFORE_BASELINE)
    jobs.gather(now=BASELINE, most=100)
    done, opened = cards("baseline-learner")
    Card.objects.filter(pk=done.pk).update(status=CardStatus.ANSWERED, next_at=None)
    Session.objects.update(
        starts_at=at(TRAINING_DAY + timedelta(days=14), time(9, 0)),
        ends_at=at(TRAINING_DAY + timedelta(days=14), time(17, 0)),
    )
    plan(programme=programme, now=BASELINE)
    for card in (done, opened):
        card.refresh_from_db()
    assert done.status == CardStatus.ANSWERED
    assert opened.closes_at == at(TRAINING_DAY + timedelta(days=13), time(17, 0))
    assert Moment.objects.get(step="rehearse-plan").due_on == TRAINING_DAY + timedelta(days=15)
    assert Card.objects.filter(moment__step="baseline-learner").count() == 2


def test_due_cards_of_one_person_go_in_one_contact() -> None:
    plan(programme=journey.programme(learners=4), now=DAY_BEFORE_BASELINE)
    jobs.gather(now=BASELINE, most=100)
    manager = Contact.objects.get(person__name="Manager 0 Cohort 1")
    asked = [part.card.moment.step for part in manager.parts.all()]
    assert sorted(asked) == ["baseline-others"] * 4 + ["talk-before"] * 4


def test_a_paused_programme_sends_nothing_and_goes_on_where_it_was() -> None:
    programme = journey.programme(learners=2)
    plan(programme=programme, now=DAY_BEFORE_BASELINE)
    type(programme).objects.update(status=Status.PAUSED)
    assert jobs.gather(now=BASELINE, most=100) == 0
    type(programme).objects.update(status=Status.LIVE)
    assert jobs.gather(now=BASELINE, most=100) > 0


def test_leave_moves_a_card_to_the_first_day_back() -> None:
    plan(programme=journey.programme(learners=1), now=DAY_BEFORE_BASELINE)
    (card,) = cards("baseline-learner")
    Leave.objects.create(person=card.person, start_date=BASELINE.date(), end_date=BASELINE.date() + timedelta(days=2))
    jobs.gather(now=BASELINE, most=100)
    card.refresh_from_db()
    assert card.next_at == at(BASELINE.date() + timedelta(days=3), time(7, 30))


@pytest.fixture
def ready() -> list[Contact]:
    """Contacts that wait to be sent."""
    plan(programme=journey.programme(learners=4), now=DAY_BEFORE_BASELINE)
    jobs.gather(now=BASELINE, most=100)
    return list(Contact.objects.order_by("pk"))


def test_everything_ready_goes_out_once(ready: list[Contact]) -> None:
    assert jobs.deliver(now=BASELINE, send=taken, most=100) == len(ready)
    assert jobs.deliver(now=BASELINE + timedelta(hours=1), send=taken, most=100) == 0
    assert set(Contact.objects.values_list("status", flat=True)) == {ContactStatus.SENT}


def test_a_server_that_is_away_costs_no_attempt_and_loses_nothing(ready: list[Contact]) -> None:
    def away(_batch: Iterable[Contact]) -> Iterator[None]:
        raise jobs.AwayError("connection refused")

    for minute in range(30):
        assert jobs.deliver(now=BASELINE + timedelta(minutes=minute), send=away, most=100) == 0
    assert set(Contact.objects.values_list("status", "attempts")) == {(ContactStatus.READY, 0)}
    assert jobs.deliver(now=BASELINE + timedelta(days=1), send=taken, most=100) == len(ready)


def test_one_refused_message_does_not_hold_up_the_others_and_is_parked_in_the_end(ready: list[Contact]) -> None:
    poison = ready[0].pk

    def picky(batch: Iterable[Contact]) -> Iterable[Exception | None]:
        return [jobs.RefusedError("no") if contact.pk == poison else None for contact in batch]

    moment = BASELINE
    assert jobs.deliver(now=moment, send=picky, most=100) == len(ready) - 1
    for _try in range(5):
        moment += timedelta(hours=2)
        jobs.deliver(now=moment, send=picky, most=100)
    assert Contact.objects.get(pk=poison).status == ContactStatus.PARKED


def test_an_address_that_will_never_do_is_parked_at_once(ready: list[Contact]) -> None:
    def never(batch: Iterable[Contact]) -> Iterable[Exception | None]:
        return [jobs.RefusedError("no such user", permanent=True) for _contact in batch]

    jobs.deliver(now=BASELINE, send=never, most=100)
    assert set(Contact.objects.values_list("status", "attempts")) == {(ContactStatus.PARKED, 1)}


def test_a_claim_that_ran_out_is_taken_up_with_the_same_key(ready: list[Contact]) -> None:
    keys: list[str] = []

    def dies(batch: Iterable[Contact]) -> Iterator[None]:
        keys.extend(str(contact.key) for contact in batch)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.deliver(now=BASELINE, send=dies, most=100)
    assert jobs.deliver(now=BASELINE + timedelta(minutes=1), send=taken, most=100) == 0
    assert jobs.deliver(now=BASELINE + jobs.LEASE, send=taken, most=100) == len(ready)
    assert set(keys) == {str(contact.key) for contact in ready}


def test_a_worker_that_lost_its_claim_marks_nothing(ready: list[Contact]) -> None:
    def slow(batch: Iterable[Contact]) -> Iterator[None]:
        jobs.deliver(now=BASELINE + jobs.LEASE, send=taken, most=100)
        yield from taken(batch)

    assert jobs.deliver(now=BASELINE, send=slow, most=100) == 0
    assert set(Contact.objects.values_list("sent_at", flat=True)) == {BASELINE + jobs.LEASE}


def test_two_workers_together_send_no_more_in_a_minute_than_one_may(ready: list[Contact]) -> None:
    assert jobs.deliver(now=BASELINE, send=taken, most=2) == 2
    assert jobs.deliver(now=BASELINE + timedelta(seconds=30), send=taken, most=3) == 1
    assert jobs.deliver(now=BASELINE + timedelta(minutes=1), send=taken, most=3) == len(ready) - 3


def test_what_waited_into_the_night_goes_in_the_morning(ready: list[Contact]) -> None:
    night = at(BASELINE.date() + timedelta(days=1), time(3, 0))
    morning = at(BASELINE.date() + timedelta(days=1), time(7, 30))
    assert jobs.deliver(now=night, send=taken, most=100) == 0
    assert set(Contact.objects.values_list("status", "due_at")) == {(ContactStatus.READY, morning)}
    assert jobs.backlog(now=night) == 0
    assert jobs.deliver(now=morning, send=taken, most=100) == len(ready)


def test_what_waited_until_its_card_closed_is_not_sent(ready: list[Contact]) -> None:
    assert jobs.deliver(now=at(TRAINING_DAY + timedelta(days=1)), send=taken, most=100) == 0
    assert set(Contact.objects.values_list("status", flat=True)) == {ContactStatus.WITHDRAWN}


def test_who_has_a_message_waiting_gets_no_second_one_beside_it(ready: list[Contact]) -> None:
    half_way = BASELINE + timedelta(days=4)
    assert reminders(half_way) == []
    jobs.deliver(now=half_way, send=taken, most=100)
    assert reminders(half_way + timedelta(minutes=1)) != []


def test_the_budget_counts_from_when_a_message_went_and_not_from_when_it_was_made(ready: list[Contact]) -> None:
    sent_on = BASELINE + timedelta(days=3)
    jobs.deliver(now=sent_on, send=taken, most=100)
    learner = Contact.objects.get(person__name="Learner 00 Cohort 1")
    Contact.objects.create(
        organisation_id=learner.organisation_id,
        person_id=learner.person_id,
        status=ContactStatus.SENT,
        made_at=sent_on,
        sent_at=sent_on,
    )
    (card,) = [card for card in cards("baseline-learner") if card.person_id == learner.person_id]
    Card.objects.filter(pk=card.pk).update(status=CardStatus.PLANNED, next_at=sent_on, closes_at=sent_on + WINDOW * 2)
    jobs.gather(now=BASELINE + WINDOW, most=100)
    card.refresh_from_db()
    assert card.next_at == sent_on + WINDOW


def test_a_card_answered_meanwhile_is_not_sent(ready: list[Contact]) -> None:
    learner = next(contact for contact in ready if contact.person.name.startswith("Learner 00"))
    Card.objects.filter(person=learner.person).update(status=CardStatus.ANSWERED, next_at=None)
    jobs.deliver(now=BASELINE, send=taken, most=100)
    learner.refresh_from_db()
    assert learner.status == ContactStatus.WITHDRAWN


def reminders(now: datetime) -> list[str]:
    jobs.gather(now=now, most=100)
    return sorted(
        part.card.person.name
        for contact in Contact.objects.filter(made_at=now)
        for part in contact.parts.all()
        if part.reminder and part.card.moment.step == "baseline-learner"
    )


def test_a_reminder_goes_once_and_only_to_who_has_not_answered(ready: list[Contact]) -> None:
    jobs.deliver(now=BASELINE, send=taken, most=100)
    answered, *others = cards("baseline-learner")
    Card.objects.filter(pk=answered.pk).update(status=CardStatus.ANSWERED, next_at=None)
    half_way = BASELINE + timedelta(days=4)
    assert reminders(half_way) == sorted(card.person.name for card in others)
    assert reminders(half_way + timedelta(days=1)) == []


def test_what_nobody_answers_lapses_in_silence(ready: list[Contact]) -> None:
    jobs.deliver(now=BASELINE, send=taken, most=100)
    jobs.gather(now=at(TRAINING_DAY + timedelta(days=1)), most=100)
    assert {card.status for card in cards("baseline-learner")} == {CardStatus.LAPSED}
