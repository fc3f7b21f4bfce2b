"""Who may change things, under which name the pages are asked for, and how much may be sent."""

from __future__ import annotations

import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web_fakes import FakeKnowledgeBase, fake_knowledge_base
from web import create_app
from web.server import LARGEST_FORM, Server

TOKEN = "a-long-enough-secret"
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture
def base(tmp_path: Path) -> FakeKnowledgeBase:
    return fake_knowledge_base(tmp_path)


def client(base: FakeKnowledgeBase, token: str | None = None) -> FlaskClient:
    base.settings = replace(base.settings, token=token)
    return create_app(base).test_client()


def decide(visitor: FlaskClient, **more: Any) -> Any:
    """Post a form without its signature: 400 means that the visitor was let through to it."""
    return visitor.post("/references/review", data={"verdict": "confirm"}, **more)


def test_this_machine_may_change_things_without_a_token(base: FakeKnowledgeBase) -> None:
    assert decide(client(base)).status_code == 400
    assert decide(client(base, TOKEN)).status_code == 400


def test_another_machine_may_change_nothing_where_no_token_is_set(base: FakeKnowledgeBase) -> None:
    answer = decide(client(base), environ_base=ELSEWHERE)
    assert answer.status_code == 403
    assert "KB_TOKEN" in answer.get_data(as_text=True)
    assert client(base).get("/references/review", environ_base=ELSEWHERE).status_code == 200


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401),
        ("Bearer wrong", 401),
        (f"Bearer {TOKEN}", 400),
        ("Basic " + b64encode(b"anyone:wrong").decode(), 401),
        ("Basic " + b64encode(f"anyone:{TOKEN}".encode()).decode(), 400),
        ("Basic %%%", 401),
        ("Digest username=x", 401),
    ],
)
def test_another_machine_needs_the_token(base: FakeKnowledgeBase, header: str | None, status: int) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = decide(client(base, TOKEN), environ_base=ELSEWHERE, headers=headers)
    assert answer.status_code == status
    assert answer.headers.get("WWW-Authenticate", "").startswith("Basic ") is (status == 401)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "192.0.2.7"},
        {"Forwarded": "for=192.0.2.7"},
        {"Host": "kb.example.org"},
        {"Via": "1.1 proxy"},
    ],
)
def test_a_proxy_on_this_machine_does_not_make_its_visitors_local(
    base: FakeKnowledgeBase, headers: dict[str, str]
) -> None:
    assert decide(client(base), headers=headers).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_every_name_of_this_machine_is_local(base: FakeKnowledgeBase, host: str) -> None:
    assert decide(client(base), headers={"Host": host}, environ_base={"REMOTE_ADDR": "::1"}).status_code == 400


# -- the server, spoken to over a socket


@contextmanager
def listening(base: FakeKnowledgeBase) -> Iterator[int]:
    server = Server(create_app(base, hosts=("localhost", "127.0.0.1")), "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.port
    finally:
        server.close()
        thread.join(5)


def exchange(port: int, sent: bytes) -> bytes:
    """Send bytes, return the first line of the response."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(sent)
        return connection.makefile("rb").readline().strip()


def test_a_request_without_a_host_is_refused(base: FakeKnowledgeBase) -> None:
    with listening(base) as port:
        for request in (b"GET / HTTP/1.1\r\n\r\n", b"GET /api/documents HTTP/1.0\r\n\r\n"):
            assert exchange(port, request) == b"HTTP/1.1 400 BAD REQUEST".replace(b"1.1", request[-7:-4])
        assert exchange(port, b"GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n") == b"HTTP/1.1 400 BAD REQUEST"
        assert exchange(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") == b"HTTP/1.1 200 OK"


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(base: FakeKnowledgeBase) -> None:
    with listening(base) as port:
        head = b"POST /references/review HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
        assert exchange(port, head % LARGEST_FORM) == b"HTTP/1.1 413 Request Entity Too Large"
        assert exchange(port, head % 9 + b"verdict=x") == b"HTTP/1.1 400 BAD REQUEST"


def test_two_hundred_connections_that_send_half_a_request_leave_room_for_others(base: FakeKnowledgeBase) -> None:
    with listening(base) as port:
        waiting = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(200)]
        for connection in waiting:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: local")
        assert exchange(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n") == b"HTTP/1.1 200 OK"
        for connection in waiting:
            connection.close()
