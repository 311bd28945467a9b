"""Files people made (CSV, XLSX) into the two tables of a study, with every row that could not be used named.

`inspect` shows what was understood, `convert` writes the tables. Both read the files in a child process with limits, so
that a hostile or damaged file ends that child and nothing else. `text` makes sentences of problems.
"""

from borging.connectors.files.columns import guess_outcomes, guess_participants
from borging.connectors.files.reading import Conversion, FileView, Inspection, convert, inspect
from borging.connectors.files.rules import (
    OVERRIDES,
    ROW_AS_PERSON,
    File,
    Limits,
    OutcomeColumns,
    ParticipantColumns,
    Problem,
    StudyColumns,
    UnusableFileError,
)

__all__ = [
    "OVERRIDES",
    "ROW_AS_PERSON",
    "Conversion",
    "File",
    "FileView",
    "Inspection",
    "Limits",
    "OutcomeColumns",
    "ParticipantColumns",
    "Problem",
    "StudyColumns",
    "UnusableFileError",
    "convert",
    "guess_outcomes",
    "guess_participants",
    "inspect",
]
