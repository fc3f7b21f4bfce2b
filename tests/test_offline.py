"""No phone-home: a whole session reaches no other host, and writes only in KB_HOME and the temporary folder.

The session runs in a process of its own, with an empty home folder. Python's audit events show what Python code does; the
sockets that the process holds, by /proc, and the files in its home folder show what libraries do beside it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.writers import Slide, write_deck_pdf, write_pptx

SESSION = r"""
import ipaddress, json, os, sys, threading, urllib.request
from pathlib import Path

seen = {"connections": [], "names": [], "written": [], "sockets": []}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
allowed = [os.path.realpath(os.environ[name]) for name in ("KB_HOME", "TMPDIR")] + ["/dev", "/proc"]


def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        if not ipaddress.ip_address(arguments[1][0].partition("%")[0]).is_loopback:
            seen["connections"].append(str(arguments[1]))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        if arguments[0] not in (None, "127.0.0.1", "localhost", "::1"):
            seen["names"].append(str(arguments[0]))
    elif event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
        mode, flags = arguments[1] or "", arguments[2] or 0
        if set(str(mode)) & set("wax+") or flags & WRITING:
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if not any(path == folder or path.startswith(folder + os.sep) for folder in allowed):
                seen["written"].append(path)


sys.addaudithook(watch)


def peers():
    # Remote addresses of this process's own TCP and UDP sockets that are not loopback.
    inodes = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            inodes.add(os.readlink(f"/proc/self/fd/{name}"))
        except OSError:
            pass
    for table in ("tcp", "udp", "tcp6", "udp6"):
        try:
            rows = Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            cells = row.split()
            remote = cells[2].split(":")[0]
            if f"socket:[{cells[9]}]" in inodes and set(remote) != {"0"} and not remote.endswith(("0100007F", "01000000")):
                seen["sockets"].append(f"{table} {remote}")


from kb.bootstrap import open_knowledge_base
from kb.model import Query
from kb.settings import Settings
from web import create_app
from web.server import Server

base = open_knowledge_base(Settings.from_environment())
statuses = [report.status for report in base.ingest([Path(sys.argv[1])], jobs=1)]
peers()
base.refresh()
peers()
answered = base.ask(Query("wat is liminale ruimte")).answered
server = Server(create_app(base), "127.0.0.1", 0)
thread = threading.Thread(target=server.run, daemon=True)
thread.start()
pages = {}
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for path in ("/", "/?q=liminal+space", "/documents", "/documents/1", "/documents/1/pages/1", "/references", "/intake",
             "/api/search?q=drempel", "/api/ask?q=drempel", "/readyz"):
    with opener.open(f"http://127.0.0.1:{server.port}{path}", timeout=60) as answer:
        pages[path] = answer.status
    peers()
server.close()
thread.join(10)
base.close()
print(json.dumps({"statuses": statuses, "answered": answered, "pages": pages, **seen}))
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """What the session did, and the home folder that it had."""
    folder = tmp_path_factory.mktemp("offline")
    decks, home, temporary = folder / "decks", folder / "user", folder / "tmp"
    for each in (decks, home, temporary):
        each.mkdir()
    slides = [Slide("Liminale ruimte", ("Een liminale ruimte is een drempel tussen twee fasen (Turner, 1969).",))]
    (decks / "deck.pptx").write_bytes(write_pptx(slides, "Drempels"))
    (decks / "deck.pdf").write_bytes(write_deck_pdf(slides, "Drempels"))
    (decks / "notes.md").write_text("# Over leren\n\nEen les begint met een vraag.\n", encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "PYTHONPATH")},
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "KB_HOME": str(folder / "kb"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", SESSION, str(decks)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result, home


def test_the_session_did_its_work(session: tuple[dict[str, Any], Path]) -> None:
    did, _ = session
    assert sorted(did["statuses"]) == ["added", "added", "added"]
    assert did["answered"]
    assert set(did["pages"].values()) == {200}


def test_no_other_host_is_reached_or_looked_up(session: tuple[dict[str, Any], Path]) -> None:
    did, _ = session
    assert (did["connections"], did["names"], did["sockets"]) == ([], [], [])


def test_nothing_is_written_outside_the_knowledge_base_and_the_temporary_folder(
    session: tuple[dict[str, Any], Path],
) -> None:
    did, home = session
    assert did["written"] == []
    assert [path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()] == []
