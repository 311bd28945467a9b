"""A study's answer in words: from numbers and codes to a report in the reader's language.

No science library is loaded here: pages come here for every view.
"""

from borging.effects.story.report import LeftOut, LeftOutRow, tell
from borging.effects.story.why import reasons

__all__ = ["LeftOut", "LeftOutRow", "reasons", "tell"]
