"""Problems with files as sentences: what is wrong, where, and what to do about it, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from borging.connectors.files.rules import Problem

Pair = tuple["str | Promise", "str | Promise"]

RESAVE = _("Open the file in Excel or LibreOffice and save it again as XLSX or as CSV (UTF-8).")
CHECK = _("Check that this is right. If it is not, correct the file and read it again.")
NOTHING_TO_DO = _("You need not do anything, unless this is not what you meant.")

FILES: dict[str, Pair] = {
    "file_missing": (_("There is no file %(value)s."), _("Check the name and the folder.")),
    "empty_file": (_("The file is empty."), _("Export it again, or choose another file.")),
    "header_only": (_("The file has a header, but no rows below it."), _("Export it again with the rows included.")),
    "file_too_large": (
        _("The file is %(size)s MB; at most %(most)s MB can be read here."),
        _("Leave out columns and rows you do not need, or use the command line on your own computer."),
    ),
    "too_many_rows": (
        _("The file has %(n)s rows; at most %(most)s can be read here."),
        _("Leave out rows you do not need, or use the command line on your own computer."),
    ),
    "too_many_columns": (
        _("The file has %(n)s columns; at most %(most)s can be read."),
        _("Keep only the columns of the study, and put the outcomes below each other instead of side by side."),
    ),
    "is_pdf": (_("This is a PDF, not a table."), _("Ask for the figures behind it as XLSX or CSV.")),
    "is_html": (
        _("This is a web page, whatever its name says."),
        _("Download the file itself, or open it in Excel and save it as XLSX."),
    ),
    "is_image": (_("This is a picture, not a table."), _("Ask for the figures themselves as XLSX or CSV.")),
    "is_document": (_("This is a text document, not a table."), _("Copy the table into Excel and save it as XLSX.")),
    "is_archive": (_("This is a packed file (such as ZIP)."), _("Unpack it, and choose the table inside.")),
    "is_json": (_("This is JSON, not a table."), _("Ask for an export as CSV or XLSX.")),
    "is_xml": (_("This is XML, not a table."), _("Open it in Excel and save it as XLSX.")),
    "old_excel": (
        _("This is an Excel file of before 2007 (.xls)."),
        _("Open it in Excel or LibreOffice and save it as XLSX."),
    ),
    "other_office": (
        _("This is an office file of another kind than XLSX."),
        _("Open it in its own program and save it as XLSX."),
    ),
    "password": (
        _("The file is protected with a password."),
        _("Take the password off in Excel (File, Info, Protect Workbook) and save it again."),
    ),
    "not_text": (_("The file is not a table that can be read; it may be damaged or of another kind."), RESAVE),
    "not_readable_as_csv": (_("The rows of this file cannot be told apart."), RESAVE),
    "nul_bytes": (_("There are empty bytes (NUL) in the file, the first in row %(row)s: it is damaged."), RESAVE),
    "quote_not_closed": (
        _('A quotation mark (") is opened in row %(row)s and not closed, so the rows after it run together.'),
        _("Take that quotation mark away or close it, or save the table as XLSX."),
    ),
    "delimiter_other": (
        _("The columns seem to be separated by “%(seen)s”, which is not read."),
        _("Save the table with a semicolon, comma, tab or | between the columns, or as XLSX."),
    ),
    "one_column": (
        _("The file has one column only; a study needs at least two."),
        _("Check that there is a semicolon, comma, tab or | between the columns."),
    ),
    "zip_bomb": (
        _("This XLSX is %(packed)s kB, but grows to %(unpacked)s MB when unpacked; that is not safe to open."),
        _("Copy only the filled cells into a new workbook and save that."),
    ),
    "zip_broken": (
        _("The XLSX is damaged and cannot be unpacked."),
        _("Download it again, or save it again in Excel."),
    ),
    "has_doctype": (
        _("Inside this XLSX is something (a document type) that Excel never writes; it is not opened."),
        _("Copy the cells into a new workbook and save that."),
    ),
    "sheet_too_far": (
        _("The sheet reaches to cell %(cell)s, far past a table that can be read."),
        _("Delete the empty rows and columns after your table, or copy only the table into a new workbook."),
    ),
    "no_filled_sheet": (_("All sheets are empty (%(sheets)s)."), _("Save the workbook again with the table in it.")),
    "out_of_memory": (
        _("The file is too large when unpacked: reading it was stopped."),
        _("Leave out columns and rows you do not need, or save the table as CSV."),
    ),
    "took_too_long": (
        _("Reading the file took too long and was stopped."),
        _("Leave out columns and rows you do not need, or save the table as CSV."),
    ),
    "reader_stopped": (
        _(
            "The file made the reader stop. Mostly this is one cell that stands very far from the table (up to "
            "XFD1048576)."
        ),
        _("Copy only the table into a new workbook, or save it as CSV."),
    ),
    "column_missing": (
        _("There is no column called %(value)s. The columns are: %(there)s."),
        _("Choose one of these, written in the same way."),
    ),
    "override_unknown": (
        _("“%(value)s” is not something that can be set."),
        _("Choose from: %(there)s."),
    ),
    "person_column_missing": (
        _("It is not clear which column says who it is about. The columns are: %(there)s."),
        _("Say which column holds the person (id)."),
    ),
    "value_column_missing": (
        _("It is not clear which column holds the outcome. The columns are: %(there)s."),
        _("Say which column holds the value, or which columns are the periods."),
    ),
    "header_without_period": (
        _("No period can be read in “%(value)s”."),
        _("Name these columns by their period, such as 2024-03, score_pre or meting 1."),
    ),
    "starts_not_comparable": (
        _(
            "Column %(column)s says “%(value)s”, but the outcomes are measured per %(unit)s%(labels)s: the two "
            "cannot be compared."
        ),
        _("Write the start in the same way as the times in the outcomes file; year and month belong in one column."),
    ),
    "staff_column_missing": (
        _("It is not clear which column says who it is about. The columns are: %(there)s."),
        _("Say which column holds the staff number, the e-mail address or the name."),
    ),
    "header_is_a_person": (
        _("The first row holds a person (%(value)s) and not the names of the columns."),
        _("Put a row above it that says what each column is: name, e-mail, team, manager."),
    ),
    "nothing_left": (
        _("No row of this file can be used. The first one: %(first)s"),
        _("Correct the rows, and try again. For the first one: %(first_remedy)s"),
    ),
}

ROWS: dict[str, Pair] = {
    "ragged": (
        _("this row has %(found)s cells where the header has %(expected)s."),
        _("Check for a separator inside a text or a missing cell; put such texts between quotation marks."),
    ),
    "person_missing": (
        _("it does not say who this is about."),
        _("Fill in the person on every row."),
    ),
    "total_row": (_("“%(value)s” is a row of totals, not of a person."), _("You may leave it; it is not counted.")),
    "merged_cell": (
        _("this cell is empty because cells were merged."),
        _("Unmerge the cells in Excel and fill in the value on every row."),
    ),
    "error_cell": (
        _("the cell holds an error of the spreadsheet program."),
        _("Correct the formula, or empty the cell."),
    ),
    "formula_text": (
        _("“%(value)s” is a formula, not its result; formulas are not run."),
        _("Copy the column and paste it as values."),
    ),
    "formula_without_value": (
        _("the cell holds a formula of which the result was not saved."),
        _("Open the file in Excel, let it calculate, and save it again; or paste the column as values."),
    ),
    "person_twice_equal": (
        _("person %(value)s stands here again, just as in row %(other)s; counted once."),
        _("You may leave it, or remove one of the two rows."),
    ),
    "person_twice_different": (
        _("person %(value)s also stands in row %(other)s, with another %(differs)s; both are left out."),
        _("Keep the row that is right and remove the other."),
    ),
    "start_unreadable": (
        _("“%(value)s” is not a start that can be read."),
        _("Write a date such as 2024-03-01, or leave the cell empty for somebody who was not trained."),
    ),
    "start_not_comparable": (
        _("the start “%(value)s” cannot be compared with the times in the outcomes file."),
        _("Write it in the same way as those times."),
    ),
    "date_unreadable": (
        _("“%(value)s” is not a date that can be read."),
        _("Write a date such as 2024-03-01, or leave the cell empty."),
    ),
    "date_absurd": (
        _("“%(value)s” lies too far in the past or the future."),
        _("Correct the year; leave the cell empty if there is no date."),
    ),
    "date_order_contradictory": (
        _("“%(value)s” can be read in two ways, and other dates in this column show both orders."),
        _("Write the dates as year-month-day, such as 2024-04-03."),
    ),
    "time_missing": (_("it does not say when this was measured."), _("Fill in the time on every row.")),
    "time_unreadable": (
        _("“%(value)s” is not a time that can be read."),
        _("Write a date such as 2024-03-01, a month such as 2024-03, a number, or a word such as pre or post."),
    ),
    "time_other_kind": (
        _("“%(value)s” is another kind of time than the other rows have."),
        _("Write all times in this column in the same way."),
    ),
    "time_too_coarse": (
        _("“%(value)s” is less precise than the other times in this column."),
        _("Write it as precisely as the others, for instance with the month."),
    ),
    "value_missing": (_("there is no value."), _("You may leave it if nothing was measured; else fill it in.")),
    "value_not_a_number": (_("“%(value)s” is not a number."), _("Write it in digits, or leave the cell empty.")),
    "number_ambiguous": (
        _("“%(value)s” can be a thousand or a fraction, and this column writes numbers in both ways."),
        _("Write all numbers in this column without thousands separators."),
    ),
    "person_unknown": (
        _("person %(value)s is not in the participants file."),
        _("Add this person there (with an empty start if not trained), or check how the id is written."),
    ),
    "person_rejected": (
        _("person %(value)s was left out of the participants file."),
        _("Correct this person's row in the participants file."),
    ),
    "outcome_missing": (
        _("it does not say which outcome this is."),
        _("Fill in the name of the outcome on every row."),
    ),
    "measured_twice_equal": (
        _("person %(value)s has this value at this time in row %(other)s too; counted once."),
        _("You may leave it, or remove one of the two rows."),
    ),
    "measured_twice_different": (
        _("person %(value)s has another value at this time in row %(other)s; all are left out."),
        _("Keep the value that is right and remove the other."),
    ),
}

NOTES: dict[str, Pair] = {
    "encoding_guessed": (
        _("The file is not UTF-8; it was read as Windows text (cp1252)."),
        _("Look whether names with accents are right; if not, save the file as CSV UTF-8."),
    ),
    "sheet_chosen": (
        _("Sheet “%(sheet)s” was read; not read: %(others)s."),
        _("Put the right sheet first if you need another."),
    ),
    "rows_above_header": (_("Rows above the header that were skipped: %(n)s."), NOTHING_TO_DO),
    "header_double": (_("There is more than one column %(column)s; the later one is called %(name)s here."), CHECK),
    "header_empty": (_("The column at place %(place)s has no name; it is called “%(column)s” here."), NOTHING_TO_DO),
    "name_differs": (
        _("The name %(value)s does not fit the content, which is %(kind)s; it was read as that."),
        NOTHING_TO_DO,
    ),
    "merged_cells": (
        _("There are merged cells in the sheet; only the first cell of each keeps its value."),
        _("Unmerge the cells in Excel and fill in the value on every row."),
    ),
    "empty_rows": (_("Empty rows that were skipped: %(n)s."), NOTHING_TO_DO),
    "cells_empty": (_("Empty cells, where nothing was measured: %(n)s."), NOTHING_TO_DO),
    "date_order_assumed": (
        _("Nothing shows whether dates such as %(value)s put the day or the month first; the day was taken first."),
        _("If the month comes first, write the dates as year-month-day, such as 2024-04-03."),
    ),
    "month_first": (
        _("The dates (such as %(value)s) were read with the month first, as other dates in the column show."),
        CHECK,
    ),
    "serial_dates": (_("The numbers (such as %(value)s) were read as Excel's day numbers."), CHECK),
    "short_years": (_("Numbers such as %(value)s were read as years, because the starts are dates or years."), CHECK),
    "months_from_dates": (_("All dates lie on the same day of the month, so the times are months."), NOTHING_TO_DO),
    "kinds_of_dates_mixed": (_("The times are not equally precise; all were brought to one scale (%(unit)s)."), CHECK),
    "future_dates": (_("%(n)s different dates lie in the future."), CHECK),
    "moments_ordered": (_("The moments were put in this order: %(labels)s."), CHECK),
    "thousands_assumed": (_("“%(value)s” was read as %(read_as)s: a thousands separator."), CHECK),
    "decimals_assumed": (_("“%(value)s” was read as %(read_as)s: a decimal fraction."), CHECK),
    "percent_signs": (
        _("Percent signs (as in %(value)s) were taken off; the numbers are percentages."),
        _("Check that all rows of this column are percentages."),
    ),
    "currency_signs": (
        _("Currency signs (as in %(value)s) were taken off."),
        _("Check that all rows of this column are in one currency."),
    ),
    "yes_no_values": (_("The column says yes and no; it was read as 1 and 0."), CHECK),
    "start_is_yes_or_no": (
        _(
            "The column says who was trained, not when. It was assumed that those with yes or 1 were trained "
            "from %(period)s on, the latest period."
        ),
        _("Fill in the date or period of the start if that is not so."),
    ),
    "start_between_moments": (
        _(
            "The outcomes have no dates, only %(labels)s. It was assumed that everyone with a start was trained "
            "between the two."
        ),
        _("Leave out who started before or after both measurements."),
    ),
    "start_zero_is_untrained": (_("%(n)s rows have 0 as start; they were read as not trained."), CHECK),
    "start_first_of_period": (
        _("%(n)s starts are less precise than the times; their first day was taken."),
        _("Write the start as precisely as the times."),
    ),
    "start_column_missing": (
        _("No column says when somebody was trained, so nobody counts as trained."),
        _("Say which column holds the start."),
    ),
    "time_column_missing": (
        _("No column says when the outcome was measured; all rows count as one period."),
        _("Say which column holds the time, if there is one."),
    ),
    "without_outcomes": (
        _("%(n)s of %(of)s participants have no outcome (such as %(examples)s)."),
        _("Check how their ids are written in the outcomes file. If nothing was measured, you may leave it."),
    ),
    "ids_differ_in_zeros": (
        _("%(n)s ids differ only in zeros at the start (%(other)s and %(one)s); they were kept apart."),
        _("If they are one person, write the id in the same way in both files; store the column as text in Excel."),
    ),
    "ids_matched_without_zeros": (
        _(
            "The ids in the two files differ in zeros at the start (%(other)s and %(one)s); they were taken "
            "as the same."
        ),
        CHECK,
    ),
    "ids_with_zero_decimals": (_("The ids are written as %(value)s; the decimals were taken off."), NOTHING_TO_DO),
    "sensitive_columns": (
        _(
            "These columns look like absence or health: %(columns)s. They are sensitive when they stand beside a "
            "person."
        ),
        _("Remove what the study does not need; use totals per team and month for absence."),
    ),
    "covariate_unreadable": (
        _(
            "%(n)s cells hold no number (such as “%(value)s” in row %(row)s); they were left empty, the rows "
            "still count."
        ),
        _("Write them in digits."),
    ),
    "covariate_too_varied": (
        _("The column has %(n)s different texts; at most %(most)s can describe groups, so it was not used."),
        _("Leave it out, or put the texts into fewer groups."),
    ),
    "formula_like_text": (
        _("A text such as “%(value)s” begins like a formula; it was kept as text and not run."),
        _("Check where it comes from before you open the file in Excel."),
    ),
    "rows_are_persons": (_("No column names a person; each row counts as one, called by its row number."), CHECK),
    "same_file": (
        _("One file was given for both, so participants and outcomes come from the same rows."),
        NOTHING_TO_DO,
    ),
}

WHERE = {"participants": _("Participants file"), "outcomes": _("Outcomes file"), "people": _("Your file")}
UNITS = {
    "year": _("year"),
    "quarter": _("quarter"),
    "month": _("month"),
    "day": _("day"),
    "date": _("day"),
    "number": _("number"),
    "moment": _("moment"),
}


def what(problem: Problem) -> str:
    """What is wrong, for who sees already where."""
    text = pair(problem)[0] % words_of(problem)
    return text[:1].upper() + text[1:]


def reason(problem: Problem) -> str:
    """What is wrong, and where: file, row and column as far as they are known."""
    place = where(problem)
    if not place:
        return what(problem)
    return gettext("%(where)s: %(what)s") % {"where": place, "what": pair(problem)[0] % words_of(problem)}


def remedy(problem: Problem) -> str:
    """What to do about it."""
    return pair(problem)[1] % words_of(problem)


def sentence(problem: Problem) -> str:
    """Reason and remedy, one after the other."""
    return f"{reason(problem)} {remedy(problem)}"


def pair(problem: Problem) -> tuple[str, str]:
    for texts in (ROWS, FILES, NOTES):
        if problem.code in texts:
            what, todo = texts[problem.code]
            return str(what), str(todo)
    raise KeyError(problem.code)


def words_of(problem: Problem) -> Mapping[str, Any]:
    """What the placeholders stand for; a missing value reads as nothing."""
    params = dict(problem.params)
    if "unit" in params:
        params["unit"] = str(UNITS[params["unit"]])
    if isinstance(params.get("first"), dict):
        first = Problem(**params["first"])
        params |= {"first": reason(first), "first_remedy": remedy(first)}
    if problem.code == "starts_not_comparable" and params["labels"]:
        params["labels"] = f" ({params['labels']})"
    fixed = {"row": problem.row, "column": problem.column, "value": problem.value}
    return params | {name: "" if word is None else word for name, word in fixed.items()}


def where(problem: Problem) -> str:
    """Participants file, row 12, column score."""
    parts = [str(WHERE[problem.file])] if problem.file else []
    if problem.row is not None and problem.code in ROWS:
        parts.append(gettext("row %(row)s") % {"row": problem.row})
    if problem.column is not None and problem.code not in {"header_double", "header_empty", "starts_not_comparable"}:
        parts.append(gettext("column %(column)s") % {"column": problem.column})
    return ", ".join(parts)
