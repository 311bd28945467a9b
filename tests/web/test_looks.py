"""Every page that shows somebody to somebody else is written down, and who was looked at can read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from borging.people import writes as people
from borging.people.models import Account, Organisation, Person
from borging.privacy import looks
from borging.privacy.models import Chain, Look
from borging.web.shown import page_words, unnamed
from tests import journey
from tests.people.makers import person, stage
from tests.web import makers
from tests.web.addresses import BY_LINK, VIEWERS, routes
from tests.web.worlds import build, text_of

pytestmark = pytest.mark.django_db


def test_every_page_with_somebodys_name_on_it_is_written_down_for_them() -> None:
    home = build("Alpha")
    organisation = home.accounts["nobody"].organisation
    known = list(Person.objects.filter(organisation=organisation))
    # Who carries a programme is named on it as its sponsor, trainer or owner, to all who may see it.
    carrying = [each for each in known if each.sponsored.exists() or each.trained.exists()]
    owners = set(Account.objects.exclude(programmes=None).values_list("person_id", flat=True))
    written, pages = 0, set()
    for viewer in VIEWERS:
        client, account = home.client(viewer), home.accounts[viewer]
        for route in routes():
            if route.name in BY_LINK:  # without an account: that one was asked is itself kept, as the card
                continue
            before = Look.objects.count()
            find = f"?q={known[0].name}" if route.name == "remove_person" else ""
            told = text_of(client.get(route.address(home) + find))
            fresh = Look.objects.filter(organisation=organisation, number__gt=before, viewer=account.pk)
            subjects = " ".join(fresh.values_list("subjects", flat=True))
            pages |= set(fresh.values_list("page", flat=True))
            for one in known:
                if one.pk == account.person_id or one in carrying or one.pk in owners or one.name not in told:
                    continue
                assert looks.mark(one) in subjects or subjects == looks.EVERYBODY, (viewer, route.name, one.name)
                written += 1
    assert written > 40
    assert pages >= {
        "people",
        "person",
        "home",
        "people_import",
        "programme_people",
        "companions",
        "roles",
        "remove_person",
    }
    assert all(page_words(page) != unnamed() for page in pages)


def colleague(organisation: Organisation, *, name: str = "Lena Visser") -> tuple[Account, Person]:
    someone = person(organisation, name, email=f"{name.split(maxsplit=1)[0].lower()}@example.org")
    return people.account_for(person=someone), someone


def test_who_was_looked_at_reads_by_whom_and_how_often_and_nobody_else_does() -> None:
    noor = makers.account()
    lena, subject = colleague(noor.organisation)
    other, _person = colleague(noor.organisation, name="Omar Kaya")
    for _time in range(3):
        makers.client_of(noor).get(f"/people/{subject.pk}/")
    makers.client_of(noor).get("/people/?q=Lena")
    own = makers.client_of(lena).get("/own/").content.decode()
    assert "Who looked at you" in own
    assert "3 times" in own
    assert "Noor" in own
    assert "your page: name, address, team, manager and days away" in own
    theirs = makers.client_of(other).get("/own/").content.decode()
    assert "Nobody looked at you" in theirs


def test_a_page_of_many_people_is_one_row() -> None:
    noor = makers.account()
    for n in range(60):
        person(noor.organisation, f"Person {n:02}")
    makers.client_of(noor).get("/people/")
    assert len(Look.objects.get().subjects.split()) == 50
    stage(makers.client_of(noor), "Naam\tTeam\nNew Person\tTeam\n", everybody=False)
    assert Look.objects.count() == 1  # nothing of a file was shown yet


def test_a_page_about_oneself_is_not_a_look() -> None:
    noor = makers.account()
    lena, _person = colleague(noor.organisation)
    makers.client_of(lena).get("/own/")
    makers.client_of(lena).get("/")
    assert not Look.objects.exists()


def logged() -> Organisation:
    """Five looks."""
    noor = makers.account()
    _lena, subject = colleague(noor.organisation)
    for _time in range(5):
        makers.client_of(noor).get(f"/people/{subject.pk}/")
    return noor.organisation


def test_an_untouched_log_fits() -> None:
    logged()
    assert looks.breaks() == []


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (lambda: Look.objects.filter(number=3).update(subjects="somebody else"), 3),
        (lambda: Look.objects.filter(number=2).update(viewer=99), 2),
        (lambda: Look.objects.filter(number=4).update(at=timezone.now() - timedelta(days=400)), 4),
        (lambda: Look.objects.filter(number=3).delete(), 3),
        (lambda: Look.objects.filter(number=5).delete(), 5),
        (lambda: (Look.objects.filter(number=5).delete(), Chain.objects.update(length=4)), 5),
        (lambda: Look.objects.filter(number=1).delete(), 1),
        (lambda: swap(2, 3), 2),
    ],
    ids=["subject", "viewer", "time", "gone", "latest gone", "latest gone and counted", "first gone", "swapped"],
)
def test_a_log_that_was_changed_no_longer_fits_and_says_where(change: Any, number: int) -> None:
    organisation = logged()
    change()
    assert looks.breaks() == [looks.Break(organisation=organisation, number=number)]


def swap(one: int, other: int) -> None:
    first, second = Look.objects.get(number=one), Look.objects.get(number=other)
    first.number, second.number = 1000, one
    first.save()
    second.save()
    first.number = other
    first.save()


def test_looks_whose_term_is_over_go_and_the_rest_still_fits() -> None:
    organisation = logged()
    middle = Look.objects.get(number=3).at
    assert looks.prune(organisation_id=organisation.pk, before=middle) == 2
    assert looks.breaks() == []
    Look.objects.filter(number=3).delete()
    assert [broken.number for broken in looks.breaks()] == [3]


def test_two_organisations_have_logs_of_their_own() -> None:
    logged()
    other = makers.account("other@example.org", organisation="Elsewhere")
    _account, subject = colleague(other.organisation, name="Mina Elders")
    makers.client_of(other).get(f"/people/{subject.pk}/")
    assert [chain.length for chain in Chain.objects.order_by("pk")] == [5, 1]
    assert looks.breaks() == []


def test_a_look_at_everybody_is_told_to_who_worked_here_then() -> None:
    noor = makers.account()
    _account, subject = colleague(noor.organisation)
    later = journey.person(noor.organisation, "Later Person", since=timezone.localdate() + timedelta(days=3))
    looks.record(viewer=noor, page="people_import", people=[], everybody=True, now=timezone.now())
    assert looks.of(subject).count() == 1
    assert looks.of(later).count() == 0
