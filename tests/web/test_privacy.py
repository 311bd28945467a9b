"""What is kept of people: the window on it, taking it along, and that nothing else of it comes out."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import zipfile
from dataclasses import asdict, replace
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
from django.utils.formats import date_format
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
from borging.privacy.models import Look, Offer, Removed
from borging.privacy.rules import TERMS, Kind, Term
from borging.privacy.stores import STORES
from borging.privacy.words import term_of
from borging.programmes.models import Enrolment, Programme
from borging.transfer import playbooks
from borging.transfer.content import purpose_of
from borging.transfer.jobs import plan
from borging.transfer.models import Barrier, FloorObserver, Meeting
from borging.web.logs import Masked
from borging.web.own.headings import heading
from borging.web.own.kept import tables_of
from borging.web.own.views import What, who_sees
from borging.web.privacy.register import Change, Row, changes
from tests import journey
from tests.measure import answers
from tests.people.makers import person
from tests.web import makers
from tests.web.test_cards import path
from tests.web.test_limits import mailed_code
from tests.web.test_matrix import BY_LINK, VIEWERS, build, routes, state, text_of

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


@pytest.fixture
def guard() -> Account:
    """The data protection officer of an organisation with a programme."""
    made = journey.programme()
    account = Account.objects.create_user("guard@example.org", organisation=made.organisation, name="Guard")
    people.grant_roles(account=account, roles=[Role.PRIVACY])
    return account


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_window_shows_every_question_and_every_term(guard: Account, language: str) -> None:
    html = makers.client_of(guard, language=language).get("/privacy/").content.decode()
    for step in playbooks.playbook("skills-day").steps:
        for question in step.questions:
            asked = re.sub(r"\{\w+\}", "…", question.text[language])
            assert asked.replace("'", "&#x27;") in html.replace("&quot;", '"'), question.key
    with override(language):
        for kind in set(TERMS) - {Kind.MAIL_TEXTS, Kind.PEOPLE_FILES}:
            assert term_of(kind) in html, kind


@pytest.mark.parametrize("form", ["consent", "dpia", "register"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_draft_is_a_file_with_every_kind_of_data_in_it(guard: Account, form: str, language: str) -> None:
    answer = makers.client_of(guard, language=language).get(f"/privacy/draft/{form}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="borging-{form}.html"'
    html = answer.content.decode()
    assert f'<html lang="{language}">' in html
    with override(language):
        assert term_of(Kind.ANSWERS) in html
        assert term_of(Kind.LOOKS) in html


def test_there_is_no_other_draft(guard: Account) -> None:
    assert makers.client_of(guard).get("/privacy/draft/secrets").status_code == 404


def test_the_terms_tell_what_tonight_removes_and_remove_nothing(guard: Account) -> None:
    someone = person(guard.organisation, "Lena Left")
    someone.employments.update(end_date=date(2019, 6, 1))
    client = makers.client_of(guard)
    before = state()
    html = client.get("/privacy/terms").content.decode()
    assert "1 is removed" in html
    assert "as it was written" in html
    assert state() == before


def test_the_terms_say_when_the_log_was_changed(guard: Account) -> None:
    looks.record(viewer=guard, page="person", people=[person(guard.organisation, "Lena")], now=timezone.now())
    Look.objects.update(page="home")
    assert "was changed at number 1" in makers.client_of(guard).get("/privacy/terms").content.decode()


def test_somebody_is_removed_only_by_who_says_so_twice(guard: Account) -> None:
    client = makers.client_of(guard)
    someone = person(guard.organisation, "Lena Left", number="4711")
    assert "Nobody here has exactly this" in client.get("/privacy/remove?q=Lena").content.decode()
    page = client.get("/privacy/remove?q=4711").content.decode()
    assert f'value="{someone.pk}"' in page
    assert looks.of(someone).count() == 1
    assert "Tick this first" in client.post("/privacy/remove", {"person": someone.pk}).content.decode()
    assert Person.objects.filter(pk=someone.pk).exists()
    said = client.post("/privacy/remove", {"person": someone.pk, "sure": "on"}, follow=True).content.decode()
    assert "Everything of this person is gone" in said
    assert not Person.objects.filter(pk=someone.pk).exists()


@pytest.mark.parametrize("given", ["", "abc", "999999", "1" * 30])
def test_a_number_that_means_nobody_here_removes_nobody(guard: Account, given: str) -> None:
    elsewhere = makers.account("other@example.org", organisation="Elsewhere").organisation
    other = person(elsewhere, "Mina")
    client = makers.client_of(guard)
    assert client.post("/privacy/remove", {"person": given, "sure": "on"}).status_code == 404
    assert client.post("/privacy/remove", {"person": other.pk, "sure": "on"}).status_code == 404
    assert Person.objects.filter(pk=other.pk).exists()


def test_what_changed_since_the_works_council_agreed_is_shown(guard: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    client = makers.client_of(guard)
    wrong = client.post("/privacy/consent", {"day": "2999-01-01"}, follow=True).content.decode()
    assert "today or earlier" in wrong
    day = timezone.localdate() - timedelta(days=30)
    client.post("/privacy/consent", {"day": day.isoformat()})
    with override("en"):
        said = date_format(day, "j F Y")
    assert f"Nothing changed since the works council agreed on {said}" in client.get("/privacy/").content.decode()
    monkeypatch.setitem(TERMS, Kind.LOOKS, Term(months=36))
    html = client.get("/privacy/").content.decode()
    assert f"1 thing differs from what the works council agreed to on {said}" in html
    assert "<del>13 months after looking</del> → <ins>36 months after looking</ins>" in html
    dutch = makers.client_of(guard, language="nl").get("/privacy/").content.decode()
    assert "<ins>36 maanden na het bekijken</ins>" in dutch


def test_a_kind_of_data_or_a_field_that_came_or_went_is_a_change() -> None:
    row = Row(what="a", purpose="p", viewers="v", minimum="m", kept="k", fields=("one", "two"))
    before = [asdict(row), asdict(replace(row, what="b"))]
    after = (replace(row, fields=("two", "three"), viewers="w"), replace(row, what="c"))
    assert changes(before, after) == (
        Change(what="b", before="b", after=""),
        Change(what="a", before="v", after="w"),
        Change(what="a", before="one", after=""),
        Change(what="a", before="", after="three"),
        Change(what="c", before="", after="p"),
    )


# --- logs -------------------------------------------------------------------------------------------------------------


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
