"""Uploads: sent, kept, taken in once, refused with a reason; by a form and by programs."""

from __future__ import annotations

import json
import re
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kb.bootstrap import KnowledgeBase, open_knowledge_base
from kb.cli import main
from kb.model import Query
from kb.outcomes import Upload
from kb.settings import Settings
from tests.fake_uploads import settle
from tests.fakes import WordEncoder
from tests.soup import form, soup
from tests.writers import Slide, locked_pdf, write_deck_pdf, write_pptx
from web import create_app
from web.server import LARGEST_FORM, Server, largest_upload

TOKEN = "a-long-enough-secret"
UNDELETE = "form[action='/intake/undelete']"
ASKING = "Expect: 100-continue\r\n"
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
DECK = write_pptx([Slide("Liminale ruimte", ("Een drempel is geen plek om te blijven.",))], "Drempels")
NEWER = write_pptx([Slide("Liminale ruimte", ("Een drempel is een plek om te oefenen.",))], "Drempels")


@pytest.fixture
def base(tmp_path: Path) -> Iterator[KnowledgeBase]:
    settings = Settings(tmp_path / "home", max_bytes=200_000, token=TOKEN)
    with closing(open_knowledge_base(settings, WordEncoder)) as opened:
        yield opened


@pytest.fixture
def client(base: KnowledgeBase) -> FlaskClient:
    return create_app(base).test_client()


def send(client: FlaskClient, *files: tuple[bytes, str], **fields: Any) -> Any:
    """Upload files as a program does, and wait for their outcomes; the answer, and the jobs when it was 202."""
    options = {name: fields.pop(name) for name in ("headers", "environ_base") if name in fields}
    data = {"file": [(BytesIO(data), name) for data, name in files], **fields}
    answer = client.post("/api/documents", data=data, **options)
    settle()
    return answer


def outcomes(client: FlaskClient) -> list[tuple[str, str | None]]:
    listed = client.get("/api/jobs").json
    assert listed is not None
    return [(job["filename"], job["status"]) for job in listed["jobs"]]


def test_a_file_that_a_program_sends_is_taken_in_and_found(client: FlaskClient, base: KnowledgeBase) -> None:
    answer = send(client, (DECK, "week 1.pptx"))
    assert answer.status_code == 202
    (job,) = answer.json["jobs"]
    assert (job["filename"], job["state"], job["size"]) == ("week 1.pptx", "waiting", len(DECK))
    done = client.get(job["url"]).json
    assert done is not None
    assert (done["state"], done["status"], done["document"]) == ("done", "added", 1)
    assert [hit.document.filename for hit in base.search(Query("drempel")).evidence] == ["week 1.pptx"]
    assert list((base.settings.home / "uploads").iterdir()) == []


def test_each_file_of_a_form_has_its_outcome_with_a_reason_in_both_languages(client: FlaskClient) -> None:
    token = form(client, "form.upload", "/intake")["csrf"]
    files = [(BytesIO(DECK), "deck.pptx"), (BytesIO(DECK), "copy.pptx"), (BytesIO(b"junk"), "notes.xyz")]
    answer = client.post("/intake", data={"csrf": token, "file": files})
    assert (answer.status_code, answer.location) == (303, "/intake#uploads")
    settle()
    shown = {
        language: [
            re.sub(r"\s+", " ", item.get_text()).strip()
            for item in soup(client.get(f"/intake?lang={language}")).select("#jobs li")
        ]
        for language in ("en", "nl")
    }
    assert [line.split(" ")[0] for line in shown["nl"]] == ["notes.xyz", "copy.pptx", "deck.pptx"]
    assert re.search(r"was er al hetzelfde bestand als deck\.pptx \(document 1\)$", shown["nl"][1])
    assert re.search(r"here already the same bytes as deck\.pptx \(document 1\)$", shown["en"][1])
    assert "cannot be read" in shown["en"][0]
    assert "rename it to .txt if it is a text" in shown["en"][0]
    assert "de extensie .xyz is niet bekend" in shown["nl"][0]


def test_a_file_of_the_same_name_replaces_nothing_unless_the_keeper_says_so(
    client: FlaskClient, base: KnowledgeBase
) -> None:
    send(client, (DECK, "deck.pptx"))
    send(client, (NEWER, "deck.pptx"))
    assert [document.id for document in base.documents()] == [1, 2]
    send(client, (write_pptx([Slide("Liminale ruimte", ("Derde versie.",))]), "deck v3.pptx"), replaces="1")
    assert outcomes(client)[0] == ("deck v3.pptx", "replaced")
    assert "Derde versie." in base.page(1, 1).text
    assert [document.filename for document in base.documents() if document.id == 1] == ["deck v3.pptx"]
    assert [item.document_id for item in base.trash()] == [1]  # the earlier version can be brought back


def test_a_new_version_of_a_document_that_is_not_here_is_refused(client: FlaskClient) -> None:
    assert send(client, (DECK, "deck.pptx"), replaces="7").status_code == 404
    assert send(client, (DECK, "a.pptx"), (NEWER, "b.pptx"), replaces="1").status_code == 404
    send(client, (DECK, "deck.pptx"))
    assert send(client, (DECK, "a.pptx"), (NEWER, "b.pptx"), replaces="1").status_code == 400
    assert send(client, (DECK, "a.pptx"), replaces="one").status_code == 400
    assert send(client).status_code == 400


def test_the_kind_that_the_keeper_gives_counts(client: FlaskClient, base: KnowledgeBase) -> None:
    send(client, (DECK, "deck.pptx"), kind="literature")
    assert [document.kind for document in base.documents()] == ["literature"]


def test_a_locked_file_is_opened_with_its_password_which_is_kept_nowhere(
    client: FlaskClient, base: KnowledgeBase
) -> None:
    locked = locked_pdf(write_deck_pdf([Slide("Geheim", ("Alleen voor ons.",))]), user="open-sesame")
    send(client, (locked, "locked.pdf"))
    assert outcomes(client) == [("locked.pdf", "locked")]
    answer = send(client, (locked, "locked.pdf"), password="open-sesame")
    assert [job["status"] for job in answer.json["jobs"]] == ["added"]
    kept = [path.read_bytes() for path in base.settings.home.rglob("*") if path.is_file()]
    assert not any(b"open-sesame" in data for data in kept)


def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(client: FlaskClient, base: KnowledgeBase) -> None:
    answer = send(client, (bytes(200_001), "big.pdf"))
    assert (answer.status_code, answer.json["detail"][:7]) == (422, "big.pdf")
    assert send(client, (bytes(200_001 + LARGEST_FORM), "big.pdf")).status_code == 413
    assert outcomes(client) == []
    assert list((base.settings.home / "uploads").iterdir()) == []


def test_a_name_is_no_path(client: FlaskClient) -> None:
    send(client, (DECK, "../../etc/passwd.pptx"), (NEWER, "decks/week 2.pptx"))
    assert outcomes(client) == [("week 2.pptx", "added"), ("passwd.pptx", "added")]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": f"Bearer {TOKEN}"}, 202),
        ({"Authorization": "Basic " + b64encode(f"me:{TOKEN}".encode()).decode()}, 202),
        ({"Authorization": "Bearer wrong"}, 401),
    ],
)
def test_another_machine_needs_the_token(client: FlaskClient, headers: dict[str, str], status: int) -> None:
    assert send(client, (DECK, "deck.pptx"), headers=headers, environ_base=ELSEWHERE).status_code == status
    assert client.get("/api/jobs", headers=headers, environ_base=ELSEWHERE).status_code == (
        200 if status == 202 else 401
    )


@pytest.mark.parametrize("headers", [{"Origin": "http://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_page_elsewhere_cannot_make_a_browser_upload(client: FlaskClient, headers: dict[str, str]) -> None:
    assert send(client, (DECK, "deck.pptx"), headers=headers).status_code == 403
    assert client.post("/intake", data={"file": [(BytesIO(DECK), "deck.pptx")]}).status_code == 400
    assert outcomes(client) == []


def test_readers_see_what_is_here_and_neither_form_nor_commands(base: KnowledgeBase) -> None:
    base.settings = replace(base.settings, token=None)
    page = soup(create_app(base).test_client().get("/intake", environ_base=ELSEWHERE))
    assert page.select("form.upload, code, #jobs") == []
    assert "added by whoever keeps this knowledge base" in page.get_text()


def test_an_upload_whose_process_died_is_taken_in_once_by_the_next(base: KnowledgeBase) -> None:
    folder = base.settings.home / "uploads"
    folder.mkdir(parents=True)
    (folder / "kept").write_bytes(DECK)
    jobs = base.catalogue.jobs
    job = jobs.add(Upload("deck.pptx"), len(DECK), "kept", kind=None)
    jobs.LEASE = -1.0  # its process dies at once
    assert jobs.claim() is not None
    del jobs.LEASE
    base.uploads.resume()
    settle()
    assert (jobs.get(job.id).status, jobs.get(job.id).attempts) == ("added", 2)
    base.uploads.resume()
    settle()
    assert len(base.documents()) == 1
    assert list(folder.iterdir()) == []


def test_a_file_that_ends_its_process_twice_is_not_tried_again(base: KnowledgeBase) -> None:
    jobs = base.catalogue.jobs
    job = jobs.add(Upload("killer.pdf"), 1, "kept", kind=None)
    jobs.LEASE = -1.0
    assert [jobs.claim() is not None for _ in range(3)] == [True, True, False]
    ended = jobs.get(job.id)
    assert (ended.state, ended.status, [reason.code for reason in ended.reasons]) == ("done", "failed", ["interrupted"])


def test_two_processes_never_take_one_job(base: KnowledgeBase) -> None:
    jobs = base.catalogue.jobs
    for number in range(20):
        jobs.add(Upload(f"{number}.pdf"), 1, f"{number}", kind=None)
    taken: list[int] = []

    def take() -> None:
        while (job := jobs.claim()) is not None:
            taken.append(job.id)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 21))


def test_a_large_body_is_let_through_to_the_uploads_alone(base: KnowledgeBase) -> None:
    server = Server(create_app(base), "127.0.0.1", 0, largest_upload=largest_upload(base.settings.max_bytes))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()

    def first_line(path: str, length: int, expect: str = "") -> bytes:
        with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{expect}Content-Length: {length}\r\n\r\n"
            connection.sendall(head.encode())
            return connection.makefile("rb").readline().strip()

    try:
        assert first_line("/references/review", LARGEST_FORM) == b"HTTP/1.1 413 Request Entity Too Large"
        assert first_line("/api/documents", LARGEST_FORM, ASKING) == b"HTTP/1.1 100 Continue"
        assert first_line("/intake", LARGEST_FORM, ASKING) == b"HTTP/1.1 100 Continue"
        assert first_line("/api/documents", base.settings.max_bytes * 2) == b"HTTP/1.1 413 Request Entity Too Large"
    finally:
        server.close()
        thread.join(5)


def test_a_removed_document_comes_back_from_its_own_page_and_from_the_trash(
    client: FlaskClient, base: KnowledgeBase
) -> None:
    send(client, (DECK, "deck.pptx"))
    for address in ("/documents/1?lang=nl", "/intake?lang=nl"):
        base.remove(1)
        page = soup(client.get(address, headers={"Accept": "text/html"}))
        button = page.select_one(f"{UNDELETE} button")
        assert button is not None
        assert button.get_text() == "Terugzetten"
        answer = client.post("/intake/undelete", data=form(client, UNDELETE, address))
        settle()
        assert (answer.status_code, answer.location) == (303, "/documents/1")
        assert base.search(Query("drempel")).evidence[0].document.id == 1
        assert not base.waiting()
    answer = client.post("/intake/undelete", data=form(client, "form.upload", "/intake") | {"document": "1"})
    assert answer.status_code == 404


def test_the_file_of_a_replaced_version_opens_as_long_as_the_trash_keeps_it(
    client: FlaskClient, base: KnowledgeBase
) -> None:
    send(client, (DECK, "deck.pptx"))
    (old,) = base.document(1).files
    send(client, (NEWER, "deck.pptx"), replaces="1")
    address = f"/documents/1/files/{old.sha256}/deck.pptx"
    with closing(client.get(address)) as answer:
        assert answer.data == DECK
    base.settings = replace(base.settings, trash_days=-1)
    base.sweep()
    assert client.get(address).status_code == 404


def test_uploads_are_listed_at_the_command_line(client: FlaskClient, base: KnowledgeBase) -> None:
    send(client, (DECK, "deck.pptx"), (b"junk", "notes.xyz"))
    run = CliRunner().invoke(main, ["jobs"], obj=base.settings)
    lines = [line.split("\t") for line in run.output.splitlines()]
    assert [(fields[0], *fields[2:5]) for fields in lines] == [
        ("2", "upload", "unsupported", "notes.xyz"),
        ("1", "upload", "added", "deck.pptx"),
    ]
    listed = json.loads(CliRunner().invoke(main, ["jobs", "--json", "-n", "1"], obj=base.settings).output)
    assert [(job["id"], job["status"]) for job in listed["jobs"]] == [(2, "unsupported")]
