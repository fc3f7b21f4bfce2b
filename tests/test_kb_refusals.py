"""Refusals are codes with values, in words in the language of the reader, and cross to another process as they are."""

from __future__ import annotations

import pickle

import pytest

from ingest.report import page_problems
from kb.errors import DocumentError, LockedDocument, TooBig, UnreadableDocument, UnsupportedFormat
from kb.model import Page
from kb.outcomes import OutcomeReason, worded
from kb.refusals import TEXTS, Value
from web.wording import catalogue


def in_dutch(code: str, **values: Value) -> str:
    """A reason as a Dutch reader has it."""
    dutch = catalogue("nl")
    return worded(
        OutcomeReason(code, values), lambda text: str(dutch[text]), lambda number: f"{number:,}".replace(",", ".")
    )


@pytest.mark.parametrize(
    ("error", "english", "dutch"),
    [
        (
            TooBig("too-many-pages", filename="a.pdf", count=6000, most=5000),
            "a.pdf: 6,000 pages, more than the 5,000 that are taken in; split it",
            "a.pdf: 6.000 pagina’s, meer dan de 5.000 die worden opgenomen; splits het",
        ),
        (
            UnsupportedFormat("misnamed", filename="a.pdf", what="png", claim=".pdf"),
            "a.pdf: this is a PNG picture, though it is named as a PDF; taken in are PDF, PPTX, DOCX, HTML, Markdown and text",
            "a.pdf: dit is een PNG-afbeelding, al heet het een pdf; opgenomen worden pdf, PPTX, DOCX, HTML, Markdown en tekst",
        ),
        (
            UnreadableDocument("damaged", filename="a.docx", cause="misfit"),
            "a.docx: damaged, it cannot be read (its parts do not fit together); open it and save it again",
            "a.docx: beschadigd, het is niet te lezen (de delen passen niet op elkaar); open het en bewaar het opnieuw",
        ),
        (
            UnreadableDocument("damaged", filename="a.docx", cause="KeyError: 'x'"),
            "a.docx: damaged, it cannot be read (KeyError: 'x'); open it and save it again",
            "a.docx: beschadigd, het is niet te lezen (KeyError: 'x'); open het en bewaar het opnieuw",
        ),
        (
            LockedDocument("wrong-password", filename="a.pdf"),
            "a.pdf: the password does not open it; give another, or save a copy without password",
            "a.pdf: het wachtwoord opent het niet; geef een ander, of bewaar een kopie zonder wachtwoord",
        ),
    ],
)
def test_a_refusal_is_worded_in_both_languages(error: DocumentError, english: str, dutch: str) -> None:
    assert str(error) == english
    assert in_dutch(error.code, **error.values) == dutch


def test_a_refusal_comes_whole_out_of_another_process() -> None:
    error = TooBig("over-cpu", filename="a.pdf", most=60)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(again), str(again), again.code, again.values, again.status) == (
        TooBig,
        "a.pdf: reading it takes more than 60 seconds of computing; split it, or print it to PDF",
        "over-cpu",
        {"filename": "a.pdf", "most": 60},
        "too-big",
    )


def test_a_filename_is_never_taken_for_a_code() -> None:
    assert str(UnsupportedFormat("other-archive", filename="png", what="zip")).startswith("png: this is a zip archive")


def failed(*numbers: int) -> list[Page]:
    return [Page(number, "", problem="failed: its content is damaged") for number in numbers]


@pytest.mark.parametrize(
    ("pages", "english", "dutch"),
    [
        (failed(3), "page 3 could not be read (its content is damaged); the rest is in",
         "niet te lezen: pagina 3 (de inhoud is beschadigd); de rest is opgenomen"),
        (failed(3, 4), "pages 3, 4 could not be read (its content is damaged); the rest is in",
         "niet te lezen: pagina’s 3, 4 (de inhoud is beschadigd); de rest is opgenomen"),
        (failed(*range(1, 16)),
         "pages 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 3 more could not be read (its content is damaged); the rest is in",
         "niet te lezen: pagina’s 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 en nog 3 (de inhoud is beschadigd); de rest is"
         " opgenomen"),
    ],
)  # fmt: skip
def test_pages_are_listed_in_the_language_of_the_reader(pages: list[Page], english: str, dutch: str) -> None:
    (reason,), is_partial = page_problems(pages)
    assert is_partial
    assert str(reason) == english
    assert in_dutch(reason.code, **reason.values) == dutch


def test_reasons_that_were_stored_as_prose_are_shown_as_they_are() -> None:
    stored = OutcomeReason(
        "pages-failed", {"pages": "pages 1, 2 and 3 more", "reason": "failed: takes too long to read"}
    )
    assert str(stored) == "pages 1, 2 and 3 more could not be read (failed: takes too long to read); the rest is in"
    stored = OutcomeReason("records-left-out", {"records": "1 broken record", "broken": "a.bib: x"})
    assert str(stored) == "1 broken record left out: a.bib: x"


def test_broken_records_are_counted_in_words() -> None:
    assert in_dutch("records-left-out", records=1, broken="a: x") == "1 onleesbare beschrijving weggelaten: a: x"
    assert in_dutch("no-records", broken="a; b", more=3) == "geen enkele beschrijving is leesbaar: a; b; en nog 3"


def test_no_text_has_a_value_without_a_name() -> None:
    assert [text for text in TEXTS.values() if "{" in text or "%s" in text] == []
