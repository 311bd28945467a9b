"""A study's answer in words: from numbers and codes to a report in the reader's language.

No science library is loaded here: pages come here for every view.
"""

from borging.effects.story.report import MOST_ROWS_SHOWN, LeftOut, LeftOutRow, tell
from borging.effects.story.why import reasons

__all__ = ["MOST_ROWS_SHOWN", "LeftOut", "LeftOutRow", "reasons", "tell"]
