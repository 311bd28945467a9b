"""The people of the demonstration: about four hundred in a tree of teams. Dates count back from the day it is made."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta

from borging.people.models import Employment, Leave, Membership, Organisation, Person, Reporting, Team

from .texts import dice, organisation_data

TEAM_SIZE = 10
NAMESAKES = "Sanne de Vries"
PART_TIME = ("1234", "124", "235", "345", "12", "2345")


@dataclass
class Staff:
    """Everybody, as they are needed to make programmes. `teams` has the manager of each team first."""

    director: Person
    heads: dict[str, Person] = field(default_factory=dict)
    teams: dict[str, list[Person]] = field(default_factory=dict)

    def learners(self, *teams: str) -> list[Person]:
        """Everybody in these teams but their managers."""
        return [person for team in teams for person in self.teams[team][1:]]


def settle(organisation: Organisation, *, today: date) -> Staff:
    """Make the people with their teams, managers, work days and leave."""
    departments = organisation_data()["departments"]
    names = iter(_names(1 + len(departments) + sum(map(len, departments.values())) * TEAM_SIZE))
    people: list[Person] = []

    def person(name: str) -> Person:
        made = _person(organisation, name, number=len(people) + 1)
        people.append(made)
        return made

    staff = Staff(director=person(next(names)))
    for department, teams in departments.items():
        staff.heads[department] = person(next(names))
        for team in teams:
            staff.teams[team] = [person(next(names)) for _each in range(TEAM_SIZE)]
    Person.objects.bulk_create(people)
    _place(organisation, staff, people, today=today)
    return staff


def _names(count: int) -> list[str]:
    chance, found = dice("names"), [NAMESAKES, NAMESAKES]
    taken = {NAMESAKES}
    first, last = organisation_data()["first"], organisation_data()["last"]
    while len(found) < count:
        name = f"{chance.choice(first)} {chance.choice(last)}"
        if name not in taken:
            taken.add(name)
            found.append(name)
    chance.shuffle(found)
    return found


def _person(organisation: Organisation, name: str, *, number: int) -> Person:
    plain = unicodedata.normalize("NFKD", name.lower().replace("ø", "o").replace("ı", "i")).encode("ascii", "ignore")
    local = plain.decode().replace(" ", ".")
    chance = dice("days", number)
    return Person(
        organisation=organisation,
        name=name,
        email=f"{local}.{number}@waterland.example",
        number=f"W{number:04}",
        work_days=chance.choice(PART_TIME) if chance.random() < 0.35 else "",
    )


def _place(organisation: Organisation, staff: Staff, people: list[Person], *, today: date) -> None:
    since = {person.number: _since(person, today=today) for person in people}
    Employment.objects.bulk_create(Employment(person=person, start_date=since[person.number]) for person in people)
    members, reports = [], []
    departments = organisation_data()["departments"]
    for department, teams in departments.items():
        top = Team.objects.create(organisation=organisation, name=department)
        head = staff.heads[department]
        members.append(Membership(person=head, team=top, start_date=since[head.number]))
        reports.append(Reporting(person=head, manager=staff.director, start_date=since[head.number]))
        for name in teams:
            team = Team.objects.create(organisation=organisation, name=name, parent=top)
            boss = staff.teams[name][0]
            for person in staff.teams[name]:
                start = since[person.number]
                members.append(Membership(person=person, team=team, start_date=start))
                reports.append(Reporting(person=person, manager=head if person is boss else boss, start_date=start))
    Membership.objects.bulk_create(members)
    Reporting.objects.bulk_create(reports)
    _absences(staff, today=today)


def _since(person: Person, *, today: date) -> date:
    """From one to thirty years ago, more of them recently."""
    return today - timedelta(days=400 + int(dice("since", person.number).expovariate(1 / 2200)) % 10_000)


def _absences(staff: Staff, *, today: date) -> None:
    """Holidays, some long leave, and in each team of three somebody who leaves in the months before today."""
    leaves = []
    for team, people in staff.teams.items():
        for person in people[3:]:
            chance = dice("leave", person.number)
            start = today - timedelta(days=chance.randint(0, 260))
            if chance.random() < 0.5:
                days = chance.choice((7, 14, 21)) if chance.random() < 0.9 else 90
                leaves.append(Leave(person=person, start_date=start, end_date=start + timedelta(days=days)))
        if dice("leaver", team).random() < 0.4:
            gone = people[-1]
            left_on = today - timedelta(days=dice("left", team).randint(5, 150))
            Employment.objects.filter(person=gone).update(end_date=left_on)
    Leave.objects.bulk_create(leaves)
