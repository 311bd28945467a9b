"""What goes wrong with one person, one mail or the clock stays with that, is tried again, and is seen."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

import pytest

from borging import tick
from borging.cards import jobs, reads, writes
from borging.cards.models import Card, CardStatus, Contact, ContactCard, ContactStatus, Hitch
from borging.cards.rules import LATE, MOST_ATTEMPTS, MOST_LATE, too_many_late
from borging.people.models import Organisation, Person
from borging.programmes.models import Cohort, Programme, Session, Status
from borging.transfer.jobs import plan
from borging.web.programmes import planning
from tests import journey
from tests.journey import TRAINING_DAY, at

pytestmark = pytest.mark.django_db

DAY_BEFORE = at(TRAINING_DAY - timedelta(days=12))
BASELINE = at(TRAINING_DAY - timedelta(days=8), time(9, 30))
MINUTE = timedelta(minutes=1)
A_LOT = 100_000


def taken(batch: Iterable[Contact]) -> Iterator[None]:
    yield from (None for _contact in batch)


def planned(*, learners: int = 4) -> Programme:
    made = journey.programme(learners=learners)
    plan(programme=made, now=DAY_BEFORE)
    return made


def odd_one() -> Person:
    """Somebody of whom cannot be told when they work."""
    person = Person.objects.get(name="Learner 01 Cohort 1")
    Person.objects.filter(pk=person.pk).update(work_days="x")
    return person


# --- one person -------------------------------------------------------------------------------------------------------


def test_when_it_goes_wrong_for_one_person_the_others_get_their_mail(caplog: pytest.LogCaptureFixture) -> None:
    planned()
    odd = odd_one()
    assert jobs.gather(now=BASELINE, most=100) > 3
    assert not Contact.objects.filter(person=odd).exists()
    assert f"what person {odd.pk} is asked cannot be gathered" in caplog.text
    assert "ValueError" in caplog.text


def test_what_keeps_going_wrong_for_a_person_is_tried_less_and_less_and_is_seen_after_five_times() -> None:
    home = planned().organisation
    odd, now = odd_one(), BASELINE
    tries: list[timedelta] = []
    while len(tries) < MOST_ATTEMPTS + 1:
        jobs.gather(now=now, most=100)
        hitch = Hitch.objects.get(person=odd)
        assert odd.pk not in jobs.due_people(now=hitch.again_at - timedelta(seconds=1), most=100)
        assert reads.unreachable(home.pk).exists() == (len(tries) >= MOST_ATTEMPTS - 1)
        tries.append(hitch.again_at - now)
        now = hitch.again_at
    assert tries == sorted(tries)
    assert tries[-1] == timedelta(days=1)
    assert not Card.objects.filter(person=odd).exclude(status=CardStatus.PLANNED).exists()


def test_once_it_goes_well_again_a_person_gets_their_mail_and_is_no_longer_seen_as_stuck() -> None:
    planned()
    odd = odd_one()
    jobs.gather(now=BASELINE, most=100)
    Person.objects.filter(pk=odd.pk).update(work_days="")
    assert jobs.gather(now=BASELINE + timedelta(hours=1), most=100) == 1
    assert Contact.objects.filter(person=odd).exists()
    assert not Hitch.objects.exists()


def test_a_message_to_somebody_of_whom_no_hours_are_known_counts_as_refused_and_stops_no_other() -> None:
    planned()
    made = jobs.gather(now=BASELINE, most=100)
    odd = odd_one()
    now = BASELINE
    assert jobs.deliver(now=now, send=taken, most=100) == made - 1
    for _try in range(MOST_ATTEMPTS):
        now += timedelta(hours=1)
        jobs.deliver(now=now, send=taken, most=100)
    assert Contact.objects.get(person=odd).status == ContactStatus.PARKED


# --- one mail ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def ready() -> list[Contact]:
    """Contacts that wait to be sent."""
    planned()
    jobs.gather(now=BASELINE, most=100)
    return list(Contact.objects.order_by("made_at", "pk"))


class Server:
    """A mail server whose connection breaks over these contacts; `tried` counts what it was given."""

    def __init__(self, *breaks: Contact) -> None:
        self.breaks, self.tried = {contact.pk for contact in breaks}, 0

    def __call__(self, batch: Iterable[Contact]) -> Iterator[Exception | None]:
        for contact in batch:
            self.tried += contact.pk in self.breaks
            yield jobs.BrokenError("reset") if contact.pk in self.breaks else None


def test_a_mail_that_always_breaks_the_connection_is_parked_while_others_go_on(ready: list[Contact]) -> None:
    poison, server, now = ready[0], Server(ready[0]), BASELINE
    assert jobs.deliver(now=now, send=server, most=100) == len(ready) - 1
    poison.refresh_from_db()
    assert (poison.status, poison.attempts) == (ContactStatus.READY, 1)
    for _try in range(MOST_ATTEMPTS - 1):
        now += timedelta(hours=1)
        Contact.objects.filter(pk=ready[1].pk).update(status=ContactStatus.READY, due_at=now, sent_at=None)
        assert jobs.deliver(now=now, send=server, most=100) == 1
    poison.refresh_from_db()
    assert (poison.status, server.tried) == (ContactStatus.PARKED, MOST_ATTEMPTS)


def test_a_server_that_breaks_the_connection_over_everything_for_a_day_costs_no_mail_an_attempt(
    ready: list[Contact],
) -> None:
    server = Server(*ready)
    for hour in range(24):
        assert jobs.deliver(now=BASELINE + timedelta(hours=hour) / 10, send=server, most=100) == 0
    assert set(Contact.objects.values_list("status", "attempts")) == {(ContactStatus.READY, 0)}
    assert jobs.deliver(now=BASELINE + timedelta(hours=3), send=taken, most=100) == len(ready)


# --- a pause ----------------------------------------------------------------------------------------------------------


def test_a_message_made_just_before_a_pause_is_not_sent_and_comes_when_the_programme_goes_on(
    ready: list[Contact],
) -> None:
    programme = Programme.objects.get()
    keys = {contact.key for contact in ready}
    Programme.objects.update(status=Status.PAUSED)
    assert jobs.deliver(now=BASELINE + MINUTE, send=taken, most=100) == 0
    assert not Contact.objects.exists()
    later = BASELINE + timedelta(days=1)
    Programme.objects.update(status=Status.LIVE)
    planning.resume(programme, now=later)
    assert jobs.gather(now=later, most=100) == len(ready)
    assert jobs.deliver(now=later, send=taken, most=100) == len(ready)
    assert {contact.key for contact in Contact.objects.all()} == keys


def test_a_reminder_made_just_before_a_pause_comes_when_the_programme_goes_on(ready: list[Contact]) -> None:
    jobs.deliver(now=BASELINE, send=taken, most=100)
    half_way = BASELINE + timedelta(days=4)
    assert jobs.gather(now=half_way, most=100) > 0
    Programme.objects.update(status=Status.PAUSED)
    assert jobs.deliver(now=half_way, send=taken, most=100) == 0
    assert not ContactCard.objects.filter(reminder=True).exists()
    Programme.objects.update(status=Status.LIVE)
    jobs.gather(now=half_way + timedelta(hours=1), most=100)
    assert jobs.deliver(now=half_way + timedelta(hours=1), send=taken, most=100) > 0


def test_of_a_message_about_two_programmes_only_what_runs_is_sent() -> None:
    first = planned(learners=1)
    card = Card.objects.get(moment__step="goal-and-case")
    other = Programme.objects.create(
        organisation=first.organisation, name="Another", status=Status.LIVE, created_at=DAY_BEFORE
    )
    journey.cohort(other, learners=1, day=TRAINING_DAY, name="Cohort 2")
    plan(programme=other, now=DAY_BEFORE)
    theirs = Card.objects.get(programme=other, moment__step="goal-and-case")
    Card.objects.filter(pk=theirs.pk).update(person=card.person)
    jobs.gather(now=BASELINE, most=100)
    contact = Contact.objects.get(person=card.person)
    assert contact.parts.filter(card=theirs).exists()
    Programme.objects.filter(pk=other.pk).update(status=Status.PAUSED)
    jobs.deliver(now=BASELINE, send=taken, most=100)
    contact.refresh_from_db()
    assert contact.status == ContactStatus.SENT
    assert card.pk in [part.card_id for part in contact.parts.all()]
    assert not contact.parts.filter(card__programme=other).exists()
    theirs.refresh_from_db()
    assert (theirs.status, theirs.opened_at) == (CardStatus.PLANNED, None)


def test_a_message_that_may_have_gone_already_is_not_taken_apart_by_a_pause(ready: list[Contact]) -> None:
    def dies(batch: Iterable[Contact]) -> Iterator[None]:
        next(iter(batch))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.deliver(now=BASELINE, send=dies, most=100)
    Programme.objects.update(status=Status.PAUSED)
    assert jobs.deliver(now=BASELINE + jobs.LEASE, send=taken, most=100) == 0
    assert set(Contact.objects.values_list("status", flat=True)) == {ContactStatus.WITHDRAWN}
    assert ContactCard.objects.count() > 0


# --- a clock that jumped, a back-up put back, a wrong date ------------------------------------------------------------


@pytest.mark.parametrize(
    ("late", "people", "stops"), [(50, 100, False), (51, 100, True), (51, 2000, False), (101, 2000, True)]
)
def test_more_than_five_in_a_hundred_and_more_than_fifty_people_who_are_late_are_too_many(
    late: int, people: int, stops: bool
) -> None:
    assert too_many_late(late=late, people=people) == stops


@pytest.fixture
def large() -> Programme:
    """A programme in which more people are asked at once than may be late at once; all is sent so far."""
    made = planned(learners=MOST_LATE + 5)
    jobs.gather(now=DAY_BEFORE, most=A_LOT)
    jobs.deliver(now=DAY_BEFORE, send=taken, most=A_LOT)
    return made


@pytest.fixture
def home(large: Programme) -> Organisation:
    return large.organisation


def asked(now: datetime) -> int:
    """How many are written to in a minute."""
    before = Contact.objects.count()
    jobs.gather(now=now, most=A_LOT)
    return Contact.objects.count() - before


@pytest.mark.parametrize("jump", [timedelta(days=7), timedelta(days=365), timedelta(days=3653)])
def test_after_a_jump_of_the_clock_nothing_goes_out_and_nothing_lapses_until_somebody_looked(
    large: Programme, jump: timedelta
) -> None:
    before, sent = list(Card.objects.order_by("pk").values_list("pk", "status", "next_at")), Contact.objects.count()
    tick.minute(BASELINE + jump)
    assert Contact.objects.count() == sent
    assert list(Card.objects.order_by("pk").values_list("pk", "status", "next_at")) == before
    assert asked(BASELINE) > MOST_LATE  # the clock is right again, and all goes on


def test_a_back_up_that_was_put_back_asks_first_and_goes_on_when_told(large: Programme, home: Organisation) -> None:
    now = BASELINE + timedelta(days=7)
    assert asked(now) == 0
    assert reads.held(now=now)[home.pk] > MOST_LATE
    writes.clear_late(organisation=home, now=now)
    assert reads.held(now=now + MINUTE) == {}
    assert asked(now + MINUTE) > MOST_LATE


def test_what_is_late_can_be_left_out_and_what_was_sent_stays_open(large: Programme, home: Organisation) -> None:
    sent = Card.objects.filter(moment__step="baseline-learner").order_by("pk")[0]
    now = BASELINE + timedelta(days=7)
    Card.objects.filter(pk=sent.pk).update(status=CardStatus.OPEN, opened_at=BASELINE)
    writes.drop_late(organisation=home, now=now)
    sent.refresh_from_db()
    assert (sent.status, sent.next_at) == (CardStatus.OPEN, sent.closes_at)
    assert asked(now) == 0
    assert reads.held(now=now) == {}
    assert Card.objects.filter(status=CardStatus.LAPSED).count() > MOST_LATE


def test_a_clearance_holds_for_what_was_late_then_and_not_for_what_is_late_after_it(
    large: Programme, home: Organisation
) -> None:
    writes.clear_late(organisation=home, now=BASELINE - timedelta(days=30))
    assert home.pk in reads.held(now=BASELINE + LATE * 2)
    writes.clear_late(organisation=home, now=BASELINE + timedelta(days=3653))  # a clock that was wrong then
    assert home.pk in reads.held(now=BASELINE + LATE * 2)


def test_a_cohort_that_starts_is_never_taken_for_a_mistake_on_time_or_late() -> None:
    for start, learners in ((DAY_BEFORE, MOST_LATE + 5), (at(TRAINING_DAY - timedelta(days=1)), MOST_LATE + 6)):
        programme = journey.programme(learners=learners)
        plan(programme=programme, now=start)
        now = max(start, BASELINE) + MINUTE
        assert Card.objects.filter(programme=programme, next_at__lte=now).count() > MOST_LATE
        assert reads.held(now=now) == {}
        assert asked(now) > MOST_LATE
        Card.objects.update(next_at=None)


def test_a_long_weekend_without_a_worker_is_no_mistake(large: Programme) -> None:
    """What was due on Saturday goes on Wednesday."""
    assert asked(BASELINE + timedelta(days=2)) > MOST_LATE


def test_a_programme_that_goes_on_after_a_long_pause_is_no_mistake(large: Programme) -> None:
    Programme.objects.update(status=Status.PAUSED)
    now = BASELINE + timedelta(days=7)
    assert now > BASELINE + LATE
    Programme.objects.update(status=Status.LIVE)
    planning.resume(large, now=now)
    assert reads.held(now=now) == {}
    assert asked(now) > MOST_LATE


def test_a_session_date_typed_a_year_early_asks_before_anything_lapses(large: Programme) -> None:
    year = timedelta(days=365)
    for session in Session.objects.filter(cohort__in=Cohort.objects.filter(programme=large)):
        Session.objects.filter(pk=session.pk).update(starts_at=session.starts_at - year, ends_at=session.ends_at - year)
    planning.replan(large, now=BASELINE)
    assert asked(BASELINE) == 0
    assert not Card.objects.filter(status=CardStatus.LAPSED).exists()


def test_one_organisation_that_is_held_does_not_hold_another(large: Programme) -> None:
    other = journey.programme(learners=2, day=TRAINING_DAY + timedelta(days=7))
    now = BASELINE + timedelta(days=7)
    plan(programme=other, now=now)
    assert asked(now) > 0
    assert set(Contact.objects.filter(made_at=now).values_list("organisation", flat=True)) == {other.organisation_id}
