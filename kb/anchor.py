"""The permanent address of a stretch of a page: where it is, and a digest of its words.

    /documents/3/pages/14?at=12-181.3f0a9c1b2d4e         start and end in the page's text, 12 hex digits of its SHA-256

The position finds the words at once; the digest shows whether they are still there, and finds them where they are now after the
document was read anew or replaced. White space and Unicode composition do not count: they depend on the reader.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

DIGITS = 12
LARGEST = 10**9

_FORM = re.compile(rf"(\d{{1,9}})-(\d{{1,9}})\.([0-9a-f]{{{DIGITS}}})", re.ASCII)


def digest(text: str) -> str:
    """The first 12 hex digits of the SHA-256 of a text in NFC with its white space folded."""
    folded = unicodedata.normalize("NFC", " ".join(text.split()))
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A stretch of a page's text, or of its speaker notes, as it was when the address was made."""

    start: int
    end: int
    digest: str

    def __str__(self) -> str:
        return f"{self.start}-{self.end}.{self.digest}"

    @classmethod
    def of(cls, words: str, start: int) -> Anchor:
        """The anchor of these words, which begin at `start`."""
        return cls(start, start + len(words), digest(words))

    @classmethod
    def parse(cls, value: str) -> Anchor | None:
        """From the form in an address; None when it is not one."""
        found = _FORM.fullmatch(value)
        if found is None or int(found[1]) >= int(found[2]):
            return None
        return cls(int(found[1]), int(found[2]), found[3])

    def names(self, words: str) -> bool:
        """Whether these are the words that the address was made for."""
        return digest(words) == self.digest

    def on(self, document_id: int, number: int) -> str:
        """The permanent address."""
        return f"/documents/{document_id}/pages/{number}?at={self}"
