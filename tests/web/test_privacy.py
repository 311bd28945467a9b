"""What is kept of people: the window on it, taking it along, and that nothing else of it comes out."""

from __future__ import annotations

import csv
import io
import json
import logging
import zipfile
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core import mail
from django.core.management import get_commands
from django.db import connection, models
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from borging import tick
from borging.cards import links
from borging.cards.models import Card, Contact, Hitch
from borging.evidence import writes as evidence
from borging.evidence.models import Entry, Source
from borging.evidence.rules import Answered, Given
from borging.evidence.writes import Occasion
from borging.people import writes as people
from borging.people.models import Account, Leave, PeopleImport, Person, Role
from borging.people.pseudonyms import pseudonym
from borging.privacy import looks, tombstones
from borging.privacy.models import Offer, Removed
from borging.privacy.stores import STORES
from borging.programmes.models import Enrolment, Programme
from borging.transfer import playbooks
from borging.transfer.content import purpose_of
from borging.transfer.jobs import plan
from borging.transfer.models import Barrier, FloorObserver, Meeting
from borging.web.logs import Masked
from borging.web.own.headings import heading
from borging.web.own.kept import tables_of
from borging.web.own.views import What, who_sees
from tests import journey
from tests.measure import answers
from tests.web import makers
from tests.web.addresses import BY_LINK, VIEWERS, routes
from tests.web.test_cards import path
from tests.web.test_limits import mailed_code
from tests.web.worlds import build, text_of

pytestmark = pytest.mark.django_db

# --- every place where something of a person is kept ------------------------------------------------------------------


def points_at_people(model: type[models.Model]) -> bool:
    whom = (Person, Account, Enrolment)
    return model is Person or any(
        isinstance(field, models.ForeignKey) and field.related_model in whom for field in model._meta.concrete_fields
    )


def written_for(someone: Person, words: str) -> Entry:
    """A line that who watched them at work wrote down."""
    line = answers.entry(someone.enrolments.get(), "floor-observation", "strength", source="observer")
    line.text = words
    return line


def full() -> tuple[Account, Person]:
    """Somebody of whom something stands in every table there is."""
    home = build("Alpha")
    account = home.accounts["learner"]
    someone = Person.objects.select_related("organisation").get(account=account)
    made = Programme.objects.get(organisation=someone.organisation)
    now, today = timezone.now(), timezone.localdate()
    other = Enrolment.objects.exclude(person=someone).earliest("pk")
    people.grant_roles(account=account, roles=[Role.LD])
    people.add_leave(person=someone, start=today, end=today)
    Programme.objects.filter(pk=made.pk).update(
        owner=account, sponsor=someone, trainer=someone, embedding_owner=someone, promise_signer=someone
    )
    Enrolment.objects.filter(pk=other.pk).update(observer=someone)
    other.person.reportings.update(manager=someone)
    Contact.objects.create(organisation=someone.organisation, person=someone, made_at=now, due_at=now)
    Barrier.objects.create(cohort=made.cohorts.get(), key="tools", remover=someone, named_on=today)
    Hitch.objects.create(person=someone, tries=1, again_at=now)
    spot = {"starts_at": now, "ends_at": now + timedelta(minutes=10)}
    Meeting.objects.create(enrolment=other, host=someone, step="floor-observation", **spot)
    Meeting.objects.create(enrolment=someone.enrolments.get(), host=other.person, step="floor-observation", **spot)
    FloorObserver.objects.create(cohort=made.cohorts.get(), person=someone)
    written_for(someone, "what worked").save()
    PeopleImport.objects.create(
        organisation=someone.organisation, account=account, file_name="people.csv", day=today, created_at=now
    )
    makers.finished(account)
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": "QSECRETQ"})
    looks.record(viewer=home.accounts["ld"], page="person", people=[someone], now=now)
    looks.record(viewer=account, page="person", people=[other.person], now=now)
    said = answers.entry(someone.enrolments.get(), "goal-and-case", "goal")
    said.text = "Qgoal of mine"
    said.save()
    Offer.objects.create(person=someone, made_at=now)
    Removed.objects.create(organisation=someone.organisation, mark=tombstones.mark(someone), what="answers", at=now)
    return account, someone


def test_every_table_that_leads_to_a_person_is_in_the_register() -> None:
    _account, someone = full()
    marks = [pseudonym(someone).hex, str(pseudonym(someone)), looks.mark(someone), tombstones.mark(someone).hex]
    holding = set()
    for model in apps.get_models():
        rows = "\n".join(repr(row).replace("-", "") for row in model._default_manager.values_list())
        if points_at_people(model) or any(mark.replace("-", "") in rows for mark in marks):
            holding.add(model._meta.label)
    assert holding == set(STORES)


def test_everything_in_the_register_is_in_ones_own_export_or_says_why_not() -> None:
    account, someone = full()
    there = {table.key for table in tables_of(account, someone)}
    for label, store in STORES.items():
        assert bool(store.found_in) != bool(store.left), label
        assert set(store.found_in) <= there, label
    assert there == {key for store in STORES.values() for key in store.found_in}


def test_the_export_has_everything_in_the_readers_language_and_nobody_elses_name() -> None:
    account, someone = full()
    answer = makers.client_of(account, language="nl").get("/own/export.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    keys = {key for store in STORES.values() for key in store.found_in}
    assert set(archive.namelist()) == {"data.json", "index.html", *(f"{key}.csv" for key in keys)}
    whole = "\n".join(archive.read(name).decode() for name in archive.namelist())
    assert someone.name in whole
    assert "Qgoal of mine" in whole
    assert "QSECRETQ" not in whole
    accounts = {str(each) for each in Account.objects.all()}  # who looked is told by the name of the account
    others = Person.objects.exclude(pk=someone.pk)
    assert [each.name for each in others if each.name in whole and each.name not in accounts] == []
    assert [each.email for each in others if each.email in whole] == []
    with override("nl"):
        data = json.loads(archive.read("data.json"))
        for key in keys:
            first = next(csv.reader(io.StringIO(archive.read(f"{key}.csv").decode("utf-8-sig"))))
            assert first == [heading(column) for column in data[key][0]]
            assert not {"start_date", "recorded_at", "happened_on"} & set(first)


def test_a_column_without_words_in_the_readers_language_cannot_be_exported() -> None:
    account, someone = full()
    with override("en"):
        english = [table.headings for table in tables_of(account, someone)]
    with override("nl"):
        dutch = [table.headings for table in tables_of(account, someone)]
    assert all(words for table in dutch for words in table)
    assert dutch != english
    with pytest.raises(KeyError):
        heading("brand_new_column")


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_who_sees_what_is_told_as_it_is_on_every_page() -> None:
    home = build("Alpha")
    subject = Person.objects.get(account=home.accounts["learner"])
    subject.name, subject.email = "Qname Learner", "qaddress@example.org"
    subject.save()
    Leave.objects.create(person=subject, start_date=date(2031, 5, 17), end_date=date(2031, 5, 18))
    goal = answers.entry(subject.enrolments.get(), "goal-and-case", "goal")
    goal.text = "Qgoal of mine"
    goal.save()
    said = answers.entry(subject.enrolments.get(), "if-then-plan", "plan-1")
    said.text = "Qwords of mine"
    said.save()
    around = {name: Person.objects.get(account=home.accounts[name]) for name in ("buddy", "observer")}
    subject.enrolments.update(**around)
    written_for(subject, "Qline for me").save()
    home.ids["person_id"] = subject.pk
    probes = {
        What.PLAN: "Qgoal of mine",
        What.ANSWERS: "Qwords of mine",
        What.TAKING_PART: "Qname Learner",
        What.DETAILS: "qaddress@example.org",
        What.AWAY: "17 May 2031",
        What.WATCHED: "Qline for me",
    }
    for viewer in (each for each in VIEWERS if each != "learner"):
        client = home.client(viewer)
        pages = [text_of(client.get(r.address(home))) for r in routes() if r.name not in BY_LINK]
        pages.append(text_of(client.get("/people/?q=Qname")))
        for what, probe in probes.items():
            told = viewer in who_sees()[what].roles
            assert any(probe in page for page in pages) == told, (viewer, what)
    own = text_of(home.client("learner").get("/own/"))
    assert "Qgoal of mine" in own
    assert "Qwords of mine" in own


def test_no_role_and_no_command_opens_an_answer() -> None:
    home = build("Alpha")
    subject = Person.objects.get(account=home.accounts["learner"])
    said = answers.entry(subject.enrolments.get(), "if-then-plan", "plan-1")
    said.text = "Qwords of mine"
    said.save()
    boss = home.accounts["everything"]
    Account.objects.filter(pk=boss.pk).update(is_superuser=True)
    client = makers.client_of(Account.objects.get(pk=boss.pk))
    for route in routes():
        for answer in (client.get(route.address(home)), client.post(route.address(home))):
            if route.name not in {"card"}:
                assert "Qwords of mine" not in text_of(answer), route.name
    assert {app for name, app in get_commands().items() if str(app).startswith("borging")} == set()


# --- what it is for ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_a_question_is_for_stands_there_before_it_is_answered(language: str) -> None:
    made = journey.programme(language=language)
    plan(programme=made, now=journey.at(journey.TRAINING_DAY - timedelta(days=9)))
    Card.objects.update(closes_at=timezone.now() + timedelta(days=400))
    seen = set()
    for card in Card.objects.select_related("moment"):
        html = Client().get(path(card), headers={"Cookie": f"django_language={language}"}).content.decode()
        if "<fieldset" not in html:
            continue
        step = {step.key: step for step in playbooks.playbook("skills-day").steps}[card.moment.step]
        with override(language):
            assert any(purpose_of(question.family) in html for question in step.questions), step.key
        assert ("nergens anders" if language == "nl" else "used for nothing else") in html
        seen.add(step.key)
    assert seen


def test_every_question_of_every_playbook_has_a_purpose() -> None:
    for key in sorted(playbooks.keys()):
        for step in playbooks.playbook(key).steps:
            assert all(purpose_of(question.family) for question in step.questions)


# --- without a name ---------------------------------------------------------------------------------------------------


def test_nothing_tells_in_which_order_or_by_whom_something_was_said_without_a_name(immediate_queue: None) -> None:
    made = journey.programme(learners=40)
    now = journey.at(journey.TRAINING_DAY + timedelta(days=1))
    plan(programme=made, now=now)
    step = next(step for step in playbooks.playbook("skills-day").steps if step.anonymous)
    cards = list(Card.objects.select_related("moment", "person").filter(moment__anonymous=True).order_by("pk"))[:40]
    assert len(cards) == 40
    cohort = made.cohorts.get()
    question = step.questions[0].key
    for n in range(len(cards)):  # in this order, each with a mark that tells it
        occasion = Occasion(
            cohort=cohort,
            step=step.key,
            occurrence=0,
            source=Source.SELF,
            subject=None,
            author=None,
            place=str(cards[n].pk),
            happened_on=cards[n].moment.due_on,
            now=now,
        )
        evidence.append(
            occasion=occasion, answers=[Answered(question=question, family="reaction", given=Given(number=n))]
        )
    tick.night(now=now + timedelta(hours=12))
    for entry in Entry.objects.all():
        assert (entry.author, entry.subject, entry.recorded_at, entry.replaced_at) == (None, None, None, None)
        assert entry.happened_on == cards[0].moment.due_on
    place = "rowid" if connection.vendor == "sqlite" else "ctid"
    with connection.cursor() as cursor:
        for order in (place, "id", "slot"):
            cursor.execute(f"SELECT number FROM evidence_entry ORDER BY {order}")
            found = [int(number) for (number,) in cursor.fetchall()]
            assert sorted(found) == list(range(40))
            assert abs(np.corrcoef(found, range(40))[0, 1]) < 0.65, order  # once in 100,000 by chance
    assert not Card.objects.filter(moment__anonymous=True).exclude(answered_at=None).exists()


# --- the window, the terms, and removing somebody ---------------------------------------------------------------------


class Lines(logging.Handler):
    """Keeps every line as production writes it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(Masked())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def test_four_hundred_canaries_are_in_no_line_of_the_log(immediate_queue: None, mailoutbox: list[Any]) -> None:
    kept = Lines()
    root = logging.getLogger()
    root.addHandler(kept)
    level, root.level = root.level, logging.DEBUG
    watched = [logging.getLogger(name) for name in ("django", "django.request", "django.security", "huey")]
    levels = [logger.level for logger in watched]
    for logger in watched:
        logger.setLevel(logging.DEBUG)
    try:
        canaries = _use_everything()
    finally:
        root.removeHandler(kept)
        root.level = level
        for logger, before in zip(watched, levels, strict=True):
            logger.setLevel(before)
    assert len(canaries) >= 400
    assert kept.lines
    log = "\n".join(kept.lines)
    assert [canary for canary in canaries if canary in log] == []


def _use_everything() -> list[str]:
    """Answer, mistype, log in, fail and be refused, with words that would be known again."""
    made = journey.programme(learners=40)
    plan(programme=made, now=journey.at(journey.TRAINING_DAY - timedelta(days=9)))
    Card.objects.update(closes_at=timezone.now() + timedelta(days=400))
    client = Client()
    canaries: list[str] = []
    for n, card in enumerate(Card.objects.select_related("person", "moment")[:60]):
        address, words = path(card), f"Qanswer{n:03}q"
        canaries += [links.token(card), words, card.person.email, f"Qmark{n:03}q"]
        client.get(f"{address}?a={links.choice_mark(address, 'yes')}")
        client.get(f"{address}?a=Qmark{n:03}q")
        client.post(address, {"q": "1", "answer": words, "if": words, "then": words})
        client.post(address, {"q": "99", "answer": words})
        client.get(address + "nowhere")
        client.put(address)
    for n in range(80):
        broken, mailed = f"Qbroken{n:03}q", f"qmailed{n:03}@example.org"
        canaries += [broken, mailed]
        client.get(f"/k/{broken}/")
        client.get(f"/p/{broken}/")
        client.post("/account/login/", {"login": mailed, "password": broken})
        if n < 15:
            Client(REMOTE_ADDR=f"10.0.0.{n}").post("/account/login/code/", {"email": mailed})
    noor = makers.account("known@example.org")
    Client(REMOTE_ADDR="10.1.1.1").post("/account/login/code/", {"email": noor.email})
    canaries.append(mailed_code(mail.outbox[-1].body))
    logged_in = makers.client_of(noor)
    logged_in.get(f"/people/?q={canaries[1]}")
    logged_in.get("/people/999999/")
    return canaries
