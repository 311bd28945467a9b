"""What asks for a follow-up of its own: barriers that somebody can remove, and the meetings of two people."""

import uuid

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


class FloorObserver(models.Model):
    """Somebody who watches people of a cohort at work. Without any, the line manager does."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="floor_observers")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="observes_in")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint("cohort", "person", name="floor_observer_once")]

    def __str__(self) -> str:
        return f"{self.person} · {self.cohort}"


class Meeting(models.Model):
    """Some minutes of two people: an observer who watches a learner at work, or a talk a playbook asks for.

    `step` and `occurrence` are those of the card it belongs to. `uid` names it in calendars for ever, `sequence` rises
    each time it moves. `missed` counts how often it did not take place at the time that was agreed.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="meetings")
    host = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="hosted_meetings")
    step = models.CharField(max_length=40)
    occurrence = models.PositiveSmallIntegerField(default=0)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    sequence = models.PositiveSmallIntegerField(default=0)
    missed = models.PositiveSmallIntegerField(default=0)
    held = models.BooleanField(default=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["host", "starts_at"])]
        constraints = [
            models.CheckConstraint(name="meeting_ordered", condition=Q(ends_at__gt=F("starts_at"))),
            models.UniqueConstraint("enrolment", "step", "occurrence", name="meeting_once"),
            models.UniqueConstraint(
                name="host_once_at_a_time", fields=["host", "starts_at"], condition=Q(cancelled_at=None)
            ),
            models.UniqueConstraint(
                name="learner_once_at_a_time", fields=["enrolment", "starts_at"], condition=Q(cancelled_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.starts_at:%Y-%m-%d %H:%M}"
