"""Every kind of data goes after its term and not a day before; who looks what is over removes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from borging import tick
from borging.cards.models import Card, CardStatus, Contact, ContactCard, ContactStatus
from borging.effects.models import Study
from borging.evidence.models import Entry
from borging.measure import jobs
from borging.measure.models import Release
from borging.people import writes as people
from borging.people.models import Account, Employment, Leave, Organisation, PeopleImport, Person
from borging.privacy import looks, retention
from borging.privacy.models import Look
from borging.privacy.rules import TERMS, Kind, Term
from borging.privacy.words import told
from borging.programmes.models import Programme
from borging.transfer.jobs import plan
from borging.web.privacy import offers
from tests import journey
from tests.measure import answers
from tests.people.makers import person, stage
from tests.web import makers
from tests.web.worlds import state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("immediate_queue")]
NOW = datetime(2030, 6, 15, 3, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def noor() -> Account:
    return makers.account()


def leaver(home: Organisation, day: date) -> Person:
    made = person(home, "Lena Left", email="lena@example.org")
    Employment.objects.filter(person=made).update(end_date=day)
    return made


def an_answer(noor: Account, *, text: str = "") -> Entry:
    made = answers.programme(learners=2)
    for model in (Programme, Person):
        model._default_manager.filter(organisation=made.organisation).update(organisation=noor.organisation)
    said = answers.entry(answers.people(made)[0], "weekly", "own-words", choice="worked")
    said.text = text
    said.save()
    return said


def of_people(noor: Account, at: datetime) -> Any:
    return Person.objects.filter(pk=leaver(noor.organisation, at.date()).pk)


def of_answers(noor: Account, at: datetime) -> Any:
    said = an_answer(noor)
    Programme.objects.update(ended_at=at)
    return Entry.objects.filter(pk=said.pk)


def of_answers_without_an_end(noor: Account, at: datetime) -> Any:
    """Nobody ended the programme: its latest question did."""
    said = an_answer(noor)
    said.programme.cohorts.get().moments.update(
        closes_at=at, due_at=at - DAY, closes_on=at.date(), due_on=at.date() - DAY
    )
    return Entry.objects.filter(pk=said.pk)


def of_mails(noor: Account, at: datetime) -> Any:
    someone = person(noor.organisation, "Omar")
    made = Contact.objects.create(
        organisation=noor.organisation, person=someone, made_at=at, status=ContactStatus.SENT, sent_at=at
    )
    return Contact.objects.filter(pk=made.pk)


def of_days_away(noor: Account, at: datetime) -> Any:
    someone = person(noor.organisation, "Omar")
    leave = Leave.objects.create(person=someone, start_date=at.date() - 9 * DAY, end_date=at.date())
    return Leave.objects.filter(pk=leave.pk)


def of_looks(noor: Account, at: datetime) -> Any:
    looks.record(viewer=noor, page="person", people=[person(noor.organisation, "Omar")], now=at)
    return Look.objects.filter(viewer=noor)


def of_files(noor: Account, at: datetime) -> Any:
    stage(makers.client_of(noor), "Naam\tTeam\nNew Person\tTeam\n", everybody=False)
    PeopleImport.objects.update(created_at=at)
    return PeopleImport.objects.all()


def of_study_files(noor: Account, at: datetime) -> Any:
    study = makers.finished(noor)
    Study.objects.filter(pk=study.pk).update(created_at=at, finished_at=at)
    return Study.objects.filter(pk=study.pk).exclude(inspection=None)


def of_own_words(noor: Account, at: datetime) -> Any:
    said = an_answer(noor, text="I will ask first")
    Programme.objects.update(ended_at=NOW)
    someone = answers.people(said.programme)[0].person
    Employment.objects.filter(person=someone).update(end_date=at.date())
    return Entry.objects.filter(pk=said.pk)


MAKE: list[tuple[Kind, Callable[[Account, datetime], Any]]] = [
    (Kind.PEOPLE, of_people),
    (Kind.ANSWERS, of_answers),
    (Kind.ANSWERS, of_answers_without_an_end),
    (Kind.DELIVERY, of_mails),
    (Kind.AWAY, of_days_away),
    (Kind.LOOKS, of_looks),
    (Kind.PEOPLE_FILES, of_files),
    (Kind.STUDY_FILES, of_study_files),
    (Kind.OWN_WORDS, of_own_words),
]


@pytest.mark.parametrize(("kind", "make"), MAKE, ids=[f"{make.__name__}" for _kind, make in MAKE])
def test_each_kind_goes_after_its_term_and_not_a_day_before(
    noor: Account, kind: Kind, make: Callable[[Account, datetime], Any]
) -> None:
    limit = TERMS[kind].limit(NOW)
    found = make(noor, limit + DAY)
    retention.enforce(now=NOW)
    assert found.exists()
    before = state()
    over = {each.kind: each.n for each in retention.over(noor.organisation, now=NOW + 2 * DAY)}
    assert over[kind] == 1
    assert state() == before
    assert retention.enforce(now=NOW + 2 * DAY)[kind] == 1
    assert not found.all().exists()
    assert retention.enforce(now=NOW + 2 * DAY)[kind] == 0


def test_every_kind_is_removed_by_something_and_told_in_words() -> None:
    assert {*retention.FINDS, Kind.MAIL_TEXTS} == set(Kind) == set(TERMS)
    assert {kind for kind, _make in MAKE} == set(retention.FINDS)
    assert all(each.what and each.why and each.term for each in told())


def test_the_terms_are_those_that_were_agreed() -> None:
    days = {kind: (term.months, term.days) for kind, term in TERMS.items()}
    assert days[Kind.ANSWERS] == (24, 0)
    assert days[Kind.PEOPLE] == (24, 0)
    assert days[Kind.MAIL_TEXTS] == (0, 0)
    assert days[Kind.DELIVERY] == (0, 90)
    assert days[Kind.LOOKS] == (13, 0)
    assert days[Kind.OWN_WORDS] == (0, 30)


@given(
    now=st.datetimes(min_value=NOW.replace(tzinfo=None, year=2020), max_value=NOW.replace(tzinfo=None, year=2040)),
    months=st.integers(min_value=0, max_value=30),
)
def test_a_term_in_months_ends_on_the_same_day_or_on_the_last_of_a_shorter_month(now: datetime, months: int) -> None:
    limit = Term(months=months).limit(now)
    assert (now.year - limit.year) * 12 + now.month - limit.month == months
    assert limit.day == now.day or (limit.day < now.day and (limit + DAY).day == 1)
    assert limit.time() == now.time()


def test_the_night_does_it(noor: Account) -> None:
    gone = leaver(noor.organisation, date(2020, 1, 1))
    tick.night(now=NOW)
    assert not Person.objects.filter(pk=gone.pk).exists()


def test_with_answers_go_the_cards_and_whose_they_were_and_figures_stay(noor: Account) -> None:
    made = answers.programme(learners=6)
    for each in answers.people(made):
        answers.say_pair(each, before=1.0 + each.pk % 3, after=5.0 + each.pk % 2)
    plan(programme=made, now=answers.on(0))
    jobs.pair(programme=made, now=answers.AFTER_ALL)
    shown = dict(Release.objects.values_list("batch", "figures"))
    Programme.objects.update(ended_at=answers.AFTER_ALL)
    retention.enforce(now=datetime(2032, 1, 1, tzinfo=UTC))
    assert not Entry.objects.exists()
    assert not Card.objects.exists()
    assert dict(Release.objects.values_list("batch", "figures")) == shown
    assert not any(Release.objects.values_list("ledger", flat=True))


def test_a_mail_of_a_card_that_can_still_be_answered_stays(noor: Account) -> None:
    made = journey.programme(organisation=noor.organisation)
    plan(programme=made, now=journey.at(journey.TRAINING_DAY))
    card = Card.objects.exclude(status=CardStatus.ANSWERED).earliest("pk")
    old = of_mails(noor, NOW - 400 * DAY)
    ContactCard.objects.create(contact=old.get(), card=card)
    retention.enforce(now=NOW)
    assert old.exists()
    Card.objects.filter(pk=card.pk).update(status=CardStatus.ANSWERED, next_at=None)
    retention.enforce(now=NOW)
    assert not old.exists()


def test_the_last_administrator_stays_until_there_is_another(noor: Account) -> None:
    boss = leaver(noor.organisation, date(2020, 1, 1))
    people.link_person(account=noor, person=boss)
    retention.enforce(now=NOW)
    assert Person.objects.filter(pk=boss.pk).exists()


def test_what_goes_wrong_in_one_kind_is_told_and_the_night_goes_on(
    noor: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_names: Any) -> None:
        raise RuntimeError("no disk")

    monkeypatch.setattr(retention, "enforce", broken)
    tick.night(now=NOW)
    assert "not everything that is over its term was removed" in caplog.text


def test_a_log_that_was_changed_is_found_at_night(noor: Account, caplog: pytest.LogCaptureFixture) -> None:
    of_looks(noor, NOW).update(page="people")
    tick.night(now=NOW)
    assert "log of looks" in caplog.text


# --- own words are offered first --------------------------------------------------------------------------------------

MORNING = datetime(2030, 6, 18, 8, 0, tzinfo=UTC)  # a Tuesday


def about_to_leave(noor: Account, *, text: str = "ask first", days: int = 10) -> Person:
    said = an_answer(noor, text=text)
    someone = answers.people(said.programme)[0].person
    Employment.objects.filter(person=someone).update(end_date=MORNING.date() + days * DAY)
    return someone


def test_who_is_about_to_leave_is_told_once_how_to_take_their_own_words_along(noor: Account) -> None:
    someone = about_to_leave(noor)
    assert offers.send(now=NOW) == 0  # at night
    tick.hour(now=MORNING)
    tick.hour(now=MORNING + timedelta(hours=1))
    assert [one.to for one in mail.outbox] == [[someone.email]]
    assert "/own/" in str(mail.outbox[0].body)
    assert "ask first" not in str(mail.outbox[0].body)


@pytest.mark.parametrize(("text", "days"), [("", 10), ("ask first", 20), ("ask first", -1)])
def test_who_wrote_nothing_or_does_not_leave_soon_gets_no_such_mail(noor: Account, text: str, days: int) -> None:
    about_to_leave(noor, text=text, days=days)
    assert offers.send(now=MORNING) == 0


def test_a_mail_server_that_is_away_gets_it_the_next_hour(noor: Account, settings: Any) -> None:
    about_to_leave(noor)
    settings.EMAIL_BACKEND = "tests.privacy.test_retention.Away"
    assert offers.send(now=MORNING) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert offers.send(now=MORNING + timedelta(hours=1)) == 1


class Away:
    """A mail server that is not there."""

    def __init__(self, **_names: Any) -> None:
        pass

    def send_messages(self, _messages: Any) -> int:
        raise ConnectionRefusedError
