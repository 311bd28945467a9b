"""Who sees what was released, and who sees an own line."""

from __future__ import annotations

import pytest

from borging.evidence.models import Entry
from borging.figures.rules import Figure, Rung, Withheld
from borging.measure import jobs, reads
from borging.people.models import Account, Grant, Role
from borging.people.pseudonyms import pseudonym
from borging.programmes.models import Programme
from tests.measure import answers
from tests.web import makers

pytestmark = pytest.mark.django_db
TODAY = answers.AFTER_ALL.date()


def colleague(made: Programme, email: str, *, role: Role | None = None) -> Account:
    account = Account.objects.create_user(email, organisation=made.organisation)
    if role:
        Grant.objects.create(account=account, role=role)
    return account


def of_learner(made: Programme, *, which: int = 0) -> Account:
    account = colleague(made, f"learner{which}@example.org")
    account.person = answers.people(made)[which].person
    account.save()
    return account


def test_released_figures_are_for_who_answers_for_the_programme_and_for_three_roles() -> None:
    made = answers.programme(learners=6)
    assert made.owner
    sponsor = colleague(made, "sponsor@example.org")
    sponsor.person = made.sponsor
    sponsor.save()
    seeing = [made.owner, sponsor, *(colleague(made, f"{role}@example.org", role=role) for role in reads.READERS)]
    boss = colleague(made, "root@example.org", role=Role.ADMIN)
    boss.is_superuser = True
    boss.save()
    stranger = makers.account("stranger@example.org", organisation="De Dijk")
    Grant.objects.get_or_create(account=stranger, role=Role.LD)
    for viewer in seeing:
        assert reads.programme_for(viewer, made.pk) == made
    for viewer in (boss, stranger, of_learner(made)):
        for ask in (reads.released, reads.friday):
            with pytest.raises(Programme.DoesNotExist):
                ask(made, viewer=viewer, language="en", today=TODAY)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_same_release_is_told_in_both_languages(language: reads.Language) -> None:
    made = answers.programme(learners=40, teams=3)
    answers.everything(answers.people(made))
    jobs.pair(programme=made, now=answers.AFTER_ALL)
    assert made.owner
    report = reads.released(made, viewer=made.owner, language=language, today=TODAY)
    figures = [finding.figure for finding in report.findings if isinstance(finding.figure, Figure)]
    assert len(figures) == len(report.findings) == 15
    said = {"nl": "weten we niet", "en": "we do not know"}[language]
    cause = {"nl": "Of dat door de training komt, kunnen deze gegevens niet zeggen.", "en": "these data cannot say."}
    for figure in figures:
        assert figure.rung < Rung.TRACKED
        assert "effect" not in f"{figure.label} {figure.sentence} {figure.design}".lower()
        assert figure.counts
    changes = [figure for figure in figures if figure.unit.signed]
    assert all(said in each.sentence or each.sentence.endswith(cause[language]) for each in changes)
    first = figures[0]
    assert first.rung is Rung.OBSERVED
    assert [count.of for count in first.counts] == [40, 40, 40, 40]


def test_a_figure_that_is_held_back_says_why_and_has_no_number() -> None:
    made = answers.programme(learners=12)
    for each in answers.people(made)[:4]:
        answers.say_pair(each, before=3, after=6)
    jobs.pair(programme=made, now=answers.AFTER_ALL)
    assert made.owner
    report = reads.released(made, viewer=made.owner, language="en", today=TODAY)
    assert report.findings
    for finding in report.findings:
        assert isinstance(finding.figure, Withheld)
        assert finding.figure.reason == "Fewer than 5 people gave an answer that counts."
        assert finding.sections == ()


def test_one_slide_tells_the_promise_what_was_seen_and_the_decision() -> None:
    made = answers.programme(learners=20)
    everyone = answers.people(made)
    answers.everything(everyone)
    Entry.objects.bulk_create([answers.entry(everyone[0], "decide-180", "decision", choice="keep", source="sponsor")])
    jobs.pair(programme=made, now=answers.AFTER_ALL)
    assert made.owner
    slide = reads.friday(made, viewer=made.owner, language="nl", today=TODAY)
    assert slide.promised == "2,0 van de tien keer meer · Fewer days of sickness absence"
    assert slide.decision == "houden"
    assert isinstance(slide.figure, Figure)


def test_one_slide_without_figures_says_so() -> None:
    made = answers.programme(learners=6)
    assert made.owner
    slide = reads.friday(made, viewer=made.owner, language="en", today=TODAY)
    assert isinstance(slide.figure, Withheld)
    assert slide.decision == "not taken yet"


def test_an_own_line_holds_everything_somebody_said_at_once_and_nothing_of_others() -> None:
    made = answers.programme(learners=6)
    account, other = of_learner(made), of_learner(made, which=1)
    answers.everything(answers.people(made)[:2])
    (line,) = reads.own_lines(account)
    mine = Entry.objects.filter(author=pseudonym(answers.people(made)[0].person))
    assert len(line.answers) == mine.count() > 0
    assert "reaction" not in {answer.step for answer in line.answers}
    assert [curve.behaviour for curve in line.curves] == [each.text for each in made.behaviours.all()]
    assert [step for step, _number in line.curves[0].points] == list(reads.OWN_STEPS)
    assert reads.own_lines(other)[0].curves != line.curves


def test_an_own_line_is_nobody_elses_whatever_they_may_do() -> None:
    made = answers.programme(learners=6)
    answers.everything(answers.people(made)[:1])
    assert made.owner
    boss = colleague(made, "root@example.org", role=Role.ADMIN)
    boss.is_superuser = boss.is_active = True
    boss.save()
    for viewer in (boss, made.owner, of_learner(made, which=1)):
        assert reads.own_lines(viewer) == ()
