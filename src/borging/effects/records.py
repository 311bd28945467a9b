"""A study's answer from JSON: what is stored, so that a report can be told again in another language."""

from __future__ import annotations

from typing import Any

from borging.effects.rules import Options, StudyResult
from borging.figures.records import from_json, to_json

__all__ = ["options_from_json", "result_from_json", "to_json"]


def result_from_json(record: dict[str, Any]) -> StudyResult:
    return from_json(StudyResult, record)


def options_from_json(record: dict[str, Any]) -> Options:
    return from_json(Options, record)
