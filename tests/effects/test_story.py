"""What a report says, and what it may never say."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from django.utils import translation

from borging.effects import story
from borging.effects.records import result_from_json, to_json
from borging.effects.rules import Assignment, Options, OutcomeResult, StudyResult
from borging.figures import words
from borging.figures.rules import Figure, Finding, Withheld
from tests.effects.tables import People, panel, study
from tests.effects.test_estimation import two_moments

NOTHING_LEFT_OUT = story.LeftOut(
    participants_rows=1, participants_kept=1, outcomes_rows=1, outcomes_kept=1, rows=(), total=0, notes=()
)
CAUSAL = {"en": ("ecause of the training, “",), "nl": ("oor de training was", "et de training was")}
Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "en")


def tell(result: OutcomeResult, language: Language) -> Finding:
    whole = StudyResult(
        outcomes=(result,), scale_unit="number", scale_labels=(), options=Options(cost=1000.0), data_hash="0" * 64
    )
    assert result_from_json(to_json(whole)) == whole
    report = story.tell(whole, language=language, title="t", made_on=date(2026, 11, 23), left_out=NOTHING_LEFT_OUT)
    return report.findings[0]


def words_of(finding: Finding) -> str:
    figure = finding.figure
    parts = [figure.sentence if isinstance(figure, Figure) else figure.reason]
    parts += [paragraph for note in finding.notes for paragraph in note.paragraphs]
    parts += [paragraph for section in finding.sections for paragraph in section.paragraphs]
    return " ".join(parts)


def only_trained() -> People:
    return two_moments(seed=1, trained=40, others=0, effect=1.0)


def without_baseline() -> People:
    people = two_moments(seed=2, trained=40, others=40, effect=1.0)
    return replace(people, values=[{2: row[2]} for row in people.values])


CASES = {
    "paired": (only_trained(), Assignment.UNKNOWN),
    "naive": (without_baseline(), Assignment.CHOICE),
    "lottery": (without_baseline(), Assignment.LOTTERY),
    "baseline": (two_moments(seed=3, trained=40, others=40, effect=1.0), Assignment.UNKNOWN),
    "ancova": (two_moments(seed=4, trained=40, others=40, effect=1.0), Assignment.LOTTERY),
    "staggered": (panel(people=120, starts=[9, 13, None], effect=1.0), Assignment.UNKNOWN),
    "waves": (panel(people=120, starts=[9, 13, 17], effect=-1.0), Assignment.LOTTERY),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_a_causal_sentence_stands_only_from_rung_five_and_every_sentence_is_whole(
    name: str, language: Language, tmp_path: Path
) -> None:
    people, assignment = CASES[name]
    result = study(people, tmp_path, assignment=assignment, cost=1000.0)
    finding = tell(result, language)
    assert isinstance(finding.figure, Figure)
    causal = any(words in finding.figure.sentence for words in CAUSAL[language])
    assert causal == (result.rung >= 5)
    assert finding.figure.label == {
        ("nl", True): "verschil", ("nl", False): "effect", ("en", True): "difference", ("en", False): "effect"
    }[language, result.refused]  # fmt: skip
    said = words_of(finding)
    assert "%(" not in said
    assert "nan" not in said.casefold().split()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_margin_with_zero_in_it_says_we_do_not_know_and_never_no_effect(language: Language, tmp_path: Path) -> None:
    result = study(two_moments(seed=9, trained=15, others=15, effect=0.0), tmp_path, assignment=Assignment.LOTTERY)
    finding = tell(result, language)
    assert isinstance(finding.figure, Figure)
    assert {"nl": "weten we niet", "en": "we do not know"}[language] in finding.figure.sentence
    assert {"nl": "geen effect", "en": "no effect"}[language] not in finding.figure.sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_group_that_is_too_small_is_withheld_with_its_reason_and_no_count(language: Language, tmp_path: Path) -> None:
    result = study(two_moments(seed=9, trained=4, others=30, effect=0.0), tmp_path)
    finding = tell(result, language)
    assert isinstance(finding.figure, Withheld)
    assert "5" in finding.figure.reason
    assert "30" not in words_of(finding)
    assert not finding.sections


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_withheld_for_another_reason_names_no_number_of_people(language: Language, tmp_path: Path) -> None:
    finding = tell(study(People(start=[None] * 9, values=[{1: float(n)} for n in range(9)]), tmp_path), language)
    assert isinstance(finding.figure, Withheld)
    with translation.override(language):
        assert words.withheld(finding.figure) == finding.figure.reason


@pytest.mark.parametrize("start", [None, 99])
def test_without_anyone_trained_yet_there_is_no_rung_to_raise(start: int | None, tmp_path: Path) -> None:
    people = People(start=[start] * 9, values=[{1: float(n)} for n in range(9)])
    assert tell(study(people, tmp_path), "en").notes == ()


def test_a_small_group_is_told_to_grow_and_nothing_else(tmp_path: Path) -> None:
    finding = tell(study(two_moments(seed=9, trained=4, others=30, effect=0.0), tmp_path), "en")
    ((advice,),) = [note.paragraphs for note in finding.notes]
    assert advice.startswith("Take more people together")


@pytest.mark.parametrize(("language", "name"), [("nl", "de uitkomst"), ("en", "the outcome")])
def test_an_outcome_without_a_name_is_called_what_it_is(language: Language, name: str, tmp_path: Path) -> None:
    result = replace(study(only_trained(), tmp_path), outcome="outcomes")
    assert tell(result, language).outcome == name


def test_what_would_raise_the_rung_names_the_lot_until_the_lot_decided(tmp_path: Path) -> None:
    told = tell(study(without_baseline(), tmp_path), "en")
    drawn = tell(study(without_baseline(), tmp_path, assignment=Assignment.LOTTERY), "en")
    assert "That gives rung 6." in words_of(told)
    assert "That gives rung 6." not in words_of(drawn)
