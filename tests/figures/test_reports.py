"""One report, five outputs: each says the margin, the denominators, the rung and the seal, and runs nothing."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import openpyxl
import pypdf
import pytest
from pptx import Presentation
from pptx.util import Emu

from borging.figures import documents, pages, sheets, slides
from borging.figures.rules import Report
from tests.figures import sample

MUST_SAY = {
    "nl": (
        "Trede 5 · vergeleken",
        "Trede 3 · waargenomen",
        "80 van 84",
        "36 van 42",
        "vooraf vastgelegd op 12 september",
    ),
    "en": ("Rung 5 · compared", "Rung 3 · observed", "80 of 84", "36 of 42", "laid down beforehand on 12 September"),
}
ESTIMATES = {
    "nl": ("−0,6 ± 0,5 procentpunt", "+2,2 ± 0,8 gesprekken"),
    "en": ("−0.6 ± 0.5 percentage", "+2.2 ± 0.8 talks"),
}
WITHHELD = {"nl": "We tonen dit vanaf 10 mensen", "en": "Shown from 10 people"}


class _Reader(HTMLParser):
    """The text of a page, and which tags, scripts and headings it has."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read_html(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    return reader


RENDERERS: dict[str, Callable[[Report], bytes]] = {
    "html": lambda report: pages.standalone(report).encode(),
    "pdf": documents.pdf,
    "pptx": slides.pptx,
    "xlsx": sheets.xlsx,
}
REPORTS: dict[str, Callable[[], Report]] = {
    "nl": lambda: sample.report("nl"),
    "en": lambda: sample.report("en"),
    "hostile": sample.hostile_report,
}


@cache
def rendered(form: str, which: str) -> bytes:
    """Each output is made once and read by many tests."""
    return RENDERERS[form](REPORTS[which]())


def page(which: str) -> _Reader:
    return read_html(rendered("html", which).decode())


def document(which: str) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(rendered("pdf", which)))


def deck(which: str) -> Any:
    return Presentation(io.BytesIO(rendered("pptx", which)))


def workbook(which: str) -> Any:
    return openpyxl.load_workbook(io.BytesIO(rendered("xlsx", which)))


def text_of_page(which: str) -> str:
    return "".join(page(which).texts)


def text_of_pdf(which: str) -> str:
    return " ".join(each.extract_text() for each in document(which).pages)


def text_of_slides(which: str) -> str:
    shapes = [shape for slide in deck(which).slides for shape in slide.shapes]
    return " ".join(shape.text_frame.text for shape in shapes if shape.has_text_frame)


def text_of_notes(which: str) -> str:
    return " ".join(slide.notes_slide.notes_text_frame.text for slide in deck(which).slides if slide.has_notes_slide)


def text_of_workbook(which: str) -> str:
    return " ".join(str(cell) for sheet in workbook(which) for row in sheet.iter_rows(values_only=True) for cell in row)


READERS = [text_of_page, text_of_pdf, text_of_slides, text_of_workbook]


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("reader", [*READERS, text_of_notes])
def test_every_output_says_rung_denominators_and_seal(reader: Callable[[str], str], language: sample.Language) -> None:
    text = plain(reader(language))
    assert [words for words in MUST_SAY[language] if words not in text] == []


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("reader", [text_of_page, text_of_pdf, text_of_slides, text_of_notes])
def test_every_value_stands_beside_its_margin(reader: Callable[[str], str], language: sample.Language) -> None:
    text = plain(reader(language))
    assert [words for words in ESTIMATES[language] if words not in text] == []


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("reader", READERS)
def test_a_withheld_figure_is_a_reason_and_a_minimum_and_never_a_number(
    reader: Callable[[str], str], language: sample.Language
) -> None:
    assert WITHHELD[language] in plain(reader(language))


@pytest.mark.parametrize("reader", [text_of_page, text_of_slides, text_of_workbook])
def test_hostile_names_are_written_as_they_are(reader: Callable[[str], str]) -> None:
    text = plain(reader("hostile"))
    for name in sample.HOSTILE[:7]:
        assert plain(name) in text


# --- page -------------------------------------------------------------------------------------------------------------


def test_a_page_keeps_the_parts_of_a_figure_in_their_fixed_order() -> None:
    text = pages.fragment(sample.report("nl"))
    parts = ('class="say"', 'class="value"', 'class="margin"', "80 van 84", "Trede 5", "vooraf vastgelegd")
    places = [text.index(part) for part in (*parts, "Verzuim ging van", '<svg class="chart wide"', "<details")]
    assert places == sorted(places)


def test_a_page_asks_nothing_of_the_network_and_has_no_script_or_inline_style() -> None:
    for which in ("nl", "hostile"):
        tags = page(which).tags
        assert not {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
        used = {name for _, attributes in tags for name in attributes}
        assert not used & {"style", "src", "href", "srcset"}
        assert not [name for name in used if name.startswith("on")]
    assert b"url(" not in rendered("html", "nl")


def test_headings_of_a_page_descend_one_level_at_a_time() -> None:
    levels = [int(tag[1]) for tag, _ in page("nl").tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_table_of_a_page_has_a_caption_and_heads_for_columns_and_rows() -> None:
    tags = [tag for tag, _ in page("nl").tags]
    scopes = [
        attributes.get("scope")
        for tag, attributes in read_html(pages.fragment(sample.report("nl"))).tags
        if tag == "th"
    ]
    assert tags.count("caption") == tags.count("table") == 5
    assert scopes.count("col") == 4 + 4 + 4 + 3 + 2
    assert scopes.count("row") == 15 + 3 + 3 + 2 + 2


def test_a_fragment_carries_its_own_language_and_the_rung_for_the_style_sheet() -> None:
    tags = read_html(pages.fragment(sample.report("en"))).tags
    assert ("div", {"class": "report", "lang": "en"}) in tags
    assert [attributes["data-n"] for _, attributes in tags if "data-n" in attributes] == ["5", "3"]


def test_a_name_with_template_code_is_not_run() -> None:
    assert "{{7*7}}" in text_of_page("hostile")


# --- document ---------------------------------------------------------------------------------------------------------


def test_a_document_is_tagged_titled_and_in_its_language() -> None:
    for language in ("nl", "en"):
        read = document(language)
        root = read.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"].startswith(language)
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert "/StructTreeRoot" in root
        assert read.metadata is not None
        assert read.metadata.title == sample.report(language).title
        assert read.metadata.author is None
        assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


def test_a_documents_first_page_lists_every_outcome_with_margin_count_and_rung() -> None:
    first = plain(document("nl").pages[0].extract_text())
    for part in ("In het kort", *MUST_SAY["nl"][:4], *ESTIMATES["nl"], WITHHELD["nl"]):
        assert part in first
    for finding in sample.report("nl").findings:
        assert finding.outcome in first
    assert "Wat dit niet zegt" not in first


def test_each_outcomes_page_stands_alone_and_each_page_names_its_rung() -> None:
    texts = [plain(page.extract_text()) for page in document("nl").pages]
    for part in ("Waarschijnlijk door de training", "−0,6", "± 0,5", "80 van 84", "Trede 5", "Wat dit niet zegt"):
        assert part in texts[1]
    assert texts[1].count("Trede 5 · vergeleken") == 2
    assert texts[2].count("Trede 5 · vergeleken") == 1
    assert "pagina 3 van 4" in texts[2]


def test_a_document_of_one_outcome_opens_with_it() -> None:
    whole = sample.report("nl")
    alone = pypdf.PdfReader(io.BytesIO(documents.pdf(replace(whole, findings=whole.findings[:1]))))
    first = plain(alone.pages[0].extract_text())
    assert "In het kort" not in first
    assert "Wat dit niet zegt" in first


def test_the_same_report_gives_the_same_document() -> None:
    assert documents.pdf(sample.report("nl")) == rendered("pdf", "nl")


def test_a_document_of_hostile_names_is_made_and_prints_them() -> None:
    text = text_of_pdf("hostile")
    for part in ("<script>alert(1)</script>", '#import "x": *', "{{7*7}}", "=cmd|"):
        assert part in text


def test_a_character_no_font_has_is_printed_as_a_square() -> None:
    assert documents._known("Łódź − 漢字 😀") == "Łódź − □□ □"


# --- slides -----------------------------------------------------------------------------------------------------------


def test_a_deck_opens_with_every_outcome_its_margin_count_and_rung() -> None:
    first = deck("nl").slides[0]
    said = " ".join(shape.text_frame.text for shape in first.shapes if shape.has_text_frame)
    for part in ("In het kort", *MUST_SAY["nl"][:4], *ESTIMATES["nl"], WITHHELD["nl"]):
        assert part in said
    for finding in sample.report("nl").findings:
        assert finding.outcome in said


def test_a_deck_has_a_slide_per_finding_with_the_whole_sentence_as_title_and_a_native_chart() -> None:
    made = deck("nl")
    assert Emu(made.slide_width) * 9 == pytest.approx(made.slide_height * 16, rel=1e-3)
    first = made.slides[1]
    assert first.shapes.title.text_frame.text == sample.staggered_figure("nl").sentence
    charts = [shape for slide in made.slides for shape in slide.shapes if shape.has_chart]
    assert len(charts) == 2
    for shape in charts:
        assert shape._element.nvGraphicFramePr.cNvPr.get("descr")
        assert "errBars" in shape.chart._chartSpace.xml


def test_a_deck_names_nobody() -> None:
    about = deck("nl").core_properties
    assert about.author == about.last_modified_by == about.comments == ""
    assert about.title == "Het goede gesprek over verzuim"


def test_the_workbooks_in_a_deck_hold_only_the_numbers_of_the_chart_and_no_formula() -> None:
    parts = zipfile.ZipFile(io.BytesIO(rendered("pptx", "hostile")))
    books = [name for name in parts.namelist() if name.endswith(".xlsx")]
    assert len(books) == 3
    released = {n for i in range(len(sample.HOSTILE)) for n in (i - 6.5, i - 5.0, i - 4.0)} | set(range(1, 13))
    for name in books:
        cells = [
            c
            for sheet in openpyxl.load_workbook(io.BytesIO(parts.read(name)))
            for row in sheet.iter_rows()
            for c in row
        ]
        assert [cell for cell in cells if cell.data_type == "f"] == []
        assert {cell.value for cell in cells if cell.data_type == "n" and cell.value is not None} <= released


# --- workbook ---------------------------------------------------------------------------------------------------------


def test_a_workbook_has_no_formula_and_its_numbers_are_numbers() -> None:
    book = workbook("hostile")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    first = [cell.value for cell in workbook("nl")["Overzicht"][2]]
    assert first[3:7] == [-0.6, -1.1, -0.1, 0.95]
    assert first[9] == 5


def test_a_text_that_looks_like_a_formula_is_quoted_for_who_edits_the_cell() -> None:
    book = workbook("hostile")
    texts = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "s"]
    risky = [cell for cell in texts if str(cell.value).lstrip()[:1] in {"=", "@", "＝"}]
    assert risky
    assert all(cell.quotePrefix for cell in risky)


def test_a_figures_sheet_holds_counts_with_their_denominator() -> None:
    book = workbook("nl")
    rows = {row[0]: row[1:] for row in book["1 Verzuim"].iter_rows(values_only=True)}
    assert rows["Teams"] == (80, 84)
    assert rows["Bewijs"] == ("Trede 5 · vergeleken", None)
    assert rows["Marge van"] == (-1.1, None)


def test_a_finding_has_one_sheet_for_itself_and_one_for_all_its_tables() -> None:
    book = workbook("nl")
    assert book.sheetnames[:3] == ["Overzicht", "1 Verzuim", "1 tabellen"]
    assert sum(name.startswith("1 ") for name in book.sheetnames) == 2
    assert book["1 Verzuim"].freeze_panes == "A2"
    report = sample.report("nl")
    written = {cell.value for row in book["1 tabellen"].iter_rows() for cell in row}
    for section in report.findings[0].sections:
        assert set(section.paragraphs) <= written
        if section.table:
            assert {row[0] for row in section.table.rows} <= written


def test_a_workbook_names_nobody() -> None:
    about = workbook("nl").properties
    assert not about.creator
    assert not about.lastModifiedBy
    assert about.title == "Het goede gesprek over verzuim"
