"""What a file of people says, against what is known of them: who is new, who changes, who leaves. No Django, no clock.

`compare` is all there is to it: the same rows in another order give the same answer, and the same rows again give
nothing to do.
"""

from borging.people.roster.compare import compare, fold
from borging.people.roster.rules import (
    MOST_LEAVING,
    Comparison,
    Dated,
    Employed,
    Entry,
    Fault,
    FieldChange,
    Kind,
    Known,
    Row,
    Who,
)

__all__ = [
    "MOST_LEAVING",
    "Comparison",
    "Dated",
    "Employed",
    "Entry",
    "Fault",
    "FieldChange",
    "Kind",
    "Known",
    "Row",
    "Who",
    "compare",
    "fold",
]
