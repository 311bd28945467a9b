"""An organisation with people, and programmes in each state, to test with."""

from datetime import UTC, date, datetime, timedelta

from borging.people import writes as people_writes
from borging.people.models import Account, Person, Reporting, Role
from borging.programmes import writes
from borging.programmes.models import Programme
from borging.programmes.rules import Scenario
from borging.transfer import promises

BEHAVIOURS = ("asks first what is still possible", "agrees on a day to call again")


def ld_account(
    email: str = "noor@example.org", *, organisation: str = "De Vaart", password: str | None = None
) -> Account:
    account = people_writes.add_account(
        email=email, organisation=people_writes.open_organisation(name=organisation), name="Noor", password=password
    )
    account.grants.all().delete()  # the first account of an organisation may do everything; this one is for L&D alone
    people_writes.grant_roles(account=account, roles=[Role.LD])
    return account


def people(account: Account, n: int, *, today: date, name: str = "Learner") -> list[Person]:
    return [
        people_writes.add_person(
            organisation=account.organisation,
            name=f"{name} {i}",
            email=f"{name.lower()}{i}@example.org",
            number=f"{name[:1]}{i}",
            today=today,
        )
        for i in range(1, n + 1)
    ]


def draft(account: Account, *, now: datetime | None = None) -> Programme:
    """A programme with nothing but a name."""
    return writes.draft(
        owner=account, name="The good talk", language="en", cohort="Cohort 1", now=now or datetime.now(UTC)
    )


def complete(account: Account, *, n: int = 6, now: datetime | None = None) -> Programme:
    """A draft with everything that a start needs, five weeks ahead, and a signed promise."""
    now = now or datetime.now(UTC)
    today = now.date()
    programme = draft(account, now=now)
    (sponsor,) = people(account, 1, today=today, name="Sponsor")
    (manager,) = people(account, 1, today=today, name="Boss")
    learners = people(account, n, today=today)
    for learner in learners:
        Reporting.objects.create(person=learner, manager=manager, start_date=today)
    writes.change(
        programme=programme, goal="Fewer people are away for long.", kpi="days", sponsor=sponsor, promised_change=2.5
    )
    writes.name_behaviours(programme=programme, texts=BEHAVIOURS)
    starts_at = (now + timedelta(weeks=5)).replace(hour=9, minute=0, second=0, microsecond=0)
    cohort = programme.cohorts.get()
    writes.add_session(cohort=cohort, starts_at=starts_at, ends_at=starts_at + timedelta(hours=7), place="Room 1")
    writes.enrol(cohort=cohort, people=learners, today=today)
    writes.add_situations(
        programme=programme,
        situations=[Scenario(form=form, text=f"Somebody calls ({form})", options=("ask", "wait")) for form in "ABR"],
    )
    programme.refresh_from_db()
    promises.sign(programme=programme, person=sponsor, now=now)
    programme.refresh_from_db()
    return programme
