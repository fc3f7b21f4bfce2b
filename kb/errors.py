"""The errors of kb, as a family of exceptions.

    KnowledgeBaseError                everything we say to a person in one line
    ├── DocumentError                 this file cannot be taken in
    │   ├── UnsupportedFormat         no reader for these bytes
    │   ├── LockedDocument            a password is asked for
    │   ├── EmptyDocument             no bytes, no pages, or nothing on them
    │   ├── NeedsOcr                  pictures of text, and no text
    │   ├── TooBig                    larger, or unpacks to more, than we take
    │   └── UnreadableDocument        damaged, or of another format than its name
    ├── NotInKnowledgeBase            no such document, page, passage or reference
    │   └── Removed                   there was one: its address answers 410
    ├── CatalogueError                the catalogue is newer, damaged or busy
    │   └── Overtaken                 another process was faster with a change
    ├── IndexOutOfStep                vectors and catalogue disagree
    ├── ModelError                    an encoder that cannot be loaded or used
    └── MissingExtra                  needs packages that are not installed

Each message names the problem, the file or document, and the remedy. A door makes one line of it; everything else is
a defect and keeps its traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from kb.refusals import TEXTS, Value, filled


class KnowledgeBaseError(Exception):
    """An error that a person can understand and act on, in one line."""

    status = "failed"


class DocumentError(KnowledgeBaseError):
    """This file cannot be taken in; the reason as a code of `kb.refusals` with its values."""

    def __init__(self, code: str, /, **values: Value) -> None:
        super().__init__(filled(TEXTS[code], values))
        self.code = code
        self.values = values

    def __reduce__(self) -> tuple[Callable[..., DocumentError], tuple[type[DocumentError], str, dict[str, Value]]]:
        return _made_again, (type(self), self.code, self.values)


def _made_again(kind: type[DocumentError], code: str, values: dict[str, Value]) -> DocumentError:
    """An error that came from another process."""
    return kind(code, **values)


class UnsupportedFormat(DocumentError):
    """No reader for these bytes."""

    status = "unsupported"


class LockedDocument(DocumentError):
    """The document asks for a password."""

    status = "locked"


class EmptyDocument(DocumentError):
    """No bytes, no pages, or nothing on them."""

    status = "empty"


class NeedsOcr(DocumentError):
    """Pictures of text, and no text."""

    status = "needs-ocr"


class TooBig(DocumentError):
    """Larger, or unpacks to more, than is taken in."""

    status = "too-big"


class OverLimit(TooBig):
    """Reading it takes more time or memory than a file may use."""


class UnreadableDocument(DocumentError):
    """Damaged, or of another format than its name."""


class NotInKnowledgeBase(KnowledgeBaseError):
    """No such document, page, passage or reference."""


class Removed(NotInKnowledgeBase):
    """A document was removed; its id, its title, and the id of the document of which it is now a version."""

    def __init__(self, message: str, *, document_id: int, title: str, became: int | None = None) -> None:
        super().__init__(message)
        self.document_id = document_id
        self.title = title
        self.became = became


class CatalogueError(KnowledgeBaseError):
    """The catalogue is newer than this program, damaged or busy."""


class Overtaken(CatalogueError):
    """Another process changed the same thing a moment ago; nothing was changed. A second attempt helps."""


class IndexOutOfStep(KnowledgeBaseError):
    """Vectors and catalogue disagree."""


class ModelError(KnowledgeBaseError):
    """An encoder that cannot be loaded or used."""


class MissingExtra(KnowledgeBaseError):
    """The packages of an extra are not installed; the message gives the command that installs them."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(f"{purpose} needs more packages: {sys.executable} -m pip install 'kb-slides[{extra}]'")
