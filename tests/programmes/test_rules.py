import hashlib

import pytest

from borging.programmes import rules
from borging.programmes.rules import Named, Promise


def promise(**changes: object) -> Promise:
    values: dict[str, object] = {
        "goal": "Less absence",
        "behaviours": ("asks first what is possible", "calls back"),
        "kpi": "days",
        "promised_change": 2.0,
        "first_day": "2026-12-08",
        "playbook": "skills-day",
        "playbook_version": 1,
    }
    return Promise(**{**values, **changes})  # type: ignore[arg-type]


def test_the_seal_is_the_hash_of_the_promise_as_canonical_json() -> None:
    canonical = (
        '{"behaviours":["asks first what is possible","calls back"],"first_day":"2026-12-08","goal":"Less absence",'
        '"kpi":"days","playbook":"skills-day","playbook_version":1,"promised_change":2.0}'
    )
    assert rules.seal(promise()) == hashlib.sha256(canonical.encode()).hexdigest()


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("goal", "More sales"),
        ("behaviours", ("calls back", "asks first what is possible")),
        ("kpi", ""),
        ("promised_change", None),
        ("first_day", "2026-12-09"),
        ("playbook_version", 2),
    ],
)
def test_changing_any_part_of_a_promise_changes_its_seal_and_is_named(part: str, other: object) -> None:
    changed = promise(**{part: other})
    assert rules.seal(changed) != rules.seal(promise())
    assert rules.changed_parts(rules.text_of(promise()), changed) == (part,)


@pytest.mark.parametrize(
    ("text", "kind", "rest"),
    [
        ("begrijpt het belang van doorvragen", "understand", "het belang van doorvragen"),
        ("Is zich bewust van de werkdruk.", "aware", "de werkdruk"),
        ("is able to open a talk", "able", "open a talk"),
        ("staff understand the new rules", "understand", "the new rules"),
        ("weet hoe het systeem werkt", "know", "hoe het systeem werkt"),
    ],
)
def test_what_happens_inside_a_head_is_noticed(text: str, kind: str, rest: str) -> None:
    found = rules.unseen(text)
    assert found
    assert (found.kind, found.rest) == (kind, rest)


@pytest.mark.parametrize(
    "text",
    [
        "vraagt eerst wat wél kan",
        "asks first what is possible",
        "belt binnen een week terug",
        "shows the candle",
        "",
        "kan",
    ],
)
def test_what_can_be_seen_or_heard_is_left_alone(text: str) -> None:
    assert rules.unseen(text) is None


def test_pasted_people_are_read_line_by_line_and_from_an_address_line() -> None:
    text = "Samira El Amrani <samira@example.org>\n12345\nPiet de Vries; piet@example.org; P77\n\nJan Smit\n"
    assert rules.people_in(text) == (
        Named(name="Samira El Amrani", email="samira@example.org"),
        Named(number="12345"),
        Named(name="Piet de Vries", email="piet@example.org", number="P77"),
        Named(name="Jan Smit"),
    )
    line = '"Vries, Piet de" <piet@example.org>; Ada <ada@example.org>; ada@example.org'
    assert rules.people_in(line)[0].name == "Piet de Vries"
    assert [named.email for named in rules.people_in(line)] == [
        "piet@example.org",
        "ada@example.org",
        "ada@example.org",
    ]


def test_the_same_person_pasted_twice_counts_once() -> None:
    assert len(rules.people_in("a@example.org\nA@example.org\na@example.org")) == 1


def test_a_cohort_becomes_a_circle_of_buddies() -> None:
    found = rules.buddies([1, 2, 3, 4], managers={}, taken={}, needing=[1, 2, 3, 4])
    assert found == {1: 2, 2: 3, 3: 4, 4: 1}


def test_nobody_is_their_own_buddy_nor_gets_their_manager() -> None:
    found = rules.buddies([1, 2, 3], managers={1: 2, 3: 2}, taken={}, needing=[1, 2, 3])
    assert found[1] == 3
    assert found[3] == 1
    assert rules.buddies([1], managers={}, taken={}, needing=[1]) == {}
    assert rules.buddies([1, 2], managers={1: 2}, taken={}, needing=[1]) == {}


def test_who_comes_later_is_shared_out_over_those_who_are_asked_least() -> None:
    taken = {1: 2, 2: 3, 3: 1}
    found = rules.buddies([1, 2, 3, 4, 5], managers={}, taken=taken, needing=[4, 5])
    assert found == {4: 5, 5: 4}


def test_situations_are_read_from_a_text_and_what_is_none_is_counted() -> None:
    text = """Somebody calls in ill.
    - ask when they are back
    * ask what is still possible
    - wish them well
    because: so the talk stays open

    [B] Somebody is back after a week.
    a) say nothing
    b) ask how it goes

    Just a sentence."""
    found, unread = rules.scenarios_in(text, form="A")
    assert unread == 1
    assert found[0].options[0] == "ask what is still possible"
    assert len(found[0].options) == 3
    assert found[0].explanation == "so the talk stays open"
    assert (found[1].form, found[1].options) == ("B", ("say nothing", "ask how it goes"))
