"""A real browser for the tests: Debian's Chromium, driven by Playwright, and a server for it to visit.

    application ─► waitress on a free port ─► Visit: a page that remembers every complaint of the browser

Nothing waits by the clock: Playwright waits for what is to be there. `wait_for_function` needs eval, which our
Content-Security-Policy forbids, so tests wait for selectors.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

ARGUMENTS = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, PHONE, NARROW = (1280, 900), (375, 812), (320, 640)
"""Width and height in CSS pixels; 320 is also a desk at 400 % zoom."""


def launch(playwright: Playwright) -> Browser:
    """Start Chromium; a missing one is an error, not a skip."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        raise FileNotFoundError("chromium is missing: run .ci/chromium, or apt-get install chromium")
    return playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine, by the server that `kb serve` uses; yields its address."""
    from waitress.server import create_server

    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(5)


@dataclass
class Visit:
    """A page in a window of its own, and what the browser complained of."""

    page: Page
    context: BrowserContext
    home: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    """Addresses that were asked of any other host."""

    def go(self, address: str) -> int:
        """Open an address of ours; returns the status."""
        answer = self.page.goto(self.home + address)
        assert answer is not None
        return answer.status

    def text(self, selector: str) -> str:
        """The text of the first such element, spaces made single."""
        return " ".join(self.page.locator(selector).first.inner_text().split())

    def address(self) -> str:
        """Where the browser is, without the host."""
        return self.page.url.removeprefix(self.home)

    def tab_to(self, selector: str, most: int = 60) -> int:
        """Press Tab until such an element has the focus; returns how often."""
        for times in range(1, most + 1):
            self.page.keyboard.press("Tab")
            if self.page.locator(f"{selector}:focus").count():
                return times
        raise AssertionError(f"{selector} was not reached with {most} tabs")


@contextmanager
def visit(
    browser: Browser,
    home: str,
    *,
    size: tuple[int, int] = DESK,
    language: str = "en",
    scheme: Literal["light", "dark"] = "light",
    scripts: bool = True,
    **more: Any,
) -> Iterator[Visit]:
    """A window; when it closes, the browser must have had nothing to complain of."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=language,
        color_scheme=scheme,
        java_script_enabled=scripts,
        **more,
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    visiting = Visit(page, context, home)
    page.on(
        "console", lambda said: visiting.complaints.append(said.text) if said.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: visiting.complaints.append(str(error)))
    page.on(
        "request", lambda asked: None if asked.url.startswith((home, "data:")) else visiting.elsewhere.append(asked.url)
    )
    try:
        yield visiting
        assert visiting.complaints == []
        assert visiting.elsewhere == []
    finally:
        context.close()
