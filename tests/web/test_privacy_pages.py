"""The pages of whoever guards what is kept: the window, the terms, and removing somebody for good."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import date, timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from borging.people import writes as people
from borging.people.models import Account, Person, Role
from borging.privacy import looks
from borging.privacy.models import Look
from borging.privacy.rules import TERMS, Kind, Term
from borging.privacy.words import term_of
from borging.transfer import playbooks
from borging.web.privacy.register import Change, Row, changes
from tests import journey
from tests.people.makers import person
from tests.web import makers
from tests.web.worlds import state

pytestmark = pytest.mark.django_db


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
