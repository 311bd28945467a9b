"""A step that asks part of the group: half of a large cohort, the whole of a small one, and always the same people."""

from datetime import timedelta

import pytest

from borging.cards.models import Card, Moment
from borging.transfer.jobs import SMALLEST_SAMPLE, plan
from tests import journey
from tests.journey import TRAINING_DAY, at

pytestmark = pytest.mark.django_db
PULSE = TRAINING_DAY + timedelta(days=180)


def asked(learners: int) -> list[int]:
    """Who gets the pulse after half a year, planned twice."""
    programme = journey.programme(learners=learners)
    for _time in range(2):
        plan(programme=programme, now=at(PULSE))
    found = Card.objects.filter(programme=programme, moment__step="pulse-180")
    return list(found.order_by("person").values_list("person", flat=True))


def test_of_a_large_cohort_half_is_asked_each_once() -> None:
    people = asked(SMALLEST_SAMPLE)
    assert len(people) == len(set(people)) == SMALLEST_SAMPLE // 2
    assert Moment.objects.get(step="pulse-180").sampled


def test_a_small_cohort_is_asked_whole_because_half_of_it_could_show_no_figure() -> None:
    assert len(asked(SMALLEST_SAMPLE - 1)) == SMALLEST_SAMPLE - 1


def test_the_same_half_is_asked_when_somebody_joins_later() -> None:
    before = set(asked(SMALLEST_SAMPLE + 2))
    programme = Card.objects.latest("pk").programme
    journey.enrol(programme.cohorts.get(), [journey.person(programme.organisation, f"Late {n}") for n in range(2)])
    plan(programme=programme, now=at(PULSE))
    now = set(Card.objects.filter(moment__step="pulse-180").values_list("person", flat=True))
    assert before < now
    assert len(now - before) == 1


def test_other_steps_ask_everybody() -> None:
    programme = journey.programme(learners=SMALLEST_SAMPLE)
    plan(programme=programme, now=at(TRAINING_DAY + timedelta(days=60)))
    assert Card.objects.filter(moment__step="delayed-test").count() == SMALLEST_SAMPLE
