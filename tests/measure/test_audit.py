"""Nobody can be solved for from all that was ever shown: exact algebra, somebody who knows their own included."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest

from borging.measure import jobs
from borging.measure.reads import read
from borging.measure.rules import Change, Paired, batch_of
from borging.people.pseudonyms import pseudonym
from borging.programmes.models import Enrolment, Programme
from tests.measure import answers

pytestmark = pytest.mark.django_db
COHORTS = {"Cohort 1": 13, "Cohort 2": 8, "Cohort 3": 3}
Units = Callable[[Enrolment], set[str]]


def solvable(groups: list[frozenset[str]]) -> set[str]:
    """Whose answer follows from these sums, for an outsider or for somebody in it who knows one answer."""
    people = sorted(frozenset().union(*groups))
    if not people:
        return set()
    table = np.array([[float(person in group) for person in people] for group in groups])
    unit = np.eye(len(people))
    found = {people[i] for i in range(len(people)) if spans(table, unit[i])}
    for i, j in permutations(range(len(people)), 2):
        if people[j] not in found and spans(np.vstack([table, unit[i]]), unit[j]):
            found.add(people[j])
    return found


def spans(table: np.ndarray, row: np.ndarray) -> bool:
    return bool(np.linalg.matrix_rank(np.vstack([table, row])) == np.linalg.matrix_rank(table))


def cells(made: Programme) -> dict[tuple[str, str], Change]:
    """What is shown now of the first behaviour after three months, in total and per part."""
    batch = batch_of("behaviour-post", answers.first_behaviour(made).pk)
    newest = made.releases.filter(batch=batch).order_by("-pk").first()
    if newest is None:
        return {}
    result = read(newest)
    assert isinstance(result, Paired)
    kinds = (("all", result.sources), ("cohort", result.cohorts))
    told = {(kind, cell.name): cell for kind, found in kinds for cell in found}
    told |= {("unit", unit.name): cell for unit in result.units for cell in unit.sources}
    return {name: cell for name, cell in told.items() if cell.reason is None}


def teams_of(each: Enrolment) -> set[str]:
    """The team of somebody, and the one above it."""
    team = each.person.memberships.get().team
    return {str(team.pk)} | ({str(team.parent_id)} if team.parent_id else set())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nobody_can_be_solved_for_from_all_releases_of_a_measurement_together(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = answers.programme(learners=COHORTS["Cohort 1"], teams=3)
    for name in ("Cohort 2", "Cohort 3"):
        answers.another_cohort(made, learners=COHORTS[name], name=name, teams=3)
    everyone = [each for name in COHORTS for each in answers.people(made, cohort=name)]
    units: dict[str, Units] = {
        "all": lambda each: {"self"},
        "cohort": lambda each: {str(each.cohort_id)},
        "unit": teams_of,
    }
    queue = [everyone[i] for i in rng.permutation(len(everyone))]
    answered: list[Enrolment] = []
    shown: dict[tuple[str, str], Change] = {}
    released: list[frozenset[str]] = []
    naive: list[frozenset[str]] = []
    night = 91
    while queue:
        arrived = [queue.pop() for _ in range(min(int(rng.integers(1, 5)), len(queue)))]
        for each in arrived:
            answers.say_pair(each, before=float(rng.integers(0, 11)), after=float(rng.integers(0, 11)))
        answered += arrived
        night += 1
        jobs.pair(programme=made, now=answers.on(night))
        now = cells(made)
        for (kind, name), cell in now.items():
            group = frozenset(str(pseudonym(each.person)) for each in answered if name in units[kind](each))
            if shown.get((kind, name)) != cell:
                assert cell.n == len(group) >= 5
                released.append(group)
        naive += [
            frozenset(str(pseudonym(each.person)) for each in answered if name in unit(each))
            for unit in units.values()
            for name in {name for each in answered for name in unit(each)}
        ]
        shown = now
    assert len(released) >= 4  # something was shown, in total and in parts
    assert {kind for kind, _name in shown} >= {"all"}
    assert len(shown) >= 2
    assert solvable(released) == set()
    assert solvable([group for group in naive if len(group) >= 5]) != set()  # a minimum alone would have told
