"""A year of the one-day training for thirty people: every card that was promised goes out, once, at a decent hour."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage

import pytest
from django.db.models import Min
from pytest_django import Settings

from borging import clock, tick
from borging.cards.models import Card, CardStatus, Contact, Moment
from borging.cards.rules import BUDGET, WINDOW
from borging.evidence.models import Entry
from borging.people.models import Employment, Leave, Person
from borging.people.pseudonyms import pseudonym
from borging.privacy.rules import TERMS, Kind, Term
from borging.programmes.models import Enrolment, Programme, Session
from borging.transfer.jobs import plan
from borging.transfer.playbooks import playbook
from tests import journey, reading, smtp
from tests.journey import TRAINING_DAY, ZONE, at

pytestmark = pytest.mark.django_db

MOVED_TO = TRAINING_DAY + timedelta(days=7)
LEFT_ON = MOVED_TO + timedelta(days=40)
BACK_ON = MOVED_TO + timedelta(days=80)
AWAY = (MOVED_TO + timedelta(days=20), MOVED_TO + timedelta(days=29))
ANSWERING = ("Learner 00 Cohort 1", "Manager 0 Cohort 1")


class Year:
    """The clock, the mail that came in, and who reads it."""

    def __init__(self, programme: Programme, sink: smtp.Sink, now: datetime) -> None:
        self.programme, self.sink, self.now = programme, sink, now
        self.arrived: list[tuple[datetime, str, EmailMessage]] = []

    def live_until(self, end: datetime) -> None:
        """Let every minute in which something is due pass, and every night."""
        while self.now < end:
            self._pass_minute()
            midnight = self.now.replace(hour=2, minute=0) + timedelta(days=self.now.hour >= 2)
            soonest = Card.objects.aggregate(at=Min("next_at"))["at"] or end
            waiting = Contact.objects.aggregate(at=Min("due_at"))["at"] or end
            following = max(min(soonest, waiting, midnight), self.now + timedelta(minutes=1))
            if following >= midnight:
                # Figures have a test of their own; here a whole night once a month keeps the year short.
                (tick.night if midnight.day == 1 else tick.plan_ahead)(midnight)
            self.now = min(following, end)

    def _pass_minute(self) -> None:
        tick.minute(self.now)
        for address, mail in self.sink.take():
            self.arrived.append((self.now, address, mail))
            if address.startswith(("learner00", "manager0")):
                for path in reading.links(mail):
                    reading.answer(path)


@pytest.fixture
def year(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Year]:
    """Thirty people. The session moves a week; one is on leave, one leaves, one comes back, two share a name."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAILS_PER_MINUTE = 1000
    monkeypatch.setitem(TERMS, Kind.DELIVERY, Term(months=24))  # what went out is read back when the year is over
    programme = journey.programme(learners=30, managers=3)
    by_name = {person.name: person for person in Person.objects.all()}
    on_leave, leaver, returning, twin = (by_name[f"Learner {n:02} Cohort 1"] for n in (1, 2, 3, 4))
    Leave.objects.create(person=on_leave, start_date=AWAY[0], end_date=AWAY[1])
    Employment.objects.filter(person__in=(leaver, returning)).update(end_date=LEFT_ON)
    Employment.objects.create(person=returning, start_date=BACK_ON)
    Person.objects.filter(pk=twin.pk).update(name="Learner 05 Cohort 1")
    start = at(TRAINING_DAY - timedelta(days=30), time(8, 0))
    with smtp.listening() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        passing = Year(programme, sink, start)
        monkeypatch.setattr(clock, "now", lambda: passing.now)
        plan(programme=programme, now=start)
        passing.live_until(at(TRAINING_DAY - timedelta(days=12)))
        Session.objects.update(starts_at=at(MOVED_TO, time(9, 0)), ends_at=at(MOVED_TO, time(17, 0)))
        plan(programme=programme, now=passing.now)
        passing.live_until(at(MOVED_TO + timedelta(days=400)))
        yield passing


def test_a_year_of_cards_is_what_the_template_promises(year: Year) -> None:
    assert_promised_and_no_more(year.programme)
    assert_decent(year.arrived)
    assert_within_budget()
    assert_every_message_has_its_own_id(year.arrived)
    assert_leaver_and_returner()
    assert_namesakes_are_two()
    assert_only_pseudonyms_in_evidence()
    assert_who_answers_is_not_chased(year.arrived)


def assert_promised_and_no_more(programme: Programme) -> None:
    """Every moment of the template became a card for each person in its role who worked here, and went out once."""
    steps = {step.key: step for step in playbook("skills-day").steps}
    sent = Counter(
        Card.objects.filter(contacts__reminder=False).values_list("moment", "person", "enrolment").iterator()
    )
    assert set(sent.values()) == {1}
    per_moment = Counter(moment for moment, _person, _enrolment in sent)
    gone = Enrolment.objects.filter(person__employments__end_date=LEFT_ON).distinct().count()
    for moment in Moment.objects.filter(cohort__programme=programme):
        step = steps[moment.step]
        expected = {"learner": 30, "manager": 30, "buddy": 30, "observer": 30, "team": 3}.get(moment.actor, 1)
        if step.sample:
            expected = 15
        if moment.due_on > LEFT_ON and moment.actor in {"learner", "manager", "buddy", "observer"}:
            # Two learners left; who was their buddy is still asked about others, and they about nobody.
            assert expected - 2 * gone <= per_moment[moment.pk] < expected + 1, moment
        elif step.key == "spaced-review" and AWAY[0] <= moment.due_on <= AWAY[1]:
            assert per_moment[moment.pk] >= expected - 1, moment
        else:
            lapsed_on_leave = moment.closes_on <= AWAY[1] and moment.due_on >= AWAY[0] and moment.actor == "learner"
            assert per_moment[moment.pk] == expected - lapsed_on_leave, moment


def assert_decent(arrived: list[tuple[datetime, str, EmailMessage]]) -> None:
    """By day, on a work day, and not during leave; the nights in which the clock changed are among them."""
    days = {moment.astimezone(ZONE).date() for moment, _address, _mail in arrived}
    assert min(days) < date(2027, 3, 28) < date(2027, 10, 31) < max(days)
    for moment, address, _mail in arrived:
        here = moment.astimezone(ZONE)
        assert here.isoweekday() <= 5, here
        assert time(7, 30) <= here.time() < time(20, 0), here
        assert not (address.startswith("learner01") and AWAY[0] <= here.date() <= AWAY[1])


def assert_within_budget() -> None:
    made: dict[int, list[datetime]] = defaultdict(list)
    for person, moment in Contact.objects.filter(counted=True).values_list("person", "made_at"):
        made[person].append(moment)
    for moments in made.values():
        for moment in moments:
            assert sum(moment - WINDOW < other <= moment for other in moments) <= BUDGET


def assert_every_message_has_its_own_id(arrived: list[tuple[datetime, str, EmailMessage]]) -> None:
    ids = [str(mail["Message-ID"]) for _moment, _address, mail in arrived]
    assert len(ids) == len(set(ids)) == Contact.objects.filter(sent_at__isnull=False).count()


def assert_leaver_and_returner() -> None:
    """Nothing after the last day; who comes back gets what is due from then on."""
    latest = {
        name: max(Contact.objects.filter(person__name=name).values_list("made_at", flat=True)).date()
        for name in ("Learner 02 Cohort 1", "Learner 03 Cohort 1")
    }
    assert latest["Learner 02 Cohort 1"] <= LEFT_ON
    assert latest["Learner 03 Cohort 1"] >= BACK_ON
    between = Contact.objects.filter(person__name="Learner 03 Cohort 1", made_at__date__gt=LEFT_ON)
    assert not between.filter(made_at__date__lt=BACK_ON).exists()


def assert_namesakes_are_two() -> None:
    namesakes = Person.objects.filter(name="Learner 05 Cohort 1")
    asked = [Card.objects.filter(person=person, moment__step="baseline-learner").count() for person in namesakes]
    assert asked == [1, 1]


def assert_only_pseudonyms_in_evidence() -> None:
    """What was answered is there, under the pseudonym of who said it, and leads to nobody else."""
    answering = Person.objects.get(name=ANSWERING[0])
    own = Entry.objects.filter(author=pseudonym(answering))
    assert own.filter(step="baseline-learner", question="last-ten").count() == len(journey.BEHAVIOURS)
    assert own.filter(step="post-learner", replaced_at=None).exists()
    anonymous = Entry.objects.filter(step="reaction")
    assert anonymous.exists()
    assert set(anonymous.values_list("author", "subject", "recorded_at")) == {(None, None, None)}
    secrets = set(Person.objects.values_list("secret", flat=True))
    assert not secrets & {str(value) for value in Entry.objects.values_list("author", flat=True)}


def assert_who_answers_is_not_chased(arrived: list[tuple[datetime, str, EmailMessage]]) -> None:
    """Who answers gets no reminder; who never answers gets at most one of each card and is never punished."""
    answered = Card.objects.filter(person__name=ANSWERING[0])
    assert not answered.filter(reminded_at__isnull=False).exists()
    assert set(answered.values_list("status", flat=True)) == {CardStatus.ANSWERED}
    silent = Card.objects.filter(person__name="Learner 06 Cohort 1")
    assert set(silent.values_list("status", flat=True)) == {CardStatus.LAPSED}
    words = " ".join(
        str(mail["Subject"]) for _moment, address, mail in arrived if address.startswith("learner06")
    ).lower()
    assert not re.search(r"\b(missed|overdue|late|last chance|too late)\b", words)
    assert all(moment.tzinfo == UTC for moment, _address, _mail in arrived)
