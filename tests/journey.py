"""An organisation, a programme and its people to test the journey with."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from borging.people.models import Account, Employment, Organisation, Person, Reporting
from borging.programmes.models import Behaviour, Cohort, Enrolment, Form, Programme, Session, Situation, Status

ZONE = ZoneInfo("Europe/Amsterdam")
SINCE = date(2020, 1, 1)
TRAINING_DAY = date(2026, 12, 8)  # a Tuesday
BEHAVIOURS = ("asks first what is possible", "plans the next talk before the end")


def at(day: date, clock: time = time(12, 0)) -> datetime:
    """A moment on the clock of the organisation, in UTC."""
    return datetime.combine(day, clock, tzinfo=ZONE).astimezone(UTC)


def person(organisation: Organisation, name: str, *, since: date | None = SINCE, number: str = "") -> Person:
    local = "".join(letter for letter in name.lower() if letter.isalnum())
    made = Person.objects.create(
        organisation=organisation, name=name, email=f"{local}{number}@example.org", number=number
    )
    if since:
        Employment.objects.create(person=made, start_date=since)
    return made


def programme(
    *,
    learners: int = 6,
    organisation: Organisation | None = None,
    day: date = TRAINING_DAY,
    status: Status = Status.LIVE,
    managers: int = 1,
    language: str = "en",
) -> Programme:
    """A one-day training with learners in a circle of buddies, their managers, a sponsor and a trainer."""
    home = organisation or Organisation.objects.create(name="De Vaart", language=language)
    owner_person = person(home, "Noor Bakker")
    owner = Account.objects.create_user(
        f"noor{home.pk}@example.org", organisation=home, name="Noor Bakker", password=None
    )
    Account.objects.filter(pk=owner.pk).update(person=owner_person)
    made = Programme.objects.create(
        organisation=home,
        owner=owner,
        sponsor=person(home, "Sam Sponsor"),
        trainer=person(home, "Tess Trainer"),
        name="The good talk",
        goal="Fewer days of sickness absence",
        situation="somebody calls in sick",
        status=status,
        created_at=at(day - timedelta(days=60)),
    )
    for position, text in enumerate(BEHAVIOURS, start=1):
        Behaviour.objects.create(programme=made, position=position, text=text)
    for form in Form.values:
        for position in range(1, 6):
            Situation.objects.create(
                programme=made,
                form=form,
                position=position,
                text=f"case {form}{position}",
                options=["ask", "wait", "tell", "leave"],
                explanation="Asking opens the talk.",
            )
    cohort(made, learners=learners, day=day, managers=managers)
    return made


def cohort(of: Programme, *, learners: int, day: date, managers: int = 1, name: str = "Cohort 1") -> Cohort:
    home = of.organisation
    made = Cohort.objects.create(programme=of, name=name)
    Session.objects.create(cohort=made, starts_at=at(day, time(9, 0)), ends_at=at(day, time(17, 0)))
    bosses = [person(home, f"Manager {i} {name}") for i in range(managers)]
    people = [person(home, f"Learner {i:02} {name}") for i in range(learners)]
    for i, learner in enumerate(people):
        Reporting.objects.create(person=learner, manager=bosses[i % managers], start_date=SINCE)
    enrol(made, people)
    return made


def enrol(into: Cohort, people: Iterable[Person]) -> list[Enrolment]:
    """Enrol people in a circle of buddies."""
    circle = list(people)
    return [
        Enrolment.objects.create(
            cohort=into,
            person=learner,
            buddy=circle[(i + 1) % len(circle)] if len(circle) > 1 else None,
            enrolled_on=SINCE,
        )
        for i, learner in enumerate(circle)
    ]
