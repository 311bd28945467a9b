"""Everything that is kept about one person, as tables; asked with an account, so of oneself only.

Other people's names are left out. What others said about somebody is theirs, and goes to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from borging.cards.models import Hitch
from borging.evidence.reads import kept_of
from borging.people.models import Account, Person
from borging.people.reads import roles_of
from borging.privacy import looks
from borging.privacy.models import Look, Offer
from borging.transfer.models import Meeting
from borging.transfer.reads import told_to
from borging.web.shown import page_words

from .headings import heading


@dataclass(frozen=True, kw_only=True)
class Table:
    """One kind of thing that is kept. `key` names it in a file, `rows` hold plain values in the order of `columns`."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """The columns in the reader's language; programs keep to `columns`."""
        return tuple(heading(column) for column in self.columns)

    @property
    def records(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def tables_of(account: Account, person: Person) -> tuple[Table, ...]:
    """All tables with something in them."""
    found = (
        *_about(account, person),
        *_working(person),
        *_learning(person),
        *_doing(account, person),
        _answers(person),
    )
    return tuple(table for table in found if table.rows)


def _about(account: Account, person: Person) -> Iterable[Table]:
    names = ("name", "email", "number", "language", "time_zone", "work_days", "paused_until")
    yield Table(
        key="person",
        title=_("Who you are"),
        columns=("organisation", *names),
        rows=((person.organisation.name, *(getattr(person, name) for name in names)),),
    )
    yield Table(
        key="account",
        title=_("Your account"),
        columns=("email", "name", "language", "roles", "last_login"),
        rows=(
            (
                account.email,
                account.name,
                account.language,
                " ".join(sorted(roles_of(account))),
                account.last_login,
            ),
        ),
    )


def _working(person: Person) -> Iterable[Table]:
    dates = ("start_date", "end_date")
    yield _table("employments", _("When you worked here"), person.employments.order_by("start_date"), *dates)
    yield _table("teams", _("Your teams"), person.memberships.order_by("start_date"), "team__name", *dates)
    yield _table("managers", _("When you had a manager"), person.reportings.order_by("start_date"), *dates)
    yield _table("managing", _("When you were a manager"), person.reports.order_by("start_date"), *dates)
    yield _table("leave", _("Days away"), person.leaves.order_by("start_date"), *dates)


def _learning(person: Person) -> Iterable[Table]:
    part = ("cohort__programme__name", "cohort__name", "enrolled_on", "left_on")
    yield _table("programmes", _("What you take part in"), person.enrolments.order_by("enrolled_on"), *part)
    yield _table("buddy", _("Where you are a buddy"), person.buddy_of.order_by("enrolled_on"), *part)
    yield _table("observer", _("Where you watch along"), person.observes.order_by("enrolled_on"), *part)
    yield _table("sponsor", _("What you are the sponsor of"), person.sponsored.order_by("created_at"), "name")
    yield _table("trainer", _("What you give as a trainer"), person.trained.order_by("created_at"), "name")
    yield _table("signed", _("Promises you signed"), person.signed.order_by("pk"), "name", "promise_signed_at")
    yield _table("owner", _("What you keep alive at work"), person.embeds_for.order_by("pk"), "name")
    moment = ("programme__name", "moment__step", "moment__actor", "moment__due_on", "moment__anonymous")
    times = ("status", "opened_at", "reminded_at", "answered_at", "closes_at")
    yield _table("cards", _("What was asked of you"), person.cards.order_by("closes_at", "pk"), *moment, *times)
    mails = person.contacts.order_by("made_at", "pk")
    yield _table("mails", _("Mails to you"), mails, "made_at", "sent_at", "status", "attempts")
    stuck = Hitch.objects.filter(person=person)
    yield _table("hitch", _("What went wrong in making your mail"), stuck, "tries", "again_at")
    meeting = ("step", "starts_at", "ends_at", "held", "cancelled_at")
    hosted = person.hosted_meetings.order_by("starts_at")
    yield _table("hosted", _("Talks you had and people you watched at work"), hosted, *meeting)
    joined = Meeting.objects.filter(enrolment__person=person).order_by("starts_at")
    yield _table("meetings", _("When somebody talked with you or watched you at work"), joined, *meeting)
    watching = person.observes_in.order_by("pk")
    yield _table("watching", _("Where you can be asked to watch"), watching, "cohort__programme__name", "cohort__name")
    lines = ("programme__name", "question", "text", "happened_on")
    yield _table("records", _("What was written down for you by who watched you at work"), told_to(person), *lines)
    entries = person.appointments.order_by("starts_at", "pk")
    yield _table("appointments", _("What Borging put into your calendar"), entries, "step", "starts_at", "ends_at")
    barriers = person.barriers.order_by("named_on", "pk")
    yield _table("barriers", _("What you were asked to take away"), barriers, "key", "named_on", *_REMOVAL)


def _doing(account: Account, person: Person) -> Iterable[Table]:
    """What one did with an account, and what others did about oneself."""
    steps = Authenticator.objects.filter(user=account).order_by("created_at")
    yield _table("second_step", _("Your second step at login"), steps, "type", "created_at", "last_used_at")
    yield _table("made", _("Programmes you made"), account.programmes.order_by("created_at"), "name", "created_at")
    brought = account.imports.order_by("created_at")
    yield _table("imports", _("Files of people you brought in"), brought, "file_name", "created_at", "status")
    yield _table("studies", _("Studies you made"), account.studies.order_by("created_at"), "title", "created_at")
    yield Table(
        key="looks",
        title=_("Who looked at you"),
        columns=("viewer", "page", "at"),
        rows=tuple((str(who or ""), page_words(page), at) for who, page, at in looks.told(person)),
    )
    looked = Look.objects.filter(viewer=account).order_by("number")
    yield Table(
        key="looked",
        title=_("Pages about others you looked at"),
        columns=("page", "at"),
        rows=tuple((page_words(page), at) for page, at in looked.values_list("page", "at")),
    )
    offers = Offer.objects.filter(person=person)
    yield _table("offer", _("When you were told how to take your own words along"), offers, "made_at")


_REMOVAL = ("follow_up", "promised_for", "removed_on")


def _answers(person: Person) -> Table:
    said = ("programme__name", "source", "step", "occurrence", "question", "behaviour__text", "item")
    values = ("number", "choice", "text", "happened_on", "recorded_at", "replaced_at")
    return _table("answers", _("What you answered"), kept_of(person).order_by("recorded_at", "pk"), *said, *values)


def _table(key: str, title: str, found: QuerySet[Any], *fields: str) -> Table:
    columns = tuple(field.removesuffix("__name").removeprefix("moment__").replace("__", "_") for field in fields)
    return Table(key=key, title=title, columns=columns, rows=tuple(found.values_list(*fields)))
