"""Moments of a timeline, the cards they become, and the contacts in which cards go out.

A moment says what is asked of a role in a cohort, and when. A card is that moment for one person. A contact is one mail
with one or more cards: it is fixed before it is sent, so that a second copy after a failure is the same message.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from borging.people.models import Organisation, Person, Team
from borging.programmes.models import Cohort, Enrolment, Programme


class Actor(models.TextChoices):
    """Who is asked."""

    LEARNER = "learner"
    MANAGER = "manager"
    BUDDY = "buddy"
    OBSERVER = "observer"
    TEAM = "team"
    TRAINER = "trainer"
    SPONSOR = "sponsor"
    LD = "ld"


class Moment(models.Model):
    """One action of one role in a cohort: the same row when a session moves, with other days.

    `due_at` and `closes_at` are those days on the clock of the organisation.

    `step` and `occurrence` name it in the playbook. `fallback` is asked when there is nobody in the role of `actor`.
    `yields`: it waits for another card's mail when the budget of a person is nearly used, and has no reminder.
    `uncounted`: it is handed out during a session, so it costs nothing of that budget.
    `sampled`: only half of the cohort is asked. `personal`: its cards are made one by one, for whoever agreed on that
    day; the playbook does not set it and does not take it away.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="moments")
    step = models.CharField(max_length=40)
    occurrence = models.PositiveSmallIntegerField(default=0)
    actor = models.CharField(max_length=8, choices=Actor)
    fallback = models.CharField(max_length=8, choices=Actor, blank=True)
    due_on = models.DateField(db_index=True)
    closes_on = models.DateField()
    due_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    yields = models.BooleanField(default=False)
    uncounted = models.BooleanField(default=False)
    anonymous = models.BooleanField(default=False)
    sampled = models.BooleanField(default=False)
    personal = models.BooleanField(default=False)

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint("cohort", "step", "occurrence", "actor", name="moment_once"),
            models.CheckConstraint(name="moment_closes_after", condition=Q(closes_on__gte=models.F("due_on"))),
        ]

    def __str__(self) -> str:
        return f"{self.cohort}: {self.step}"


class CardStatus(models.TextChoices):
    """PLANNED: to be sent. OPEN: sent, or given in the room. ANSWERED, LAPSED and WITHDRAWN are ends."""

    PLANNED = "planned"
    OPEN = "open"
    ANSWERED = "answered"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


AWAITED = (CardStatus.PLANNED, CardStatus.OPEN)


class Card(models.Model):
    """One moment for one person, about one enrolment or about the cohort.

    `next_at` is set exactly while Borging still has something to do with it: send, remind, or let lapse. The answer
    itself is in `evidence`; here stands only whether there is one, and for an anonymous card not even when.
    `turn` makes earlier links invalid when it is raised.
    """

    # A million are made at once (ADR 0016). So no index of its own where another begins with the column or nobody looks
    # by it, and no check row by row of what the statement that makes them has just read and nobody deletes.
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="cards", db_index=False, db_constraint=False
    )
    moment = models.ForeignKey(Moment, on_delete=models.CASCADE, related_name="cards", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="cards", db_index=False)
    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.CASCADE, null=True, blank=True, related_name="cards", db_constraint=False
    )
    status = models.CharField(max_length=9, choices=CardStatus, default=CardStatus.PLANNED)
    next_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    turn = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["closes_at", "pk"]
        indexes = [
            models.Index(name="card_next", fields=["next_at", "person"], condition=Q(next_at__isnull=False)),
            models.Index(fields=["programme", "status"]),
        ]
        constraints = [
            models.UniqueConstraint("person", "moment", Coalesce("enrolment", 0), name="card_once"),
            models.CheckConstraint(name="card_status_known", condition=Q(status__in=CardStatus.values)),
            models.CheckConstraint(name="card_waits_while_awaited", condition=Q(status__in=AWAITED) | Q(next_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.moment} → {self.person}"


class ContactStatus(models.TextChoices):
    """READY: to be sent, or being sent. PARKED: refused five times; somebody should look."""

    READY = "ready"
    SENT = "sent"
    PARKED = "parked"
    WITHDRAWN = "withdrawn"


class Contact(models.Model):
    """One message to one person. `key` names it for ever: the Message-ID is made of it.

    A worker claims it by moving `due_at` ahead (`claimed_by` says which worker), sends, then marks it sent; a worker
    that dies in between leaves a claim that runs out. `counted`: it counts in the budget of the person.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=9, choices=ContactStatus, default=ContactStatus.READY)
    counted = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(name="contact_due", fields=["due_at"], condition=Q(due_at__isnull=False)),
            models.Index(name="contact_sent", fields=["sent_at"], condition=Q(sent_at__isnull=False)),
            models.Index(fields=["person", "made_at"]),
        ]
        constraints = [
            models.CheckConstraint(name="contact_status_known", condition=Q(status__in=ContactStatus.values)),
            models.CheckConstraint(
                name="contact_due_while_ready",
                condition=Q(status=ContactStatus.READY, due_at__isnull=False)
                | (~Q(status=ContactStatus.READY) & Q(due_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)


class ContactCard(models.Model):
    """A card goes out with a contact: first, or as a reminder. Each at most once."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="parts")
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="contacts")
    reminder = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint("card", "reminder", name="card_sent_once")]

    def __str__(self) -> str:
        return f"{self.contact}: {self.card}"


class Appointment(models.Model):
    """An entry in one person's calendar, as it is to be: what the latest mail about it says.

    `uid` is the same for everybody it is an entry for, and for ever; `sequence` rises with each change. It goes along
    with the next contact of the person; `next_at` is set when it has to go by itself, because somebody changed it.
    `told` is the sequence of what was handed to the outbox last; None is: nothing yet.
    `step` says what for, as the playbook names it; empty is: a session of the training.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="appointments")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="appointments")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="appointments")
    step = models.CharField(max_length=40, blank=True)
    uid = models.UUIDField()
    sequence = models.PositiveSmallIntegerField(default=0)
    told = models.PositiveSmallIntegerField(null=True, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    cancelled = models.BooleanField(default=False)
    next_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(name="appointment_next", fields=["next_at"], condition=Q(next_at__isnull=False)),
            models.Index(fields=["uid"]),
        ]
        constraints = [
            models.UniqueConstraint("person", "uid", name="appointment_once"),
            models.CheckConstraint(name="appointment_ordered", condition=Q(ends_at__gt=models.F("starts_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.starts_at:%Y-%m-%d %H:%M}"


class ContactAppointment(models.Model):
    """What was changed about an appointment goes out with a contact, each change once."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="appointments")
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="contacts")
    sequence = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint("appointment", "sequence", name="appointment_sent_once")]

    def __str__(self) -> str:
        return f"{self.contact}: {self.appointment}"


class Hitch(models.Model):
    """Gathering what somebody is asked went wrong: how often, and when it is tried again. It goes once it goes well."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="hitch")
    tries = models.PositiveSmallIntegerField(default=0)
    again_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person}: {self.tries}"


class Clearance(models.Model):
    """Somebody looked at what had come late in an organisation: what was due until `cleared_at` may go."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="clearance")
    cleared_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.organisation}: {self.cleared_at:%Y-%m-%d %H:%M}"


class Webhook(models.Model):
    """A channel in Teams or Slack. The address is a secret: who has it can post there, so it is never shown again.

    `audience`: TEAM gets what a team is asked, without any link to a card; LD gets that the slide for Friday is there.
    `programme` None is: of every programme. `name` is what people here call the channel.
    """

    class Kind(models.TextChoices):
        TEAMS = "teams", "Microsoft Teams"
        SLACK = "slack", "Slack"

    class Audience(models.TextChoices):
        TEAM = "team", _("a team or a group of people who take part")
        LD = "ld", _("the training department")

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="webhooks")
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, null=True, blank=True, related_name="webhooks")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="webhooks")
    kind = models.CharField(max_length=5, choices=Kind)
    audience = models.CharField(max_length=4, choices=Audience, default=Audience.TEAM)
    name = models.CharField(max_length=80, blank=True)
    url = models.URLField(max_length=1000)
    added_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint("organisation", "url", name="webhook_address_once"),
            models.CheckConstraint(name="webhook_kind_known", condition=Q(kind__in=["teams", "slack"])),
            models.CheckConstraint(name="webhook_audience_known", condition=Q(audience__in=["team", "ld"])),
        ]

    def __str__(self) -> str:
        return self.name or self.get_kind_display()


class Posting(models.Model):
    """One message to one channel, named by `key` so that it goes once. `due_at` is set while it still has to go."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="postings")
    key = models.CharField(max_length=80)
    due_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    posted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(name="posting_due", fields=["due_at"], condition=Q(due_at__isnull=False))]
        constraints = [models.UniqueConstraint("webhook", "key", name="posting_once")]

    def __str__(self) -> str:
        return f"{self.webhook}: {self.key}"
