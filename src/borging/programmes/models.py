"""A programme: what is promised, which behaviours and situations, when the sessions are, and who takes part."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from borging.people.models import Account, Organisation, Person

MOST_BEHAVIOURS = 5


class Status(models.TextChoices):
    """Where a programme stands. Cards go out only in LIVE."""

    DRAFT = "draft", _("being prepared")
    LIVE = "live", _("running")
    PAUSED = "paused", _("paused")
    STOPPED = "stopped", _("stopped")
    DONE = "done", _("finished")


class Skill(models.TextChoices):
    """A closed skill is done one right way; an open one differs each time, so the surroundings matter more."""

    OPEN = "open", _("open: it differs each time")
    CLOSED = "closed", _("closed: there is one right way")


class Programme(models.Model):
    """One training and everything around it, from promise to decision.

    `promised_change` is what is promised on the behaviour, in tenths ("of ten times, this many more"), `kpi` the
    figure the organisation would notice it by. `promise_sha256` seals the promise when the sponsor signs it: `promise`
    is the text that was signed, `promise_signer` who signed, so that a later change shows.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="programmes")
    owner = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="programmes")
    sponsor = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="sponsored")
    trainer = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="trained")
    name = models.CharField(_("name of the training"), max_length=120)
    language = models.CharField(_("language of your texts"), max_length=2, default="nl")
    playbook = models.CharField(_("template"), max_length=40, default="skills-day")
    goal = models.TextField(_("business goal"), blank=True)
    kpi = models.CharField(_("figure that shows it"), max_length=200, blank=True)
    skill = models.CharField(_("kind of skill"), max_length=6, choices=Skill, default=Skill.OPEN)
    retention_days = models.PositiveSmallIntegerField(
        _("days it must last"), default=180, validators=[MinValueValidator(30), MaxValueValidator(730)]
    )
    situation = models.TextField(_("the situation at work"), blank=True)
    promised_change = models.FloatField(_("promised change, times in ten"), null=True, blank=True)
    practice_share = models.PositiveSmallIntegerField(
        _("share of practice, percent"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    practice_minutes = models.PositiveSmallIntegerField(_("practice time a week, minutes"), default=0)
    first_chance_days = models.PositiveSmallIntegerField(_("days until the first chance"), null=True, blank=True)
    main_barrier = models.CharField(_("what stands in the way now"), max_length=20, blank=True)
    embedding_owner = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="embeds_for"
    )
    places = models.PositiveIntegerField(_("places"), null=True, blank=True)
    team_told = models.BooleanField(_("teams were told"), default=False)
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    promise = models.JSONField(null=True, blank=True)
    promise_sha256 = models.CharField(max_length=64, blank=True)
    promise_signed_at = models.DateTimeField(null=True, blank=True)
    promise_signer = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="signed")
    promise_on_paper = models.BooleanField(default=False)
    rehearsed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["organisation", "-created_at"])]
        constraints = [
            models.CheckConstraint(name="programme_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="programme_signed_with_its_text",
                condition=(Q(promise_signed_at=None) & Q(promise_sha256=""))
                | (Q(promise_signed_at__isnull=False) & ~Q(promise_sha256="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Behaviour(models.Model):
    """What somebody could see a learner do: "asks first what is possible". At most five in a programme."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="behaviours")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("behaviour"), max_length=200)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("programme", "position", name="behaviour_position_once"),
            models.CheckConstraint(
                name="behaviour_at_most_five", condition=Q(position__gte=1, position__lte=MOST_BEHAVIOURS)
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Cohort(models.Model):
    """The people who start together. Its sessions say when; their first and last day anchor every action."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="cohorts")
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint("programme", "name", name="cohort_once")]

    def __str__(self) -> str:
        return self.name


class Session(models.Model):
    """A training day or part of a day."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="sessions")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=200, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [models.CheckConstraint(name="session_ordered", condition=Q(ends_at__gt=F("starts_at")))]

    def __str__(self) -> str:
        return f"{self.cohort}: {self.starts_at:%Y-%m-%d}"


class Enrolment(models.Model):
    """A person takes part in a cohort. `left_on`: the day they stopped; the row stays."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="enrolments")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="enrolments")
    buddy = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="buddy_of")
    observer = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="observes")
    enrolled_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["person__name", "pk"]
        constraints = [
            models.UniqueConstraint("cohort", "person", name="enrolment_once"),
            models.CheckConstraint(name="enrolment_not_own_buddy", condition=Q(buddy=None) | ~Q(buddy=F("person"))),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.cohort}"


class Form(models.TextChoices):
    """Parallel forms: A before, B after, R for repetition in between."""

    A = "A"
    B = "B"
    RECALL = "R"


class Situation(models.Model):
    """A work situation with a few plausible things to do first. The best is the first in `options`; they are shown in
    another order. `explanation` says why, after answering. `retired_at`: it is asked no more, but what was answered on
    it is kept under its position, so it stays."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="situations")
    form = models.CharField(max_length=1, choices=Form)
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    options = models.JSONField()
    explanation = models.TextField(blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["form", "position"]
        constraints = [models.UniqueConstraint("programme", "form", "position", name="situation_once")]

    def __str__(self) -> str:
        return self.text
