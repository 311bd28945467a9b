"""Somebody's own line as a page: the curves, and every answer with the question it was given to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from borging.figures.pages import parts
from borging.figures.words import number
from borging.measure import story
from borging.measure.rules import OwnAnswer, OwnLine
from borging.transfer.playbooks import playbook
from borging.transfer.rules import Question


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A question and the answer to it, as they are read."""

    given_on: date
    question: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class OwnPage:
    """One programme on the page."""

    name: str
    curves: SafeString
    answers: tuple[Answer, ...]


def pages_of(lines: Sequence[OwnLine], *, language: str) -> tuple[OwnPage, ...]:
    return tuple(
        OwnPage(
            name=line.name,
            curves=parts(story.own_curves(line), language=language),
            answers=tuple(_answer(line, answer, language=language) for answer in reversed(line.answers)),
        )
        for line in lines
    )


class _Places(dict[str, str]):
    """Words for the places in a question; three dots where the card had something of that moment."""

    def __missing__(self, key: str) -> str:
        return "…"


def _answer(line: OwnLine, answer: OwnAnswer, *, language: str) -> Answer:
    questions = {question.key: question for question in playbook(line.playbook).step(answer.step).questions}
    question = questions.get(answer.question)
    places = _Places({"behaviour": answer.behaviour} if answer.behaviour else {})
    text = question.text[language].format_map(places) if question else answer.question
    return Answer(given_on=answer.given_on, question=text, answer=_said(answer, question, language=language))


def _said(answer: OwnAnswer, question: Question | None, *, language: str) -> str:
    if question and question.source:
        return _("the best choice") if answer.number else _("another choice")
    options = (*question.options, *question.also) if question else ()
    words = {"yes": _("Yes"), "no": _("No")} | {option.key: option.words[language] for option in options}
    if answer.choice:
        return words.get(answer.choice, answer.choice)
    return number(answer.number, decimals=0) if answer.number is not None else answer.text
