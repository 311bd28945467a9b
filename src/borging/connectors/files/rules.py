"""What two study files should hold, which of their columns that is, and what can be wrong with them. No Django, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

File = Literal["participants", "outcomes"]
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
NEVER_GUESSED = words(
    "name, naam, first name, last name, voornaam, achternaam, tussenvoegsel, full name, email, e mail, mail, "
    "e mailadres, phone, telefoon, bsn, address, adres, postcode, birth date, birthdate, geboortedatum, date of birth"
)
"""Columns that tell who somebody is; they enter a study only when a person asks for them."""
SENSITIVE = re.compile(
    r"ziek|verzuim|absen|diagnos|\bsick|illness|medisch|medical|\breasons?\b|\breden\b|\bredenen\b|zwanger|pregnan"
)
MOST_COVARIATES = 40


def first_of(synonyms: Sequence[str], headers: Iterable[str], *, taken: Iterable[str] = ()) -> str | None:
    """The header that is the earliest of the synonyms."""
    known = {plain(header): header for header in reversed(list(headers)) if header not in set(taken)}
    return next((known[word] for word in synonyms if word in known), None)


def recognised(cells: Iterable[str]) -> int:
    """How many cells of a row are names we know: the more, the more it looks like a header."""
    known = {*PERSON, *START, *TEAM, *ARM, *TIME, *VALUE, *OUTCOME}
    return sum(plain(cell) in known for cell in cells)


def sensitive(headers: Iterable[str]) -> tuple[str, ...]:
    """Headers that look like absence or health (trust rule P5)."""
    return tuple(header for header in headers if SENSITIVE.search(plain(header)))


def column_of(name: str, *, headers: Sequence[str], samples: Sequence[Sequence[str]]) -> list[str]:
    place = headers.index(name)
    return [row[place].strip() for row in samples if place < len(row) and row[place].strip()]


def looks_numeric(cells: Sequence[str]) -> bool:
    """Whether nearly all sample cells are figures."""
    figures = sum(bool(re.fullmatch(r"[€$£]?\s*[-+−]?[\d.,]*\d[\d.,]*\s*%?", cell)) for cell in cells)
    return bool(cells) and figures >= 0.8 * len(cells)


def guess_participants(headers: Sequence[str], samples: Sequence[Sequence[str]]) -> ParticipantColumns:
    """Which column is what, from Dutch and English names; covariates are the other columns that describe a group.

    A column with a different text in nearly every row (a remark, a name) does not describe a group.
    """
    person = first_of(PERSON, headers) or ""
    start = first_of(START, headers, taken=[person])
    team = first_of(TEAM, headers, taken=[person])
    arm = first_of(ARM, headers, taken=[person])
    covariates = []
    for header in headers:
        cells = column_of(header, headers=headers, samples=samples)
        varied = len(set(cells)) > max(8, len(cells) // 2)
        private = plain(header) in {*NEVER_GUESSED, *PERSON} or sensitive([header])
        if cells and header not in (person, start, team, arm) and not private:
            covariates += [header] if looks_numeric(cells) or not varied else []
    chosen = tuple(covariates) if len(covariates) <= MOST_COVARIATES else ()
    return ParticipantColumns(person=person, start=start, team=team, arm=arm, covariates=chosen)


def guess_outcomes(headers: Sequence[str], samples: Sequence[Sequence[str]]) -> OutcomeColumns:
    """Long when a column is called time (or the like); else wide when two or more headers are periods."""
    from borging.connectors.files.times import wide_periods

    person = first_of(PERSON, headers) or ""
    time = first_of(TIME, headers, taken=[person])
    others = [header for header in headers if header not in (person, time)]
    numeric = [h for h in others if looks_numeric(column_of(h, headers=headers, samples=samples))]
    if time is None:
        periods = tuple(wide_periods(numeric))
        if periods:
            return OutcomeColumns(person=person, periods=periods)
    outcome = first_of(OUTCOME, others)
    value = first_of(VALUE, others, taken=[outcome or ""])
    if value is None and outcome in numeric:
        value, outcome = outcome, None
    if value is None and len(numeric) == 1:
        value = numeric[0]
    return OutcomeColumns(person=person, time=time, value=value, outcome=outcome)


def overrule_participants(
    guess: ParticipantColumns, *, overrides: Mapping[str, str], headers: Sequence[str]
) -> ParticipantColumns:
    """The guess with what a person said about it; a name given a role leaves its other role.

    Raises UnusableFileError naming the columns there are when an override names none of them.
    """
    found = found_names(overrides, ("id", "start", "team", "arm"), headers=headers, file="participants")
    columns = replace(guess, **{"person" if key == "id" else key: name for key, name in found.items()})
    for key in ("start", "team", "arm"):
        if key not in found and getattr(columns, key) in found.values():
            columns = replace(columns, **{key: None})
    roles = (columns.person, columns.start, columns.team, columns.arm)
    if "covariates" in overrides:
        names = split_names(overrides["covariates"], headers=headers)
        asked = tuple(name_in(name, headers=headers, key="covariates", file="participants") for name in names)
        return replace(columns, covariates=asked)
    return replace(columns, covariates=tuple(name for name in columns.covariates if name not in roles))


def overrule_outcomes(
    guess: OutcomeColumns, *, overrides: Mapping[str, str], headers: Sequence[str]
) -> OutcomeColumns:
    """The guess with what a person said about it; `periods` makes the file wide, `time` or `value` makes it long."""
    found = found_names(overrides, ("id", "time", "value", "outcome"), headers=headers, file="outcomes")
    named = {"person" if key == "id" else key: name for key, name in found.items()}
    columns = replace(guess, **named)
    for key in ("time", "value", "outcome"):
        if key not in found and getattr(columns, key) in found.values():
            columns = replace(columns, **{key: None})
    if overrides.get("periods"):
        names = split_names(overrides["periods"], headers=headers)
        periods = tuple(name_in(name, headers=headers, key="periods", file="outcomes") for name in names)
        return replace(columns, periods=periods, time=None, value=None, outcome=None)
    if found.get("time") or found.get("value"):
        return replace(columns, periods=())
    return columns


def found_names(
    overrides: Mapping[str, str], keys: Sequence[str], *, headers: Sequence[str], file: File
) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for key in keys:
        if key in overrides:
            name = overrides[key]
            if not name and key == "id":
                continue
            found[key] = name_in(name, headers=headers, key=key, file=file) if name else None
    return found


def split_names(text: str, *, headers: Sequence[str]) -> list[str]:
    """The names in a list with commas; a header that holds a comma itself may stand alone."""
    return [text] if text in headers else [name.strip() for name in text.split(",") if name.strip()]


def name_in(name: str, *, headers: Sequence[str], key: str, file: File) -> str:
    """The header as it stands in the file; raises UnusableFileError when no header is called so."""
    if name == ROW_AS_PERSON and key == "id":
        return name
    for same in (lambda header: header == name, lambda header: plain(header) == plain(name)):
        match = next((header for header in headers if same(header)), None)
        if match is not None:
            return match
    listed = ", ".join(headers[:40])
    raise UnusableFileError(Problem(code="column_missing", file=file, value=name, params={"key": key, "there": listed}))


def check_columns(columns: StudyColumns, *, headers: Mapping[File, Sequence[str]]) -> tuple[Problem, ...]:
    """What keeps these columns from being a study; empty when nothing does."""
    faults = []
    asked: tuple[tuple[File, str, str | None], ...] = (
        ("participants", "person_column_missing", columns.participants.person),
        ("outcomes", "person_column_missing", columns.outcomes.person),
        ("outcomes", "value_column_missing", columns.outcomes.value or next(iter(columns.outcomes.periods), None)),
    )
    for file, code, name in asked:
        if not name:
            faults.append(Problem(code=code, file=file, params={"there": ", ".join(headers[file][:40])}))
    for file, names in (("participants", columns.participants.names), ("outcomes", columns.outcomes.names)):
        for name in names:
            if name not in headers[file]:
                there = ", ".join(headers[file][:40])
                faults.append(Problem(code="column_missing", file=file, value=name, params={"there": there}))
    return tuple(faults)
