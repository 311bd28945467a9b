"""From two tables to the answer of a study: who is compared with whom, how large the difference is, how sure we are.

Only jobs come here: the science libraries behind it are slow to load.
"""

from borging.effects.estimation.study import analyse

__all__ = ["analyse"]
