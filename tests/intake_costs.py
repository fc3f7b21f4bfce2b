"""What intake and serving cost, measured once on this machine: `python -m tests.intake_costs`.

    worker       a deck of 200 slides prepared in a worker and in this process      at most 15 % slower
    records      a BibTeX file of 20,000 records, read, kept and linked             at most 60 s of processor time
    clients      16 clients for 30 s                                                no error, p95 under 3 times p50
    half-open    200 connections that send half a request                           others are answered within 2 s
    meanwhile    searches while 200 decks are taken in by another process           p95 at most twice that of an idle server

Prints each figure beside its goal, and ends with exit code 1 when one is missed. The machine should do nothing else meanwhile.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

from ingest.preparing import prepare
from ingest.source import Source
from ingest.workers import Workers
from tests.writers import Slide, write_pptx

SLOWER, RECORDS_SECONDS, TAIL, ANSWERED, MEANWHILE = 1.15, 60.0, 3.0, 2.0, 2.0
"""The goals: worker over process, seconds of processor time, p95 over p50, seconds, p95 over that of an idle server."""
CLIENTS, SECONDS, HALF_OPEN = 16, 30.0, 200
PORT = 8472
QUESTIONS = ("liminale ruimte", "sense of belonging", "zelfvertrouwen", "bibliotheek als plek", "Turner 1969")


def shown(name: str, figure: str, holds: bool) -> bool:
    """Print a figure, and whether its goal is met."""
    sys.stdout.write(f"{name}\t{figure}\t{'' if holds else 'MISSED'}\n")
    sys.stdout.flush()
    return holds


def worker() -> bool:
    """The time of a deck in a worker beside that in this process, each the least of seven."""
    line = "Een docent die namen kent en fouten toestaat maakt een groep veilig (Strayhorn, 2018, p. {})."
    slides = [Slide(f"Thema {number}", tuple(line.format(number + part) for part in range(5))) for number in range(200)]
    source = Source.of(write_pptx(slides, "Tweehonderd dia's"), "deck.pptx", "deck.pptx")
    with Workers(1) as workers:
        workers.call("deck.pptx", prepare, source)
        prepare(source)
        apart, within = (
            min(seconds(call) for _ in range(7))
            for call in (lambda: workers.call("deck.pptx", prepare, source), lambda: prepare(source))
        )
    ratio = apart / within
    return shown("worker", f"{apart:.2f} s in a worker, {within:.2f} s in this process: {ratio:.2f}", ratio <= SLOWER)


def seconds(call: Callable[[], object]) -> float:
    """The time that a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def records(folder: Path) -> bool:
    """The processor time of `kb ingest` of 20,000 records, in all its processes."""
    entry = "@article{{key{0},\n  author = {{Aa{0}, Bram and Cc{1}, Dora}},\n  title = {{On the {0}th question of work {1}}},\n"
    entry += "  journal = {{Journal of Questions}},\n  year = {2},\n  volume = {{{1}}},\n  pages = {{1--9}}\n}}\n"
    path = folder / "records.bib"
    path.write_text("\n".join(entry.format(number, number % 97, 1950 + number % 70) for number in range(20_000)))
    began = os.times()
    done = subprocess.run(kb("ingest", path), env=environment(folder), capture_output=True, text=True, check=False)
    ended = os.times()
    used = ended.children_user + ended.children_system - began.children_user - began.children_system
    figure = f"{used:.1f} s of processor time, {done.stdout.strip() or done.stderr.strip()}"
    return shown("records", figure, done.returncode == 0 and used <= RECORDS_SECONDS)


def kb(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "kb", *map(str, arguments)]


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "KB_HOME": str(folder / "home")}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The demonstration collection, served; its address."""
    collection = folder / "collection"
    build = [sys.executable, "-m", "kb.demonstration.build", str(collection)]
    for command in (build, kb("ingest", collection)):
        subprocess.run(command, env=environment(folder), capture_output=True, check=True)
    address = f"http://127.0.0.1:{PORT}"
    command = kb("serve", "--port", str(PORT))
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment(folder), stdout=quiet, stderr=quiet) as server:
        try:
            deadline = time.monotonic() + 60
            while not answers(f"{address}/readyz") and time.monotonic() < deadline:
                time.sleep(0.2)
            for question in QUESTIONS:
                answers(f"{address}/?q={quote(question)}")
            yield address
        finally:
            server.terminate()


def answers(address: str, most: float = 30.0) -> bool:
    """Whether an address answers with 200."""
    try:
        with urllib.request.urlopen(address, timeout=most) as answer:  # noqa: S310 - our own server
            return bool(answer.status == 200 and answer.read())
    except OSError:
        return False


def clients(address: str, lasting: float) -> bool:
    """Searches, pages and documents asked for by many clients at once."""
    paths = [*(f"/?q={quote(question)}" for question in QUESTIONS), "/documents", "/documents/1/pages/1", "/references"]
    times: list[float] = []
    errors: list[str] = []
    end = time.monotonic() + lasting

    def ask(first: int) -> None:
        turn = first
        while time.monotonic() < end:
            path = paths[turn % len(paths)]
            began = time.perf_counter()
            if not answers(f"{address}{path}"):
                errors.append(path)
            times.append(time.perf_counter() - began)
            turn += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    half, tail = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    figure = f"{len(times)} requests, {len(errors)} errors, p50 {half * 1000:.0f} ms, p95 {tail * 1000:.0f} ms: {tail / half:.1f}"
    return shown("clients", figure, not errors and tail < TAIL * half)


def half_open(address: str) -> bool:
    """A request while many connections have sent half of theirs."""
    with ExitStack() as connections:
        for _ in range(HALF_OPEN):
            connection = connections.enter_context(socket.create_connection(("127.0.0.1", PORT), timeout=10))
            connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half")
        taken = [seconds(lambda: answers(f"{address}/?q=drempel", 10)) for _ in range(5)]
        holds = answers(f"{address}/healthz", ANSWERED)
    figure = f"{HALF_OPEN} open, slowest of 5 searches {max(taken):.2f} s"
    return shown("half-open", figure, holds and max(taken) <= ANSWERED)


def meanwhile(address: str, folder: Path) -> bool:
    """Searches beside an ingest of 200 decks."""
    decks = folder / "decks"
    decks.mkdir()
    for number in range(200):
        slides = [
            Slide(f"Dia {number} {part}", (f"Over onderwerp {number * 7 + part} van week {part}.",))
            for part in range(10)
        ]
        (decks / f"deck {number}.pptx").write_bytes(write_pptx(slides, f"Week {number}"))
    idle_times: list[float] = []
    busy_times: list[float] = []
    idle = searches(address, lambda: len(idle_times) < 60, idle_times)
    with subprocess.Popen(kb("ingest", decks), env=environment(folder), stdout=subprocess.DEVNULL) as ingest:
        busy = searches(address, lambda: ingest.poll() is None, busy_times)
    figure = f"p95 {idle * 1000:.0f} ms idle, {busy * 1000:.0f} ms over {len(busy_times)} searches meanwhile: {busy / idle:.1f}"
    return shown("meanwhile", figure, busy <= MEANWHILE * idle)


def searches(address: str, goes_on: Callable[[], bool], times: list[float]) -> float:
    """The p95 of searches, one after another, while a condition holds; their times are added to a list."""
    while goes_on():
        question = quote(f"{QUESTIONS[len(times) % len(QUESTIONS)]} {len(times)}")
        times.append(seconds(lambda: answers(f"{address}/api/search?q={question}")))  # noqa: B023 - called at once
    return statistics.quantiles(times, n=20)[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of the many clients")
    options = parser.parse_args()
    met = [worker()]
    with tempfile.TemporaryDirectory() as name:
        (folder := Path(name, "records")).mkdir()
        met.append(records(folder))
        (folder := Path(name, "served")).mkdir()
        with served(folder) as address:
            met += [clients(address, options.seconds), half_open(address), meanwhile(address, folder)]
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
