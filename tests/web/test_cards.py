"""Answering from a mail: a GET stores nothing, a POST stores once, and a link opens one card and nothing else."""

import logging
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from borging import clock
from borging.cards import jobs, links, writes
from borging.cards.links import choice_mark
from borging.cards.models import Actor, Card, CardStatus
from borging.evidence.models import Entry
from borging.people.models import Employment, Person
from borging.people.pseudonyms import pseudonym
from borging.transfer.jobs import plan
from borging.transfer.models import Barrier
from borging.web.logs import Masked
from tests import journey, reading
from tests.journey import TRAINING_DAY, at
from tests.people.makers import as_ordinary_role
from tests.web import makers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: at(TRAINING_DAY - timedelta(days=7)))


def card(step: str = "baseline-learner", *, days: int = -8, actor: str = Actor.LEARNER) -> Card:
    """The first card of a step, sent on a day of the timeline."""
    plan(programme=journey.programme(learners=2), now=at(TRAINING_DAY + timedelta(days=days)))
    jobs.gather(now=at(TRAINING_DAY + timedelta(days=days)), most=100)
    return Card.objects.select_related("moment").filter(moment__step=step, moment__actor=actor).order_by("pk")[0]


def path(of: Card) -> str:
    return reverse("card", args=[links.token(of)])


def travel(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setattr(clock, "now", lambda: at(TRAINING_DAY + timedelta(days=days)))


def test_mail_scanners_that_open_every_link_store_nothing() -> None:
    asked = card()
    for address in (path(asked), f"{path(asked)}?a={choice_mark(path(asked), 'yes')}", f"{path(asked)}?q=3"):
        for method in ("get", "head"):
            for _scan in range(5):
                getattr(Client(), method)(address)
    assert not Entry.objects.exists()
    asked.refresh_from_db()
    assert asked.status == CardStatus.OPEN


def test_a_card_is_answered_to_its_end_and_says_thanks() -> None:
    asked = card()
    html = reading.answer(path(asked))
    asked.refresh_from_db()
    assert asked.status == CardStatus.ANSWERED
    assert asked.next_at is None
    assert "others only see a group of at least 5" in html
    own = Entry.objects.filter(author=pseudonym(asked.person), replaced_at=None)
    assert own.filter(question="scenarios").count() == 5
    assert own.filter(question="last-ten").count() == len(journey.BEHAVIOURS)
    assert set(own.values_list("subject", flat=True)) == {pseudonym(asked.person)}


def test_the_answer_pressed_in_the_mail_is_marked_and_not_kept() -> None:
    asked = card("attempt-log-weekly", days=7)
    html = Client().get(f"{path(asked)}?a={choice_mark(path(asked), 'partly')}").content.decode()
    assert 'value="partly" checked' in html
    assert not Entry.objects.exists()


def test_a_second_answer_replaces_the_first_and_doubles_nothing() -> None:
    asked = card()
    reading.answer(path(asked), lambda _name, values: values[0] if values else "first")
    first = Entry.objects.filter(replaced_at=None).count()
    client = Client()
    html = client.get(f"{path(asked)}?q=6").content.decode()
    data = reading.filled(html, lambda _name, values: values[-1])
    client.post(path(asked), data)
    client.post(path(asked), data)
    standing = Entry.objects.filter(replaced_at=None)
    assert standing.count() == first
    assert standing.get(question="sure").number == 10
    assert Entry.objects.filter(question="sure").count() == 2


def test_an_answer_that_is_missing_or_unknown_says_what_to_do_and_keeps_nothing() -> None:
    address = path(card())
    for answer, sentence in (("", "Choose an answer first"), ("zzz", "Choose one of the answers")):
        response = Client().post(address, {"q": "1", "answer": answer})
        assert response.status_code == 422
        assert sentence in response.content.decode()
    assert not Entry.objects.exists()


def test_did_not_come_up_is_an_answer() -> None:
    asked = card()
    Client().post(path(asked), {"q": "8", "answer": "no-opportunity"})
    entry = Entry.objects.get()
    assert (entry.choice, entry.number) == ("no-opportunity", None)


def test_after_a_miss_the_next_chance_is_asked_and_after_an_attempt_it_is_not() -> None:
    for choice, ends in (("no", False), ("worked", True)):
        asked = card("attempt-log-weekly", days=7)
        response = Client().post(path(asked), {"q": "1", "answer": choice}, follow=True)
        assert ("What you answered" in response.content.decode()) == ends
        asked.refresh_from_db()
        assert asked.status == CardStatus.ANSWERED
        Card.objects.all().delete()


def test_an_if_then_plan_needs_both_halves_and_comes_back_in_the_weekly_card() -> None:
    asked = card("if-then-plan", days=0)
    address = path(asked)
    assert Client().post(address, {"q": "1", "if": "somebody calls", "then": ""}).status_code == 422
    Client().post(address, {"q": "1", "if": "somebody calls", "then": "I ask first"})
    plan(programme=asked.programme, now=at(TRAINING_DAY + timedelta(days=7)))
    weekly = Card.objects.get(person=asked.person, moment__step="attempt-log-weekly", moment__occurrence=0)
    assert "If somebody calls, then I ask first" in Client().get(path(weekly)).content.decode()


def test_a_closed_card_keeps_nothing_and_says_so_kindly(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = card()
    travel(monkeypatch, 2)
    response = Client().post(path(asked), {"q": "1", "answer": "a"})
    assert response.status_code == 410
    assert "This card is closed" in response.content.decode()
    assert not Entry.objects.exists()


def test_a_link_that_is_revoked_broken_or_made_up_opens_nothing() -> None:
    asked = card()
    address = path(asked)
    writes.revoke_links(person=asked.person, now=clock.now())
    english = Client(headers={"accept-language": "en"})
    assert "There is a newer link" in english.get(address).content.decode()
    for wrong in (address[:-3] + "/", address.replace(".", "-", 1), "/k/1.2.3/", "/k/%00/"):
        assert Client().get(wrong).status_code == 404


def test_who_is_logged_in_elsewhere_still_opens_and_answers_a_card_by_its_link() -> None:
    """An account of another organisation, in a database that shows it its own rows only: the link is the right."""
    asked = card()
    elsewhere = makers.client_of(makers.account(organisation="De Dijk"))
    with as_ordinary_role():
        assert elsewhere.get(path(asked)).status_code == 200
        assert elsewhere.post(path(asked), {"q": "1", "answer": "a"}).status_code == 302
        assert elsewhere.get(reverse("pause", args=[links.pause_token(asked.person)])).status_code == 200
        assert "learner0" not in elsewhere.get("/people/?q=Learner").content.decode()
    assert Entry.objects.count() == 1


def test_a_forwarded_mail_is_made_useless_and_a_new_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = card()
    address = path(asked)
    assert "Was this mail forwarded?" in Client(headers={"accept-language": "en"}).get(address).content.decode()
    Client().get(f"{address}revoke")
    asked.refresh_from_db()
    assert asked.turn == 0
    assert Client().post(f"{address}revoke").status_code == 200
    assert Client().get(address).status_code == 404
    assert Client().post(address, {"q": "1", "answer": "a"}).status_code == 404
    asked.refresh_from_db()
    assert Client().get(path(asked)).status_code == 200
    jobs.deliver(now=clock.now(), send=lambda contacts: (None for _contact in contacts), most=100)
    travel(monkeypatch, -6)
    jobs.gather(now=clock.now(), most=100)
    assert asked.contacts.filter(reminder=True).count() == 1


def test_the_links_of_who_left_open_nothing_any_more() -> None:
    asked, staying = card(), Card.objects.filter(moment__actor=Actor.MANAGER, status=CardStatus.OPEN)
    address, n = path(asked), staying.count()
    Employment.objects.filter(person=asked.person).update(end_date=clock.today() - timedelta(days=1))
    for _night in range(2):
        writes.revoke_links_of_leavers(day=clock.today())
    assert Client().get(address).status_code == 404
    asked.refresh_from_db()
    assert (asked.status, asked.turn) == (CardStatus.WITHDRAWN, 1)
    assert staying.count() == n > 0


def test_a_log_never_holds_the_key_of_a_card_nor_a_mail_address_also_where_something_went_wrong() -> None:
    try:
        raise OSError("refused for lena.visser@example.org at /p/2.secret/")
    except OSError:
        broken = sys.exc_info()
    record = logging.LogRecord("x", logging.WARNING, "", 0, "Gone: %s", ("/k/2.0.secret/",), broken)
    line = Masked("%(message)s").format(record)
    assert line.startswith("Gone: /k/[key]/\n")
    assert line.endswith("OSError: refused for [address] at /p/[key]/")
    assert "borging.web.logs.Masked" in str(settings.LOGGING["formatters"])


def test_a_link_is_no_login() -> None:
    client = Client()
    client.get(path(card()))
    assert "_auth_user_id" not in client.session
    assert client.get("/studies/").status_code == 302


def test_anonymous_answers_are_kept_at_the_end_without_a_trace_of_who_gave_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = card("reaction", days=0)
    travel(monkeypatch, 0)
    client = Client()
    html = client.get(path(asked)).content.decode()
    client.post(path(asked), reading.filled(html, reading.middling))
    assert not Entry.objects.exists()
    reading.answer(path(asked))
    kept = Entry.objects.all()
    assert set(kept.values_list("author", "subject", "recorded_at")) == {(None, None, None)}
    before = kept.count()
    reading.answer(path(asked))
    client.post(path(asked), {"q": "1", "answer": "tell"})
    assert kept.count() == before
    asked.refresh_from_db()
    assert (asked.status, asked.answered_at) == (CardStatus.ANSWERED, None)


def test_practice_says_why_and_a_test_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(asked: Card, question: int) -> str:
        client = Client()
        html = client.get(f"{path(asked)}?q={question}").content.decode()
        return client.post(path(asked), reading.filled(html, reading.middling), follow=True).content.decode()

    test = card()
    assert "Asking opens the talk." not in answered(test, 1)
    travel(monkeypatch, 1)
    plan(programme=test.programme, now=at(TRAINING_DAY + timedelta(days=1)))
    practice = Card.objects.get(person=test.person, moment__step="rehearse-plan")
    assert "Asking opens the talk." in answered(practice, 3)


def test_which_option_is_best_cannot_be_read_off_the_page() -> None:
    """The best option is the first in the list; its place and letter on the screen say nothing."""
    asked = card()
    places = set()
    for question in range(1, 6):
        html = Client().get(f"{path(asked)}?q={question}").content.decode()
        order = sorted(("ask", "wait", "tell", "leave"), key=lambda words: html.index(f"<b>{words.capitalize()}</b>"))
        places.add(order.index("ask"))
    assert len(places) > 1


def test_a_manager_who_passes_a_barrier_up_lays_it_with_who_can_remove_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = card("talk-after", days=4, actor=Actor.MANAGER)
    travel(monkeypatch, 4)

    def choose(_name: str, values: list[str]) -> str:
        return next((value for value in values if value in {"rules", "route", "yes"}), "") if values else ""

    reading.answer(path(asked), choose)
    barrier = Barrier.objects.get()
    assert (barrier.key, barrier.removed_on) == ("rules", None)


def test_a_sponsor_signs_the_promise_by_answering_its_card(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = card("promise", days=-28, actor=Actor.SPONSOR)
    travel(monkeypatch, -27)
    assert asked.programme.promise_sha256 == ""
    reading.answer(path(asked))
    asked.programme.refresh_from_db()
    assert asked.programme.promise_signer == asked.programme.sponsor
    assert len(asked.programme.promise_sha256) == 64


def test_a_rest_is_taken_with_one_click_of_the_mail_program_and_ends_by_itself() -> None:
    person = card().person
    address = reverse("pause", args=[links.pause_token(person)])
    assert Client().get(address).status_code == 200
    assert Person.objects.get(pk=person.pk).paused_until is None
    Client(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"})
    assert Person.objects.get(pk=person.pk).paused_until == TRAINING_DAY + timedelta(days=21)
    Client().post(address, {"weeks": "0"})
    assert Person.objects.get(pk=person.pk).paused_until is None


@pytest.mark.parametrize(("language", "words"), [("nl", "Wie ziet dit"), ("en", "Who sees this")])
def test_a_card_speaks_the_language_of_who_it_is_for(language: str, words: str) -> None:
    asked = card()
    Person.objects.filter(pk=asked.person_id).update(language=language)
    response = Client().get(path(asked))
    assert words in response.content.decode()
    assert response.headers["Content-Language"] == language


def test_a_card_sets_no_cookie_and_is_answered_without_one() -> None:
    client = Client(enforce_csrf_checks=True)
    address = path(card())
    assert client.get(address).cookies == {}
    assert client.post(address, {"q": "1", "answer": "a"}).status_code == 302
    assert client.cookies == {}
    assert Entry.objects.count() == 1


def test_what_another_site_sends_to_a_card_is_refused_and_stores_nothing() -> None:
    asked = card()
    for address in (path(asked), reverse("pause", args=[links.pause_token(asked.person)])):
        response = Client(headers={"Sec-Fetch-Site": "cross-site"}).post(address, {"q": "1", "answer": "a"})
        assert response.status_code == 403
    asked.person.refresh_from_db()
    assert asked.person.paused_until is None
    assert not Entry.objects.exists()


def test_the_language_is_chosen_on_the_card_itself_and_answers_nothing() -> None:
    asked = card()
    for address in (path(asked), reverse("pause", args=[links.pause_token(asked.person)])):
        client = Client()
        html = client.post(address, {"language": "nl", "next": address}, follow=True).content.decode()
        assert '<html lang="nl"' in html
        assert ">English</button>" in html
    asked.person.refresh_from_db()
    assert asked.person.paused_until is None
    assert not Entry.objects.exists()


def test_a_language_chosen_on_a_card_leads_to_no_other_site() -> None:
    response = Client().post(path(card()), {"language": "nl", "next": "https://evil.example/"})
    assert response.headers["Location"] == "/"


def test_a_form_takes_one_question_for_a_card_and_an_answer_is_kept_in_one_transaction() -> None:
    address = path(card())
    client = Client()
    client.get(address)  # what is compiled once is compiled
    client.post(address, {"q": "1", "answer": "a"})
    with CaptureQueriesContext(connection) as asked:
        client.get(f"{address}?q=2")
    assert len(asked) == 4, "the card, the behaviours, the situations, the answers"
    with CaptureQueriesContext(connection) as kept:
        client.post(address, {"q": "1", "answer": "b"})
    assert len([query for query in kept if query["sql"].startswith(("SAVEPOINT", "BEGIN"))]) == 1
    assert len(kept) <= 9
