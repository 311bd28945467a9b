"""Accounts of before there were roles keep what they could do; the first of each organisation administers it."""

from typing import Any

from django.db import migrations

ALL = ("ld", "hr-data", "privacy", "works-council", "admin")
WORKING = ("ld", "hr-data")


def grant_first_roles(apps: Any, _schema_editor: Any) -> None:
    Account, Grant = apps.get_model("people", "Account"), apps.get_model("people", "Grant")
    managed = set(Grant.objects.values_list("account__organisation_id", flat=True))
    seen = set()
    grants = []
    for account in Account.objects.exclude(organisation_id__in=managed).order_by("pk"):
        roles = WORKING if account.organisation_id in seen else ALL
        seen.add(account.organisation_id)
        grants += [Grant(account=account, role=role) for role in roles]
    Grant.objects.bulk_create(grants)


class Migration(migrations.Migration):
    dependencies = [("people", "0003_people_import")]
    operations = [migrations.RunPython(grant_first_roles, migrations.RunPython.noop, elidable=True)]
