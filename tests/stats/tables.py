"""Reference files as rows and columns."""

import csv

import numpy as np
from numpy.typing import NDArray

from tests.reference import reference

Floats = NDArray[np.float64]


def read_rows(name: str) -> list[dict[str, str]]:
    with reference(f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def read_columns(name: str, *columns: str) -> list[Floats]:
    """Number columns, an empty cell as NaN."""
    rows = read_rows(name)
    return [np.array([float(row[column] or "nan") for row in rows]) for column in columns]


def read_table(name: str) -> Floats:
    """All columns (n, k), an empty cell as NaN."""
    return np.column_stack(read_columns(name, *read_rows(name)[0]))
