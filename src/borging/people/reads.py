"""Questions about people: who works where, for whom, when they may be written to, and what an account may see."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from .models import (
    DEMO_DOMAIN,
    Account,
    Employment,
    ImportStatus,
    Leave,
    Membership,
    PeopleImport,
    Person,
    Reporting,
    Role,
    Team,
    holds_on,
)
from .roster import Dated, Known
from .rules import Calendar, Span, closed_under


def has_role(account: Account, *roles: Role) -> bool:
    """Whether the account has one of these roles; an administrator does not get the others with it."""
    return account.is_active and account.grants.filter(role__in=roles).exists()


def roles_of(account: Account) -> frozenset[Role]:
    """What was granted to the account, and nothing that follows from anything else."""
    if not account.is_active:
        return frozenset()
    return frozenset(Role(role) for role in account.grants.values_list("role", flat=True))


def people_of(viewer: Account) -> QuerySet[Person]:
    """The people of the viewer's own organisation; those of others do not exist for the viewer."""
    return Person.objects.filter(organisation_id=viewer.organisation_id)


def personas_of(viewer: Account) -> QuerySet[Account]:
    """The accounts of the demonstration in the viewer's organisation."""
    own = Account.objects.filter(organisation_id=viewer.organisation_id, is_active=True)
    return own.filter(email__endswith=f"@{DEMO_DOMAIN}").order_by("pk")


def recognise(viewer: Account, *, names: Iterable[str]) -> dict[str, list[Person]]:
    """Who is meant by each of these e-mail addresses, staff numbers or whole names, in the viewer's organisation."""
    wanted = {name.strip().lower() for name in names if name.strip()}
    found: dict[str, list[Person]] = defaultdict(list)
    known = people_of(viewer).annotate(low_name=Lower("name"), low_email=Lower("email"), low_number=Lower("number"))
    for person in known.filter(Q(low_name__in=wanted) | Q(low_email__in=wanted) | Q(low_number__in=wanted)):
        for name in {person.name.lower(), person.email.lower(), person.number.lower()} & wanted:
            found[name].append(person)
    return found


def search(viewer: Account, *, words: str, most: int) -> list[Person]:
    """People of whom the name, address or number holds these words."""
    found = Q(name__icontains=words) | Q(email__icontains=words) | Q(number__istartswith=words)
    return list(people_of(viewer).filter(found)[:most])


def managers_of(people: Iterable[int], *, day: date) -> dict[int, Person]:
    """The manager of each of these people on a day; who has none is left out. One query."""
    rows = Reporting.objects.filter(holds_on(day), person__in=list(people)).select_related("manager")
    return {row.person_id: row.manager for row in rows.order_by("start_date")}


def address(person: Person) -> str:
    """Where mail to this person goes; empty when nowhere."""
    return person.email


def person_with_address(email: str, *, day: date) -> Person | None:
    """Who works here on a day and is the only one with this address, in an organisation that has accounts."""
    here = Q(pk__in=Employment.objects.filter(holds_on(day)).values("person"))
    known = Q(organisation__in=Account.objects.values("organisation"))
    found = Person.objects.select_related("organisation").filter(here, known, email__iexact=email)[:2]
    return found[0] if len(found) == 1 else None


def language_of(person: Person) -> str:
    return person.language or person.organisation.language


def manager_of(person: Person, *, day: date) -> Person | None:
    reporting = person.reportings.filter(holds_on(day)).select_related("manager").order_by("-start_date").first()
    return reporting.manager if reporting else None


def below(manager: Person, *, day: date) -> frozenset[int]:
    """The people under a manager on a day, directly or through other managers: their primary keys."""
    reports: dict[int, set[int]] = defaultdict(set)
    pairs = Reporting.objects.filter(holds_on(day), person__organisation_id=manager.organisation_id)
    for above, person in pairs.values_list("manager_id", "person_id"):
        reports[above].add(person)
    return closed_under({above: frozenset(people) for above, people in reports.items()}, manager.pk)


def members(team: Team, *, day: date) -> QuerySet[Person]:
    return Person.objects.filter(pk__in=Membership.objects.filter(holds_on(day), team=team).values("person"))


def calendars(people: Iterable[Person]) -> dict[int, Calendar]:
    """When each of these people may be written to. Three queries, however many they are.

    The people must have been read with their organisation.
    """
    people = list(people)
    employed = _spans(Employment, people)
    away = _spans(Leave, people)
    return {person.pk: _calendar(person, employed[person.pk], away[person.pk]) for person in people}


def team_paths(organisation_id: int) -> dict[int, tuple[str, ...]]:
    """The names from the top to each team, by primary key."""
    teams = {team.pk: team for team in Team.objects.filter(organisation_id=organisation_id)}

    def path(pk: int | None) -> tuple[str, ...]:
        return () if pk is None else (*path(teams[pk].parent_id), teams[pk].name)

    return {pk: path(pk) for pk in teams}


def parts_of(team_id: int, *, organisation_id: int) -> frozenset[int]:
    """A team and everything under it."""
    under: dict[int, set[int]] = defaultdict(set)
    for pk, above in Team.objects.filter(organisation_id=organisation_id).values_list("pk", "parent_id"):
        under[above or 0].add(pk)
    return closed_under({above: frozenset(parts) for above, parts in under.items()}, team_id) | {team_id}


def import_for(viewer: Account, import_id: uuid.UUID) -> PeopleImport:
    """One import of the viewer's own organisation. Raises PeopleImport.DoesNotExist for all others."""
    return PeopleImport.objects.get(organisation_id=viewer.organisation_id, pk=import_id)


def latest_imports(viewer: Account) -> QuerySet[PeopleImport]:
    """What was brought in, the newest first."""
    own = PeopleImport.objects.filter(organisation_id=viewer.organisation_id).select_related("account")
    return own.exclude(status=ImportStatus.RECEIVED).defer("inspection", "columns", "rows", "diff", "changes")


def accounts_of(viewer: Account) -> QuerySet[Account]:
    """The accounts of the viewer's own organisation, with their roles."""
    own = Account.objects.filter(organisation_id=viewer.organisation_id)
    return own.order_by("name", "email", "pk").select_related("person").prefetch_related("grants")


def known_people(organisation_id: int) -> list[Known]:
    """Everyone with their dated facts, as a file is compared with them. Five queries, however many they are."""
    paths = team_paths(organisation_id)
    employed: dict[int, list[Span]] = defaultdict(list)
    teams: dict[int, list[Dated[tuple[str, ...]]]] = defaultdict(list)
    managers: dict[int, list[Dated[int]]] = defaultdict(list)
    for pk, since, until, _none in _dated(Employment, "pk", organisation_id):
        employed[pk].append(Span(since=since, until=until))
    for pk, since, until, team in _dated(Membership, "team_id", organisation_id):
        teams[pk].append(Dated(since=since, until=until, value=paths[team]))
    for pk, since, until, manager in _dated(Reporting, "manager_id", organisation_id):
        managers[pk].append(Dated(since=since, until=until, value=manager))
    return [
        Known(
            pk=pk,
            number=number,
            name=name,
            email=email,
            language=language,
            work_days=work_days,
            employed=tuple(employed[pk]),
            teams=tuple(teams[pk]),
            managers=tuple(managers[pk]),
        )
        for pk, number, name, email, language, work_days in Person.objects.filter(
            organisation_id=organisation_id
        ).values_list("pk", "number", "name", "email", "language", "work_days")
    ]


def _dated(
    kind: type[Employment] | type[Membership] | type[Reporting], value: str, organisation_id: int
) -> Iterable[tuple[int, date, date | None, int]]:
    rows = kind._default_manager.filter(person__organisation=organisation_id).order_by("start_date", "pk")
    return rows.values_list("person_id", "start_date", "end_date", value)


def _spans(kind: type[Employment] | type[Leave], people: list[Person]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    rows = kind.objects.filter(person__in=[person.pk for person in people])
    for pk, since, until in rows.values_list("person_id", "start_date", "end_date"):
        found[pk].append(Span(since=since, until=until))
    return found


def _calendar(person: Person, employed: list[Span], away: list[Span]) -> Calendar:
    home = person.organisation
    if person.paused_until:
        away = [*away, Span(since=date.min, until=person.paused_until)]
    return Calendar(
        zone=person.time_zone or home.time_zone,
        work_days=frozenset(map(int, person.work_days or home.work_days)),
        quiet_from=home.quiet_from,
        quiet_until=home.quiet_until,
        works_from=person.works_from or home.works_from,
        works_until=person.works_until or home.works_until,
        employed=tuple(employed),
        away=tuple(away),
    )
