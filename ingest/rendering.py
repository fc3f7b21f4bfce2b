"""Images of pages, and where on them a stretch of text is.

    PDF, page number ─► child process (ingest/drawing.py) ─► WebP ─► cache, by content hash, page, width and version
                                └─► characters with boxes ─► aligned with the stored text ─► a box for each line

Drawing is lazy: an image is made when it is first asked for. It runs in a process of its own with limits and a low priority, so a
hostile or heavy page costs its image and never a search.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.alignment import PageText, marked
from kb.boxes import Marked
from kb.durable import replacing
from kb.model import Span

logger = logging.getLogger(__name__)

THUMBNAIL, PAGE = 320, 1280
"""Widths in pixels."""
VERSION = 1
"""Part of every cache key: higher when pages are drawn otherwise."""
SECONDS = 20.0
"""Longest time for one page."""
MOST_WAITING = 6
"""Callers that may wait for an image at the same time; others are refused at once, so that threads remain for searches."""
CACHE_BYTES = 512 * 2**20
REMEMBERED = 32
"""Pages whose characters are kept in memory."""
FORGET_FAILURE = 600.0
"""Seconds after which a page that could not be drawn is tried again."""


class Renderer:
    """Draws pages of PDF files in a child process, and keeps the images. Safe to share between threads."""

    def __init__(self, cache: Path, seconds: float = SECONDS, largest: int = CACHE_BYTES) -> None:
        self._cache = cache / "pages" / f"v{VERSION}"
        self._seconds = seconds
        self._largest = largest
        self._child = Child()
        self._drawing = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)
        self._failed: dict[tuple[str, int], float] = {}
        self._texts: OrderedDict[tuple[str, int], PageText] = OrderedDict()
        self._size: int | None = None

    def close(self) -> None:
        """End the child process."""
        with self._drawing:
            self._child.end()

    def image(self, file: Path, sha256: str, number: int, width: int) -> bytes | None:
        """Page `number` of a PDF as WebP, `width` pixels wide; None when it cannot be drawn, or not now."""
        kept = self._cache / sha256[:2] / f"{sha256}-{number}-{width}.webp"
        try:
            image = kept.read_bytes()
            os.utime(kept)
        except OSError:
            image = None
        if image is None:
            image = self._ask(file, sha256, number, width=width)
            if image is not None:
                self._keep(kept, image)
        return image

    def marked(self, file: Path, sha256: str, number: int, text: str, spans: Sequence[Span]) -> list[Marked]:
        """For each span of a page's stored text its boxes on page `number` of the PDF; nothing when it cannot be read."""
        page = self._text(file, sha256, number)
        return [] if page is None else marked(page, text, spans)

    def _text(self, file: Path, sha256: str, number: int) -> PageText | None:
        """The characters of a page, remembered for a while: a reader comes back to the pages of one document."""
        key = (sha256, number)
        page = self._texts.get(key)
        if page is None:
            found = self._ask(file, sha256, number)
            if found is None:
                return None
            page = PageText.parse(found)
        with self._drawing:
            self._texts[key] = page
            self._texts.move_to_end(key)
            while len(self._texts) > REMEMBERED:
                self._texts.popitem(last=False)
        return page

    def _ask(self, file: Path, sha256: str, number: int, **request: int) -> bytes | None:
        failed = self._failed.get((sha256, number))
        if failed is not None and time.monotonic() - failed < FORGET_FAILURE:
            return None
        if not self._waiting.acquire(blocking=False):
            return None
        try:
            with self._drawing:
                return self._child.ask({"path": str(file), "index": number - 1, **request}, self._seconds)
        except DrawingFailed as error:
            logger.warning("page %d of %s was not drawn: %s", number, sha256[:12], error)
            self._failed[sha256, number] = time.monotonic()
            return None
        finally:
            self._waiting.release()

    def _keep(self, kept: Path, image: bytes) -> None:
        """Keep an image; a cache that cannot be written costs time only."""
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            with replacing(kept) as file:
                file.write(image)
            self._shrink(len(image))
        except OSError as error:
            logger.debug("the image cache cannot be written: %s", error)

    def _shrink(self, added: int) -> None:
        """Remove the images that were not asked for longest, when the cache has become too large."""
        if self._size is None:
            self._size = sum(path.stat().st_size for path in self._cache.glob("*/*.webp"))
        else:
            self._size += added
        if self._size <= self._largest:
            return
        images = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in self._cache.glob("*/*.webp"))
        for _, size, path in images:
            if self._size <= self._largest * 3 // 4:
                break
            path.unlink(missing_ok=True)
            self._size -= size


class DrawingFailed(Exception):
    """The child process did not deliver."""


class Child:
    """The process that draws; started when it is first needed and again after it was ended. Not safe to share."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, request: dict[str, Any], seconds: float) -> bytes:
        """Send a request and return the body of the response. Raises DrawingFailed."""
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = self._start()
        # A process that takes too long is killed, which ends the reading below.
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        try:
            head, body = _exchange(process, request)
        except (OSError, ValueError) as error:
            self.end()
            raise DrawingFailed(f"the drawing process failed: {type(error).__name__}") from error
        finally:
            timer.cancel()
        if head is None or len(body) != head["bytes"]:
            self.end()
            raise DrawingFailed("the drawing process crashed or took too long")
        if "error" in head:
            raise DrawingFailed(head["error"])
        return body

    def end(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        script = Path(__file__).with_name("drawing.py").resolve()
        # -P keeps this folder, whose modules have the names of others, off the child's path.
        command = [sys.executable, "-P", str(script)]
        return subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )


def _exchange(process: subprocess.Popen[bytes], request: dict[str, Any]) -> tuple[Any, bytes]:
    """Send a request; the head of the response (None when the process ended) and its body. Raises OSError, ValueError."""
    sent, received = process.stdin, process.stdout
    if sent is None or received is None:
        raise OSError("no pipes")
    sent.write(json.dumps(request).encode() + b"\n")
    sent.flush()
    head = json.loads(received.readline() or b"null")
    return head, received.read(head["bytes"]) if head else b""
