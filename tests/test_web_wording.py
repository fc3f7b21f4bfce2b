"""Every text of the interface is there in Dutch and in English, and nothing in the catalogue is left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import web
from kb import outcomes, reasons, refusals, remarks, versions
from kb.model import Document, StoredFile
from web.wording import TRANSLATIONS, catalogue, in_bytes, media_name, on_date, page_name

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
"""A place in a text where a value is put; a translation must keep each."""

Text = str | tuple[str, ...]


@pytest.fixture(scope="module")
def used() -> set[Text]:
    """The texts in templates and code."""
    found = extract_from_dir(
        Path(web.__file__).parent,
        [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")],
        keywords={"_": None, "gettext": None, "ngettext": (1, 2)},
    )
    extracted = {message for _file, _line, message, _comments, _context in found}
    tables = (reasons.TEXTS, reasons.PARTS, outcomes.REASONS, remarks.TEXTS, versions.TEXTS, refusals.PHRASES)
    return (
        extracted
        | {text for table in tables for text in table.values()}
        | {
            reasons.AND,
            refusals.MORE,
            *refusals.PAGES,
            *(text for pair in refusals.COUNTS.values() for text in pair),
        }
    )


@pytest.fixture(scope="module")
def dutch() -> Catalog:
    with (TRANSLATIONS / "nl" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="nl", abort_invalid=True)


def test_every_text_has_its_dutch_and_no_dutch_is_left_over(used: set[Text], dutch: Catalog) -> None:
    kept = {tuple(message.id) if isinstance(message.id, list) else message.id for message in dutch if message.id}
    assert kept == used


def test_every_dutch_text_is_written_and_keeps_what_stands_open(dutch: Catalog) -> None:
    for message in dutch:
        if not message.id:
            continue
        english = [message.id] if isinstance(message.id, str) else list(message.id)
        translated = [message.string] if isinstance(message.string, str) else list(message.string or ())
        assert len(translated) == len(english)
        for text, original in zip(translated, english, strict=True):
            assert text, original
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(original)), original
        assert not message.fuzzy


def test_the_catalogue_is_read_as_it_was_written() -> None:
    assert catalogue("nl")["Search"] == "Zoeken"
    assert catalogue("nl")["deck"] == ("presentatie", "presentaties")
    assert catalogue("en") == {}


@pytest.mark.parametrize(
    ("value", "shown"),
    [("2023", "2023"), ("2023-09", "September 2023"), ("2023-09-12", "12 September 2023"),
     ("2026-11-20T10:00:00+00:00", "20 November 2026"), ("someday", "someday"), ("2023-13-01", "2023-13-01"), (None, "")],
)  # fmt: skip
def test_a_date_is_told_as_far_as_it_is_known(value: str | None, shown: str) -> None:
    assert on_date(value) == shown


def test_a_page_is_called_by_the_number_printed_on_it_and_a_slide_by_its_place() -> None:
    assert page_name(Document(1, "x", "deck", "x.pdf"), 14, "Slide 14") == "slide 14"
    assert page_name(Document(1, "x", "literature", "x.pdf"), 5, "219") == "page 219"
    assert page_name(Document(1, "x", "literature", "x.pdf"), 5) == "page 5"


@pytest.mark.parametrize(("size", "shown"), [(0, "0 kB"), (999, "1 kB"), (184_220, "184 kB"), (2_411_080, "2.4 MB")])
def test_a_size_is_told_as_file_managers_tell_it(size: int, shown: str) -> None:
    assert in_bytes(size) == shown


def test_a_file_of_an_unknown_sort_is_called_by_its_ending() -> None:
    assert media_name(StoredFile("a", "x.odp", "", "application/x", 1)) == "ODP"
