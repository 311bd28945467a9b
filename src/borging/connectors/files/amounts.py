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
HEAD = 10_000
_SIMPLE = r"^-?\d+([.,]\d+)?$"
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
        texts = pc.if_else(typed.is_valid(), pa.scalar(None, pa.string()), texts)  # what is left to read
    read = read_repeated(texts, comma=comma, column=column)
    if typed is None:
        return read
    values = pc.coalesce(typed, read.values)
    return Amounts(values, read.missing & np.asarray(typed.is_null()), read.faults, read.notes)


def read_repeated(texts: pa.StringArray, *, comma: bool, column: str | None) -> Amounts:
    """Each distinct text once, where texts repeat; a column of ever new numbers goes through as it is."""
    head = texts.slice(0, HEAD)
    if len(head.unique()) > HEAD // 2:
        return read_distinct(texts.fill_null(""), comma=comma, column=column)
    encoded = texts.dictionary_encode()
    places = np.asarray(encoded.indices.fill_null(len(encoded.dictionary)))
    read = read_distinct(encoded.dictionary, comma=comma, column=column)
    values = pa.concat_arrays([read.values, pa.nulls(1, pa.float64())]).take(pa.array(places))
    faults = {code: np.append(at, False)[places] for code, at in read.faults.items()}
    return Amounts(values, np.append(read.missing, True)[places], faults, read.notes)


def plain_amounts(texts: pa.StringArray) -> pa.DoubleArray | None:
    """A column of nothing but finite numbers with decimal points; None when it is anything else, or could be."""
    try:
        pc.cast(texts.slice(0, HEAD // 10), pa.float64())  # a column of decimal commas fails a million times, slowly
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
    """The numbers of distinct texts, with what had to be decided for the column as a whole.

    Most texts are figures with at most one comma or point; only the others are looked at closely.
    """
    notes: list[Problem] = []
    trimmed = pc.utf8_trim_whitespace(texts)
    odd = ~np.asarray(pc.match_substring_regex(trimmed, _SIMPLE))
    others = trimmed.filter(pa.array(odd))
    lowered = pc.utf8_lower(others)
    missing = laid_out(np.asarray(pc.is_in(lowered, pa.array(sorted(MISSING)))), at=odd)
    if odd.all() and (yes_no := read_yes_no(lowered, missing=missing, column=column, notes=notes)) is not None:
        return Amounts(yes_no, missing, {}, notes)
    bare = pc.replace_with_mask(trimmed, pa.array(odd), strip_signs(others, column=column, notes=notes))
    style = read_style(bare, odd=odd)
    if not style.only_dot.any() and not style.only_comma.any():
        as_comma, open_ones = comma, np.zeros(len(bare), dtype=bool)
        if style.grouped.any():
            notes.append(style_note(trimmed, style.grouped, comma=comma, column=column))
    else:
        as_comma = bool(style.only_comma.any())
        open_ones = style.grouped & (as_comma and style.only_dot.any())
    by_comma = (style.comma & as_comma & ~style.only_dot) | style.only_comma
    readable = (style.dot | style.comma) & ~open_ones & ~missing
    values = to_floats(bare, by_comma=by_comma, readable=readable)
    wrong = ~missing & np.asarray(values.is_null())
    return Amounts(values, missing, name_faults(trimmed, wrong=wrong, open_ones=open_ones & wrong), notes)


@dataclass(frozen=True)
class Style:
    """Which texts are numbers with decimal points, and with decimal commas; grouped ones are both, and differ."""

    dot: np.ndarray
    comma: np.ndarray
    grouped: np.ndarray

    @property
    def only_dot(self) -> np.ndarray:
        return np.asarray(self.dot & ~self.comma)

    @property
    def only_comma(self) -> np.ndarray:
        return np.asarray(self.comma & ~self.dot)


def read_style(bare: pa.StringArray, *, odd: np.ndarray) -> Style:
    points, commas = (np.asarray(pc.match_substring(bare, mark)) for mark in ".,")
    cut = bare.filter(pa.array(points | commas))
    grouped = laid_out(np.asarray(pc.match_substring_regex(cut, _GROUPED)), at=points | commas)
    dot, comma = ~odd & (~commas | grouped), ~odd & (~points | grouped)
    others = bare.filter(pa.array(odd))
    return Style(
        dot | laid_out(matches(others, _DOT), at=odd), comma | laid_out(matches(others, _COMMA), at=odd), grouped
    )


def laid_out(found: np.ndarray, *, at: np.ndarray) -> np.ndarray:
    """What was found among some of the texts, on the places of all."""
    whole = np.zeros(len(at), dtype=bool)
    whole[at] = found
    return whole


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
    return pc.replace_substring_regex(pc.replace_substring_regex(bare, "^[−–]", "-"), r"^\+", "")


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
    values = pc.cast(pc.if_else(pa.array(readable), figures, pa.scalar(None, pa.string())), pa.float64())
    return pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))


def name_faults(texts: pa.StringArray, *, wrong: np.ndarray, open_ones: np.ndarray) -> dict[str, np.ndarray]:
    """Why each text that is no number is none."""
    looked_at = texts.filter(pa.array(wrong))
    errors = laid_out(np.asarray(pc.match_substring_regex(looked_at, f"(?i)^({ERROR_CELL.pattern})$")), at=wrong)
    formulas = laid_out(np.asarray(pc.match_substring_regex(looked_at, r"^[=@+]|^-[^\d\s]")), at=wrong) & ~errors
    return {
        "number_ambiguous": open_ones,
        "error_cell": errors,
        "formula_text": formulas,
        "value_not_a_number": wrong & ~errors & ~formulas & ~open_ones,
    }
