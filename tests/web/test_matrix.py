"""Every address × every role × an own object and somebody else's: who may open what stands in one table.

An address that is not in the table fails here, so whoever adds one says who may open it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from pytest_django import DjangoDbBlocker, Settings

from borging import tick
from tests.web.addresses import BY_LINK, DEMONSTRATION, LOGGING_IN, OPENS, VIEWERS, routes, walk
from tests.web.worlds import CANARY, OWN_WORDS, World, build, close, state, text_of, to_login

pytestmark = pytest.mark.django_db


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
