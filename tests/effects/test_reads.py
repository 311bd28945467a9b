"""Who sees which study."""

import uuid

import pytest
from django.utils import timezone

from borging.effects import reads, writes
from borging.effects.models import Study
from tests.web import makers

pytestmark = pytest.mark.django_db


def test_a_study_of_another_organisation_is_as_absent_as_one_that_does_not_exist() -> None:
    mine, other = makers.account(), makers.account("b@example.org", organisation="De Dijk")
    study = writes.receive_example(owner=mine, title="Canary", now=timezone.now())
    assert reads.study_for(mine, study.pk) == study
    assert list(reads.listed_studies(mine)) == [study]
    assert list(reads.visible_studies(other)) == []
    for unseen in (study.pk, uuid.uuid4()):
        with pytest.raises(Study.DoesNotExist):
            reads.study_for(other, unseen)


def test_a_colleague_sees_the_studies_of_the_organisation() -> None:
    study = writes.receive_example(owner=makers.account(), title="Ours", now=timezone.now())
    assert reads.study_for(makers.account("colleague@example.org"), study.pk) == study
