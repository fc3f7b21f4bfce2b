"""The access log, and tracebacks of failures, without the words of queries.

request ─► "GET /documents/3 200 12 ms"           the path only: a query string holds the words of a query
defect  ─► traceback, its messages without the words of the request
"""

from __future__ import annotations

import logging
import re
import time
import traceback
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, g, request

logger = logging.getLogger(__name__)

SHORTEST_WORD = 3
"""Words of a request with fewer letters are left in a message: they tell nothing, and are part of many other words."""


class Application(Flask):
    """Flask, whose log of a defect leaves out the contents of the request."""

    def log_exception(self, exc_info: Any) -> None:
        log_failure(exc_info[1])


def log_failure(error: BaseException) -> None:
    """Log an error that a person gets as a status of 500 or more, with its traceback."""
    logger.error("%s %s failed\n%s", request.method, shown_path(), "".join(private_traceback(error)).rstrip())


def private_traceback(error: BaseException) -> Iterator[str]:
    """The lines of a traceback; in messages the words of the request are replaced by dots (code lines hold no values)."""
    words = {word for value in request.values.values() for word in re.findall(r"\w+", value)}
    hidden = sorted((word for word in words if len(word) >= SHORTEST_WORD), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, hidden)), re.IGNORECASE) if hidden else None
    for line in traceback.TracebackException.from_exception(error).format():
        yield line if pattern is None or line.startswith('  File "') else pattern.sub("…", line)


def shown_path() -> str:
    """The path of the request with everything unusual percent-encoded, so that it is one line."""
    return quote(request.path, safe="/:@!$&'()*+,;=~")


def use_access_log(app: Flask) -> None:
    """Log a line for each request; called before other hooks are added, so that it sees the final status."""

    @app.before_request
    def start() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def log(response: Response) -> Response:
        took = 1000 * (time.perf_counter() - g.get("began", time.perf_counter()))
        logger.info("%s %s %d %.0f ms", request.method, shown_path(), response.status_code, took)
        return response
