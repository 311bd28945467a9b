"""Places where a process can be made to die, to prove that nothing is lost there. Off unless BORGING_FAILPOINT is set.

`BORGING_FAILPOINT=name:n` ends the process with SIGKILL the n-th time it comes past `name`.
"""

import os
import signal
from collections import Counter

_passed: Counter[str] = Counter()


def passing(name: str) -> None:
    """Die here if that was asked for."""
    wanted, _, times = os.environ.get("BORGING_FAILPOINT", "").partition(":")
    if wanted != name:
        return
    _passed[name] += 1
    if _passed[name] >= int(times or 1):
        os.kill(os.getpid(), signal.SIGKILL)
