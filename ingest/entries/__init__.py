"""Reference lists entry by entry, and the records of bibliography files."""

from ingest.entries.imports import import_records
from ingest.entries.lists import Layout, layout
from ingest.entries.pasted import read_pasted
from ingest.entries.reading import entries

__all__ = ["Layout", "entries", "import_records", "layout", "read_pasted"]
