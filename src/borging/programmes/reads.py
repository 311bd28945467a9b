"""Questions about programmes, each taking the viewer where one looks on."""

from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, QuerySet

from borging.people.models import Account, Organisation
from borging.statements import Blank, Question

from .models import Behaviour, Cohort, Enrolment, Form, Programme, Session, Situation
from .rules import Promise

_PROGRAMME = Blank("programme", Programme._meta.pk)
_BEHAVIOURS: Question[Behaviour] = Question(lambda: Behaviour.objects.filter(programme_id=_PROGRAMME))
_SITUATIONS: Question[Situation] = Question(
    lambda: Situation.objects.filter(
        programme_id=_PROGRAMME, form=Blank("form", Situation._meta.get_field("form")), retired_at=None
    )
)


def programmes_of(viewer: Account) -> QuerySet[Programme]:
    """The programmes of the viewer's own organisation; those of others do not exist for the viewer."""
    return Programme.objects.filter(organisation_id=viewer.organisation_id)


def programme_for(viewer: Account, programme_id: int) -> Programme:
    """One programme the viewer may see. Raises Programme.DoesNotExist for all others, whether they exist or not."""
    return (
        programmes_of(viewer)
        .select_related("organisation", "sponsor", "trainer", "embedding_owner")
        .get(pk=programme_id)
    )


def listed_programmes(viewer: Account) -> QuerySet[Programme]:
    """The programmes with `people`, how many take part, and `first_at`, when the first session starts."""
    taking_part = Count("cohorts__enrolments", filter=Q(cohorts__enrolments__left_on=None), distinct=True)
    return programmes_of(viewer).annotate(people=taking_part, first_at=Min("cohorts__sessions__starts_at"))


def zone_of(organisation: Organisation) -> ZoneInfo:
    return ZoneInfo(organisation.time_zone)


def session_days(cohort: Cohort) -> tuple[date, date] | None:
    """The days of the first and the last session on the clock of the organisation; None without sessions."""
    zone = zone_of(cohort.programme.organisation)
    days = [at.astimezone(zone).date() for at in cohort.sessions.values_list("starts_at", flat=True)]
    return (min(days), max(days)) if days else None


def first_day(programme: Programme) -> date | None:
    """The day of the first session of all cohorts."""
    first = Session.objects.filter(cohort__programme=programme).aggregate(first=Min("starts_at"))["first"]
    return first.astimezone(zone_of(programme.organisation)).date() if first else None


def behaviours_of(programme: Programme) -> list[Behaviour]:
    return _BEHAVIOURS.ask(programme=programme.pk)


def situations_of(programme: Programme, *, form: Form) -> list[Situation]:
    """The situations of one form that are asked, in their order."""
    return _SITUATIONS.ask(programme=programme.pk, form=form)


def taking_part(programme: Programme) -> QuerySet[Enrolment]:
    """Who takes part now, over all cohorts."""
    return Enrolment.objects.filter(cohort__programme=programme, left_on=None)


def promise_of(programme: Programme, *, playbook_version: int) -> Promise:
    """The promise as it stands now."""
    first = first_day(programme)
    return Promise(
        goal=programme.goal,
        behaviours=tuple(programme.behaviours.values_list("text", flat=True)),
        kpi=programme.kpi,
        promised_change=programme.promised_change,
        first_day=first.isoformat() if first else "",
        playbook=programme.playbook,
        playbook_version=playbook_version,
    )
