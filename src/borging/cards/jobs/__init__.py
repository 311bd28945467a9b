"""What happens with cards by itself: due ones are gathered into contacts, and contacts are sent. Only `tick` starts it.

A contact is fixed before it is sent, with the Message-ID it will always have. So a worker may die anywhere: what it had
claimed comes back when the claim runs out, and a second copy is the same message.
"""

from .delivering import LEASE, AwayError, BrokenError, RefusedError, Send, backlog, deliver, still_asked
from .gathering import due_people, gather
from .telling import still_told

__all__ = [
    "LEASE",
    "AwayError",
    "BrokenError",
    "RefusedError",
    "Send",
    "backlog",
    "deliver",
    "due_people",
    "gather",
    "still_asked",
    "still_told",
]
