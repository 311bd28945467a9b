"""Staggered difference-in-differences (Callaway & Sant'Anna 2021, J. Econometrics 225(2)) from grouped sums.

Two facts make it small. Every ATT(g, t) is a linear map of cohort means, and its influence function is a linear map of
what a cluster adds up to: how many people it has, and the sum of their deviations per period. So the means and the
cross sums of those few numbers per cohort (`Moments`) hold all that any comparison group, base period, aggregation or
covariance needs; the rows are never read again.

`summarise` makes moments from a panel in memory, `combine` from those of parts of the people, and `borging.lake.engine`
from Parquet; then `estimate`, then the rest.

Conventions, those of R `did` and `csdid`: variances are sums of squared influences with n, not n - 1, and no
small-sample factor; influences are summed per cluster; cohort shares are estimated, and that shows in the standard
errors of aggregations. With fewer than forty clusters or a hundred people in an arm the variance is pooled over the
cohorts and the reference is a t distribution (see `pooling`).
"""

from borging.stats.did.averages import Aggregate, aggregate, leave_one_cohort_out, pre_average
from borging.stats.did.effects import GroupTime, NothingToCompareError, estimate
from borging.stats.did.inference import Critical, Pretest, count_assignments, critical, pretest, refuse, simultaneous
from borging.stats.did.moments import CrossSums, Level, Moments, combine, summarise

__all__ = [
    "Aggregate",
    "Critical",
    "CrossSums",
    "GroupTime",
    "Level",
    "Moments",
    "NothingToCompareError",
    "Pretest",
    "aggregate",
    "combine",
    "count_assignments",
    "critical",
    "estimate",
    "leave_one_cohort_out",
    "pre_average",
    "pretest",
    "refuse",
    "simultaneous",
    "summarise",
]
