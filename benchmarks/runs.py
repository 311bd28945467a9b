"""One measured run in a process of its own: `python -m benchmarks.runs NAME FOLDER` prints what it found and spent.

Peers get their data the way they like it best: a pandas frame with whole numbers for people, loaded before their clock
starts. Our clock includes reading Parquet with names for people.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from borging.stats.did.averages import Kind

Answer = dict[str, float]
KINDS: tuple[Kind, ...] = ("simple", "dynamic", "group", "calendar")


def processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def run_borging(folder: Path, *, team: bool = False) -> Callable[[], Answer]:
    from borging.lake import engine
    from borging.lake.schema import StudyTables, TimeScale
    from borging.stats import did

    tables = StudyTables(
        participants=folder / "participants.parquet",
        outcomes=folder / "outcomes.parquet",
        scale=TimeScale(unit="month"),
    )

    def work() -> Answer:
        with engine.connect() as lake:
            moments = lake.moments(tables, outcome="kpi", cluster="team" if team else "person")
        effects = did.estimate(moments, control="notyet")
        found = {kind: did.aggregate(effects, kind=kind) for kind in KINDS}
        overall: Answer = {kind: average.overall for kind, average in found.items()}
        return {"cells": len(effects.att), "simple_se": found["simple"].overall_se, **overall}

    return work


def run_borging_by_team(folder: Path) -> Callable[[], Answer]:
    return run_borging(folder, team=True)


def run_scan(folder: Path) -> Callable[[], Answer]:
    import duckdb

    def work() -> Answer:
        rows = duckdb.read_parquet(str(folder / "outcomes.parquet")).filter("outcome = 'kpi'")
        rows.aggregate("count(person), sum(time), sum(value)").fetchall()
        return {}

    return work


def _load_frame(folder: Path) -> Any:
    """unit, time, first (0: never), team and y, people and teams as whole numbers."""
    import duckdb

    return duckdb.execute(
        """
        with people as (select *, row_number() over (order by person) as unit from read_parquet(?))
        select unit, time, coalesce(start, 0) as first, cast(substr(team, 2) as bigint) as team, value as y
        from read_parquet(?) join people using (person) order by unit, time
        """,
        [str(folder / "participants.parquet"), str(folder / "outcomes.parquet")],
    ).df()


def run_diff_diff(folder: Path, *, team: bool = False) -> Callable[[], Answer]:
    from diff_diff import CallawaySantAnna

    frame = _load_frame(folder)

    def work() -> Answer:
        model = CallawaySantAnna(
            control_group="not_yet_treated", estimation_method="reg", cluster="team" if team else None
        )
        found = model.fit(frame, outcome="y", unit="unit", time="time", first_treat="first")
        for kind in ("simple", "event_study", "group"):  # it has no average by calendar period
            found.aggregate(kind)
        effects = found.group_time_effects.values()
        return {"cells": len(effects), "simple": found.overall_att, "simple_se": found.overall_se}

    return work


def run_diff_diff_by_team(folder: Path) -> Callable[[], Answer]:
    return run_diff_diff(folder, team=True)


def run_csdid(folder: Path) -> Callable[[], Answer]:
    from csdid.att_gt import ATTgt

    frame = _load_frame(folder)

    def work() -> Answer:
        model = ATTgt(
            yname="y", tname="time", idname="unit", gname="first", data=frame, control_group="notyettreated"
        ).fit(est_method="reg", bstrap=False)
        overall: Answer = {}
        for kind in KINDS:
            found = model.aggte(typec=kind, bstrap=False, cband=False).atte
            overall[kind] = float(found["overall_att"])
            if kind == "simple":
                overall["simple_se"] = float(found["overall_se"])
        return {"cells": len(model.results["att"]), **overall}

    return work


RUNS: dict[str, Callable[[Path], Callable[[], Answer]]] = {
    "borging": run_borging,
    "borging by team": run_borging_by_team,
    "duckdb scan": run_scan,
    "diff-diff": run_diff_diff,
    "diff-diff by team": run_diff_diff_by_team,
    "csdid": run_csdid,
}


def main() -> None:
    warnings.simplefilter("ignore")
    name, folder = sys.argv[1:]
    work = RUNS[name](Path(folder))
    before = processor_seconds()
    answer = work()
    spent = processor_seconds() - before
    sys.stdout.write("\n" + json.dumps({"work": spent, "answer": answer}) + "\n")


if __name__ == "__main__":
    main()
