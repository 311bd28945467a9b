"""The demonstration as it stands when it is opened: people, accounts to look around with, and three programmes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from borging.people import writes as people
from borging.people.models import DEMO_DOMAIN, Account, Organisation, Person, Role
from borging.programmes.models import Behaviour, Cohort, Enrolment, Form, Programme, Session, Situation, Status
from borging.transfer import floor
from borging.transfer import jobs as transfer
from borging.transfer.promises import sign
from borging.transfer.writes import route_barrier_of

from .past import Past
from .staff import Staff, settle
from .texts import Script, dice, scripts

NAME = "Waterland Zorg"
BEFORE = timedelta(days=35)
"""A programme is made this long before its first day, and its promise signed a week later."""
STAGES = {
    "listening": ((-192, ("De Linde", "De Esdoorn", "De Wilg")), (-185, ("Duinzicht", "Zeezicht", "De Schelp"))),
    "feedback": ((-49, ("Wijk Noord", "Wijk Zuid", "Wijk Centrum")), (-42, ("De Brug", "De Ark", "De Haven"))),
    "safety": ((5, ("Kliniek A", "Kliniek B", "Opname")),),
}
"""Of each programme the days of its cohorts, counted from today, and the teams that take part."""
RELEASED_AFTER = (72, 106)
"""Days after the training on which its first and its later figures are made; the rest a few days ago."""
PERSONAS = {
    "manager": ("Wijk Noord", 0, ()),
    "learner": ("Wijk Noord", 1, ()),
    "buddy": ("Wijk Noord", 2, ()),
    "observer": ("Kwaliteit", 0, ()),
    "trainer": ("Leren en ontwikkelen", 1, ()),
    "works-council": ("Kwaliteit", 1, (Role.WORKS_COUNCIL,)),
    "privacy": ("ICT", 1, (Role.PRIVACY,)),
    "hr-data": ("Personeelszaken", 1, (Role.HR_DATA,)),
    "admin": ("ICT", 0, (Role.ADMIN,)),
}
"""Beside the L&D professional and the sponsor: in which team, at which place, with which roles."""


@dataclass(frozen=True, kw_only=True)
class _Made:
    programme: Programme
    script: Script
    days: tuple[date, ...]


@transaction.atomic
def seed(*, now: datetime) -> Account:
    """Make it all, when there is nobody yet. Returns the account of the L&D professional."""
    owner = people.demo_account()
    organisation = owner.organisation
    if organisation.people.exists():
        return owner
    Organisation.objects.filter(pk=organisation.pk).update(name=NAME)
    organisation.refresh_from_db()
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    staff = settle(organisation, today=today)
    sponsor = staff.heads["Wijkverpleging"]
    _accounts(owner, staff, sponsor=sponsor)
    made = [_programme(script, owner, staff, sponsor=sponsor, today=today) for script in scripts()]
    _observers(made, staff, today=today)
    for each in made:
        transfer.plan(programme=each.programme, now=_at(organisation, each.days[0] - BEFORE))
    visitors = set(Account.objects.filter(person__isnull=False).values_list("person_id", flat=True))
    past = Past(organisation=organisation, until=now, visitors=visitors)
    past.live(since=min(day for each in made for day in each.days) - BEFORE, releases=_releases(made, now=now))
    return owner


def _observers(made: Sequence[_Made], staff: Staff, *, today: date) -> None:
    """In one cohort two people from quality watch; everywhere else the line manager does."""
    for each in made:
        if each.script.key == "feedback" and (cohort := each.programme.cohorts.first()):
            floor.choose_observers(cohort=cohort, observers=staff.teams["Kwaliteit"][:2], today=today)


def _accounts(owner: Account, staff: Staff, *, sponsor: Person) -> None:
    """Who one can be: addresses that no mail reaches, each of somebody who works here."""
    professional = staff.teams["Leren en ontwikkelen"][0]
    people.link_person(account=owner, person=professional)
    Account.objects.filter(pk=owner.pk).update(name=professional.name)
    for name, (team, place, roles) in PERSONAS.items():
        _account(owner, name, staff.teams[team][place], roles)
    _account(owner, "sponsor", sponsor, ())
    people.set_roles(account=owner, roles=(Role.LD,))


def _account(owner: Account, name: str, person: Person, roles: Sequence[Role]) -> None:
    account = people.add_account(
        email=f"{name}@{DEMO_DOMAIN}", organisation=owner.organisation, name=person.name, roles=roles
    )
    people.link_person(account=account, person=person)


def _programme(script: Script, owner: Account, staff: Staff, *, sponsor: Person, today: date) -> _Made:
    stages = STAGES[script.key]
    days = tuple(_work_day(today + timedelta(days=offset)) for offset, _teams in stages)
    record, first = script.record, _at(owner.organisation, days[0] - BEFORE)
    programme = Programme.objects.create(
        organisation=owner.organisation,
        owner=owner,
        sponsor=sponsor,
        trainer=staff.teams["Leren en ontwikkelen"][1],
        embedding_owner=staff.teams["Kwaliteit"][0],
        practice_share=60,
        practice_minutes=30,
        first_chance_days=3,
        team_told=True,
        status=Status.LIVE,
        created_at=first,
        rehearsed_at=first + timedelta(days=2),
        started_at=first + timedelta(days=5),
        **{name: record[name] for name in ("name", "goal", "kpi", "situation", "promised_change", "main_barrier")},
    )
    Behaviour.objects.bulk_create(
        Behaviour(programme=programme, position=place, text=text)
        for place, text in enumerate(record["behaviours"], start=1)
    )
    Situation.objects.bulk_create(_situations(programme, script))
    for number, (day, (_offset, teams)) in enumerate(zip(days, stages, strict=True), start=1):
        _cohort(programme, staff, name=f"Groep {number}", teams=teams, day=day)
    sign(programme=programme, person=sponsor, now=first + timedelta(days=4))
    route_barrier_of(programme=programme, today=days[0] - timedelta(days=30))
    return _Made(programme=programme, script=script, days=days)


def _situations(programme: Programme, script: Script) -> Iterator[Situation]:
    for form in Form.values:
        for position, record in enumerate(script.record["situations"][form], start=1):
            yield Situation(programme=programme, form=form, position=position, **record)


def _cohort(programme: Programme, staff: Staff, *, name: str, teams: tuple[str, ...], day: date) -> None:
    """Buddies in a circle; a few stop before the end."""
    cohort = Cohort.objects.create(programme=programme, name=name)
    home = programme.organisation
    Session.objects.create(
        cohort=cohort, starts_at=_at(home, day, time(9, 0)), ends_at=_at(home, day, time(17, 0)), place="Leerplein"
    )
    circle = staff.learners(*teams)
    Enrolment.objects.bulk_create(
        Enrolment(
            cohort=cohort,
            person=person,
            buddy=circle[(place + 1) % len(circle)],
            enrolled_on=day - BEFORE,
            left_on=day + timedelta(days=20) if dice("stops", person.number).random() < 0.03 else None,
        )
        for place, person in enumerate(circle)
    )


def _releases(made: Sequence[_Made], *, now: datetime) -> Iterator[tuple[datetime, Programme]]:
    """The nights on which a programme had figures to release: when a measurement of its latest cohort had closed."""
    for each in made:
        home, latest = each.programme.organisation, each.days[-1]
        nights = [_at(home, latest + timedelta(days=after), time(3, 30)) for after in RELEASED_AFTER]
        nights.append(now - timedelta(days=3))
        yield from ((night, each.programme) for night in nights if night < now)


def _work_day(day: date) -> date:
    """This day, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


def _at(home: Organisation, day: date, clock: time = time(10, 0)) -> datetime:
    return datetime.combine(day, clock, tzinfo=ZoneInfo(home.time_zone))
