from dataclasses import replace

import pytest

from borging.transfer import check, playbooks
from borging.transfer.check import Facts

SOUND = Facts(
    behaviours=2,
    has_goal=True,
    measured=frozenset({"knowledge", "behaviour", "reaction"}),
    sources=frozenset({"learner", "manager"}),
    measured_until=180,
    baseline=True,
    talk_before=True,
    people=12,
    without_buddy=0,
    practice_share=60,
    practice_minutes=30,
    first_chance_days=3,
    main_barrier="know-how",
    retention_days=180,
    repeats_carry_until=255,
    has_embedding_owner=True,
    smallest_change=1.5,
    promised_change=2.0,
    places=12,
    team_told=True,
    signed=True,
    contacts=2,
    is_about_absence=False,
    group=60,
)
BROKEN: list[tuple[str, dict[str, object]]] = [
    ("no-behaviour", {"behaviours": 0}),
    ("no-goal", {"has_goal": False}),
    ("reaction-only", {"measured": frozenset({"reaction", "confidence"})}),
    ("no-baseline", {"baseline": False}),
    ("no-talk-before", {"talk_before": False}),
    ("no-buddy", {"without_buddy": 1}),
    ("little-practice", {"practice_share": 49}),
    ("little-practice", {"practice_share": None}),
    ("no-time", {"practice_minutes": 0}),
    ("late-chance", {"first_chance_days": 15}),
    ("late-chance", {"first_chance_days": None}),
    ("not-training", {"main_barrier": "tools"}),
    ("not-training", {"main_barrier": "time"}),
    ("short-repeats", {"repeats_carry_until": 119}),
    ("no-owner", {"has_embedding_owner": False}),
    ("too-small", {"smallest_change": 2.1}),
    ("too-small", {"smallest_change": None}),
    ("too-few-places", {"places": 11}),
    ("no-follow-up", {"measured_until": 89}),
    ("team-unaware", {"team_told": False}),
    ("unsigned", {"signed": False}),
    ("too-many-nudges", {"contacts": 3}),
    ("absence-size", {"is_about_absence": True, "group": 9}),
    ("absence-size", {"is_about_absence": True, "group": None}),
    ("same-source", {"sources": frozenset({"learner"})}),
]


def test_a_sound_plan_has_nothing_to_mend() -> None:
    assert check.found(SOUND) == ()


@pytest.mark.parametrize(("rule", "changes"), BROKEN)
def test_each_fault_is_found_by_its_own_rule_alone(rule: str, changes: dict[str, object]) -> None:
    assert check.found(replace(SOUND, **changes)) == (rule,)  # type: ignore[arg-type]


def test_every_rule_of_the_content_is_judged_and_none_besides() -> None:
    assert list(check.RULES) == [row["key"] for row in playbooks.records("transfer-check")]
    assert set(check.RULES) == {rule for rule, _changes in BROKEN}


@pytest.mark.parametrize(
    "changes",
    [
        {"first_chance_days": 14},
        {"practice_share": 50},
        {"smallest_change": 2.0},
        {"promised_change": None, "smallest_change": None},
        {"people": 0, "smallest_change": None},
        {"places": None, "people": 500},
        {"is_about_absence": True, "group": 10},
    ],
)
def test_what_is_just_enough_is_in_order(changes: dict[str, object]) -> None:
    assert check.found(replace(SOUND, **changes)) == ()  # type: ignore[arg-type]


def test_what_falls_on_one_day_is_one_mail_and_a_week_is_seven_days_in_a_row() -> None:
    assert check.busiest_week(frozenset()) == 0
    assert check.busiest_week(frozenset({1, 7, 8})) == 2
    assert check.busiest_week(frozenset({1, 4, 7, 8})) == 3
