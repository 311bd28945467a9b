"""What two study files should hold, which of their columns that is, and what can be wrong. No Django, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

File = Literal["participants", "outcomes", "people"]
MIB = 1024 * 1024
ROW_AS_PERSON = "#row"
"""Stands for a person column where each row of one file, used for both roles, is a person without a name."""
OVERRIDES = ("id", "start", "team", "arm", "covariates", "time", "value", "outcome", "periods")
"""What can be overruled; `covariates` and `periods` are column names with commas between, an empty text means none."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something to be said about a file, as a code; `text` turns it into sentences in the reader's language.

    row: as a spreadsheet program numbers it, the header included. value: the cell as it stands, shortened.
    """

    code: str
    file: File | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    params: dict[str, Any] = field(default_factory=dict)


class UnusableFileError(ValueError):
    """Nothing can be done with a file; `problem` says why and what would help."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one reading of two files may take. seconds: processor time; memory_bytes: address space.

    unpacked_bytes, unpack_ratio: what the parts of an XLSX may grow to, and how many times their packed size.
    """

    seconds: int
    memory_bytes: int
    upload_bytes: int
    rows: int
    columns: int
    unpacked_bytes: int
    unpack_ratio: int = 100

    WEB: ClassVar[Limits]
    OWN_MACHINE: ClassVar[Limits]
    PEOPLE: ClassVar[Limits]


Limits.WEB = Limits(
    seconds=10,
    memory_bytes=1536 * MIB,
    upload_bytes=300 * MIB,
    rows=5_000_000,
    columns=2_000,
    unpacked_bytes=400 * MIB,
)
Limits.OWN_MACHINE = Limits(
    seconds=600,
    memory_bytes=16_384 * MIB,
    upload_bytes=2_000 * MIB,
    rows=100_000_000,
    columns=16_384,
    unpacked_bytes=4_000 * MIB,
)


Limits.PEOPLE = Limits(  # a page waits for it
    seconds=10,
    memory_bytes=1536 * MIB,
    upload_bytes=20 * MIB,
    rows=100_000,
    columns=500,
    unpacked_bytes=200 * MIB,
)


@dataclass(frozen=True, kw_only=True)
class ParticipantColumns:
    """Header names in the participants file; `person` is empty while it is not known."""

    person: str
    start: str | None = None
    team: str | None = None
    arm: str | None = None
    covariates: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return present(self.person, self.start, self.team, self.arm, *self.covariates)


@dataclass(frozen=True, kw_only=True)
class OutcomeColumns:
    """Header names in the outcomes file: long (`time`, `value`, `outcome`), or wide when `periods` names columns."""

    person: str
    time: str | None = None
    value: str | None = None
    outcome: str | None = None
    periods: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        if self.periods:
            return present(self.person, *self.periods)
        return present(self.person, self.time, self.value, self.outcome)


@dataclass(frozen=True, kw_only=True)
class StudyColumns:
    """The columns of both files."""

    participants: ParticipantColumns
    outcomes: OutcomeColumns


def read_columns(raw: Mapping[str, Any]) -> StudyColumns:
    """StudyColumns from its JSON."""
    own, measured = dict(raw["participants"]), dict(raw["outcomes"])
    own["covariates"], measured["periods"] = tuple(own["covariates"]), tuple(measured["periods"])
    return StudyColumns(participants=ParticipantColumns(**own), outcomes=OutcomeColumns(**measured))


def present(*names: str | None) -> tuple[str, ...]:
    """The names that are there, each once, without the stand-in for a row number."""
    return tuple(dict.fromkeys(name for name in names if name and name != ROW_AS_PERSON))


def plain(header: str) -> str:
    """A header as it is compared: lower case, with single spaces for points, dashes and underscores."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return " ".join(re.sub(r"[^\w]|_", " ", spaced).casefold().split())


def words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


PERSON = words(
    "person, person id, persoon, persoonsnummer, personeelsnummer, personeelsnr, personeels nr, medewerkernummer, "
    "medewerker nr, medewerker id, medewerker, employee id, employee number, employee, participant id, participant, "
    "deelnemernummer, deelnemer id, deelnemer, respondent id, respondent, subject id, subject, learner id, learner, "
    "cursist, student, worker, id, pid, uid, user id, userid, user, sid, nr, nummer, number, code, naam, name"
)
TREATED = words(
    "treat, treated, treatment, trained, getraind, deelgenomen, participated, behandeld, meegedaan, training gevolgd"
)
START = (
    words(
        "start, startdatum, start datum, start date, startdate, startmaand, start maand, startjaar, start jaar, "
        "start period, startperiode, start periode, start month, start year, first treat, first treated, gestart, "
        "gestart op, begin, begindatum, datum start, datum training, trainingsdatum, training date, trained on, "
        "trained at, training, trainingsmaand, getraind op"
    )
    + TREATED
)
TEAM = words(
    "team, teamnaam, team name, afdeling, department, unit, eenheid, cluster, vestiging, locatie, location, site, "
    "branch, filiaal, ploeg, klas, class, school"
)
ARM = words("arm, groep, group, conditie, condition, assigned, assigned group, toegewezen, toegewezen groep, loting")
TIME = words(
    "time, tijd, period, periode, date, datum, month, maand, quarter, kwartaal, year, jaar, meetmoment, moment, "
    "meetdatum, peildatum, measured at, meting, measurement, occasion, wave, golf, ronde, round, week, day, dag, t"
)
VALUE = words("value, waarde, score, y, meetwaarde, result, resultaat, cijfer, uitkomstwaarde, outcome value")
OUTCOME = words("outcome, uitkomst, kpi, maat, measure, metric, indicator, variable, variabele, schaal, instrument")
SENSITIVE = re.compile(
    r"ziek|verzuim|absen|diagnos|\bsick|illness|medisch|medical|\breasons?\b|\breden\b|\bredenen\b|zwanger|pregnan"
)


def recognised(cells: Iterable[str]) -> int:
    """How many cells of a row are names we know: the more, the more it looks like a header."""
    known = {*PERSON, *START, *TEAM, *ARM, *TIME, *VALUE, *OUTCOME}
    return sum(plain(cell) in known for cell in cells)


def sensitive(headers: Iterable[str]) -> tuple[str, ...]:
    """Headers that look like absence or health (trust rule P5)."""
    return tuple(header for header in headers if SENSITIVE.search(plain(header)))
