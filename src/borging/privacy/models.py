"""The log of who looked at whom, and the list of what was removed for good."""

from django.db import models
from django.db.models import Q

from borging.people.models import Account, Organisation


class Chain(models.Model):
    """Where the log of an organisation stands: how many looks there were, and the seal of the latest.

    `pruned` looks were removed because their term was over; `pruned_seal` is that of the latest of those, so that the
    rest can still be checked.
    """

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="+")
    length = models.PositiveBigIntegerField(default=0)
    seal = models.CharField(max_length=64, blank=True)
    pruned = models.PositiveBigIntegerField(default=0)
    pruned_seal = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="chain_pruned_at_most", condition=Q(pruned__lte=models.F("length")))]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.length}"


class Look(models.Model):
    """A page about people was shown to somebody; rows are only added.

    `subjects` are the marks (see `looks.mark`) of the people on it, or EVERYBODY. `seal` binds the row to the one
    before it, so that a changed or missing row shows.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    # What was written is never changed, not even when the account goes.
    viewer = models.ForeignKey(Account, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    page = models.CharField(max_length=40)
    subjects = models.TextField()
    seal = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["organisation", "at"])]
        constraints = [models.UniqueConstraint("organisation", "number", name="look_once")]

    def __str__(self) -> str:
        return f"{self.number}: {self.page}"


class Removed(models.Model):
    """Something of a person was removed for good; kept so that a restored backup does not bring it back.

    `mark` is a pseudonym for this purpose only. Once the person is gone nothing leads from it to anybody, but it meets
    the same person when a backup brings them back. `programme` None is: in every programme.
    """

    class What(models.TextChoices):
        PERSON = "person"
        ANSWERS = "answers"

    # Kept even when what it points at is gone, or not there yet in a restored backup.
    organisation = models.ForeignKey(Organisation, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    mark = models.UUIDField()
    what = models.CharField(max_length=7, choices=What)
    programme_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(name="removed_what_known", condition=Q(what__in=["person", "answers"]))]

    def __str__(self) -> str:
        return f"{self.what} {self.at:%Y-%m-%d}"


class Consent(models.Model):
    """The works council agreed to what was kept on a day; `register` is that, in each language."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="consents")
    agreed_on = models.DateField()
    register = models.JSONField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-recorded_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.agreed_on}"


class Offer(models.Model):
    """Somebody who is about to leave was told how to take their own words along."""

    person = models.OneToOneField("people.Person", on_delete=models.CASCADE, related_name="offer")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id}: {self.made_at:%Y-%m-%d}"
