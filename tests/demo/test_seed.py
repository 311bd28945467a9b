"""The past of the demonstration is one that could have been, and its figures tell what was put into it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import Count, Q
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from borging.cards.models import Card, CardStatus, Contact
from borging.cards.rules import BUDGET, WINDOW
from borging.demo.seed import PERSONAS, seed
from borging.demo.texts import script_of, scripts
from borging.evidence.models import Entry
from borging.measure.reads import read
from borging.measure.rules import Change, Paired, parts_of
from borging.people.models import Account, Employment, Organisation, Person, Reporting, Role
from borging.people.reads import personas_of, roles_of
from borging.programmes.models import Enrolment, Programme, Session
from borging.transfer.models import FloorObserver, Meeting
from borging.transfer.promises import seal_of
from borging.transfer.reads import records_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday
"""The clock of these tests; the demonstration counts its dates back from whatever day it is."""


@pytest.fixture(scope="module")
def organisation(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Organisation]:
    """Made once for all tests here: it takes seconds, and none of them changes it."""
    folder = tmp_path_factory.mktemp("demo")
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with django_db_blocker.unblock(), transaction.atomic():
        mail = {"EMAIL_BACKEND": "borging.web.inbox.Backend", "PASSWORD_HASHERS": quick}
        with override_settings(DATA_DIR=folder, **mail):
            owner = seed(now=NOW)
        yield owner.organisation
        transaction.set_rollback(True)


def programme(key: str) -> Programme:
    name = next(script.record["name"] for script in scripts() if script.key == key)
    return Programme.objects.get(name=name)


def test_four_hundred_people_work_in_teams_with_a_manager_each(organisation: Organisation) -> None:
    people = organisation.people.all()
    assert 400 <= people.count() <= 420
    assert people.filter(name="Sanne de Vries").count() == 2
    assert people.exclude(work_days="").count() > 80
    assert Reporting.objects.count() == people.count() - 1  # all but the director
    assert organisation.teams.filter(parent=None).count() == 8
    assert organisation.teams.exclude(parent=None).count() == 40
    assert Employment.objects.exclude(end_date=None).count() >= 5


def test_each_persona_is_somebody_and_has_no_more_roles_than_it_is_for(organisation: Organisation) -> None:
    owner = Account.objects.get(grants__role=Role.LD)
    found = {account.email.partition("@")[0]: account for account in personas_of(owner)}
    assert set(found) == {"demo", "sponsor", *PERSONAS}
    assert all(account.person for account in found.values())
    assert roles_of(found["works-council"]) == {Role.WORKS_COUNCIL}
    assert roles_of(found["learner"]) == roles_of(found["manager"]) == roles_of(found["sponsor"]) == frozenset()
    assert Enrolment.objects.filter(person=found["learner"].person, left_on=None).exists()
    assert Reporting.objects.filter(person=found["learner"].person, manager=found["manager"].person).exists()


def test_people_were_watched_at_work_and_read_what_was_written_down(organisation: Organisation) -> None:
    cohort = programme("feedback").cohorts.earliest("pk")
    watching = {row.person for row in FloorObserver.objects.filter(cohort=cohort)}
    assert len(watching) == 2
    met = Meeting.objects.filter(enrolment__cohort=cohort, step="floor-observation", cancelled_at=None)
    assert {meeting.host for meeting in met} == watching
    past = Meeting.objects.filter(step="floor-observation", held=True)
    past = past.filter(enrolment__cohort__programme=programme("listening"))
    assert past.count() > 20
    assert all(meeting.ends_at < NOW for meeting in past)
    told = [records_of(meeting.enrolment.person, programme=programme("listening")) for meeting in past]
    assert sum(map(bool, told)) > 20
    assert Meeting.objects.filter(occurrence__gt=0).exists()
    for meeting in Meeting.objects.filter(cancelled_at=None).select_related("host", "enrolment__person"):
        here = meeting.starts_at.astimezone(ZoneInfo(organisation.time_zone))
        for person in (meeting.host, meeting.enrolment.person):
            assert str(here.isoweekday()) in (person.work_days or organisation.work_days)


def test_three_programmes_stand_at_three_stages_with_a_seal_that_holds(organisation: Organisation) -> None:
    steps = {
        key: set(programme(key).cards.filter(status=CardStatus.OPEN).values_list("moment__step", flat=True))
        for key in ("listening", "feedback", "safety")
    }
    assert "decide-180" in steps["listening"]
    assert "floor-observation" in steps["feedback"]
    assert programme("feedback").releases.filter(batch="attempts").exists()
    assert Entry.objects.filter(programme=programme("feedback"), question="seen").exists()
    assert steps["safety"] & {"baseline-learner", "baseline-others"}
    assert Session.objects.filter(cohort__programme=programme("safety"), starts_at__gt=NOW).exists()
    for each in organisation.programmes.all():
        seal = seal_of(each)
        assert seal is not None
        assert seal.holds
        sizes = each.cohorts.annotate(n=Count("enrolments")).values_list("n", flat=True)
        assert all(20 <= size <= 40 for size in sizes)


def test_nobody_hears_of_us_after_their_last_day(organisation: Organisation) -> None:
    ended = Employment.objects.exclude(end_date=None).values_list("person", "end_date")
    left = {person: end for person, end in ended if end}
    contacts = Contact.objects.filter(person__in=left).values_list("person", "made_at")
    assert contacts.exists()
    assert all(made_at.date() <= left[person] for person, made_at in contacts)
    about = Card.objects.filter(enrolment__person__in=left, answered_at__isnull=False)
    assert all(
        opened_at.date() <= left[person] + timedelta(days=2)  # cards are made two days ahead
        for person, opened_at in about.values_list("enrolment__person", "opened_at")
        if person and opened_at
    )


def test_nobody_is_written_to_more_than_twice_a_week(organisation: Organisation) -> None:
    made: dict[int, list[datetime]] = defaultdict(list)
    for person, at in Contact.objects.filter(counted=True).values_list("person", "made_at"):
        made[person].append(at)
    assert len(made) > 100
    for moments in made.values():
        assert all(sum(at - WINDOW < other <= at for other in moments) <= BUDGET for at in moments)


def test_not_everybody_answers_and_what_is_answered_is_there(organisation: Organisation) -> None:
    sent = Card.objects.exclude(opened_at=None)
    answered = sent.filter(status=CardStatus.ANSWERED)
    assert 0.5 < answered.count() / sent.count() < 0.9
    assert Entry.objects.filter(choice="no-opportunity").exists()
    assert Entry.objects.filter(number=None, question="last-ten").exists()
    assert not answered.filter(answered_at=None, moment__anonymous=False).exists()
    assert not Card.objects.filter(moment__anonymous=True).exclude(answered_at=None).exists()
    impossible = Q(answered_at__gt=NOW) | Q(opened_at__gt=NOW)
    assert not Card.objects.filter(impossible).exists()


def test_the_released_figures_recover_the_change_that_was_put_in(organisation: Organisation) -> None:
    past = programme("listening")
    script = script_of(past.name)
    assert script is not None
    sides = [side for side in behaviour_changes(past) if side.change]
    truth = script.truth.changes
    assert len(sides) >= 9  # three behaviours, by themselves twice, and by others
    assert {side.name for side in sides} == set(truth)
    holding = [side.change.low <= truth[side.name] <= side.change.high for side in sides if side.change]
    assert sum(holding) >= 0.85 * len(sides)  # a margin of 95% misses one in twenty
    for source, change in truth.items():
        seen = [side.change.value for side in sides if side.change and side.name == source]
        assert abs(sum(seen) / len(seen) - change) < 0.4, source


def behaviour_changes(of: Programme) -> list[Change]:
    """The newest released change of each behaviour, from each pair of eyes, after the training."""
    newest = {release.batch: read(release) for release in of.releases.order_by("pk")}
    wanted = {"behaviour-post", "behaviour-delayed"}
    results = [result for batch, result in newest.items() if parts_of(batch)[0] in wanted]
    return [side for result in results if isinstance(result, Paired) for side in result.sources]


def test_an_organisation_that_is_there_already_is_left_as_it_is(organisation: Organisation) -> None:
    cards = Card.objects.count()
    seed(now=NOW + timedelta(days=30))
    assert (Card.objects.count(), Person.objects.count()) == (cards, organisation.people.count())
