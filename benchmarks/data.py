"""A seeded panel of people by months: 36 months, twelve starting cohorts and a third never trained, teams of twelve."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from borging.lake.schema import OUTCOMES, PARTICIPANTS

FOLDER = Path(__file__).parent / "data"
MONTHS = 36
FIRST = 2022 * 12
TEAM = 12
EFFECT = 0.2
PEOPLE_AT_ONCE = 20_000


def make_panel(rows: int, *, seed: int = 2026) -> Path:
    """The folder of a panel of about `rows` person-months; written once."""
    folder = FOLDER / f"panel-{rows}"
    if (folder / "outcomes.parquet").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    people = rows // MONTHS
    team = np.arange(people) // TEAM
    teams = int(team[-1]) + 1
    waves = FIRST + 6 + 2 * random.integers(0, 12, teams)
    start = np.where(random.random(teams) < 1 / 3, 0, waves)[team]
    person = _name("p", np.arange(people), digits=8)
    participants = {
        "person": person,
        "start": pa.array(start, mask=start == 0),
        "team": _name("t", team, digits=7),
        "arm": pa.nulls(people, pa.string()),
    }
    pq.write_table(pa.table(participants, schema=PARTICIPANTS), folder / "participants.parquet")
    unfinished = folder / "outcomes.part"
    with pq.ParquetWriter(unfinished, OUTCOMES) as writer:
        for low in range(0, people, PEOPLE_AT_ONCE):
            names, starts = person.slice(low, PEOPLE_AT_ONCE), start[low : low + PEOPLE_AT_ONCE]
            writer.write_table(_draw_values(names, starts, team[low : low + PEOPLE_AT_ONCE], random))
    unfinished.rename(folder / "outcomes.parquet")
    return folder


def _draw_values(names: pa.Array, start: np.ndarray, team: np.ndarray, random: np.random.Generator) -> pa.Table:
    """A level per person and per team, a common trend, noise, and the effect from the start on."""
    months = FIRST + np.arange(MONTHS)
    level = random.standard_normal(len(start)) + 0.3 * random.standard_normal(int(np.ptp(team)) + 1)[team - team[0]]
    values = level[:, None] + 0.02 * np.arange(MONTHS) + 0.5 * random.standard_normal((len(start), MONTHS))
    values += EFFECT * ((start[:, None] > 0) & (months >= start[:, None]))
    rows = pa.array(np.repeat(np.arange(len(start)), MONTHS))
    outcome = pa.DictionaryArray.from_arrays(np.zeros(len(rows), np.int32), ["kpi"]).cast(pa.string())
    columns = [names.take(rows), outcome, np.tile(months, len(start)), values.ravel()]
    return pa.table(dict(zip(OUTCOMES.names, columns, strict=True)), schema=OUTCOMES)


def _name(prefix: str, numbers: np.ndarray, *, digits: int) -> pa.Array:
    padded = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), digits, "0")
    return pc.binary_join_element_wise(prefix, padded, "")


if __name__ == "__main__":
    sys.stdout.write(str(make_panel(int(sys.argv[1]))))
