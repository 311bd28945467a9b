"""A session on the floor becomes a meeting of two people, with what a calendar needs; and who watches in a cohort."""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from borging.people.locks import lock_tables, unlock_tables


class Migration(migrations.Migration):
    dependencies = [("people", "0005_working_hours"), ("transfer", "0001_initial")]
    operations = [
        migrations.RemoveConstraint("floorsession", "floor_session_ordered"),
        migrations.RemoveConstraint("floorsession", "observer_once_at_a_time"),
        migrations.RenameModel("FloorSession", "Meeting"),
        migrations.RenameField("meeting", "observer", "host"),
        migrations.AlterField("meeting", "enrolment", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="meetings", to="programmes.enrolment")),
        migrations.AlterField("meeting", "host", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="hosted_meetings", to="people.person")),
        migrations.AddField("meeting", "step", models.CharField(max_length=40, default="floor-observation"), preserve_default=False),
        migrations.AddField("meeting", "occurrence", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("meeting", "uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
        migrations.AddField("meeting", "sequence", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("meeting", "missed", models.PositiveSmallIntegerField(default=0)),
        migrations.AddIndex("meeting", models.Index(fields=["host", "starts_at"], name="transfer_me_host_id_d49194_idx")),
        migrations.AddConstraint("meeting", models.CheckConstraint(name="meeting_ordered", condition=Q(ends_at__gt=F("starts_at")))),
        migrations.AddConstraint("meeting", models.UniqueConstraint("enrolment", "step", "occurrence", name="meeting_once")),
        migrations.AddConstraint("meeting", models.UniqueConstraint(name="host_once_at_a_time", fields=["host", "starts_at"], condition=Q(cancelled_at=None))),
        migrations.AddConstraint("meeting", models.UniqueConstraint(name="learner_once_at_a_time", fields=["enrolment", "starts_at"], condition=Q(cancelled_at=None))),
        migrations.CreateModel(
            name="FloorObserver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cohort", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="floor_observers", to="programmes.cohort")),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="observes_in", to="people.person")),
            ],
            options={"ordering": ["pk"], "constraints": [models.UniqueConstraint("cohort", "person", name="floor_observer_once")]},
        ),
        migrations.RunPython(lock_tables, unlock_tables),
    ]
