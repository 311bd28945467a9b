"""Reference data with published values: copied into tests/data where that is allowed, else beside the checkout."""

import json
from pathlib import Path
from typing import Any

import pytest

COPIED = Path(__file__).parent / "data"
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "reference"


def reference(name: str) -> Path:
    """The path of a reference file; skips the test where only the machines of the project have it."""
    for folder in (COPIED, BESIDE):
        if (folder / name).exists():
            return folder / name
    pytest.skip(f"{name} may not be copied into the project: put it in tests/data to run this test")


def published(name: str) -> dict[str, tuple[float, float]]:
    """The published values of a set and their tolerances: {key: (expected, tolerance)}, verified ones only."""
    record: dict[str, Any] = json.loads(reference(f"{name}.json").read_text())
    return {row["key"]: (row["expected"], row["tolerance"]) for row in record["expected"] if row["verified"]}
