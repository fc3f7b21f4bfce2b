"""The WSGI server with its limits: waitress, set so that slow or greedy clients do not keep others waiting.

    connection ─► at most CONNECTIONS, closed after IDLE seconds without a byte ─► headers ─► body (bounded) ─► a thread

Waitress reads a request completely, in one loop without a thread of its own, before a thread runs the application: a client
that sends its request slowly costs a connection and no thread.
"""

from __future__ import annotations

from typing import Any

from waitress import create_server

THREADS = 8
CONNECTIONS = 1000
"""Open connections at the same time. Waitress uses poll(), which has no limit of 1,024 file descriptors as select() has."""
IDLE = 20
"""Seconds after which a connection on which nothing arrives is closed."""
LARGEST_HEADER = 64 * 1024
LARGEST_FORM = 64 * 1024
"""Bytes of a body that is not an upload: our forms are small. Refused before it is read."""


class Server:
    """An application that listens on one address."""

    def __init__(self, app: Any, host: str, port: int) -> None:
        """Listen. Raises OSError when the address is taken or not ours, ValueError when the name resolves to nothing."""
        self._server = create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            ident="kb",
            connection_limit=CONNECTIONS,
            asyncore_use_poll=True,
            channel_timeout=IDLE,
            cleanup_interval=5,
            max_request_header_size=LARGEST_HEADER,
            max_request_body_size=LARGEST_FORM,
        )

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
