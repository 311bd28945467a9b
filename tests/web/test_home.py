"""Today, for everyone; and everything about oneself."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from borging.cards.models import Card, CardStatus, Contact, ContactCard, ContactStatus
from borging.evidence.models import Entry
from borging.measure import jobs
from borging.measure.models import Release
from borging.people import writes as people
from borging.people.models import Account, Person, Reporting, Role
from borging.people.pseudonyms import pseudonym
from borging.programmes.models import Cohort, Programme
from borging.transfer.jobs import plan
from borging.transfer.models import Barrier
from tests import journey
from tests.journey import TRAINING_DAY, at
from tests.measure import answers
from tests.web import makers

pytestmark = pytest.mark.django_db
BEFORE = at(TRAINING_DAY - timedelta(days=9))


def account_of(person: Person, *roles: Role) -> Account:
    account, _new = Account.objects.get_or_create(
        person=person,
        defaults={"email": f"a{person.pk}@example.org", "organisation": person.organisation, "name": person.name},
    )
    people.grant_roles(account=account, roles=roles)
    return account


def words(client: Client, address: str = "/") -> str:
    """The words of a page from its heading on."""
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode().split("<main", 1)[1]).split())


def ld_of(made: Programme) -> Client:
    assert made.owner
    people.grant_roles(account=made.owner, roles=[Role.LD])
    return makers.client_of(made.owner)


def opened(made: Programme, *, now: datetime = BEFORE) -> None:
    """The cards of this moment are there and were sent."""
    plan(programme=made, now=now)
    Card.objects.filter(programme=made, moment__due_at__lte=now).update(
        status=CardStatus.OPEN, opened_at=now, next_at=None
    )


def learner(made: Programme) -> Person:
    return answers.people(made)[0].person


def test_a_talk_that_is_not_held_asks_the_attention_of_ld_with_a_reason_and_one_action() -> None:
    made = journey.programme()
    opened(made)
    with time_machine.travel(BEFORE, tick=False):
        said = words(ld_of(made))
    assert "6 of 6 talks before the training have not been held" in said
    assert "A training works better when the manager joins in." in said
    assert "The good talk transfer action" in said


def test_ld_sees_three_things_at_most() -> None:
    made = journey.programme()
    opened(made)
    Reporting.objects.all().delete()
    for person in (learner(made), made.sponsor):
        assert person
        Contact.objects.create(
            organisation=made.organisation, person=person, status=ContactStatus.PARKED, made_at=BEFORE
        )
    Barrier.objects.create(cohort=made.cohorts.get(), key="time", remover=made.sponsor, named_on=BEFORE.date())
    with time_machine.travel(BEFORE, tick=False):
        html = ld_of(made).get("/").content.decode()
    (things,) = re.findall(r'<section class="box" aria-label="At most three things">.*?</section>', html, re.DOTALL)
    assert things.count('class="eyebrow"') == 3
    assert "Mail to 2 people does not arrive" in things


def test_what_the_system_did_is_counted_from_what_it_did_and_never_a_zero() -> None:
    made = journey.programme()
    opened(made)
    for reminder, card in zip((False, False, True), Card.objects.filter(moment__step="talk-before"), strict=False):
        sent = Contact.objects.create(
            organisation=made.organisation,
            person=card.person,
            status=ContactStatus.SENT,
            made_at=BEFORE,
            sent_at=BEFORE - timedelta(days=1),
        )
        ContactCard.objects.create(contact=sent, card=card, reminder=reminder)
    old = Contact.objects.create(
        organisation=made.organisation,
        person=learner(made),
        status=ContactStatus.SENT,
        made_at=BEFORE,
        sent_at=BEFORE - timedelta(days=8),
    )
    assert old.pk
    with time_machine.travel(BEFORE, tick=False):
        said = words(ld_of(made))
    assert "Mails sent 3" in said
    assert "Reminders in them, at most one per question 1" in said
    assert "Talks asked for 2" in said
    assert "Figures released" not in said
    assert " 0 " not in said


def test_where_nothing_is_stuck_ld_reads_that_all_is_well() -> None:
    account = makers.account()
    said = words(makers.client_of(account))
    assert "Nothing asks attention" in said
    assert "There is no programme yet" in said


def test_half_a_year_after_a_training_ld_is_asked_for_one_decision_and_finds_a_slide_for_friday() -> None:
    made = answers.programme(learners=20)
    answers.everything(answers.people(made))
    jobs.pair(programme=made, now=answers.on(200))
    with time_machine.travel(answers.on(201), tick=False):
        said = words(client := ld_of(made))
        assert "Go on, adapt or stop?" in said
        assert "The training was 201 days ago." in said
        assert f"/programmes/{made.pk}/evidence/friday.pptx" in client.get("/").content.decode()
    assert f"Figures released {Release.objects.count()}" in said


def test_a_learner_answers_the_own_card_from_the_start() -> None:
    made = journey.programme()
    opened(made)
    me = learner(made)
    with time_machine.travel(BEFORE, tick=False):
        client = makers.client_of(account_of(me))
        html = client.get("/").content.decode()
        links = re.findall(r'href="(/k/[^"]+)"', html)
        assert len(links) == Card.objects.filter(person=me, status=CardStatus.OPEN).count() > 0
        assert client.get(links[0]).status_code == 200
    assert "Learner 01 Cohort 1" in html  # the own buddy
    assert "Learner 03" not in html


def test_a_learner_sees_the_own_goal_and_plan() -> None:
    made = answers.programme(learners=6)
    first, second, *_rest = answers.people(made)
    for enrolment, text in ((first, "ask before I tell"), (second, "CANARY of somebody else")):
        goal = answers.entry(enrolment, "goal-and-case", "goal")
        goal.text = text
        goal.save()
    with time_machine.travel(answers.on(3), tick=False):
        said = words(makers.client_of(account_of(first.person)))
    assert "ask before I tell" in said
    assert "CANARY" not in said


def test_a_manager_sees_who_takes_part_in_what_and_never_an_answer() -> None:
    made = answers.programme(learners=6)
    for enrolment in answers.people(made):
        own = answers.entry(enrolment, "goal-and-case", "goal")
        own.text = "CANARY"
        own.save()
    boss = Person.objects.get(name__startswith="Manager")
    with time_machine.travel(answers.on(-3), tick=False):
        said = words(makers.client_of(account_of(boss)))
    assert "Your people" in said
    assert all(each.person.name in said for each in answers.people(made))
    assert "training from 3 March" in said
    assert "CANARY" not in said


def test_a_barrier_is_promised_away_and_stays_until_it_is_gone() -> None:
    made = journey.programme()
    barrier = Barrier.objects.create(
        cohort=made.cohorts.get(), key="time", remover=made.sponsor, named_on=BEFORE.date()
    )
    assert made.sponsor
    with time_machine.travel(BEFORE, tick=False):
        client = makers.client_of(account_of(made.sponsor))
        assert "Free practice time" in words(client)
        client.post(f"/barriers/{barrier.pk}/promise", {"follow_up": "Drop a meeting", "day": "2026-01-01"})
        assert "a day from today on" in words(client)
        client.post(f"/barriers/{barrier.pk}/promise", {"follow_up": "Drop a meeting", "day": "2026-12-04"})
        assert "You said: Drop a meeting, by 4 December." in words(client)
        client.post(f"/barriers/{barrier.pk}/removed")
        assert "You can take this away" not in words(client)
    barrier.refresh_from_db()
    assert barrier.removed_on == BEFORE.date()


def test_somebody_elses_barrier_is_not_there() -> None:
    made = journey.programme()
    barrier = Barrier.objects.create(
        cohort=made.cohorts.get(), key="time", remover=made.sponsor, named_on=BEFORE.date()
    )
    client = makers.client_of(account_of(learner(made)))
    for end in ("promise", "removed"):
        assert client.post(f"/barriers/{barrier.pk}/{end}").status_code == 404
    assert Barrier.objects.get().removed_on is None


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (Role.HR_DATA, "a file or a copied table"),
        (Role.ADMIN, "give and take back roles"),
        (Role.WORKS_COUNCIL, "Once figures of a programme are released"),
        (Role.PRIVACY, "Once figures of a programme are released"),
        (Role.PRIVACY, "what the coming night removes"),
        (Role.WORKS_COUNCIL, "drafts for the works council"),
    ],
)
def test_each_role_reads_what_it_can_do_here_and_no_link_is_dead(role: Role, said: str) -> None:
    account = makers.account()
    account.grants.all().delete()
    people.grant_roles(account=account, roles=[role])
    client = makers.client_of(account)
    assert said in words(client)
    html = client.get("/").content.decode().split("<main")[1]
    assert [link for link in re.findall(r'href="(/[^"#]*)"', html) if client.get(link).status_code != 200] == []


def test_several_roles_stand_below_each_other_with_what_closes_first_on_top() -> None:
    made = journey.programme()
    opened(made)
    with time_machine.travel(BEFORE, tick=False):
        html = makers.client_of(account_of(learner(made), Role.LD, Role.ADMIN)).get("/").content.decode()
    order = ["Asked of you", "At most three things", "You take part"]
    assert [html.index(words) for words in order] == sorted(html.index(words) for words in order)
    assert html.count('data-variant="primary"') == 1


# --- own data ---------------------------------------------------------------------------------------------------------


def answered() -> tuple[Programme, Person, Client]:
    made = answers.programme(learners=6)
    answers.everything(answers.people(made))
    me = learner(made)
    return made, me, makers.client_of(account_of(me))


def test_own_data_leaves_in_one_file_with_nobody_elses_name() -> None:
    made, me, client = answered()
    answer = client.get("/own/export.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    data = json.loads(archive.read("data.json"))
    assert data["person"][0]["name"] == me.name
    assert len(data["answers"]) == Entry.objects.filter(author=pseudonym(me)).count() > 10
    assert {"employments", "managers", "programmes", "account"} <= data.keys()
    assert len(list(csv.reader(io.StringIO(archive.read("answers.csv").decode("utf-8-sig"))))) == 1 + len(
        data["answers"]
    )
    assert "<h1>" in archive.read("index.html").decode()
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    others = Person.objects.exclude(pk=me.pk).filter(organisation=made.organisation)
    assert [other.name for other in others if other.name in everything] == []
    assert [other.email for other in others if other.email in everything] == []


def test_own_words_that_a_sheet_would_reckon_with_stay_words() -> None:
    made = answers.programme(learners=6)
    own = answers.entry(answers.people(made)[0], "goal-and-case", "goal")
    own.text = "=1+1"
    own.save()
    content = makers.client_of(account_of(learner(made))).get("/own/export.zip").content
    assert ",'=1+1," in zipfile.ZipFile(io.BytesIO(content)).read("answers.csv").decode("utf-8-sig")


def test_own_answers_are_forgotten_after_a_tick_and_nobody_elses() -> None:
    made, me, client = answered()
    jobs.pair(programme=made, now=answers.AFTER_ALL)
    released, others = Release.objects.count(), Entry.objects.exclude(author=pseudonym(me)).count()
    assert "stay as they are" in words(client, f"/own/forget?programme={made.pk}")
    assert client.post("/own/forget", {"programme": made.pk}).status_code == 422
    assert Entry.objects.filter(author=pseudonym(me)).exists()
    client.post("/own/forget", {"programme": made.pk, "sure": "on"})
    assert not Entry.objects.filter(author=pseudonym(me)).exists()
    assert Entry.objects.exclude(author=pseudonym(me)).count() == others
    assert Release.objects.count() == released
    assert "No answers of yours are kept." in words(client, "/own/")


def test_forgetting_in_one_programme_leaves_the_other() -> None:
    made, me, client = answered()
    other = Programme.objects.create(organisation=made.organisation, name="Another", created_at=answers.on(0))
    (there_too,) = journey.enrol(Cohort.objects.create(programme=other, name="Cohort 1"), [me])
    there = answers.entry(there_too, "goal-and-case", "goal")
    there.text = "kept"
    there.save()
    client.post("/own/forget", {"programme": made.pk, "sure": "on"})
    assert [entry.text for entry in Entry.objects.filter(author=pseudonym(me))] == ["kept"]


def test_the_page_of_ones_own_says_who_sees_what_and_shows_the_answers() -> None:
    _made, me, client = answered()
    said = words(client, "/own/")
    for part in ("Who sees what", "you; others see a group only, from five answers", me.email, "Take everything along"):
        assert part in said


def test_an_account_that_is_nobody_here_has_no_own_page() -> None:
    client = makers.client_of(makers.account())
    for address in ("/own/", "/own/export.zip", "/own/forget"):
        assert client.get(address).status_code == 404
