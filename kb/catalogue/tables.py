"""The tables as SQLAlchemy Core sees them; the migrations beside this module create them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

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
passages = Table(
    "passages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document_id", Integer),
    Column("number", Integer),
    Column("field", Text),
    Column("start", Integer),
    Column("end", Integer),
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
)
citations = Table(
    "citations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document_id", Integer),
    Column("number", Integer),
    Column("field", Text),
    Column("start", Integer),
    Column("end", Integer),
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
)
