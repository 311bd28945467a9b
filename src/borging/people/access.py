"""Who may see whom, and do what: decided here, once. Every question takes the viewer and a day.

A role is granted; being a learner, manager, buddy, observer, sponsor or trainer follows from what is known of the
person behind the account. No role opens an answer or a reflection: those are the learner's, and nothing here, the
administrator included, leads to them.
"""

from datetime import date
from enum import StrEnum

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from .models import Account, Employment, Membership, Person, Reporting, Role, Team, holds_on
from .reads import below, parts_of, roles_of

SEES_EVERYONE = frozenset({Role.LD, Role.HR_DATA, Role.ADMIN})
"""Roles whose work is with everyone in the organisation, by name."""
RUNS_STUDIES = frozenset({Role.LD, Role.HR_DATA})
GIVES_ROLES = frozenset({Role.ADMIN})
READS_WINDOW = frozenset({Role.WORKS_COUNCIL, Role.PRIVACY, Role.LD})
"""Roles that see what is kept of people in general: every field, purpose, viewer and term; nobody's data."""
NEEDS_SECOND_STEP = frozenset({Role.ADMIN, Role.LD, Role.HR_DATA, Role.PRIVACY})
"""Roles that see others by name, or decide who does: a password alone does not open them."""


class Relation(StrEnum):
    """What somebody is because of others; never granted."""

    LEARNER = "learner"
    MANAGER = "manager"
    BUDDY = "buddy"
    OBSERVER = "observer"
    SPONSOR = "sponsor"
    TRAINER = "trainer"


def viewer_roles(account: Account, *, day: date) -> frozenset[Role | Relation]:
    """Everything an account is on a day: what was granted, and what follows."""
    if not account.is_active:
        return frozenset()
    person = account.person
    return roles_of(account) | (_relations(person, day=day) if person else frozenset())


def _relations(person: Person, *, day: date) -> frozenset[Relation]:
    # The room of programmes lies above this one; what points at a person from there is asked by its name only.
    manages = Reporting.objects.filter(holds_on(day), manager=person, person__in=employed_on(day))
    found = {
        Relation.LEARNER: person.enrolments.filter(_takes_part(day)),
        Relation.MANAGER: manages,
        Relation.BUDDY: person.buddy_of.filter(_takes_part(day)),
        Relation.OBSERVER: person.observes.filter(_takes_part(day)),
        Relation.SPONSOR: person.sponsored.all(),
        Relation.TRAINER: person.trained.all(),
    }
    return frozenset(relation for relation, rows in found.items() if rows.exists())


def visible_people(viewer: Account, *, day: date) -> QuerySet[Person]:
    """The people a viewer may see by name, on the facts of that day; others do not exist for the viewer."""
    own = Person.objects.filter(organisation_id=viewer.organisation_id)
    if not viewer.is_active:
        return own.none()
    if roles_of(viewer) & SEES_EVERYONE:
        return own
    if viewer.person is None:
        return own.none()
    me = viewer.person
    under = below(me, day=day)
    return own.filter(Q(pk=me.pk) | Q(pk__in=under) & Q(pk__in=employed_on(day)) | Q(pk__in=_paired(me, day=day)))


def person_for(viewer: Account, person_id: int, *, day: date) -> Person:
    """One person the viewer may see. Raises Person.DoesNotExist for all others, whether they exist or not."""
    return visible_people(viewer, day=day).get(pk=person_id)


def listed_people(
    viewer: Account, *, day: date, search: str = "", team_id: int | None = None, left: bool = False
) -> QuerySet[Person]:
    """The list of people, each with `teams_now` and `managers_now`: who works here or will, or (`left`) who did.

    search: a part of a name or address, or the start of a staff number. team_id: that team and all its parts.
    """
    here = Exists(Employment.objects.filter(Q(end_date=None) | Q(end_date__gte=day), person=OuterRef("pk")))
    found = visible_people(viewer, day=day).filter(~here if left else here)
    for word in search.split():
        found = found.filter(Q(name__icontains=word) | Q(email__icontains=word) | Q(number__istartswith=word))
    if team_id is not None:
        teams = parts_of(team_id, organisation_id=viewer.organisation_id)
        found = found.filter(Exists(Membership.objects.filter(holds_on(day), person=OuterRef("pk"), team__in=teams)))
    managers = Reporting.objects.filter(holds_on(day)).select_related("manager")
    return found.prefetch_related(
        Prefetch("memberships", Membership.objects.filter(holds_on(day)).select_related("team"), to_attr="teams_now"),
        Prefetch("reportings", managers, to_attr="managers_now"),
    )


def led_teams(viewer: Account, *, day: date) -> list[Team]:
    """The teams whose figures somebody sees as a manager: everybody in them works for the viewer. The highest first.

    Everybody: in the team and the teams under it, directly or through other managers. A team that also has people of
    another manager is nobody's alone, so what it did is not shown to one of them.
    """
    if viewer.person is None or not viewer.is_active:
        return []
    under = below(viewer.person, day=day)
    if not under:
        return []
    own = {team.pk: team for team in Team.objects.filter(organisation_id=viewer.organisation_id)}
    here = Membership.objects.filter(holds_on(day), team__in=own, person__in=employed_on(day))
    inside: dict[int, set[int]] = {pk: set() for pk in own}
    for pk, person in here.values_list("team", "person"):
        above: int | None = pk
        while above:
            inside[above].add(person)
            above = own[above].parent_id
    led = [team for pk, team in own.items() if inside[pk] & under and inside[pk] <= under | {viewer.person.pk}]
    return sorted(led, key=lambda team: (-len(inside[team.pk]), team.name, team.pk))


def led_team(viewer: Account, team_id: int, *, day: date) -> Team:
    """One of these teams. Raises Team.DoesNotExist for all others, whether they exist or not."""
    for team in led_teams(viewer, day=day):
        if team.pk == team_id:
            return team
    raise Team.DoesNotExist


def employed_on(day: date) -> QuerySet[Person]:
    """Everyone who works somewhere on a day; for use inside a question about one organisation."""
    return Person.objects.filter(pk__in=Employment.objects.filter(holds_on(day)).values("person"))


def _paired(me: Person, *, day: date) -> frozenset[int]:
    """Buddies and observers of me, and those whose buddy or observer I am."""
    mine = me.enrolments.filter(_takes_part(day)).values_list("buddy", "observer")
    theirs = [
        *me.buddy_of.filter(_takes_part(day)).values_list("person", flat=True),
        *me.observes.filter(_takes_part(day)).values_list("person", flat=True),
    ]
    return frozenset(pk for pair in mine for pk in pair if pk) | frozenset(theirs)


def _takes_part(day: date) -> Q:
    return Q(Q(left_on=None) | Q(left_on__gt=day), enrolled_on__lte=day)
