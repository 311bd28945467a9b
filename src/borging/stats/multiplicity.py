"""Many outcomes tested at once: p-values raised so that chance does not win by numbers."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from borging.stats.samples import Floats, SampleError, check_sample

Method = Literal["bonferroni", "holm", "hochberg", "bh"]


def adjust(p: ArrayLike, *, method: Method) -> Floats:
    """Adjusted p-values (m,), in the order of p (m,): reject where they are at most alpha (bh: at most q).

    bonferroni and holm (1979) keep the chance of any false finding whatever the dependence; hochberg (1988) when
    tests go together positively; bh keeps the expected share of false findings (Benjamini & Hochberg 1995).
    Raises SampleError when a value is missing or no probability.
    """
    values = check_sample(p, name="p", at_least=1)
    if values.min() < 0 or values.max() > 1:
        raise SampleError("a p-value lies between 0 and 1")
    m = len(values)
    if method == "bonferroni":
        return np.minimum(m * values, 1)
    order = np.argsort(values, kind="stable")
    position = np.arange(1, m + 1)
    raised = values[order] * (m / position if method == "bh" else m + 1 - position)
    running = np.maximum.accumulate(raised) if method == "holm" else np.minimum.accumulate(raised[::-1])[::-1]
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(running, 1)
    return adjusted
