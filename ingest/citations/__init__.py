"""Citations as printed: who is cited on which page, with what evidence."""

from ingest.citations.recognise import citations

__all__ = ["citations"]
