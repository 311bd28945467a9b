"""Accounts from before there were roles keep what they could do."""

from importlib import import_module

import pytest
from django.apps import apps

from borging.people import reads
from borging.people.models import Account, Grant, Role
from tests.web import makers

pytestmark = pytest.mark.django_db


def test_the_first_account_of_each_organisation_administers_it_and_the_others_work_on() -> None:
    first, second = makers.account(), makers.account("b@example.org")
    elsewhere = makers.account("c@example.org", organisation="De Dijk")
    Grant.objects.all().delete()
    import_module("borging.people.migrations.0004_first_roles").grant_first_roles(apps, None)
    held = [set(reads.roles_of(account)) for account in Account.objects.order_by("pk")]
    assert held == [set(Role), {Role.LD, Role.HR_DATA}, set(Role)]
    assert [first, second, elsewhere] == list(Account.objects.order_by("pk"))
