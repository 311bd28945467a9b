"""Whole organisations with one of everything, each with its mark in every word; and what an answer gives away."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from borging.cards import links
from borging.cards.models import Card, CardStatus, Webhook
from borging.effects.models import Study
from borging.measure import jobs
from borging.people import writes as people
from borging.people.models import Account, Organisation, Person, Role, Team
from borging.privacy.models import Chain, Look
from borging.programmes.models import Behaviour, Cohort, Enrolment, Programme, Situation
from borging.transfer.jobs import plan
from borging.transfer.models import Barrier
from borging.web.models import Tally
from tests import journey
from tests.measure import answers
from tests.people.makers import stage
from tests.web import makers
from tests.web.addresses import VIEWERS, WORDS

CANARY = "CANARY7f3a"
OWN_WORDS = "Alpha own words"
"""What the learner wrote down as a goal: for nobody else."""


@dataclass(frozen=True, kw_only=True)
class World:
    """One organisation with one of everything."""

    accounts: dict[str, Account]
    ids: dict[str, Any]
    tokens: dict[str, str]

    def values(self, route: str) -> dict[str, Any]:
        return WORDS | self.ids | {"token": self.tokens.get(route, "")}

    def client(self, viewer: str) -> Client:
        return Client() if viewer == "anonymous" else makers.client_of(self.accounts[viewer])


def build(mark: str) -> World:
    now = timezone.now()
    home = Organisation.objects.create(name=f"{mark} home", language="en")
    made = journey.programme(organisation=home, learners=6, day=timezone.localdate() + timedelta(days=9))
    plan(programme=made, now=now)
    Card.objects.filter(programme=made).update(status=CardStatus.OPEN, next_at=None, opened_at=now)
    enrolments = answers.people(made)
    answers.put_in_teams(enrolments, 1)
    answers.everything(enrolments)
    goal = answers.entry(enrolments[0], "goal-and-case", "goal")
    goal.text = f"{mark} own words"
    goal.save()
    beside = {name: journey.person(home, f"Only {name}") for name in ("buddy", "observer")}
    Enrolment.objects.filter(pk=enrolments[1].pk).update(**beside)
    jobs.pair(programme=made, now=now)
    accounts = {name: account_of(home, name, mark) for name in (*VIEWERS, "everything")}
    boss = Person.objects.get(organisation=home, name__startswith="Manager")
    related = {"learner": enrolments[0].person, "manager": boss, "sponsor": made.sponsor, "trainer": made.trainer}
    for viewer, person in (related | beside).items():
        Account.objects.filter(pk=accounts[viewer].pk).update(person=person)
        accounts[viewer].refresh_from_db()
    staged = stage(makers.client_of(accounts["ld"]), f"Naam\tTeam\n{mark} Newcomer\t{mark} Team\n", everybody=False)
    study = makers.finished(accounts["ld"])
    leave = people.add_leave(person=enrolments[1].person, start=timezone.localdate(), end=None)
    barrier = Barrier.objects.create(
        cohort=made.cohorts.get(), key="time", remover=made.sponsor, named_on=timezone.localdate()
    )
    mark_everything(home, mark)
    card = Card.objects.filter(programme=made, person=enrolments[0].person).earliest("pk")
    talk = Card.objects.filter(programme=made, moment__step="talk-before").earliest("pk")
    channel = Webhook.objects.create(
        organisation=home, kind="slack", name=f"{mark} channel", url=f"https://hooks.slack.com/services/{mark}"
    )
    return World(
        accounts=accounts,
        ids={
            "programme_id": made.pk,
            "cohort_id": made.cohorts.get().pk,
            "session_id": made.cohorts.get().sessions.get().pk,
            "enrolment_id": enrolments[0].pk,
            "situation_id": made.situations.earliest("pk").pk,
            "person_id": enrolments[1].person_id,
            "leave_id": leave.pk,
            "account_id": accounts["nobody"].pk,
            "import_id": staged.split("/")[-2],
            "study_id": study.pk,
            "barrier_id": barrier.pk,
            "channel_id": channel.pk,
            "team_id": Team.objects.get(organisation=home).pk,
        },
        tokens={
            "card": links.token(card),
            "card_calendar": links.token(card),
            "card_revoke": links.token(card),
            "card_moment": links.token(talk),
            "pause": links.pause_token(enrolments[0].person),
        },
    )


def account_of(home: Organisation, name: str, mark: str) -> Account:
    account = Account.objects.create_user(f"{mark}-{name}@example.org", organisation=home, name=f"{mark} {name}")
    roles = list(Role) if name == "everything" else [Role(name)] if name in Role.values else []
    people.grant_roles(account=account, roles=roles)
    return account


def mark_everything(home: Organisation, mark: str) -> None:
    """Put the mark in every name, so that no word of this organisation is without."""
    for model, field, own in (
        (Person, "name", {"organisation": home}),
        (Person, "email", {"organisation": home}),
        (Team, "name", {"organisation": home}),
        (Programme, "name", {"organisation": home}),
        (Behaviour, "text", {"programme__organisation": home}),
        (Situation, "text", {"programme__organisation": home}),
        (Cohort, "name", {"programme__organisation": home}),
        (Study, "title", {"organisation": home}),
    ):
        for row in model._default_manager.filter(**own):
            setattr(row, field, f"{mark}{getattr(row, field)}")
            row.save(update_fields=[field])


def state() -> dict[str, str]:
    """A hash of every table; sessions and counts of tries aside, and who looked at whom: looking is what that is."""
    found = {}
    for model in apps.get_models():
        if model._meta.app_label != "sessions" and model not in (Chain, Look, Tally):
            rows = sorted(map(repr, model._default_manager.values_list()))
            found[model._meta.label] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def close(answer: Any) -> None:
    """Let go of an answer, and keep the connection of the test, as Django's own client does."""
    request_finished.disconnect(close_old_connections)
    answer.close()
    request_finished.connect(close_old_connections)


def text_of(answer: Any) -> str:
    """Everything in an answer that somebody could read, also inside a file."""
    content = answer.getvalue()
    close(answer)
    return "\n".join([*answer.headers.values(), inside(content)])


def inside(content: bytes) -> str:
    """What a file says: a PDF as it is read, an archive with the archives in it, as a chart has its workbook."""
    if content[:4] == b"PK\x03\x04":
        archive = zipfile.ZipFile(io.BytesIO(content))
        return "\n".join(f"{name}\n{inside(archive.read(name))}" for name in archive.namelist())
    if content[:5] == b"%PDF-":
        pdf = PdfReader(io.BytesIO(content))
        return "\n".join([str(pdf.metadata), *(page.extract_text() for page in pdf.pages)])
    return content.decode("utf-8", "replace")


def to_login(answer: Any) -> bool:
    return bool(answer.status_code == 302 and answer.headers["Location"].startswith("/account/login/"))
