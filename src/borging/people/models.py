"""Organisations, the people in them, and the accounts with which some of those log in."""

import secrets
import uuid
from datetime import date, time
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

FILE_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")
DEMO_DOMAIN = "borging.invalid"
"""Where the accounts of the demonstration have their addresses; no mail ever reaches it."""
WORK_DAYS = RegexValidator(r"^[1-7]{1,7}$")


def new_secret() -> str:
    return secrets.token_hex(16)


class Organisation(models.Model):
    """One organisation; organisations in one installation never see each other.

    Borging writes to nobody between `quiet_from` and `quiet_until` on their own clock, nor on other days than
    `work_days` (ISO weekdays, "12345" is Monday to Friday) unless a person has days of their own. What is planned at
    work falls between `works_from` and `works_until`; a shift that ends before it starts ends the next day.
    """

    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=2, default="nl")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Amsterdam")
    work_days = models.CharField(_("work days"), max_length=7, default="12345", validators=[WORK_DAYS])
    quiet_from = models.TimeField(_("quiet from"), default=time(20, 0))
    quiet_until = models.TimeField(_("quiet until"), default=time(7, 30))
    works_from = models.TimeField(_("work starts"), default=time(9, 0))
    works_until = models.TimeField(_("work ends"), default=time(17, 0))

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """Someone in an organisation; most never log in. Two people may share a name, or a mailbox on the floor.

    `number` is the staff number, by which a file knows a person again. `secret` is what pseudonyms are made from:
    once it is gone nothing can be traced to this person any more.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="people")
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail address"), blank=True)
    number = models.CharField(_("staff number"), max_length=64, blank=True)
    language = models.CharField(_("language"), max_length=2, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    work_days = models.CharField(_("work days"), max_length=7, blank=True, validators=[WORK_DAYS])
    works_from = models.TimeField(_("work starts"), null=True, blank=True)
    works_until = models.TimeField(_("work ends"), null=True, blank=True)
    paused_until = models.DateField(_("no cards until"), null=True, blank=True)
    secret = models.CharField(max_length=32, default=new_secret, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["organisation", "name"]), models.Index(fields=["organisation", "email"])]
        constraints = [
            models.UniqueConstraint(
                name="person_number_once", fields=["organisation", "number"], condition=~Q(number="")
            ),
            models.CheckConstraint(
                name="person_hours_both_or_none",
                condition=Q(works_from=None, works_until=None) | Q(works_from__isnull=False, works_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


def holds_on(day: date | models.F) -> Q:
    """The spans that hold on a day, which may be a column of an outer query."""
    return Q(Q(end_date=None) | Q(end_date__gte=day), start_date__lte=day)


class Span(models.Model):
    """A fact that holds from `start_date` until and with `end_date`; None is: still."""

    start_date = models.DateField()
    end_date = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


def ordered(name: str) -> models.CheckConstraint:
    """No span ends before it starts."""
    return models.CheckConstraint(name=f"{name}_ordered", condition=Q(end_date=None) | Q(end_date__gte=F("start_date")))


class Employment(Span):
    """A person works here from one day to another; someone who comes back has a second span."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="employments")

    class Meta:
        constraints = [ordered("employment"), models.UniqueConstraint("person", "start_date", name="employment_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.start_date} – {self.end_date or ''}"


class Leave(Span):
    """Days a person is away. Why is nobody's business here."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="leaves")

    class Meta:
        constraints = [ordered("leave"), models.UniqueConstraint("person", "start_date", name="leave_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.start_date} – {self.end_date or ''}"


class Team(models.Model):
    """A team, in a tree of teams."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(_("name"), max_length=200)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint("parent", "name", name="team_once"),
            models.UniqueConstraint(name="top_team_once", fields=["organisation", "name"], condition=Q(parent=None)),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(Span):
    """A person is in a team from one day to another."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [
            ordered("membership"),
            models.UniqueConstraint("person", "team", "start_date", name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.team}"


class Reporting(Span):
    """A person reports to a manager from one day to another."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="reportings")
    manager = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="reports")

    class Meta:
        constraints = [
            ordered("reporting"),
            models.CheckConstraint(name="reporting_not_to_oneself", condition=~Q(person=F("manager"))),
            models.UniqueConstraint("person", "start_date", name="reporting_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} → {self.manager}"


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts by address, the only name an account has."""

    def create_user(
        self, email: str, *, organisation: Organisation, name: str = "", password: str | None = None
    ) -> "Account":
        account = self.model(email=self.normalize_email(email).lower(), name=name, organisation=organisation)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser, PermissionsMixin):
    """Someone who may log in. The address is the login name; a person without a login has no account."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="accounts")
    person = models.OneToOneField(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="account")
    language = models.CharField(_("language"), max_length=2, blank=True)
    is_active = models.BooleanField(_("may log in"), default=True)

    objects = AccountManager()

    USERNAME_FIELD = "email"

    def __str__(self) -> str:
        return self.name or self.email


class Role(models.TextChoices):
    """What an account may do for its organisation. Learner, manager, buddy, observer and sponsor are not roles:
    those follow from who is enrolled, who reports to whom, and who was asked."""

    LD = "ld", _("L&D professional")
    HR_DATA = "hr-data", _("HR data owner")
    PRIVACY = "privacy", _("data protection officer")
    WORKS_COUNCIL = "works-council", _("works council")
    ADMIN = "admin", _("administrator")


class ImportStatus(models.TextChoices):
    """RECEIVED: somebody says what each column is. STAGED: the differences wait to be confirmed."""

    RECEIVED = "received"
    STAGED = "staged"
    APPLIED = "applied"
    UNDONE = "undone"


class PeopleImport(models.Model):
    """A file of people on its way in: nothing of it holds before it is applied, and then all of it at once.

    `rows` and `diff` wait for that; `counts` stay. `changes` says what was there before, until a newer file is applied.
    `day`: the file says how things stood on it. `everybody`: who is not in the file has left.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="imports")
    account = models.ForeignKey("Account", on_delete=models.SET_NULL, null=True, related_name="imports")
    status = models.CharField(max_length=8, choices=ImportStatus, default=ImportStatus.RECEIVED)
    file_name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    day = models.DateField()
    everybody = models.BooleanField(default=False)
    inspection = models.JSONField(default=dict)
    columns = models.JSONField(default=dict)
    rows = models.JSONField(default=dict)
    diff = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["organisation", "-created_at"])]
        constraints = [
            models.CheckConstraint(name="import_status_known", condition=Q(status__in=ImportStatus.values)),
            models.CheckConstraint(
                name="import_applied_has_a_time",
                condition=Q(status__in=(ImportStatus.APPLIED, ImportStatus.UNDONE), applied_at__isnull=False)
                | Q(status__in=(ImportStatus.RECEIVED, ImportStatus.STAGED), applied_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.day}"

    @property
    def path(self) -> Path:
        """Where the file lies until it is applied; nobody's own words are in it."""
        suffix = Path(self.file_name).suffix.lower()
        return Path(settings.DATA_DIR) / "people" / f"{self.pk}{suffix if suffix in FILE_SUFFIXES else ''}"


class Grant(models.Model):
    """An account has a role."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=16, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint("account", "role", name="grant_once"),
            models.CheckConstraint(name="grant_role_known", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.role}"
