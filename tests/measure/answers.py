"""Answers to a programme of which the truth is known."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from borging.cards.models import Moment
from borging.evidence.models import Entry
from borging.people.models import Membership, Team
from borging.people.pseudonyms import pseudonym
from borging.programmes.models import Behaviour, Cohort, Enrolment, Programme
from borging.transfer import jobs as transfer
from tests import journey

DAY_0 = date(2026, 3, 3)
DUE = {
    "baseline-learner": -10,
    "baseline-others": -10,
    "reaction": 0,
    "team-vote": 28,
    "delayed-test": 60,
    "automaticity": 66,
    "post-learner": 90,
    "post-others": 90,
    "pulse-180": 180,
}


def on(day: int) -> datetime:
    """Noon of a day counted from the training."""
    return datetime.combine(DAY_0 + timedelta(days=day), time(12), UTC)


AFTER_ALL = on(400)


def programme(*, learners: int, teams: int = 0, language: str = "en") -> Programme:
    """A running programme with one cohort that was trained on day 0, and the moments on which people are asked."""
    made = journey.programme(learners=learners, day=DAY_0, language=language)
    made.promised_change = 2.0
    made.save(update_fields=["promised_change"])
    transfer.plan(programme=made, now=on(-40))
    put_in_teams(people(made), teams)
    return made


def another_cohort(made: Programme, *, learners: int, name: str = "Cohort 2", teams: int = 0) -> Cohort:
    group = journey.cohort(made, learners=learners, day=DAY_0, name=name)
    transfer.plan(programme=made, now=on(-40))
    put_in_teams(list(group.enrolments.all()), teams)
    return group


def put_in_teams(enrolments: list[Enrolment], teams: int) -> None:
    """One after the other; the first two teams are under one department."""
    for i, each in enumerate(enrolments if teams else []):
        home = each.person.organisation
        parent = None
        if teams > 1 and i % teams < 2:
            parent, _made = Team.objects.get_or_create(organisation=home, name="Department")
        team, _made = Team.objects.get_or_create(organisation=home, name=f"Team {i % teams}", parent=parent)
        Membership.objects.create(person=each.person, team=team, start_date=journey.SINCE)


def people(made: Programme, *, cohort: str = "Cohort 1") -> list[Enrolment]:
    found = Enrolment.objects.filter(cohort__programme=made, cohort__name=cohort).select_related("person__organisation")
    return list(found.select_related("person__organisation", "cohort__programme"))


def entry(
    enrolment: Enrolment,
    step: str,
    question: str,
    *,
    number: float | None = None,
    choice: str = "",
    source: str = "self",
    behaviour: Behaviour | None = None,
    item: int | None = None,
    occurrence: int = 0,
    anonymous: bool = False,
    day: int | None = None,
) -> Entry:
    """One answer, as it is kept."""
    happened_on = on(DUE.get(step, 0) if day is None else day).date()
    subject = None if anonymous else pseudonym(enrolment.person)
    return Entry(
        organisation_id=enrolment.person.organisation_id,
        programme_id=enrolment.cohort.programme_id,
        cohort_id=enrolment.cohort_id,
        subject=subject,
        author=None if anonymous else subject if source == "self" else uuid.uuid4(),
        source=source,
        step=step,
        occurrence=occurrence,
        question=question,
        family="behaviour",
        behaviour=behaviour,
        item=item,
        number=number,
        choice=choice,
        happened_on=happened_on,
        recorded_at=None if anonymous else datetime.combine(happened_on, time(13), UTC),
        slot=uuid.uuid4(),
    )


def first_behaviour(made: Programme) -> Behaviour:
    return made.behaviours.get(position=1)


def say_pair(
    enrolment: Enrolment,
    *,
    before: float | None,
    after: float | None,
    source: str = "self",
    moment: str = "post",
    choice: str = "no-opportunity",
) -> None:
    """The first behaviour before the training and after it; None: it did not come up."""
    behaviour = first_behaviour(enrolment.cohort.programme)
    role = "learner" if source == "self" else "others"
    later = {"post": f"post-{role}", "delayed": "delayed-test", "pulse": "pulse-180"}[moment]
    steps = ((f"baseline-{role}", before), (later, after))
    Entry.objects.bulk_create(
        entry(
            enrolment,
            step,
            "last-ten",
            number=number,
            choice=choice if number is None else "",
            source=source,
            behaviour=behaviour,
        )
        for step, number in steps
    )


def say(
    enrolments: Iterable[Enrolment], step: str, question: str, choices: Iterable[str], *, anonymous: bool = False
) -> None:
    """One answer each."""
    pairs = zip(enrolments, choices, strict=True)
    Entry.objects.bulk_create(entry(each, step, question, choice=choice, anonymous=anonymous) for each, choice in pairs)


def log(enrolment: Enrolment, *, week: int, tried: str) -> Entry:
    """One weekly log of attempts; weeks count from 1."""
    return entry(enrolment, "attempt-log-weekly", "tried", choice=tried, occurrence=week - 1, day=7 * week)


def everything(enrolments: Iterable[Enrolment], *, seed: int = 1, change: float = 2.0) -> None:
    """Answers to all that is asked, with a true change of `change` times in ten in both behaviours."""
    rng = np.random.default_rng(seed)
    entries: list[Entry] = []
    for each in enrolments:
        entries += _behaviours(each, rng, change) + _test(each, rng) + _surroundings(each, rng)
        for week in range(1, 7):
            tried = str(rng.choice(["worked", "partly", "not-yet", "no", "no-opportunity"]))
            entries.append(log(each, week=week, tried=tried))
    Entry.objects.bulk_create(entries)


def _behaviours(each: Enrolment, rng: np.random.Generator, change: float) -> list[Entry]:
    level, entries = rng.normal(4, 1.2), []
    for behaviour in each.cohort.programme.behaviours.all():
        for source, lift in (("self", 0.8), ("manager", 0.0), ("buddy", 0.0)):
            role = "learner" if source == "self" else "others"
            after = ("delayed-test", "post-learner", "pulse-180") if source == "self" else ("post-others",)
            for step in (f"baseline-{role}", *after):
                moved = 0.0 if step.startswith("baseline") else change
                count = _count(level + lift + moved + rng.normal(0, 0.7))
                entries.append(entry(each, step, "last-ten", number=count, source=source, behaviour=behaviour))
    return entries


def _test(each: Enrolment, rng: np.random.Generator) -> list[Entry]:
    entries = []
    for item in range(1, 6):
        for step, share in (("baseline-learner", 0.4), ("delayed-test", 0.7)):
            right = float(rng.random() < share)
            entries.append(entry(each, step, "scenarios", number=right, item=item, choice=str(int(1 - right))))
    for step, question, middle in (
        ("baseline-learner", "sure", 6),
        ("baseline-learner", "sure-pressed", 5),
        ("delayed-test", "sure", 7),
        ("delayed-test", "then-sure", 4),
    ):
        entries.append(entry(each, step, question, number=_count(rng.normal(middle, 1.5))))
    return entries


def _surroundings(each: Enrolment, rng: np.random.Generator) -> list[Entry]:
    asked: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("delayed-test", "chance", ("none", "one", "some", "many")),
        ("delayed-test", "manager-asked", ("no", "passing", "talked")),
        ("delayed-test", "peers", ("held-back", "unaware", "helped")),
        ("delayed-test", "barrier", ("time", "time", "time", "tools", "tools", "manager", "rules", "nothing")),
        ("team-vote", "barrier", ("time", "time", "tools", "team", "nothing")),
        ("automaticity", "automatic", ("never", "sometimes", "often", "always", "no-opportunity")),
        ("post-learner", "goal-step", ("-1", "0", "1")),
        ("reaction", "can-do", ("tell", "help", "normal", "hard")),
        ("reaction", "share", ("hardly", "quarter", "half", "more")),
    )
    return [
        entry(each, step, question, choice=str(rng.choice(options)), anonymous=step in {"reaction", "team-vote"})
        for step, question, options in asked
    ]


def _count(value: float) -> float:
    return float(np.clip(np.round(value), 0, 10))


def close_all(made: Programme, *, by: datetime) -> None:
    """Nothing can be answered any more."""
    Moment.objects.filter(cohort__programme=made).update(closes_at=by)
