"""What asks for a follow-up of its own: barriers that somebody can remove, and talks on the floor."""

from django.db import models
from django.db.models import F, Q

from borging.people.models import Person
from borging.programmes.models import Cohort, Enrolment


class Barrier(models.Model):
    """Something that holds people back, on its way to who can remove it. It names nobody."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="barriers")
    key = models.CharField(max_length=20)
    remover = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="barriers")
    named_on = models.DateField()
    follow_up = models.CharField(max_length=200, blank=True)
    promised_for = models.DateField(null=True, blank=True)
    removed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-named_on"]
        constraints = [
            models.UniqueConstraint(
                name="barrier_once_open", fields=["cohort", "key", "remover"], condition=Q(removed_on=None)
            )
        ]

    def __str__(self) -> str:
        return self.key


class FloorSession(models.Model):
    """Ten minutes in which an observer watches a learner at work, and tells them what worked and what to try next."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="floor_sessions")
    observer = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="floor_sessions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    held = models.BooleanField(default=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(name="floor_session_ordered", condition=Q(ends_at__gt=F("starts_at"))),
            models.UniqueConstraint(
                name="observer_once_at_a_time", fields=["observer", "starts_at"], condition=Q(cancelled_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.starts_at:%Y-%m-%d %H:%M}"
