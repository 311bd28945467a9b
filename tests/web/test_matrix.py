"""Every address × every role × an own object and somebody else's: who may open what stands in one table.

An address that is not in the table fails here, so whoever adds one says who may open it.
"""

from __future__ import annotations

import hashlib
import io
import logging
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pypdf import PdfReader
from pytest_django import DjangoDbBlocker, Settings

from borging import tick
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

pytestmark = pytest.mark.django_db
CANARY = "CANARY7f3a"
RELATED = ("learner", "manager", "buddy", "observer", "sponsor", "trainer")
VIEWERS = (*Role.values, "nobody", *RELATED)

LD = frozenset({"ld"})
PEOPLE = frozenset({"ld", "hr-data", "admin"})
STUDIES = frozenset({"ld", "hr-data"})
ADMIN = frozenset({"admin"})
FIGURES = frozenset({"ld", "privacy", "works-council", "sponsor", "trainer"})
ONESELF = frozenset(RELATED)
WINDOW = frozenset({"ld", "privacy", "works-council"})
PRIVACY = frozenset({"privacy"})
REMOVER = frozenset({"sponsor"})
LEADER = frozenset({"manager"})
LOGGED_IN = frozenset(VIEWERS)
ANYBODY = LOGGED_IN | {"anonymous"}

OPENS: dict[str, frozenset[str]] = {
    "home": LOGGED_IN,
    "promise_removal": REMOVER,
    "barrier_upward": REMOVER,
    "barrier_removed": REMOVER,
    "own": ONESELF,
    "own_export": ONESELF,
    "own_forget": ONESELF,
    "own_links": ONESELF,
    "own_line": LOGGED_IN,
    "window": WINDOW,
    "privacy_document": WINDOW,
    "record_consent": PRIVACY | {"works-council"},
    "terms": PRIVACY,
    "remove_person": PRIVACY,
    "language": ANYBODY,
    "late": LD,
    "card": ANYBODY,
    "pause": ANYBODY,
    "card_moment": ANYBODY,
    "card_calendar": ANYBODY,
    "card_revoke": ANYBODY,
    "channels": LD | ADMIN,
    "test_channel": LD | ADMIN,
    "remove_channel": LD | ADMIN,
    "people": PEOPLE,
    "roles": ADMIN,
    "change_roles": ADMIN,
    "import_people": PEOPLE,
    "people_import": PEOPLE,
    "people_columns": PEOPLE,
    "people_back": PEOPLE,
    "apply_people": PEOPLE,
    "undo_people": PEOPLE,
    "discard_people": PEOPLE,
    "person": PEOPLE,
    "person_habits": PEOPLE,
    "add_leave": PEOPLE,
    "remove_leave": PEOPLE,
    "person_account": PEOPLE,
    "close_account": ADMIN,
    "programmes": LD,
    "new_programme": LD,
    "programme": LD,
    "programme_question": LD,
    "start_programme": LD,
    "pause_programme": LD,
    "resume_programme": LD,
    "stop_programme": LD,
    "fix_programme": LD,
    "sign_on_paper": LD,
    "rehearse_programme": LD,
    "programme_cards": LD,
    "programme_card": LD,
    "add_cohort": LD,
    "add_session": LD,
    "programme_session": LD,
    "cancel_session": LD,
    "programme_people": LD,
    "add_people": LD,
    "companions": LD,
    "leave_programme": LD,
    "programme_floor": LD,
    "programme_situations": LD,
    "paste_situations": LD,
    "programme_situation": LD,
    "delete_situation": LD,
    "promises": FIGURES,
    "team": LEADER,
    "evidence": FIGURES,
    "evidence_friday": FIGURES,
    "evidence_report": FIGURES,
    "studies": STUDIES,
    "new_study": STUDIES,
    "example_study": STUDIES,
    "example_file": STUDIES,
    "study": STUDIES,
    "study_progress": STUDIES,
    "study_columns": STUDIES,
    "study_files": STUDIES,
    "delete_study": STUDIES,
    "study_report": STUDIES,
    "study_left_out": STUDIES,
}

LOGGING_IN: dict[str, tuple[int | str, int | str]] = {
    "account_login": (200, "/"),
    "account_logout": ("/account/login/", 200),
    "account_inactive": (200, 200),
    "account_signup": (200, "/"),
    "account_reauthenticate": ("/account/login/", 403),
    "account_email": (404, 404),
    "account_email_verification_sent": (404, 404),
    "account_change_password": ("/account/login/", "/account/password/set/"),
    "account_set_password": ("/account/login/", 200),
    "account_reset_password": (200, 200),
    "account_confirm_login_code": ("/account/login/code/", "/"),
    "account_confirm_email": (404, 404),
    "account_reset_password_from_key_done": (200, 200),
    "account_reset_password_from_key": (200, 200),
    "account_reset_password_done": (200, 200),
    "account_request_login_code": (200, "/"),
    "mfa_index": ("/account/login/", 200),
    "mfa_authenticate": ("/account/login/", "/"),
    "mfa_reauthenticate": ("/account/login/", 403),
    "mfa_activate_totp": ("/account/login/", 200),
    "mfa_deactivate_totp": ("/account/login/", 404),
    "mfa_view_recovery_codes": ("/account/login/", 404),
    "mfa_generate_recovery_codes": ("/account/login/", 200),
    "mfa_download_recovery_codes": ("/account/login/", 404),
}
"""The addresses of logging in: what they answer to who is not logged in, and to who is (a status, or where to). They
are about oneself, and none has an object in it that somebody else could be."""
DEMONSTRATION = frozenset(
    {"inbox", "mailbox", "kept_mail", "kept_mail_html", "demo"}
    | {"demonstration", "become_persona", "turning_clock", "turn_clock"}
)
OWN_WORDS = "Alpha own words"
"""What the learner wrote down as a goal: for nobody else."""
BY_LINK = frozenset({"card", "pause", "card_moment", "card_calendar", "card_revoke"})
"""Opened by a signed link, which is a right in itself; no number in an address opens them."""
WORDS = {
    "name": "goal",
    "step": "talk-before",
    "actor": "manager",
    "rule": "no-buddy",
    "form": "xlsx",
    "paper": "dpia",
    "kind": "participants",
    "file": "training",
}


@dataclass(frozen=True, kw_only=True)
class Route:
    """An address of the house: its name and what stands in it."""

    name: str
    parts: tuple[str, ...]
    exempt: bool

    def address(self, world: World, **other: Any) -> str:
        return reverse(self.name, kwargs={part: world.values(self.name)[part] for part in self.parts} | other)

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(part for part in self.parts if part not in WORDS)


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


def walk(resolver: URLResolver) -> Iterator[Route]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from walk(each)
        elif isinstance(each, URLPattern):
            parts = tuple(each.pattern.regex.groupindex)
            yield Route(name=each.name or "", parts=parts, exempt=getattr(each.callback, "csrf_exempt", False))


def routes() -> list[Route]:
    """Those in the table."""
    found = [route for route in walk(get_resolver()) if route.name in OPENS]
    inherited = {
        part for resolver in get_resolver().url_patterns for part in getattr(resolver.pattern, "converters", {})
    }
    assert inherited - {"token"} == set()  # nothing stands in the address before an `include`
    return found


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


@pytest.fixture(scope="module")
def built(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, World, World]]:
    """Made once for all tests here, around the transaction of each; with the folder their files lie in."""
    folder = tmp_path_factory.mktemp("var")
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patched, transaction.atomic():
        patched.setattr(settings, "DATA_DIR", folder)
        patched.setattr(tick.queue, "immediate", True)
        yield folder, build("Alpha"), build(CANARY)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def unlogged() -> Iterator[None]:
    """Thousands of refusals are meant to happen here; each would be written down with where it came from."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def worlds(built: tuple[Path, World, World], settings: Settings) -> tuple[World, World]:
    settings.DATA_DIR, mine, theirs = built
    return mine, theirs


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


@pytest.mark.usefixtures("demonstration")
def test_every_address_says_who_may_open_it() -> None:
    names = {route.name for route in walk(get_resolver())} - {""}
    assert names == OPENS.keys() | DEMONSTRATION | LOGGING_IN.keys()


def test_who_may_opens_the_own_object_and_nobody_else_does(worlds: tuple[World, World]) -> None:
    home, _other = worlds
    for viewer in ("anonymous", *VIEWERS, "everything"):
        client = home.client(viewer)
        before = state()
        for route in routes():
            answer = client.get(route.address(home))
            at = (viewer, route.name, answer.status_code)
            if viewer in OPENS[route.name]:
                assert answer.status_code in (200, 302, 405), at
                assert not to_login(answer), at
            elif viewer == "everything":
                assert answer.status_code in (200, 302, 404, 405), at  # every role, and yet nobody's line or barrier
            elif viewer == "anonymous":
                assert to_login(answer) or answer.status_code == 405, at
            else:
                assert answer.status_code in (403, 404, 405), at
            text = text_of(answer)
            assert CANARY not in text, at
            assert OWN_WORDS not in text or viewer == "learner" or route.name in BY_LINK, at
            if viewer in ("anonymous", "everything"):
                head = client.head(route.address(home))
                close(head)
                assert head.status_code == answer.status_code, at
        assert state() == before, viewer


FILES = (
    *(("evidence_report", form) for form in ("pdf", "pptx", "xlsx")),
    *(("study_report", form) for form in ("pdf", "pptx", "xlsx", "html")),
    ("evidence_friday", ""),
    ("own_export", ""),
)


@pytest.mark.parametrize(("name", "form"), FILES)
def test_a_file_names_the_own_organisation_and_no_other(worlds: tuple[World, World], name: str, form: str) -> None:
    route = next(route for route in routes() if route.name == name)
    parts = {"form": form} if form else {}
    viewer = "learner" if name == "own_export" else "ld"
    mine, theirs = (text_of(world.client(viewer).get(route.address(world, **parts))) for world in worlds)
    assert "Alpha" in mine
    assert CANARY not in mine
    assert CANARY in theirs
    assert "Alpha" not in theirs


def follow(client: Client, name: str) -> int | str:
    """What an address answers: a status, or where it leads."""
    made_up = {"key": "a-b", "uidb36": "1"}
    route = next(route for route in walk(get_resolver()) if route.name == name)
    answer = client.get(reverse(name, kwargs={part: made_up[part] for part in route.parts}))
    return str(answer.headers["Location"]).partition("?")[0] if answer.status_code == 302 else answer.status_code


def test_each_address_of_logging_in_answers_as_it_says(worlds: tuple[World, World]) -> None:
    home, _other = worlds
    anonymous, known = home.client("anonymous"), home.client("nobody")
    before = state()
    assert {name: (follow(anonymous, name), follow(known, name)) for name in LOGGING_IN} == LOGGING_IN
    now = state()  # the library copies the own address of who looks, and nothing else
    assert {table for table in now if now[table] != before[table]} <= {"account.EmailAddress"}


def test_an_object_of_another_organisation_is_there_for_nobody(worlds: tuple[World, World]) -> None:
    home, other = worlds
    pairs = [(home, other, viewer) for viewer in ("anonymous", *VIEWERS, "everything")]
    for mine, theirs, viewer in (*pairs, (other, home, "everything")):
        client = mine.client(viewer)
        mark = CANARY if theirs is other else "Alpha"
        before = state()
        for route in routes():
            if not route.objects or route.name in BY_LINK:
                continue
            may = viewer in OPENS[route.name] or viewer == "everything"
            for ask in (client.get, client.post) if may else (client.get,):
                answer = ask(route.address(theirs))
                at = (viewer, route.name, answer.status_code)
                assert to_login(answer) or answer.status_code in (403, 404, 405), at
                assert mark not in text_of(answer), at
                if may:
                    assert answer.status_code in (404, 405), at
        assert state() == before, viewer


def test_a_part_of_somebody_elses_object_does_not_come_along_with_an_own_one(worlds: tuple[World, World]) -> None:
    home, other = worlds
    client = home.client("everything")
    before = state()
    mixed = [route for route in routes() if len(route.objects) > 1]
    assert {route.name for route in mixed} > {"remove_leave", "companions", "programme_session", "delete_situation"}
    for route in mixed:
        latest = route.objects[-1]
        address = route.address(home, **{latest: other.ids[latest]})
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code in (404, 405), (route.name, answer.status_code)
            assert CANARY not in text_of(answer), route.name
    assert state() == before


def test_who_may_not_changes_nothing_by_sending_a_form(worlds: tuple[World, World]) -> None:
    home, _other = worlds
    for viewer in ("anonymous", *VIEWERS):
        client = home.client(viewer)
        before = state()
        for route in routes():
            if viewer not in OPENS[route.name]:
                answer = client.post(route.address(home), {"sure": "on", "role": "admin"})
                assert to_login(answer) or answer.status_code in (403, 404, 405), (viewer, route.name)
        assert state() == before, viewer


def test_a_form_without_its_token_is_refused_everywhere_but_where_a_signed_link_is_the_token(
    worlds: tuple[World, World],
) -> None:
    home, _other = worlds
    client = Client(enforce_csrf_checks=True)
    client.force_login(home.accounts["everything"], backend="django.contrib.auth.backends.ModelBackend")
    before = state()
    refused = {route.name for route in routes() if client.post(route.address(home)).status_code == 403}
    for method in (client.put, client.patch, client.delete):
        assert {route.name for route in routes() if method(route.address(home)).status_code not in (403, 405)} == set()
    assert OPENS.keys() - refused == BY_LINK
    assert {route.name for route in walk(get_resolver()) if route.exempt} == BY_LINK
    now = state()
    assert {table for table in now if now[table] != before[table]} <= {
        "people.Person",
        "cards.Card",
    }  # the pause, and links made useless


@pytest.mark.parametrize("address", ["/people/?q={q}", "/people/?left=on&q={q}", "/nowhere/{q}", "/?q={q}"])
def test_a_search_finds_nothing_of_another_organisation(worlds: tuple[World, World], address: str) -> None:
    home, other = worlds
    for viewer in ("everything", *VIEWERS):
        assert CANARY not in text_of(home.client(viewer).get(address.format(q=CANARY[:6])))
    if address.startswith("/people/?q"):
        assert CANARY in text_of(other.client("everything").get(address.format(q=CANARY[:6])))
