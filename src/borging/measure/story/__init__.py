"""Released numbers told in the reader's language. What may be said follows from the rung; it is never why."""

from borging.measure.story.friday import friday
from borging.measure.story.line import own_curves
from borging.measure.story.names import Names
from borging.measure.story.report import Told, tell
from borging.measure.story.unit import tell_unit

__all__ = ["Names", "Told", "friday", "own_curves", "tell", "tell_unit"]
