"""The value types that all parts share.

    Document ─┬─ StoredFile         the bytes a person can open: a deck and its PDF export are one document
              └─ Page ─┬─ Passage   the unit of retrieval: page.field(passage.field)[start:end] == passage.text
                       └─ Citation ─► Reference   the place that cites, the work that is cited
                                      Doubt ─► Decision   a question to a person, and the answer

    Query ─► Ranking of Hits ─► Evidence ─► Answer

Frozen and slotted; no reading, no writing, no knowledge of anything else in the house. Offsets count characters
(Unicode code points) from 0, `end` exclusive; page numbers count from 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kb.anchor import Anchor
from kb.conditions import NO_CONDITIONS, Conditions

Kind = Literal["deck", "literature"]
Language = Literal["nl", "en"]
Field = Literal["text", "notes"]
"""The part of a page that a passage is in: the page itself, or in the speaker notes below it."""

KINDS: tuple[Kind, ...] = ("deck", "literature")
LANGUAGES: tuple[Language, ...] = ("nl", "en")

CSL = Mapping[str, Any]
"""A CSL-JSON item."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of a document, kept under the SHA-256 of its bytes."""

    sha256: str
    filename: str
    path: str
    media_type: str
    size: int
    first: bool = True
    """Whether the document's pages were read from this file."""
    page_numbers: tuple[int | None, ...] = ()
    """For each page of the document the page of this file that shows it; empty when they are the same."""

    def page_number(self, number: int) -> int | None:
        """The page of this file that shows page `number` of the document; None when it has none."""
        if not self.page_numbers:
            return number
        return self.page_numbers[number - 1] if 0 < number <= len(self.page_numbers) else None


LETTERS_LOST = "letters-lost"  # the text lacks letters that are printed on the page
PICTURE = "picture"  # only a picture, on which text recognition (OCR) found no text
RECOGNISED = "recognised"  # the text was read off a picture by text recognition, and may have mistakes


@dataclass(frozen=True, slots=True)
class Page:
    """A slide or page. Blank ones are pages too, so that numbers keep their meaning."""

    number: int
    text: str
    label: str = ""
    title: str | None = None
    section: str | None = None
    notes: str = ""
    hidden: bool = False
    divider: bool = False
    language: Language | None = None
    problem: str | None = None
    """No text: `needs-ocr` (a picture that was not read), PICTURE or `failed: reason`; doubtful: LETTERS_LOST, RECOGNISED."""

    def field(self, name: Field) -> str:
        """The text of one field of the page."""
        return self.text if name == "text" else self.notes


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of retrieval: a stretch of one field of one page."""

    number: int
    """The page's number."""
    start: int
    end: int
    text: str
    field: Field = "text"
    language: Language | None = None
    context: str = ""
    """Document title, section and page title above the passage: embedded with it, never quoted."""
    listing: bool = False
    """Whether it is of a reference list: looked up by author and title, no answer to a question."""
    id: int = 0
    document_id: int = 0


TrashCause = Literal["removed", "replaced"]


@dataclass(frozen=True, slots=True)
class Trashed:
    """A removed document, or a replaced version of one, that can be brought back."""

    document_id: int
    cause: TrashCause
    at: str
    """When it was removed or replaced: ISO 8601, UTC."""
    title: str
    kind: Kind
    files: tuple[StoredFile, ...]
    returns: bool = True
    """Whether `undelete` of its document brings this one back: the removed document, else its latest replaced version."""


@dataclass(frozen=True, slots=True)
class Document:
    """A deck or a paper."""

    id: int
    title: str
    kind: Kind
    filename: str
    language: Language | None = None
    authors: tuple[str, ...] = ()
    year: int | None = None
    date: str | None = None
    """ISO 8601 date as far as known (`2023`, `2023-09`, `2023-09-12`)."""
    pages: int = 0
    passages: int = 0
    citations: int = 0
    references: int = 0
    added: str = ""
    files: tuple[StoredFile, ...] = ()


CitationForm = Literal[
    "parenthetical",    # (Ma, 2003); several in one bracket are several citations
    "narrative",        # Bandura (1994); volgens Bandura (1994)
    "author",           # (Strayhorn): no year
    "line",             # Asher & Weeks, 2013: a line of its own
    "secondary",        # geciteerd in / as cited in
    "numbered",         # [3]
    "doi",
    "url",
    "credit",           # Foto: …
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Citation:
    """The place that cites, as printed: page.field(citation.field)[start:end] == text."""

    number: int
    """The page's number."""
    start: int
    end: int
    text: str
    form: CitationForm
    authors: tuple[str, ...] = ()
    """Family names with particles, or one institution."""
    year: str | None = None
    """As printed: `2013`, `2019a`, `z.d.`; None when there is none."""
    locator: str | None = None
    field: Field = "text"
    confidence: float = 1.0
    reference: str | None = None
    """Key of the reference it is linked to."""
    id: int = 0
    document_id: int = 0

    @property
    def url(self) -> str:
        """The permanent address of the place."""
        return Anchor.of(self.text, self.start).on(self.document_id, self.number)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a reference list, as printed and as parsed."""

    raw: str
    csl: CSL
    """Empty when nothing was understood: raw rather than wrong."""
    number: int | None = None
    """The page where it starts; None for an imported record."""
    start: int | None = None
    end: int | None = None
    label: str | None = None
    """Its number in a numbered list."""
    reference: str | None = None
    id: int = 0
    document_id: int | None = None
    confidence: float | None = None
    """The probability that it was read right; None for an imported record, which was not read off print."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A cited work: one for the whole collection."""

    key: str
    csl: CSL
    raw: tuple[str, ...] = ()
    document_id: int | None = None
    """The document that is this work, when it is in the knowledge base."""
    cited_by: tuple[Citation, ...] = ()
    listed: tuple[Entry, ...] = ()
    """Its place in a reference list or an imported bibliography."""
    doubtful: bool = False
    """Whether a question about it waits for a person."""


ReasonCode = Literal[
    # two items describe one work, or two
    "same-doi", "same-isbn", "doi-agrees-title-differs", "isbn-agrees-title-differs", "title-differs",
    "edition-differs", "authors-differ", "year-differs", "doi-differs", "isbn-differs", "authors-on-one-side",
    "year-on-one-side", "conference-and-journal", "container-differs", "title-year-author-agree",
    "author-year-agree-nothing-else", "no-title-to-compare", "author-or-year-differs", "same-words", "two-documents",
    "printed-alike", "title-authors-address-agree", "institution-named-otherwise", "another-form",
    # an item and the items of a cluster
    "agrees", "differs", "decided", "several-works-agree", "entries-disagree",
    # a citation means a work
    "list-number", "same-address", "author-year", "author-alone", "author-undated", "author-year-missing",
    "author-original-year", "year-letter-on-one-side", "years-differ-by-one", "one-author-where-several",
    "equal-candidates", "only-work-cited-here", "only-work-in-collection", "author-year-only", "confirmed",
    # a person decided; Crossref suggests
    "decided-by-person", "crossref-agrees", "crossref-differs",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two records may describe one work: a code, worded by the doors in the language of the reader.

    `values` are codes too: `entries-disagree` and `equal-candidates` hold the code of the comparison, `crossref-differs`
    the parts that differ (`title`, `year`, `first-author`).
    """

    code: ReasonCode
    values: tuple[str, ...] = ()


DoubtKind = Literal["citation", "works", "document"]
DecisionVerdict = Literal["confirm", "refuse"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question that a person answers: is `reference` the same work as its candidate?

    `citation`: these places cite `reference`, known by author and year alone; do they mean `candidate`?
    `works`: are `reference` and `candidate` one work? `document`: is `reference` the document?
    """

    id: str
    """The same as long as the question is, also when documents are read anew."""
    kind: DoubtKind
    reference: Reference
    candidate: Reference | None
    document_id: int | None
    citations: tuple[Citation, ...]
    score: float
    """Match probability, from 0 to 1."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's answer; it waits while the document or work that it is about is not here."""

    id: int
    verdict: DecisionVerdict
    made: str
    doubt: Doubt


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A work that Crossref knows and that may be the one looked up."""

    csl: CSL
    score: float
    """How much it is like the item, from 0 to 1."""
    agrees: bool
    """Whether title, year and first author agree: only then may it be taken over."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class Query:
    """The words to look for, and the filters of the answer; `kb.language.syntax` reads one off a text."""

    text: str
    kind: Kind | None = None
    language: Language | None = None
    year: int | None = None
    document_id: int | None = None
    author: str | None = None
    """An author or speaker of the document, as it is written there."""
    cites: bool = False
    """Whether only pages that cite a work are wanted."""
    conditions: Conditions = NO_CONDITIONS

    @property
    def typed(self) -> str:
        """The whole query as it was typed."""
        return self.conditions.typed or self.text


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with a score; higher is better."""

    passage_id: int
    score: float


Ranking = Sequence[Hit]
"""The hits of one query, best first."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text, `end` exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A hit with its passage, page and document, and why it was found."""

    rank: int
    score: float
    passage: Passage
    page: Page
    document: Document
    citations: tuple[Citation, ...] = ()
    matched: tuple[Span, ...] = ()
    """Words of the query, in `passage.text`."""
    sentence: Span | None = None
    """The sentence nearest to the query in meaning, in `passage.text`."""
    by_words: bool = False
    by_meaning: bool = False

    @property
    def url(self) -> str:
        """The permanent address of the passage."""
        return self.url_of(Span(0, len(self.passage.text)))

    def url_of(self, span: Span) -> str:
        """The permanent address of a stretch of the passage, such as a sentence of it."""
        anchor = Anchor.of(self.passage.text[span.start : span.end], self.passage.start + span.start)
        return anchor.on(self.document.id, self.page.number)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer, quoted: evidence.passage.text[start:end] == text."""

    text: str
    source: int
    """Number of its source, from 1, in `Answer.sources`."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A query with its hits, and the sentences quoted to answer it."""

    query: Query
    evidence: tuple[Evidence, ...] = ()
    """The hits, best first."""
    sentences: tuple[Sentence, ...] = ()
    sources: tuple[Evidence, ...] = ()
    """The passages that sentences were quoted from, in the order in which they are numbered."""
    closest: tuple[Evidence, ...] = ()
    """Where nothing answers: at most three passages that come nearest. Not an answer."""
    took_ms: float = 0.0
    total: int = 0
    """The number of hits; `evidence` holds the first of them."""
    facets: Mapping[Any, Mapping[Any, int]] = field(default_factory=dict)
    """kb.facets.Counts; empty where only a search among the passages that pass the filters found anything."""
    groups: tuple[tuple[Evidence, ...], ...] = ()
    """All hits by document, best first; the words that matched are known of the first ones."""
    listed: tuple[Evidence, ...] = ()
    """Passages of reference lists that would be hits, had the query asked for a work; the first ones."""
    complete: bool = True
    """Whether the query finds no more than these; else total and facets are less than the truth."""

    @property
    def answered(self) -> bool:
        return bool(self.sentences)
