"""The WSGI server with its limits: waitress, set so that slow or greedy clients do not keep others waiting.

    connection ─► at most CONNECTIONS, closed after IDLE seconds without a byte ─► headers ─► body (bounded) ─► a thread

Waitress reads a request completely, in one loop without a thread of its own, before a thread runs the application: a client
that sends its request slowly costs a connection and no thread.
"""

from __future__ import annotations

import copy
from typing import Any

from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

THREADS = 8
CONNECTIONS = 1000
"""Open connections at the same time. Waitress uses poll(), which has no limit of 1,024 file descriptors as select() has."""
IDLE = 20
"""Seconds after which a connection on which nothing arrives is closed."""
LARGEST_HEADER = 64 * 1024
LARGEST_FORM = 64 * 1024
"""Bytes of a body that is not an upload: our forms are small. Refused before it is read."""
UPLOADS = ("/intake", "/api/documents")
"""Addresses to which files are sent."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def largest_upload(max_bytes: int) -> int:
    """Bytes of the largest request that brings a file of `max_bytes`."""
    return max_bytes + LARGEST_FORM


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Lets large bodies through to the addresses of uploads alone, from other machines only with an Authorization header."""

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        limits: Any = self.adj
        known = limits.host in LOOPBACK or "AUTHORIZATION" in self.headers
        if not (known and self.command == "POST" and self.path.rstrip("/") in UPLOADS):
            self.adj: Any = copy.copy(limits)
            self.adj.max_request_body_size = LARGEST_FORM


class _Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = _Parser


class Server:
    """An application that listens on one address."""

    def __init__(self, app: Any, host: str, port: int, *, largest_upload: int = LARGEST_FORM) -> None:
        """Listen; `largest_upload` in bytes.

        Raises OSError when the address is taken or not ours, ValueError when the name resolves to nothing.
        """
        sockets: dict[int, Any] = {}
        self._server = create_server(
            app,
            map=sockets,
            host=host,
            port=port,
            threads=THREADS,
            ident="kb",
            connection_limit=CONNECTIONS,
            asyncore_use_poll=True,
            channel_timeout=IDLE,
            cleanup_interval=5,
            max_request_header_size=LARGEST_HEADER,
            max_request_body_size=largest_upload,
        )
        for listening in sockets.values():
            if hasattr(listening, "channel_class"):
                listening.channel_class = _Channel

    @property
    def port(self) -> int:
        """The port it listens on; the first one where the host has several addresses."""
        server = self._server
        port = server.effective_port if hasattr(server, "effective_port") else server.effective_listen[0][1]
        return int(port)

    def run(self) -> None:
        """Serve until the process is interrupted."""
        try:
            self._server.run()
        except KeyboardInterrupt:
            pass
        finally:
            self._server.close()

    def close(self) -> None:
        """Stop listening."""
        self._server.close()
