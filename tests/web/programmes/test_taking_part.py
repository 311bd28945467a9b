"""Who takes part, and the situations they are asked about."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from borging.cards.models import Card, CardStatus
from borging.people.models import Account, Person
from borging.programmes.models import Enrolment
from tests.programmes import makers

from .pages import page, post

pytestmark = pytest.mark.django_db


def test_people_are_added_by_number_address_or_name_and_each_gets_a_buddy(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    ada, bob, _cy = makers.people(account, 3, today=datetime.now(UTC).date())
    text = f"{ada.number}\n{bob.email}\nLearner 3\nNew One <new@example.org>\nNobody Known"
    html = post(client, programme, "people/add", people=text)
    assert "4 people added" in html
    assert "Nobody Known" in html
    rows = list(Enrolment.objects.all())
    assert len(rows) == 4
    assert {row.buddy_id for row in rows} == {row.person_id for row in rows}
    assert all(row.buddy_id != row.person_id for row in rows)


def test_the_same_list_pasted_twice_adds_nobody_twice(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    for _time in range(2):
        html = post(client, programme, "people/add", people="New One <new@example.org>\nnew@example.org")
    assert "They took part already." in html
    assert Enrolment.objects.count() == Person.objects.count() == 1


def test_people_are_looked_up_and_ticked(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    ada, *_others = makers.people(account, 3, today=datetime.now(UTC).date())
    assert ada.email in page(client, programme, "people?q=learner1")
    post(client, programme, "people/add", person=ada.pk)
    assert Enrolment.objects.get().person == ada


def test_another_buddy_can_be_chosen_but_not_oneself(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    one, two, three, *_rest = Enrolment.objects.order_by("pk")
    post(client, programme, f"people/{one.pk}", buddy=three.person_id, observer="")
    one.refresh_from_db()
    assert one.buddy_id == three.person_id
    answer = client.post(f"/programmes/{programme.pk}/people/{two.pk}", {"buddy": two.person_id})
    assert answer.status_code == 422


def test_who_leaves_a_running_programme_is_asked_no_more_and_their_buddy_gets_another(
    account: Account, client: Client
) -> None:
    programme = makers.complete(account, now=datetime.now(UTC) - timedelta(days=7))
    post(client, programme, "start")
    one = Enrolment.objects.order_by("pk").first()
    assert one
    post(client, programme, f"people/{one.pk}/leave")
    one.refresh_from_db()
    assert one.left_on
    assert not Card.objects.filter(enrolment=one).exclude(status=CardStatus.WITHDRAWN).exists()
    staying = Enrolment.objects.filter(left_on=None)
    assert not staying.filter(buddy=one.person).exists()
    assert not staying.filter(buddy=None).exists()


def test_situations_are_added_changed_and_deleted(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    given = {"form": "A", "text": "Somebody calls.", "best": "ask", "others": "wait\nhang up", "explanation": "so"}
    post(client, programme, "situations", **given)
    situation = programme.situations.get()
    assert situation.options == ["ask", "wait", "hang up"]
    post(client, programme, f"situations/{situation.pk}", **given | {"form": "B", "best": "listen"})
    situation.refresh_from_db()
    assert (situation.form, situation.options[0]) == ("B", "listen")
    post(client, programme, f"situations/{situation.pk}/delete")
    assert not programme.situations.exists()


def test_pasted_situations_are_numbered_on(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    text = "One.\n- ask\n- wait\n\nTwo.\n- ask\n- wait\n\nnonsense"
    for _time in range(2):
        html = post(client, programme, "situations/paste", **{"pasted-form": "R", "pasted-text": text})
    assert "1 block could not be read" in html
    assert list(programme.situations.values_list("position", flat=True)) == [1, 2, 3, 4]


def test_a_situation_of_a_running_programme_is_asked_no_more_and_its_answers_stay(
    account: Account, client: Client
) -> None:
    programme = makers.complete(account)
    post(client, programme, "start")
    situation = programme.situations.filter(form="A").earliest("position")
    html = post(client, programme, f"situations/{situation.pk}/delete")
    assert "The situation is asked no more." in html
    situation.refresh_from_db()
    assert situation.retired_at
    assert situation.text not in page(client, programme, "situations")
    assert client.get(f"/programmes/{programme.pk}/situations/{situation.pk}").status_code == 404


def test_other_options_make_another_situation_once_a_programme_runs(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    post(client, programme, "start")
    old = programme.situations.filter(form="A").earliest("position")
    given = {"form": "A", "text": old.text, "best": "listen first", "others": "wait", "explanation": ""}
    post(client, programme, f"situations/{old.pk}", **given)
    old.refresh_from_db()
    new = programme.situations.get(form="A", retired_at=None)
    assert old.retired_at
    assert (new.options, new.position) == (["listen first", "wait"], old.position + 1)
    post(client, programme, f"situations/{new.pk}", **given | {"text": "Somebody calls, in other words"})
    new.refresh_from_db()
    assert (new.retired_at, new.text) == (None, "Somebody calls, in other words")
