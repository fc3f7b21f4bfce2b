"""Small things that behave: a tiny encoder, a Crossref on this machine, and writers of small real files."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import numpy.typing as npt


class LetterEncoder:
    """A text is its letter counts: deterministic, quick, and texts with the same letters mean the same."""

    def __init__(self, name: str = "letters-1", dimension: int = 26) -> None:
        self._name = name
        self._dimension = dimension
        self.encoded: list[str] = []
        """The passages it was given, in order."""

    @property
    def fingerprint(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return self._dimension

    def encode_query(self, text: str) -> npt.NDArray[np.float32]:
        vector: npt.NDArray[np.float32] = self._vectors([text])[0]
        return vector

    def encode_document(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        self.encoded.extend(texts)
        if progress is not None:
            progress(len(texts), len(texts))
        return self._vectors(texts)

    def _vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        counts = np.full((len(texts), self._dimension), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for letter in text.lower():
                if "a" <= letter <= "z":
                    counts[row, (ord(letter) - ord("a")) % self._dimension] += 1
        lengths = np.linalg.norm(counts, axis=1, keepdims=True)
        return np.asarray(counts / np.maximum(lengths, 1e-12), dtype=np.float32)


class WordEncoder(LetterEncoder):
    """A text is its words: texts that share words are near, and those that share none lie at right angles.

    `same` gives words one meaning, as a bilingual encoder would.
    """

    def __init__(self, name: str = "words-1", dimension: int = 512, same: dict[str, str] | None = None) -> None:
        super().__init__(name, dimension)
        self._same = same or {}
        self._places: dict[str, int] = {}

    def _vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        counts = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                if len(word) > 3:
                    meaning = self._same.get(word, word)
                    place = self._places.setdefault(meaning, len(self._places) % (self._dimension - 1))
                    counts[row, place] += 1
        counts[:, -1] = 1e-3
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), dtype=np.float32)


WORK: dict[str, Any] = {
    "type": "journal-article", "title": ["Belonging as a practice"], "DOI": "10.1234/right", "volume": "3",
    "container-title": ["Journal of X"], "issued": {"date-parts": [[2012, 5]]}, "publisher": "Press",
    "author": [{"given": "Karin", "family": "van der Goot"}, {"name": "SCP"}],
}  # fmt: skip


class Crossref(ThreadingHTTPServer):
    """Answers as api.crossref.org does, for one work, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.asked: list[str] = []
        self.status = 200
        self.silent = threading.Event()
        self.items: list[dict[str, Any]] = [{**WORK, "title": ["Something else"]}, WORK]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    server: Crossref

    def do_GET(self) -> None:
        asked = urlsplit(unquote(self.path))
        self.server.asked.append(
            asked.path.removeprefix("/works").strip("/") or parse_qs(asked.query)["query.bibliographic"][0]
        )
        if self.server.silent.is_set():
            self.server.silent.wait(0)
            self.close_connection = True
            return
        if asked.path.startswith("/works/"):
            known = asked.path == "/works/10.1234/right"
            status, message = (self.server.status, WORK) if known else (404, {})
        else:
            status, message = self.server.status, {"items": self.server.items, "total-results": 2}
        body = json.dumps({"status": "ok", "message": message}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on standard error."""
