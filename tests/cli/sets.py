"""Reference sets as the two files a study is made of."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.reference import reference

Rows = Iterable[list[str]]
COVARIATES = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]


def write(path: Path, header: list[str], rows: Rows) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def read(name: str) -> list[dict[str, str]]:
    with reference(f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def job_training(folder: Path, name: str = "lalonde_nsw_dw") -> tuple[Path, Path]:
    """Trained or not, what was known before, and earnings in 1978."""
    people = list(enumerate(read(name), 1))
    start = {"1": "1976", "0": ""}
    return (
        write(
            folder / "participants.csv",
            ["person", "start", *COVARIATES],
            ([str(n), start[row["treat"]], *(row[key] for key in COVARIATES)] for n, row in people),
        ),
        write(
            folder / "outcomes.csv",
            ["person", "year", "earnings"],
            ([str(n), "1978", row["re78"]] for n, row in people),
        ),
    )


def minimum_wage(folder: Path) -> tuple[Path, Path]:
    """County teen employment 2003-2007; counties raise the minimum wage in 2004, 2006, 2007 or never (0)."""
    rows = read("mpdta")
    counties = {row["countyreal"]: row["first.treat"] for row in rows}
    return (
        write(folder / "participants.csv", ["county", "first.treat"], ([*pair] for pair in counties.items())),
        write(
            folder / "outcomes.csv",
            ["county", "year", "lemp"],
            ([row["countyreal"], row["year"], row["lemp"]] for row in rows),
        ),
    )


def sleep(folder: Path) -> tuple[Path, Path]:
    """Hours of extra sleep of the same ten patients under two drugs."""
    rows = read("sleep_paired")
    people = sorted({row["ID"] for row in rows}, key=int)
    return (
        write(folder / "participants.csv", ["person", "start"], ([person, "2"] for person in people)),
        write(
            folder / "outcomes.csv",
            ["person", "time", "extra"],
            ([row["ID"], row["group"], row["extra"]] for row in rows),
        ),
    )


def movies(folder: Path) -> tuple[Path, Path]:
    """Ten people's ratings of two films, one column a film."""
    people = list(enumerate(read("lakens_movies"), 1))
    return (
        write(folder / "participants.csv", ["person", "start"], ([str(n), "2"] for n, _row in people)),
        write(
            folder / "outcomes.csv",
            ["person", "movie1", "movie2"],
            ([str(n), row["movie2"], row["movie1"]] for n, row in people),
        ),
    )


Maker = Callable[[Path], tuple[Path, Path]]
