"""A time is found for who watches and who is watched, both calendars follow, and three lines are written afterwards."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from html import unescape

import icalendar
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from borging import clock, tick
from borging.cards import links
from borging.cards.models import Appointment, Card, CardStatus, Contact
from borging.evidence.models import Entry, Source
from borging.people.models import Employment, Leave, Person
from borging.people.pseudonyms import pseudonym
from borging.programmes import writes as programmes
from borging.programmes.models import Enrolment, Programme, Session
from borging.transfer import floor
from borging.transfer.jobs import plan
from borging.transfer.models import Meeting
from tests import journey, smtp
from tests.journey import TRAINING_DAY, ZONE, at

pytestmark = pytest.mark.django_db
FLOOR_DAY = TRAINING_DAY + timedelta(days=45)
FLOOR = "floor-observation"


class Days:
    """The clock, the worker, and the mail that came in."""

    def __init__(self, programme: Programme, sink: smtp.Sink) -> None:
        self.programme, self.sink = programme, sink
        self.now = at(TRAINING_DAY - timedelta(days=30), time(8, 0))

    def work(self, until: datetime) -> list[tuple[str, EmailMessage]]:
        """Let the worker do its nights and a few minutes of each day, until an afternoon; returns what came in."""
        self.sink.take()
        self.now = max(self.now, until - timedelta(days=5))
        while True:
            day = self.now.astimezone(ZONE).date()
            tick.plan_ahead(at(day, time(3, 30)))
            for hour in (9, 11, 15):
                self.now = at(day, time(hour, 5))
                tick.minute(self.now)
            tomorrow = at(day + timedelta(days=1), time(8, 0))
            if tomorrow > until:
                return self.sink.take()
            self.now = tomorrow

    def minute(self) -> list[tuple[str, EmailMessage]]:
        self.sink.take()
        self.now += timedelta(minutes=1)
        tick.minute(self.now)
        return self.sink.take()

    def meeting(self, n: int = 0) -> Meeting:
        return Meeting.objects.select_related("host", "enrolment__person").get(
            enrolment__person__name=f"Learner {n:02} Cohort 1", step=FLOOR, occurrence=0
        )

    def card(self, person: Person, step: str = FLOOR, *, about: int | None = None) -> Card:
        found = Card.objects.filter(person=person, moment__step=step, moment__personal=False)
        if about is not None:
            found = found.filter(enrolment__person__name=f"Learner {about:02} Cohort 1")
        return found.get()


@pytest.fixture
def days(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Days]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    programme = journey.programme(learners=4)
    with smtp.listening() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        passing = Days(programme, sink)
        monkeypatch.setattr(clock, "now", lambda: passing.now)
        plan(programme=programme, now=passing.now)
        yield passing


def address(card: Card, page: str = "") -> str:
    return reverse("card", args=[links.token(card)]) + page


def entries(mail: EmailMessage) -> list[icalendar.Event]:
    """The entries for a calendar that come with a mail, each with the method of its file."""
    found = []
    for part in mail.iter_attachments():
        assert part.get_content_type() == "text/calendar"
        made = icalendar.Calendar.from_ical(part.get_content())
        assert part.get_param("method") == made["method"]
        (event,) = made.walk("VEVENT")
        event["method"] = made["method"]
        found.append(event)
    return found


def arrived(mails: list[tuple[str, EmailMessage]], name: str) -> list[icalendar.Event]:
    return [event for to, mail in mails if to.startswith(name) for event in entries(mail)]


def offered(html: str) -> list[str]:
    return [unescape(value) for value in re.findall(r'name="start" value="([^"]+)"', html)]


def test_both_get_the_same_time_in_their_calendar_with_the_card_that_tells_of_it(days: Days) -> None:
    mails = days.work(at(FLOOR_DAY))
    meetings = list(Meeting.objects.filter(step=FLOOR))
    assert len(meetings) == 4
    assert len({meeting.starts_at.astimezone(ZONE).date() for meeting in meetings}) == 4
    for n in range(4):
        meeting = days.meeting(n)
        here = meeting.starts_at.astimezone(ZONE)
        assert here.date() >= FLOOR_DAY + timedelta(days=2)
        assert time(9, 30) <= here.time() < time(17)
        (own,) = [e for e in arrived(mails, f"learner{n:02}") if "floor" in e["summary"]]
        assert (own["method"], own["sequence"]) == ("REQUEST", 0)
        assert own["dtstart"].dt == meeting.starts_at
        assert meeting.host.name in own["summary"]
        hosts = [e for e in arrived(mails, "manager0") if e["uid"] == own["uid"]]
        assert [event["dtstart"].dt for event in hosts] == [meeting.starts_at]
    asked = [mail for to, mail in mails if to.startswith("manager0") and entries(mail)]
    assert len(asked) == 1  # one mail, however many people somebody watches
    assert not Contact.objects.filter(counted=False, made_at__gte=at(FLOOR_DAY - timedelta(days=1))).exists()


def test_who_cannot_then_gets_another_time_and_both_calendars_follow(days: Days) -> None:
    days.work(at(FLOOR_DAY))
    before = days.meeting()
    learner = before.enrolment.person
    card = days.card(learner, "floor-moment")
    for _press in range(2):  # pressed twice, it moves once
        Client().post(address(card), {"q": "1", "answer": "other"}, follow=True)
    moved = days.meeting()
    assert moved.starts_at > before.starts_at
    assert (moved.uid, moved.sequence) == (before.uid, 1)
    mails = days.minute()
    for name in ("learner00", "manager0"):
        (event,) = arrived(mails, name)
        assert (event["uid"], event["sequence"], event["method"]) == (f"{before.uid}@borging", 1, "REQUEST")
        assert event["dtstart"].dt == moved.starts_at
    assert not days.minute()
    assert not Contact.objects.filter(pk=Contact.objects.latest("pk").pk, counted=True).exists()


def test_either_of_the_two_takes_another_moment_from_the_page_of_their_card(days: Days) -> None:
    days.work(at(FLOOR_DAY))
    meeting = days.meeting()
    sides = (days.card(meeting.host, about=0), days.card(meeting.enrolment.person, "floor-moment"))
    for n, card in enumerate(sides, start=1):
        client = Client(headers={"accept-language": "en"})
        html = client.get(address(card, "moment")).content.decode()
        start = offered(html)[-1]
        answer = client.post(address(card, "moment"), {"start": start}, follow=True)
        assert "You both get an invitation" in answer.content.decode()
        assert days.meeting().starts_at == datetime.fromisoformat(start)
        assert days.meeting().sequence == n
    wrong = Client().post(address(card, "moment"), {"start": at(FLOOR_DAY + timedelta(days=3), time(3, 0)).isoformat()})
    assert wrong.status_code == 409
    assert Client().post(address(card, "moment"), {"start": "soon"}).status_code == 422


def test_the_file_on_the_page_is_the_entry_of_the_mail(days: Days) -> None:
    days.work(at(FLOOR_DAY))
    meeting = days.meeting()
    answer = Client().get(address(days.card(meeting.host, about=0), "moment.ics"))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert (event["uid"], event["dtstart"].dt) == (f"{meeting.uid}@borging", meeting.starts_at)
    assert Client().get(address(days.card(meeting.host, about=0), "plan.ics")).status_code == 404


def test_three_lines_are_evidence_and_the_learner_reads_them(days: Days) -> None:
    days.work(at(FLOOR_DAY))
    meeting = days.meeting()
    learner = meeting.enrolment.person
    days.now = meeting.ends_at
    card = days.card(meeting.host, about=0)
    again = (meeting.ends_at + timedelta(days=21)).date()
    write_record(card, again=again)
    assert days.meeting().held
    said = Entry.objects.filter(step=FLOOR, subject=pseudonym(learner), author=pseudonym(meeting.host))
    assert dict(said.filter(question__in=("strength", "next-try")).values_list("question", "text")) == {
        "strength": "asked and then waited",
        "next-try": "wait a little longer",
    }
    assert set(said.values_list("source", flat=True)) == {Source.OBSERVER}
    own = Client().post(address(days.card(learner, "floor-moment")), {"q": "1", "answer": "yes"}, follow=True)
    assert "asked and then waited" in own.content.decode()
    other = days.card(Person.objects.get(name="Learner 01 Cohort 1"), "floor-moment")
    page = Client().post(address(other), {"q": "1", "answer": "yes"}, follow=True)
    assert "asked and then waited" not in page.content.decode()


def write_record(card: Card, *, again: date | None = None) -> None:
    client = Client()
    for n in range(1, 1 + len(journey.BEHAVIOURS)):
        client.post(address(card), {"q": str(n), "answer": "done"})
    for n, words in enumerate(("asked and then waited", "wait a little longer"), 1 + len(journey.BEHAVIOURS)):
        client.post(address(card), {"q": str(n), "answer": words})
    client.post(address(card), {"q": "5", "answer": again.isoformat() if again else "unknown"})


def test_when_again_is_a_next_time_with_cards_of_its_own(days: Days) -> None:
    days.work(at(FLOOR_DAY))
    meeting = days.meeting()
    days.now = meeting.ends_at
    first = (meeting.ends_at + timedelta(days=21)).date()
    second = first + timedelta(days=7)
    write_record(days.card(meeting.host, about=0), again=first)
    write_record(days.card(meeting.host, about=0), again=second)  # on second thoughts
    later = Meeting.objects.get(enrolment=meeting.enrolment, occurrence__gt=0, cancelled_at=None)
    assert later.host == meeting.host
    assert second <= later.starts_at.astimezone(ZONE).date() <= second + timedelta(days=14)
    mails = days.work(at(second + timedelta(days=2)))
    uid = f"{later.uid}@borging"
    for name in ("learner00", "manager0"):
        assert [e["dtstart"].dt for e in arrived(mails, name) if e["uid"] == uid] == [later.starts_at]
    cards = Card.objects.filter(moment__personal=True).exclude(status=CardStatus.WITHDRAWN)
    assert sorted(cards.values_list("moment__step", flat=True)) == ["floor-moment", FLOOR]
    plan(programme=days.programme, now=days.now)  # the timeline is set again, and this stays
    assert cards.count() == 2
    assert not Card.objects.filter(moment__personal=True).exclude(enrolment=meeting.enrolment).exists()


def test_a_time_that_passed_without_a_meeting_is_offered_again(days: Days) -> None:
    days.work(at(FLOOR_DAY))
    meeting = days.meeting()
    days.now = meeting.ends_at + timedelta(hours=1)
    Client().post(address(days.card(meeting.host, about=0), "moment"), {"missed": "yes"})
    moved = days.meeting()
    assert (moved.missed, moved.held, moved.sequence) == (1, False, 1)
    assert moved.starts_at > days.now


def test_leave_of_either_moves_it_and_a_leaver_is_taken_out_of_both_calendars(days: Days) -> None:
    days.work(at(FLOOR_DAY))
    away, gone, stays = days.meeting(0), days.meeting(1), days.meeting(2)
    day = away.starts_at.astimezone(ZONE).date()
    Leave.objects.create(person=away.enrolment.person, start_date=day, end_date=day + timedelta(days=1))
    programmes.leave(enrolment=gone.enrolment, today=days.now.date())
    days.now += timedelta(days=3)
    mails = days.work(days.now)
    moved = days.meeting(0)
    assert not day <= moved.starts_at.astimezone(ZONE).date() <= day + timedelta(days=1)
    assert days.meeting(1).cancelled_at
    assert days.meeting(2).starts_at == stays.starts_at
    told = {event["uid"]: event for event in arrived(mails, "manager0")}
    assert told[f"{away.uid}@borging"]["method"] == "REQUEST"
    assert (told[f"{gone.uid}@borging"]["method"], told[f"{gone.uid}@borging"]["sequence"]) == ("CANCEL", 1)
    assert f"{stays.uid}@borging" not in told


def test_an_observer_who_leaves_makes_way_for_the_manager(days: Days) -> None:
    observer = journey.person(days.programme.organisation, "Olga Observer")
    cohort = days.programme.cohorts.get()
    floor.choose_observers(cohort=cohort, observers=[observer], today=days.now.date())
    days.work(at(FLOOR_DAY))
    before = days.meeting()
    assert before.host == observer
    Employment.objects.filter(person=observer).update(end_date=days.now.date() - timedelta(days=1))
    mails = days.work(days.now + timedelta(days=2))
    after = days.meeting()
    assert after.host.name.startswith("Manager")
    assert days.card(after.host, about=0).status == CardStatus.OPEN
    (event,) = [e for e in arrived(mails, "learner00") if e["uid"] == f"{before.uid}@borging"]
    assert after.host.name in event["summary"]


def test_observers_are_divided_evenly_and_nobody_watches_themselves(days: Days) -> None:
    cohort = days.programme.cohorts.get()
    own = cohort.enrolments.order_by("pk")[0].person
    other = journey.person(days.programme.organisation, "Olga Observer")
    floor.choose_observers(cohort=cohort, observers=[own, other], today=days.now.date())
    watched = list(Enrolment.objects.filter(cohort=cohort).values_list("person", "observer"))
    assert all(person != observer for person, observer in watched)
    assert sorted(observer for _person, observer in watched) == sorted([own.pk, own.pk, other.pk, other.pk])
    floor.choose_observers(cohort=cohort, observers=[], today=days.now.date())
    assert not Enrolment.objects.exclude(observer=None).exists()


def test_the_training_goes_along_with_the_first_mail_and_its_change_goes_at_once(days: Days) -> None:
    mails = days.work(at(TRAINING_DAY - timedelta(days=12)))
    (first,) = arrived(mails, "learner00")
    assert (first["summary"], first["sequence"], first["method"]) == ("The good talk", 0, "REQUEST")
    session = Session.objects.get()
    later = at(TRAINING_DAY + timedelta(days=1), time(9, 0))
    programmes.move_session(
        session=session, starts_at=later, ends_at=later + timedelta(hours=8), place="Room 2", along=True, now=days.now
    )
    plan(programme=days.programme, now=days.now)
    (moved,) = arrived(days.minute(), "learner00")
    assert (moved["uid"], moved["sequence"]) == (first["uid"], 1)
    assert (moved["dtstart"].dt, moved["location"]) == (later, "Room 2")
    plan(programme=days.programme, now=days.now)
    assert not arrived(days.minute(), "learner00")
    Session.objects.all().delete()
    plan(programme=days.programme, now=days.now)
    (gone,) = arrived(days.minute(), "learner00")
    assert (gone["uid"], gone["sequence"], gone["method"]) == (first["uid"], 2, "CANCEL")


def test_one_tap_of_the_manager_puts_the_talk_into_both_calendars(days: Days) -> None:
    days.work(at(TRAINING_DAY - timedelta(days=13)))
    manager = Person.objects.get(name__startswith="Manager")
    card = days.card(manager, "talk-before", about=0)
    html = Client().get(address(card)).content.decode()
    assert f"{address(card)}moment" in html
    page = Client().get(address(card, "moment")).content.decode()
    start = re.search(r'value="([^"]+)" checked', page)
    assert start is not None
    Client().post(address(card, "moment"), {"start": unescape(start[1])})
    mails = days.minute()
    for name in ("learner00", "manager0"):
        (event,) = arrived(mails, name)
        assert event["dtstart"].dt == datetime.fromisoformat(unescape(start[1]))
    assert not Meeting.objects.filter(step="talk-after").exists()  # offered, never put there by itself


def test_an_own_plan_goes_into_ones_own_calendar_under_a_title_that_says_nothing(days: Days) -> None:
    days.work(at(TRAINING_DAY + timedelta(days=1)))
    learner = Person.objects.get(name="Learner 00 Cohort 1")
    card = days.card(learner, "if-then-plan")
    assert Client().get(address(card, "plan.ics")).status_code == 404
    days.now = at(TRAINING_DAY, time(16, 45))
    Client().post(address(card), {"q": "1", "if": "somebody calls", "then": "I ask first"})
    chance = TRAINING_DAY + timedelta(days=3)
    Client().post(address(card), {"q": "4", "answer": chance.isoformat()})
    answer = Client().get(address(card, "plan.ics"))
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["dtstart"].dt == at(chance, time(9, 0))
    assert "somebody calls" in event["description"]
    assert "somebody" not in event["summary"]


def test_nobody_is_told_at_night_or_on_a_day_off_of_what_somebody_changed(days: Days) -> None:
    days.work(at(FLOOR_DAY))
    meeting = days.meeting()
    days.now = at(days.now.astimezone(ZONE).date(), time(22, 0))
    Client().post(address(days.card(meeting.host, about=0), "moment"), {"off": "yes"})
    assert not days.minute()
    waiting = Appointment.objects.filter(uid=meeting.uid).values_list("next_at", flat=True)
    assert {moment.astimezone(ZONE).time() for moment in waiting if moment} == {time(7, 30)}
    assert all(moment.tzinfo == UTC for moment in waiting if moment)
