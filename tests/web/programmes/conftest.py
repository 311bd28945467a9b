"""An L&D professional, logged in."""

import pytest
from django.test import Client

from borging.people.models import Account
from tests.programmes import makers
from tests.web import makers as web


@pytest.fixture
def account() -> Account:
    return makers.ld_account()


@pytest.fixture
def client(account: Account) -> Client:
    return web.client_of(account)
