"""Files people made (CSV, XLSX) into the tables of a study or into people; every row that could not be used is named.

`inspect` shows what was understood, `convert` writes the tables; `inspect_people` and `read_people` do the same for one
file of people. All of them read in a child process with limits, so that a hostile or damaged file ends that child and
nothing else. `text` makes sentences of problems.
"""

from borging.connectors.files.columns import guess_outcomes, guess_participants
from borging.connectors.files.reading import (
    Conversion,
    FileView,
    Inspection,
    PeopleRows,
    convert,
    inspect,
    inspect_people,
    read_people,
)
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
from borging.connectors.files.staff import StaffColumns, read_staff_columns

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
    "PeopleRows",
    "Problem",
    "StaffColumns",
    "StudyColumns",
    "UnusableFileError",
    "convert",
    "guess_outcomes",
    "guess_participants",
    "inspect",
    "inspect_people",
    "read_people",
    "read_staff_columns",
]
