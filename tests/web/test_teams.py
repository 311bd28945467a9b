"""What a team did, for who leads it; what stands in its way, and where that goes; and each promise in one line."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from borging.cards import links
from borging.cards.models import Actor, Card, CardStatus, Moment
from borging.measure import jobs
from borging.people import writes as people
from borging.people.access import led_teams
from borging.people.models import Account, Membership, Person, Reporting, Role, Team
from borging.people.pseudonyms import pseudonym
from borging.programmes.models import Programme
from borging.transfer.models import Barrier
from tests import journey
from tests.measure import answers
from tests.web import makers
from tests.web.test_home import account_of, words

pytestmark = pytest.mark.django_db
LATER = answers.AFTER_ALL
WEEK = timedelta(days=7)


def teams_with_managers(*, learners: int = 24, teams: int = 3) -> tuple[Programme, dict[str, Account]]:
    """Three teams, two of them in one department; each has its manager, and the department has one above those."""
    made = answers.programme(learners=learners, teams=teams)
    home = made.organisation
    answers.everything(answers.people(made))
    Reporting.objects.all().delete()
    head = journey.person(home, "Head")
    found = {"Department": account_of(head)}
    for team in Team.objects.filter(organisation=home, memberships__isnull=False).distinct():
        boss = journey.person(home, f"Boss of {team.name}")
        Membership.objects.create(person=boss, team=team, start_date=journey.SINCE)
        Reporting.objects.create(person=boss, manager=head, start_date=journey.SINCE)
        for member in Person.objects.filter(memberships__team=team).exclude(pk=boss.pk):
            Reporting.objects.create(person=member, manager=boss, start_date=journey.SINCE)
        found[team.name] = account_of(boss)
    return made, found


def page(account: Account, address: str) -> str:
    with time_machine.travel(LATER, tick=False):
        return words(makers.client_of(account), address)


def team(name: str) -> Team:
    return Team.objects.get(name=name)


def test_a_manager_sees_what_the_team_did_with_every_pair_of_eyes_its_margin_and_out_of_how_many() -> None:
    made, bosses = teams_with_managers()
    jobs.pair(programme=made, now=LATER)
    said = page(bosses["Team 0"], f"/teams/{team('Team 0').pk}/")
    for part in ("Compared, by managers 8 of 8", "Compared, by participants 8 of 8", "Compared, by buddies 8 of 8"):
        assert part in said
    for part in ("Trying it at work", "Rung 3 · observed", "Promised +2.0 times in ten", "Answered both times 8 of 8"):
        assert part in said
    assert not any(person.name in said for person in Person.objects.filter(enrolments__isnull=False))
    assert "What your team did: Team 0" in page(bosses["Team 0"], "/")


def test_who_leads_managers_sees_the_teams_under_them_and_all_of_these_together() -> None:
    made, bosses = teams_with_managers()
    jobs.pair(programme=made, now=LATER)
    above = f"/teams/{team('Department').pk}/"
    assert "Compared, by managers 16 of 16" in page(bosses["Department"], above)
    assert "Compared, by managers 8 of 8" in page(bosses["Department"], f"/teams/{team('Team 1').pk}/")
    with time_machine.travel(LATER, tick=False):
        for other in (above, f"/teams/{team('Team 1').pk}/"):
            assert makers.client_of(bosses["Team 0"]).get(other).status_code == 404


def test_a_team_of_fewer_than_five_has_a_reason_and_no_number() -> None:
    made, bosses = teams_with_managers(learners=12, teams=3)
    jobs.pair(programme=made, now=LATER)
    said = page(bosses["Team 2"], f"/teams/{team('Team 2').pk}/")
    assert "Fewer than 5 people gave an answer that counts." in said
    assert "Rung" not in said
    assert "of 4" not in said


def test_no_opportunity_corrects_what_a_team_tried() -> None:
    made, bosses = teams_with_managers()
    for each in answers.people(made):
        answers.log(each, week=7, tried="no-opportunity").save()  # a week that did not come up changes nothing
    jobs.pair(programme=made, now=LATER)
    before = page(bosses["Team 0"], f"/teams/{team('Team 0').pk}/")
    assert "Tried, of chances" in before
    assert "People with a chance 8 of 8" in before


def test_a_team_that_also_has_people_of_another_manager_is_shown_to_neither() -> None:
    made, bosses = teams_with_managers()
    someone = Person.objects.filter(memberships__team=team("Team 0"), enrolments__isnull=False).earliest("pk")
    other = bosses["Team 1"].person
    assert other
    Reporting.objects.filter(person=someone).update(manager=other)
    led = {name: {each.name for each in led_teams(account, day=LATER.date())} for name, account in bosses.items()}
    assert led["Team 0"] == set()
    assert led["Team 1"] == {"Team 1"}
    assert led["Department"] >= {"Department", "Team 0", "Team 1", "Team 2"}
    assert made.pk


def test_what_the_team_agreed_is_shown_to_the_manager_who_wrote_it_down() -> None:
    made, bosses = teams_with_managers()
    jobs.pair(programme=made, now=LATER)
    boss = bosses["Team 0"].person
    assert boss
    said = answers.entry(answers.people(made)[0], "team-card", "agreement", source="team")
    said.subject, said.author, said.text = None, pseudonym(boss), "if a call is hard, then we swap"
    said.save()
    assert said.text in page(bosses["Team 0"], f"/teams/{team('Team 0').pk}/")
    assert said.text not in page(bosses["Department"], f"/teams/{team('Team 0').pk}/")


def test_a_barrier_goes_up_one_manager_at_a_time_and_lies_there_once() -> None:
    made, bosses = teams_with_managers()
    boss, head = bosses["Team 0"].person, bosses["Department"].person
    cohort = made.cohorts.get()
    first = Barrier.objects.create(cohort=cohort, key="time", remover=boss, named_on=answers.DAY_0)
    with time_machine.travel(LATER, tick=False):
        client = makers.client_of(bosses["Team 0"])
        assert "It now lies with Head" in client.post(f"/barriers/{first.pk}/upward", follow=True).content.decode()
        assert client.post(f"/barriers/{first.pk}/upward").status_code == 404  # it is no longer theirs
        again = Barrier.objects.create(cohort=cohort, key="time", remover=boss, named_on=answers.DAY_0)
        client.post(f"/barriers/{again.pk}/upward")
        assert list(Barrier.objects.values_list("remover", flat=True)) == [head.pk if head else None]
        top = makers.client_of(bosses["Department"])
        assert "It now lies with Sam Sponsor" in top.post(f"/barriers/{first.pk}/upward", follow=True).content.decode()
        sponsor = makers.client_of(account_of(made.sponsor)) if made.sponsor else top
        said = sponsor.post(f"/barriers/{first.pk}/upward", follow=True).content.decode()
        assert "There is nobody above you" in said
    assert Barrier.objects.get().remover == made.sponsor


def test_the_sponsor_sees_each_promise_with_what_was_seen_how_sure_and_what_was_decided() -> None:
    made, _bosses = teams_with_managers()
    jobs.pair(programme=made, now=LATER)
    assert made.sponsor
    sponsor = account_of(made.sponsor)
    said = page(sponsor, "/promises/")
    assert "1 promise, nothing decided yet" in said
    for part in ("Promised +2.0 times in ten", "Compared, by managers 24 of 24", "Rung 3 · observed", "not taken yet"):
        assert part in said
    decided = answers.entry(answers.people(made)[0], "decide-180", "decision", choice="stop", source="sponsor")
    decided.save()
    said = page(sponsor, "/promises/")
    assert "1 promise: 1 stops" in said
    assert "What we stop The good talk" in said
    assert "Promised, seen, decided" in page(sponsor, "/")


def decision_card(made: Programme) -> Card:
    """What the sponsor is asked half a year after the training."""
    assert made.sponsor
    cohort = made.cohorts.earliest("pk")
    days = {"due_on": LATER.date(), "closes_on": LATER.date() + WEEK, "due_at": LATER, "closes_at": LATER + WEEK}
    moment, _made = Moment.objects.update_or_create(
        cohort=cohort, step="decide-180", actor=Actor.SPONSOR, defaults=days
    )
    return Card.objects.create(
        organisation=made.organisation,
        programme=made,
        moment=moment,
        person=made.sponsor,
        closes_at=LATER + WEEK,
        status=CardStatus.OPEN,
    )


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("en", ("Promised and seen", "+2.0 times in ten", "24 of 24", "Rung 3 · observed")),
        ("nl", ("Beloofd en gezien", "+2,0 van de tien keer", "24 van 24", "Trede 3 · waargenomen")),
    ],
)
def test_the_sponsor_decides_on_a_card_that_shows_what_was_promised_and_seen(
    language: str, parts: tuple[str, ...]
) -> None:
    made, _bosses = teams_with_managers()
    asked = decision_card(made)
    Person.objects.filter(pk=asked.person_id).update(language=language)
    address = reverse("card", args=[links.token(asked)])
    with time_machine.travel(LATER + timedelta(hours=1), tick=False):
        before = words(Client(), address)
        assert parts[0] in before
        assert parts[2] not in before
    jobs.pair(programme=made, now=LATER)
    with time_machine.travel(LATER + timedelta(hours=1), tick=False):
        said = words(Client(), address)
    assert [part for part in parts if part not in said] == []


def test_a_percent_sign_in_a_heading_does_not_leave_it_in_english() -> None:
    made, _bosses = teams_with_managers()
    jobs.pair(programme=made, now=LATER)
    assert made.sponsor
    with time_machine.travel(LATER, tick=False):
        said = words(makers.client_of(account_of(made.sponsor), language="nl"), "/promises/")
    assert "Gezien, met 95%-marge" in said
    assert "margin" not in said


def test_ld_decides_with_the_figure_at_hand() -> None:
    made, _bosses = teams_with_managers()
    jobs.pair(programme=made, now=LATER)
    assert made.owner
    people.grant_roles(account=made.owner, roles=[Role.LD])
    said = page(made.owner, "/")
    assert "Go on, adapt or stop?" in said
    assert "24 of 24" in said
    assert "Rung 3 · observed" in said
