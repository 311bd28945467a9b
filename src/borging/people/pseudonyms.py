"""Under which key somebody's answers are kept: a hash that only their own secret and the installation's key lead to.

There is no map to read or to lose: who has no key, or meets a person whose secret is gone, cannot make it.
"""

import hashlib
import hmac
import uuid

from django.conf import settings

from .models import Person


def pseudonym(person: Person, *, purpose: str = "evidence") -> uuid.UUID:
    """The pseudonym of a person for one purpose; pseudonyms for two purposes cannot be matched."""
    words = f"{purpose}:{person.organisation_id}:{person.secret}".encode()
    return uuid.UUID(bytes=hmac.digest(settings.PSEUDONYM_KEY.encode(), words, hashlib.sha256)[:16])
