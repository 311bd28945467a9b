"""A column of text into numbers: decimal commas or points, thousands, percent and euro signs; decided per column."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from borging.connectors.files.rules import Problem, words
from borging.connectors.files.times import ERROR_CELL

MISSING = frozenset(
    words(
        ",na,n/a,n.a.,nan,null,none,nil,-,--,---,–,—,.,?,n.v.t.,n.v.t,nvt,n.b.,nb,onbekend,unknown,missing,leeg,geen,"
        "niet ingevuld,(leeg),(blank),not available,not applicable"
    )
)
"""What people write where there is no measurement."""
YES_WORDS, NO_WORDS = words("yes,ja,true,waar"), words("no,nee,false,onwaar")
_DOT = r"^[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][+-]?\d+)?$"
_COMMA = r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)?(,\d+)?([eE][+-]?\d+)?$"
_GROUPED = r"^[+-]?[1-9]\d{0,2}[.,]\d{3}$"
"""1.234 and 1,234: a thousand or a fraction, as the rest of the column shows."""


@dataclass
class Amounts:
    """values: float64, null where there is none. faults: per reason, which places hold no number."""

    values: pa.DoubleArray
    missing: np.ndarray
    faults: dict[str, np.ndarray] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)


def read_amounts(texts: pa.StringArray, *, typed: pa.DoubleArray | None, comma: bool, column: str | None) -> Amounts:
    """The numbers of a column. typed: cells that were numbers already. comma: how 1.234 is read if nothing tells.

    The whole column goes through Arrow at once when it is plain; else each distinct text is read once.
    """
    if typed is None and (values := plain_amounts(texts)) is not None:
        return Amounts(values, np.asarray(values.is_null()))
    if typed is not None:
        texts = pc.if_else(typed.is_valid(), pa.scalar(None, pa.string()), texts)
    encoded = texts.dictionary_encode()
    places = np.asarray(encoded.indices.fill_null(len(encoded.dictionary)))
    read = read_distinct(encoded.dictionary, comma=comma, column=column)
    numbers = np.append(np.asarray(read.values.fill_null(np.nan)), np.nan)[places]
    missing = np.append(read.missing, True)[places]
    if typed is not None:
        known = np.asarray(typed.is_valid())
        numbers, missing = np.where(known, np.asarray(typed.fill_null(0.0)), numbers), missing & ~known
    faults = {code: np.append(at, False)[places] & np.isnan(numbers) for code, at in read.faults.items()}
    return Amounts(pa.array(numbers, mask=np.isnan(numbers)), missing, faults, read.notes)


def plain_amounts(texts: pa.StringArray) -> pa.DoubleArray | None:
    """A column of nothing but finite numbers with decimal points; None when it is anything else, or could be."""
    try:
        values = pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:
        return None
    if not pc.all(pc.is_finite(values)).as_py() and pc.any(pc.invert(pc.is_finite(values))).as_py():
        return None
    dotted = texts.filter(pc.match_substring(texts, "."))
    if len(dotted) and not proven_dot(dotted.slice(0, 2000)) and not proven_dot(dotted):
        return None
    return values


def proven_dot(dotted: pa.StringArray) -> bool:
    return not pc.all(pc.match_substring_regex(pc.utf8_trim_whitespace(dotted), _GROUPED)).as_py()


def read_distinct(texts: pa.StringArray, *, comma: bool, column: str | None) -> Amounts:
    """The numbers of distinct texts, with what had to be decided for the column as a whole."""
    trimmed = pc.utf8_trim_whitespace(texts)
    lowered = pc.utf8_lower(trimmed)
    missing = np.asarray(pc.is_in(lowered, pa.array(sorted(MISSING))))
    notes: list[Problem] = []
    yes_no = read_yes_no(lowered, missing=missing, column=column, notes=notes)
    if yes_no is not None:
        return Amounts(yes_no, missing, {}, notes)
    bare = strip_signs(trimmed, column=column, notes=notes)
    dot, comma_style = matches(bare, _DOT), matches(bare, _COMMA)
    grouped = matches(bare, _GROUPED)
    only_dot, only_comma = dot & ~comma_style, comma_style & ~dot
    if not only_dot.any() and not only_comma.any():
        as_comma, open_ones = comma, np.zeros(len(bare), dtype=bool)
        if grouped.any():
            notes.append(style_note(trimmed, grouped, comma=comma, column=column))
    else:
        as_comma = bool(only_comma.any())
        open_ones = grouped if only_dot.any() and as_comma else np.zeros(len(bare), dtype=bool)
    by_comma = (comma_style & as_comma & ~only_dot) | only_comma
    readable = (dot | comma_style) & ~open_ones & ~missing
    values = to_floats(bare, by_comma=by_comma, readable=readable)
    wrong = ~missing & np.asarray(values.is_null())
    return Amounts(values, missing, name_faults(trimmed, wrong=wrong, open_ones=open_ones & wrong), notes)


def read_yes_no(
    lowered: pa.StringArray, *, missing: np.ndarray, column: str | None, notes: list[Problem]
) -> pa.DoubleArray | None:
    """1 and 0 for a column that holds only yes and no."""
    yes = np.asarray(pc.is_in(lowered, pa.array(sorted(YES_WORDS))))
    no = np.asarray(pc.is_in(lowered, pa.array(sorted(NO_WORDS))))
    if not (yes.any() or no.any()) or not (yes | no | missing).all():
        return None
    notes.append(Problem(code="yes_no_values", column=column))
    return pa.array(yes.astype(float), mask=missing)


def strip_signs(texts: pa.StringArray, *, column: str | None, notes: list[Problem]) -> pa.StringArray:
    """Percent and currency signs and spaces away, and said."""
    for code, signs in (("percent_signs", "%"), ("currency_signs", "[€$£]|EUR|eur")):
        signed = matches(texts, rf"^[^a-zA-Z]*({signs}).*\d|\d.*({signs})\s*$")
        if signed.any():
            example = texts.filter(pa.array(signed))[0].as_py()
            notes.append(Problem(code=code, column=column, value=example))
    bare = pc.replace_substring_regex(texts, r"^(EUR|eur)\s*|\s*(EUR|eur)$|[%€$£]|,-+$", "")
    bare = pc.replace_substring_regex(pc.utf8_trim_whitespace(bare), r"(\d)[ \x{00A0}\x{202F}'’](\d{3})", r"\1\2")
    bare = pc.replace_substring_regex(bare, r"(\d)[ \x{00A0}\x{202F}'’](\d{3})", r"\1\2")
    return pc.replace_substring_regex(bare, "^[−–]", "-")


def matches(texts: pa.StringArray, pattern: str) -> np.ndarray:
    """Which texts match; those without a digit never do."""
    fits = pc.and_(pc.match_substring_regex(texts, pattern), pc.match_substring_regex(texts, r"\d"))
    return np.asarray(fits.fill_null(False))


def style_note(texts: pa.StringArray, grouped: np.ndarray, *, comma: bool, column: str | None) -> Problem:
    example = texts.filter(pa.array(grouped))[0].as_py()
    thousands = ("." in example) == comma
    read_as = example.replace(".", "").replace(",", "") if thousands else example.replace(",", ".")
    code = "thousands_assumed" if thousands else "decimals_assumed"
    return Problem(code=code, column=column, value=example, params={"read_as": read_as})


def to_floats(bare: pa.StringArray, *, by_comma: np.ndarray, readable: np.ndarray) -> pa.DoubleArray:
    as_comma = pc.replace_substring(pc.replace_substring(bare, ".", ""), ",", ".")
    as_dot = pc.replace_substring(bare, ",", "")
    figures = pc.if_else(pa.array(by_comma), as_comma, as_dot)
    figures = pc.replace_substring_regex(figures, r"^\+", "")
    values = pc.cast(pc.if_else(pa.array(readable), figures, pa.scalar(None, pa.string())), pa.float64())
    return pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))


def name_faults(texts: pa.StringArray, *, wrong: np.ndarray, open_ones: np.ndarray) -> dict[str, np.ndarray]:
    """Why each text that is no number is none."""
    errors = np.asarray(pc.match_substring_regex(texts, f"(?i)^{ERROR_CELL.pattern}$"))
    formulas = np.asarray(pc.match_substring_regex(texts, r"^[=@+]|^-[^\d\s]"))
    return {
        "number_ambiguous": open_ones,
        "error_cell": wrong & errors,
        "formula_text": wrong & formulas & ~errors,
        "value_not_a_number": wrong & ~errors & ~formulas & ~open_ones,
    }
