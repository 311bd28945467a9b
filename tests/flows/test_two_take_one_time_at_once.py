"""Two people take the same time of one observer at the same instant, in two processes: one gets it, always."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from borging.cards.models import Card
from borging.transfer import meetings
from borging.transfer.jobs import plan
from tests import journey, processes, smtp
from tests.flows.test_nothing_is_lost_when_a_process_dies import elsewhere
from tests.journey import TRAINING_DAY, at

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 25


def test_of_two_who_take_one_time_at_once_one_gets_it(tmp_path: Path) -> None:
    now = at(TRAINING_DAY + timedelta(days=45))
    plan(programme=journey.programme(learners=2), now=now)
    cards = list(Card.objects.filter(moment__step="floor-moment").order_by("pk"))
    times = meetings.offers(cards[0], now=now)
    said: Counter[tuple[str, ...]] = Counter()
    environment = elsewhere(smtp.Sink(), tmp_path)
    both = [processes.start("meet", environment=environment) for _card in cards]
    try:
        assert [process.stdout.readline() for process in both if process.stdout] == ["ready\n"] * 2
        for turn in range(ROUNDS):
            for process, card in zip(both, cards, strict=True):
                assert process.stdin
                process.stdin.write(f"{card.pk} {times[turn % len(times)].isoformat()} {now.isoformat()}\n")
                process.stdin.flush()
            said[tuple(sorted(process.stdout.readline().strip() for process in both if process.stdout))] += 1
    finally:
        for process in both:
            process.kill()
            process.communicate()
    assert said == {("got", "taken"): ROUNDS}
