"""The tables, described for SQLAlchemy Core; the migrations create them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value"),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", Text),
    Column("title_key", Text),
    Column("kind", Text),
    Column("filename", Text),
    Column("language", Text),
    Column("authors", JSON),
    Column("date", Text),
    Column("year", Integer),
    Column("added", Text),
    Column("changed", Text),
    Column("removed", Text),
    Column("became", Integer),
)
files = Table(
    "files",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("document_id", Integer),
    Column("filename", Text),
    Column("path", Text),
    Column("media_type", Text),
    Column("size", Integer),
    Column("first", Boolean),
    Column("page_numbers", JSON),
)
paths = Table(
    "paths",
    metadata,
    Column("path", Text, primary_key=True),
    Column("sha256", Text),
    Column("document_id", Integer),
)
superseded = Table(
    "superseded",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("document_id", Integer),
    Column("filename", Text),
    Column("at", Text),
)
trash = Table(
    "trash",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("document_id", Integer),
    Column("cause", Text),
    Column("at", Text),
    Column("title", Text),
    Column("kind", Text),
    Column("filename", Text),
    Column("path", Text),
    Column("media_type", Text),
    Column("size", Integer),
    Column("first", Boolean),
)
pages = Table(
    "pages",
    metadata,
    Column("document_id", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("label", Text),
    Column("title", Text),
    Column("section", Text),
    Column("text", Text),
    Column("notes", Text),
    Column("hidden", Boolean),
    Column("divider", Boolean),
    Column("language", Text),
    Column("problem", Text),
)


def _stretch() -> tuple[Column[Any], ...]:
    """The columns of a stretch of a page's text or notes: its id, where it is, and its characters."""
    return (
        Column("id", Integer, primary_key=True),
        *(Column(name, Integer) for name in ("document_id", "number")),
        Column("field", Text),
        *(Column(name, Integer) for name in ("start", "end")),
    )


passages = Table(
    "passages",
    metadata,
    *_stretch(),
    Column("language", Text),
    Column("context", Text),
    Column("listing", Boolean),
    Column("digest", Text),
)
vectors = Table(
    "vectors",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("vector", LargeBinary),
    Column("sentences", LargeBinary),
    Column("tokens", LargeBinary),
)
sketches = Table(
    "sketches",
    metadata,
    Column("document_id", Integer, primary_key=True),
    Column("pages", Integer),
    Column("words", Integer),
    Column("digests", LargeBinary),
)
page_digests = Table(
    "page_digests",
    metadata,
    Column("document_id", Integer),
    Column("digest", Integer),
)
page_words = Table(
    "page_words",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("ratio", Float),
    Column("words", Text),
)
citations = Table(
    "citations",
    metadata,
    *_stretch(),
    Column("form", Text),
    Column("authors", JSON),
    Column("year", Text),
    Column("locator", Text),
    Column("confidence", Float),
)
entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document_id", Integer),
    Column("number", Integer),
    Column("start", Integer),
    Column("end", Integer),
    Column("label", Text),
    Column("raw", Text),
    Column("csl", JSON),
    Column("bibliography_id", Integer),
    Column("confidence", Float),
)
bibliographies = Table(
    "bibliographies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", Text),
    Column("filename", Text),
    Column("path", Text),
    Column("records", Integer),
    Column("problems", JSON),
    Column("added", Text),
)
works = Table(
    "works",
    metadata,
    Column("key", Text, primary_key=True),
    Column("csl", Text),  # JSON as text: hundreds are parsed at once
    Column("raw", Text),
    Column("search", Text),
    Column("by_author", Text),
    Column("by_title", Text),
    Column("year", Integer),
    Column("cited", Integer),
    Column("listed", Integer),
    Column("document_id", Integer),
    Column("doubtful", Integer),
)
work_entries = Table(
    "work_entries",
    metadata,
    Column("entry_id", Integer, primary_key=True),
    Column("key", Text),
)
work_citations = Table(
    "work_citations",
    metadata,
    Column("citation_id", Integer, primary_key=True),
    Column("key", Text),
    Column("score", Float),
    Column("reason", Text),
)
work_authors = Table(
    "work_authors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("place", Integer),
)
work_names = Table(
    "work_names",
    metadata,
    Column("name", Text, primary_key=True),
    Column("key", Text),
)
work_redirects = Table(
    "work_redirects",
    metadata,
    Column("old", Text, primary_key=True),
    Column("key", Text),
)
doubts = Table(
    "doubts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text),
    Column("key", Text),
    Column("candidate", Text),
    Column("document_id", Integer),
    Column("citations", Text),
    Column("one", Text),
    Column("other", Text),
    Column("score", Float),
    Column("reason", Text),
)
decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text),
    Column("verdict", Text),
    Column("one", Text),
    Column("other", Text),
    Column("doubt", Text),
    Column("score", Float),
    Column("reason", Text),
    Column("made", Text),
    Column("key", Text),
    Column("candidate", Text),
    Column("document_id", Integer),
    Column("citations", Text),
    Column("one_csl", Text),
    Column("other_csl", Text),
)
link_sources = Table(
    "link_sources",
    metadata,
    Column("source", Integer, primary_key=True),
    Column("state", Text),
)
link_units = Table(
    "link_units",
    metadata,
    Column("unit", Integer, primary_key=True),
    Column("source", Integer),
    Column("work", Text),
)
link_keys = Table(
    "link_keys",
    metadata,
    Column("side", Integer, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("unit", Integer, primary_key=True),
    Column("first", Integer),
    Column("last", Integer),
)
jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("filename", Text),
    Column("size", Integer),
    Column("stored", Text),
    Column("origin", Text, server_default="upload"),
    Column("kind", Text),
    Column("replaces", Integer),
    Column("state", Text),
    Column("attempts", Integer),
    Column("lease", Float),
    Column("added", Text),
    Column("status", Text),
    Column("reasons", Text),
    Column("document_id", Integer),
)
displaced = Table(
    "displaced",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("document_id", Integer),
    Column("filename", Text),
)


def _resemblance() -> tuple[Column[Any], ...]:
    """The columns of a resemblance between two documents."""
    return (Column("code", Text), Column("shared", Integer), Column("pages", Integer))


version_questions = Table(
    "version_questions",
    metadata,
    Column("older", Integer, primary_key=True),
    Column("newer", Integer, primary_key=True),
    *_resemblance(),
)
version_answers = Table(
    "version_answers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("verdict", Text),
    Column("older", Integer),
    Column("newer", Integer),
    *_resemblance(),
    *(Column(name, Text) for name in ("older_title", "newer_title")),
    *(Column(name, JSON) for name in ("older_files", "newer_files")),
    Column("made", Text),
)
