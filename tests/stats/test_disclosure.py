"""Whether sums over groups give away one person, insider included."""

import pytest

from borging.stats.disclosure import exposes


def people(first: int, until: int) -> set[str]:
    return {str(i) for i in range(first, until)}


@pytest.mark.parametrize(
    ("groups", "exposed"),
    [
        ([], False),
        ([people(0, 5)], False),
        ([people(0, 4)], True),
        ([people(0, 12), people(0, 7)], False),
        ([people(0, 12), people(0, 8)], True),  # twelve minus eight is four
        ([people(0, 12), people(0, 11)], True),
        ([people(0, 23), people(0, 20)], True),  # the small cohort beside a total and its sibling
        ([people(0, 23), people(0, 10)], False),
        ([people(0, 6), people(1, 7)], True),  # who is 0 knows what 6 said
        ([people(0, 6), people(2, 8)], False),
        ([people(0, 10), people(5, 15), people(0, 5) | people(10, 15)], False),
        ([people(0, 10), people(10, 20), people(0, 20) - {"0"}], True),
    ],
)
def test_sums_are_refused_when_together_they_tell_of_too_few(groups: list[set[str]], exposed: bool) -> None:
    assert exposes(groups, minimum=5) is exposed
