"""A statement that is compiled once answers as the queryset would that is compiled each time."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from borging.cards import links
from borging.cards.models import Actor, Card
from borging.evidence.models import Entry, Source
from borging.programmes.models import Behaviour, Situation
from borging.statements import Addition, Blank, Change, Question
from borging.transfer.jobs import plan
from tests import journey
from tests.journey import TRAINING_DAY, at

pytestmark = pytest.mark.django_db
AROUND = ("person__organisation", "moment__cohort__programme", "enrolment__person")


@pytest.fixture
def cards() -> list[Card]:
    plan(programme=journey.programme(learners=2), now=at(TRAINING_DAY))
    return list(Card.objects.select_related(*AROUND))


def test_a_question_gives_the_same_objects_as_its_queryset_with_all_that_is_around_them(cards: list[Card]) -> None:
    question: Question[Card] = Question(
        lambda: Card.objects.select_related(*AROUND).filter(pk=Blank("pk", Card._meta.pk))
    )
    assert any(card.enrolment is None for card in cards)
    for card in cards:
        (found,) = question.ask(pk=card.pk)
        with CaptureQueriesContext(connection) as queries:
            around = (
                found.person.organisation,
                found.moment.cohort.programme,
                found.enrolment and found.enrolment.person,
            )
        assert not queries
        assert around == (
            card.person.organisation,
            card.moment.cohort.programme,
            card.enrolment and card.enrolment.person,
        )
        for each, other in ((found, card), (found.moment, card.moment), (found.person, card.person)):
            values = {field.attname: getattr(each, field.attname) for field in each._meta.concrete_fields}
            assert values == {name: getattr(other, name) for name in values}
    assert question.ask(pk=0) == []


def test_a_question_keeps_order_and_reads_every_kind_of_value(cards: list[Card]) -> None:
    programme = cards[0].programme
    blank = Blank("programme", Behaviour._meta.get_field("programme"))
    behaviours: Question[Behaviour] = Question(lambda: Behaviour.objects.filter(programme_id=blank))
    assert behaviours.ask(programme=programme.pk) == list(programme.behaviours.all())
    situations: Question[Situation] = Question(lambda: Situation.objects.filter(programme_id=blank, form="A"))
    assert [each.options for each in situations.ask(programme=programme.pk)] == [["ask", "wait", "tell", "leave"]] * 5


def test_what_was_not_asked_for_is_read_when_it_is_needed(cards: list[Card]) -> None:
    question: Question[Card] = Question(lambda: Card.objects.only("status").filter(pk=Blank("pk", Card._meta.pk)))
    (found,) = question.ask(pk=cards[0].pk)
    assert found.get_deferred_fields() >= {"closes_at", "person_id"}
    assert found.closes_at == cards[0].closes_at


def test_an_addition_and_a_change_keep_every_kind_of_value(cards: list[Card]) -> None:
    card = cards[0]
    entry = Entry(
        organisation_id=card.organisation_id,
        programme=card.programme,
        cohort=card.moment.cohort,
        subject=uuid.uuid4(),
        source=Source.SELF,
        step="a step",
        question="a question",
        family="behaviour",
        number=2.5,
        text="é 'quoted' %s",
        happened_on=TRAINING_DAY,
        slot=uuid.uuid4(),
        author=uuid.uuid4(),
        recorded_at=at(TRAINING_DAY),
    )
    Addition(Entry).add(entry)
    values = Entry.objects.values().get()
    assert values == {field.attname: getattr(entry, field.attname) for field in Entry._meta.concrete_fields}
    change = Change(
        lambda: Entry.objects.filter(pk=Blank("pk", Entry._meta.pk)),
        text="other",
        number=None,
        replaced_at=Blank("now", Entry._meta.get_field("replaced_at")),
    )
    assert change.do(pk=entry.pk, now=at(TRAINING_DAY)) == 1
    assert change.do(pk=uuid.uuid4(), now=at(TRAINING_DAY)) == 0
    entry.refresh_from_db()
    assert (entry.text, entry.number, entry.replaced_at) == ("other", None, at(TRAINING_DAY))


def test_opening_a_card_by_its_link_takes_one_question_to_the_database(cards: list[Card]) -> None:
    card = next(card for card in cards if card.moment.actor == Actor.LEARNER)
    token = links.token(card)
    with CaptureQueriesContext(connection) as queries:
        found = links.card_for(token, now=at(TRAINING_DAY))
        assert found.programme == card.moment.cohort.programme
        assert found.person.organisation == card.person.organisation
    assert len(queries) == 1
