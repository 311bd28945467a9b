"""From answers to released figures, night after night."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np
import pytest

from borging.cards.models import Card, CardStatus, Moment
from borging.evidence.models import Entry
from borging.measure import jobs, writes
from borging.measure.models import Release
from borging.measure.reads import due_programmes, read
from borging.measure.rules import Change, Paired, Ranked, Reason, Responses, Share, Shares
from borging.programmes.models import Enrolment, Programme, Status
from tests.measure import answers

pytestmark = pytest.mark.django_db
SPREAD = (2, 5, 3, 6, 4, 1, 5, 3, 2, 6, 4, 3)


def released(made: Programme, batch: str) -> Release:
    found = made.releases.filter(batch=batch).order_by("-pk").first()
    assert found is not None
    return found


def behaviour(made: Programme, moment: str = "post") -> Paired:
    result = read(released(made, f"behaviour-{moment}:{answers.first_behaviour(made).pk}"))
    assert isinstance(result, Paired)
    return result


def of(cells: Iterable[Change | Share], name: str) -> Change | Share:
    return next(cell for cell in cells if cell.name == name)


def pair(made: Programme, *, now: datetime = answers.AFTER_ALL) -> int:
    return jobs.pair(programme=made, now=now)


def say_pairs(enrolments: list[Enrolment], *, source: str = "self", moment: str = "post") -> None:
    for i, each in enumerate(enrolments):
        before = float(SPREAD[i % len(SPREAD)])
        answers.say_pair(each, before=before, after=before + 1 + i % 3, source=source, moment=moment)


def test_a_known_change_is_found_back_within_its_margin() -> None:
    made = answers.programme(learners=60)
    answers.everything(answers.people(made), change=2.0)
    pair(made)
    for source in ("self", "manager", "buddy"):
        found = of(behaviour(made).sources, source)
        assert isinstance(found, Change)
        assert found.change is not None
        assert found.n == 60
        assert found.change.low <= 2.0 <= found.change.high
        assert found.change.high - found.change.low < 1
    for batch, truth in (("knowledge", 0.3), ("yardstick", -2.0)):
        result = read(released(made, batch))
        assert isinstance(result, Paired)
        moved = result.sources[0].change
        assert moved is not None
        assert moved.low <= truth <= moved.high
    logged = read(released(made, "attempts"))
    assert isinstance(logged, Shares)
    tried = of(logged.rows, "0")
    assert isinstance(tried, Share)
    assert tried.share is not None
    assert tried.share.low <= 0.75 <= tried.share.high  # three of the four answers that had a chance


def test_no_opportunity_and_not_seen_count_as_answered_and_never_as_zero() -> None:
    made = answers.programme(learners=12)
    everyone = answers.people(made)
    say_pairs(everyone[:8], source="manager")
    answers.say_pair(everyone[8], before=4, after=None, source="manager", choice="not-seen")
    answers.say_pair(everyone[9], before=None, after=9, source="manager")
    pair(made)
    found = of(behaviour(made).sources, "manager")
    assert isinstance(found, Change)
    assert (found.n, found.answered) == (8, 10)
    assert found.before is not None
    assert found.before.value == pytest.approx(np.mean(SPREAD[:8]))


def test_a_leaver_counts_among_who_was_asked_and_not_among_the_pairs() -> None:
    made = answers.programme(learners=10)
    everyone = answers.people(made)
    say_pairs(everyone[:9])
    leaver = everyone[9]
    Enrolment.objects.filter(pk=leaver.pk).update(left_on=answers.on(20).date())
    entry = answers.entry(leaver, "baseline-learner", "last-ten", number=7, behaviour=answers.first_behaviour(made))
    entry.save()
    pair(made)
    result = behaviour(made)
    assert (result.invited, result.sources[0].n, result.sources[0].answered) == (10, 9, 9)


def test_one_answer_short_there_is_a_reason_and_no_number() -> None:
    made = answers.programme(learners=12)
    say_pairs(answers.people(made)[:4])
    pair(made)
    result = behaviour(made)
    assert result.sources == (Change(name="self", reason=Reason.FEW),)
    assert released(made, f"behaviour-post:{answers.first_behaviour(made).pk}").ledger == []


def shown(made: Programme) -> int | None:
    """How many pairs stand behind the figure of the first behaviour; None when nothing was released."""
    batch = f"behaviour-post:{answers.first_behaviour(made).pk}"
    return behaviour(made).sources[0].n if made.releases.filter(batch=batch).exists() else None


def test_while_it_is_still_being_asked_nothing_is_released_under_five() -> None:
    made = answers.programme(learners=12)
    everyone = answers.people(made)
    say_pairs(everyone[:4])
    pair(made, now=answers.on(91))
    assert shown(made) is None
    answers.say_pair(everyone[4], before=4, after=5)
    pair(made, now=answers.on(92))
    assert shown(made) == 5


def test_a_figure_moves_only_by_five_new_answers_or_more() -> None:
    made = answers.programme(learners=24)
    everyone = answers.people(made)
    say_pairs(everyone[:7])
    pair(made, now=answers.on(91))
    assert shown(made) == 7
    say_pairs(everyone[7:11])
    pair(made, now=answers.on(92))
    assert shown(made) == 7
    pair(made)  # closed as well: four new answers are not shown apart
    assert shown(made) == 7
    say_pairs(everyone[11:12])
    pair(made)
    assert shown(made) == 12


def test_a_changed_answer_never_shows_by_itself() -> None:
    made = answers.programme(learners=12)
    say_pairs(answers.people(made))
    pair(made)
    before = behaviour(made)
    Entry.objects.filter(step="post-learner", number=3).update(number=10)
    assert pair(made) == 0
    assert behaviour(made) == before


def test_doing_it_again_the_same_night_changes_nothing() -> None:
    made = answers.programme(learners=20, teams=2)
    answers.everything(answers.people(made))
    assert pair(made) > 10
    assert pair(made) == 0


def test_what_another_worker_released_meanwhile_is_not_built_on() -> None:
    made = answers.programme(learners=12)
    say_pairs(answers.people(made))
    pair(made)
    draft = writes.Draft(batch="attempts", answers=9, figures=Shares(invited=12, rows=()), ledger=[])
    assert writes.release(programme=made, drafts=[draft], after=0, now=answers.AFTER_ALL) == 0
    assert not made.releases.filter(batch="attempts", answers=9).exists()


def test_a_small_cohort_takes_its_smallest_sibling_along_with_the_reason() -> None:
    made = answers.programme(learners=12)
    answers.another_cohort(made, learners=8, name="Cohort 2")
    answers.another_cohort(made, learners=3, name="Cohort 3")
    for name in ("Cohort 1", "Cohort 2", "Cohort 3"):
        say_pairs(answers.people(made, cohort=name))
    pair(made)
    names = dict(made.cohorts.values_list("name", "pk"))
    found = {name: of(behaviour(made).cohorts, str(pk)) for name, pk in names.items()}
    assert [found[name].reason for name in sorted(names)] == [None, Reason.SIBLING, Reason.FEW]
    assert [found[name].n for name in sorted(names)] == [12, 0, 0]


def test_answers_that_are_alike_are_not_averaged() -> None:
    made = answers.programme(learners=12)
    for each in answers.people(made):
        answers.say_pair(each, before=5, after=8)
    pair(made)
    assert behaviour(made).sources[0].reason is Reason.ALIKE


def test_a_baseline_is_not_solved_from_two_later_moments() -> None:
    """Ten answered after two months, nine of them after three: the difference of both baselines is one person's."""
    made = answers.programme(learners=12)
    everyone = answers.people(made)
    say_pairs(everyone[:9])
    for i, each in enumerate(everyone[:10]):
        entry = answers.entry(
            each, "delayed-test", "last-ten", number=float(SPREAD[-1 - i]), behaviour=answers.first_behaviour(made)
        )
        entry.save()
    answers.entry(everyone[9], "baseline-learner", "last-ten", number=6, behaviour=answers.first_behaviour(made)).save()
    pair(made)
    assert behaviour(made, "post").sources[0].n == 9
    assert behaviour(made, "delayed").sources[0].reason is Reason.COMBINED


def test_an_anonymous_reaction_is_counted_without_anybodys_key() -> None:
    made = answers.programme(learners=9)
    choices = ("hard", "normal", "help", "tell", "normal", "hard", "help")
    answers.say(answers.people(made)[:7], "reaction", "can-do", choices, anonymous=True)
    pair(made)
    result = read(released(made, "reaction"))
    assert isinstance(result, Shares)
    found = of(result.rows, "can-do")
    assert isinstance(found, Share)
    assert found.share is not None
    assert (result.invited, found.n) == (9, 7)
    assert found.share.value == pytest.approx(4 / 7)
    assert of(result.rows, "practised").reason is Reason.FEW


def test_barriers_are_listed_from_five_who_named_one() -> None:
    made = answers.programme(learners=20)
    named = ["time"] * 9 + ["tools"] * 5 + ["rules"] * 3 + ["team"] * 3
    answers.say(answers.people(made), "delayed-test", "barrier", named)
    pair(made)
    result = read(released(made, "barriers"))
    assert isinstance(result, Ranked)
    assert [row.name for row in result.rows] == ["time", "tools"]
    assert result.rest is not None
    assert result.rest.share is not None
    assert result.rest.share.value == pytest.approx(0.3)


def test_attempts_count_chances_and_wait_until_the_weeks_are_over() -> None:
    made = answers.programme(learners=8)
    logs = []
    for i, each in enumerate(answers.people(made)):
        logs.append(answers.log(each, week=1, tried="worked" if i % 2 else "no"))
        logs.append(answers.log(each, week=2, tried="no-opportunity"))
        logs.append(answers.log(each, week=4, tried="partly" if i < 3 else "no"))
    Entry.objects.bulk_create(logs)
    pair(made, now=answers.on(29))
    first = read(released(made, "attempts"))
    assert isinstance(first, Shares)
    assert [(row.name, row.n, row.of) for row in first.rows] == [("0", 8, 8)]
    assert first.rows[0].share is not None
    assert first.rows[0].share.value == pytest.approx(0.5)
    pair(made, now=answers.on(50))
    both = read(released(made, "attempts"))
    assert isinstance(both, Shares)
    assert [row.name for row in both.rows] == ["0", "1"]


def test_a_response_under_five_is_not_told() -> None:
    made = answers.programme(learners=9)
    cards = Card.objects.filter(programme=made, moment__step="baseline-learner")
    if not cards:
        moment = made.cohorts.get().moments.get(step="baseline-learner")
        Card.objects.bulk_create(
            Card(
                organisation=made.organisation,
                programme=made,
                moment=moment,
                person=each.person,
                enrolment=each,
                closes_at=moment.closes_at,
            )
            for each in answers.people(made)
        )
    cards.update(status=CardStatus.LAPSED, next_at=None)
    for pk in cards.values_list("pk", flat=True)[:4]:
        Card.objects.filter(pk=pk).update(status=CardStatus.ANSWERED)
    assert pair(made, now=answers.on(-5)) == 0
    cards.update(status=CardStatus.ANSWERED)
    pair(made, now=answers.on(-5))
    result = read(released(made, "response"))
    assert isinstance(result, Responses)
    assert [(row.step, row.answered, row.invited) for row in result.rows] == [("baseline-learner", 9, 9)]


def test_only_programmes_that_may_have_new_figures_are_due() -> None:
    made = answers.programme(learners=6)
    monday = answers.on(0) + timedelta(days=(7 - answers.on(0).weekday()) % 7 + 14)
    assert list(due_programmes(monday)) == [made]  # a step closed
    Moment.objects.all().delete()
    assert list(due_programmes(monday)) == []
    answers.everything(answers.people(made))
    Entry.objects.filter(author__isnull=False).update(recorded_at=monday - timedelta(hours=3))
    assert list(due_programmes(monday)) == [made]
    assert list(due_programmes(monday + timedelta(days=3))) == []


def test_once_a_week_every_programme_that_is_followed_is_due() -> None:
    made = answers.programme(learners=6)
    sunday = answers.on(230) + timedelta(days=6 - answers.on(230).weekday())
    assert list(due_programmes(sunday)) == [made]
    Programme.objects.filter(pk=made.pk).update(status=Status.DONE, ended_at=sunday - timedelta(days=30))
    assert list(due_programmes(sunday)) == [made]
    assert list(due_programmes(sunday + timedelta(days=70))) == []
