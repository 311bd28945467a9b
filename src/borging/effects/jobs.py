"""What the effects room does by itself; only the worker and the command line come here."""

from __future__ import annotations

from collections.abc import Callable

from borging.effects.rules import Options, StudyResult
from borging.lake.schema import StudyTables


def analyse(
    *, tables: StudyTables, options: Options, on_progress: Callable[[float], None] = lambda share: None
) -> StudyResult:
    """Study every outcome; loads the science libraries."""
    from borging.effects import estimation

    return estimation.analyse(tables=tables, options=options, on_progress=on_progress)
