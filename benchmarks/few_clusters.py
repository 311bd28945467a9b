"""How often few teams show an effect that is not there: `python -m benchmarks.few_clusters [runs]`.

Teams of ten, intraclass correlation .1 in every period (a team's shock lasts: autocorrelation .5), eight periods,
no effect. Printed: the share of simple averages called significant at 5 %, with the variance as published (robust,
normal), pooled over cohorts (pooled, t), and what `did.estimate` chooses by itself. 2,000 runs are good for +- .01.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from borging.stats import did
from borging.stats.did.effects import Variance

Floats = NDArray[np.float64]
PERIODS = 8
VARIANCES: tuple[Variance, ...] = ("robust", "pooled", "auto")


@dataclass(frozen=True, kw_only=True)
class Design:
    """How many teams start at each of `starts`; `never` teams do not start.

    sizes: people in a team, drawn from these. absent: share of people who do not start with their team.
    """

    name: str
    treated: tuple[int, ...]
    starts: tuple[int, ...]
    never: int
    sizes: tuple[int, ...] = (10,)
    absent: float = 0.0


UNEQUAL = (4, 7, 10, 16, 25)


DESIGNS = (
    Design(name="6 teams, 3 trained", treated=(3,), starts=(5,), never=3),
    Design(name="8, 2", treated=(2,), starts=(5,), never=6),
    Design(name="10, 5", treated=(5,), starts=(5,), never=5),
    Design(name="12, 3", treated=(3,), starts=(5,), never=9),
    Design(name="20, 3", treated=(3,), starts=(5,), never=17),
    Design(name="20, 10", treated=(10,), starts=(5,), never=10),
    Design(name="40, 20", treated=(20,), starts=(5,), never=20),
    Design(name="60, 30", treated=(30,), starts=(5,), never=30),
    Design(name="6 teams, 3 trained in 2 waves", treated=(2, 1), starts=(4, 6), never=3),
    Design(name="8, 4 in 2", treated=(2, 2), starts=(4, 6), never=4),
    Design(name="12, 6 in 3", treated=(2, 2, 2), starts=(4, 5, 6), never=6),
    Design(name="12, all in 4", treated=(3, 3, 3, 3), starts=(4, 5, 6, 7), never=0),
    Design(name="20, 10 in 3", treated=(4, 3, 3), starts=(4, 5, 6), never=10),
    Design(name="40, 20 in 4", treated=(5, 5, 5, 5), starts=(4, 5, 6, 7), never=20),
    Design(name="60, 20 in 4", treated=(5, 5, 5, 5), starts=(4, 5, 6, 7), never=40),
    Design(name="100, 20 in 4", treated=(5, 5, 5, 5), starts=(4, 5, 6, 7), never=80),
    Design(name="80, 42 in 7", treated=(6,) * 7, starts=(2, 3, 4, 5, 6, 7, 8), never=38),
    Design(name="120, 60 in 4", treated=(15,) * 4, starts=(4, 5, 6, 7), never=60),
    Design(name="12, 6 in 2, teams of 4 to 25", treated=(3, 3), starts=(4, 6), never=6, sizes=UNEQUAL),
    Design(name="30, 15 in 3, teams of 4 to 25", treated=(5, 5, 5), starts=(4, 5, 6), never=15, sizes=UNEQUAL),
    Design(name="12, 3, a fifth absent", treated=(3,), starts=(5,), never=9, absent=0.2),
    Design(name="12, 6 in 2, a fifth absent", treated=(3, 3), starts=(4, 6), never=6, absent=0.2),
    Design(name="40, 20 in 2, a fifth absent", treated=(10, 10), starts=(4, 6), never=20, absent=0.2),
    Design(name="100, 50 in 2, a fifth absent", treated=(25, 25), starts=(4, 6), never=50, absent=0.2),
)


def draw(design: Design, random: np.random.Generator) -> did.Moments:
    """One panel without an effect."""
    start = np.repeat([*design.starts, np.inf], [*design.treated, design.never])
    team = np.repeat(np.arange(len(start)), random.choice(design.sizes, len(start)))
    shocks = _last(random.standard_normal((len(start), PERIODS)), random)
    values = np.sqrt(0.1) * shocks[team] + np.sqrt(0.9) * _last(random.standard_normal((len(team), PERIODS)), random)
    own = np.where(random.random(len(team)) < design.absent, np.inf, start[team])
    return did.summarise(values=values, periods=np.arange(1, PERIODS + 1), start=own, clusters=team)


def _last(shocks: Floats, random: np.random.Generator) -> Floats:
    """Make each row an AR(1) series with correlation .5 and variance 1."""
    series = shocks.copy()
    for period in range(1, shocks.shape[1]):
        series[:, period] = 0.5 * series[:, period - 1] + np.sqrt(0.75) * shocks[:, period]
    return series


def count_false_alarms(design: Design, *, runs: int) -> dict[Variance, float]:
    """Share of runs in which the simple average is called significant at 5 %."""
    random = np.random.default_rng(2024)
    alarms: dict[Variance, int] = dict.fromkeys(VARIANCES, 0)
    for _ in range(runs):
        moments = draw(design, random)
        for variance in VARIANCES:
            found = did.aggregate(did.estimate(moments, variance=variance))
            alarms[variance] += abs(found.overall) > did.critical(found).value * found.overall_se
    return {variance: count / runs for variance, count in alarms.items()}


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print(f"{'share called significant, nominal .050':40}" + "".join(f"{variance:>9}" for variance in VARIANCES))
    for design in DESIGNS:
        shares = count_false_alarms(design, runs=runs)
        print(f"{design.name:40}" + "".join(f"{shares[variance]:9.3f}" for variance in VARIANCES), flush=True)


if __name__ == "__main__":
    main()
