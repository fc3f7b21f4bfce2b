"""Every link of every page, followed: what a page leads to must be there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from flask.testing import FlaskClient


def links(soup: BeautifulSoup, address: str) -> Iterator[str]:
    """The addresses of ours that a page leads to, with their fragments."""
    for tag in soup.find_all(["a", "link", "script"]):
        target = tag.get("href") or tag.get("src")
        if target:
            whole = urljoin(f"http://localhost{address}", str(target))
            if whole.startswith("http://localhost/"):
                yield whole.removeprefix("http://localhost")


def follow_all(client: FlaskClient, start: str = "/", skip: Sequence[str] = ("lang=",)) -> tuple[set[str], list[str]]:
    """Visit every address that can be reached; returns the addresses, and what is broken: a dead link or fragment.

    `skip` names what stands in addresses that only vary others.
    """
    visited: dict[str, set[str] | None] = {}
    wanted: dict[str, tuple[str, str]] = {}
    queue, broken = [start], []
    while queue:
        address = queue.pop()
        if address in visited:
            continue
        answer = client.get(address, headers={"Accept-Language": "en"})
        if answer.status_code >= 400:
            broken.append(f"{address}: {answer.status_code}, from {wanted.get(address)}")
        visited[address] = None
        if answer.mimetype == "text/html" and "attachment" not in answer.headers.get("Content-Disposition", ""):
            soup = BeautifulSoup(answer.get_data(as_text=True), "lxml")
            visited[address] = {str(tag["id"]) for tag in soup.find_all(id=True)}
            for link in links(soup, address):
                bare, _hash, fragment = link.partition("#")
                wanted.setdefault(bare, (address, fragment))
                if fragment:
                    wanted[link] = (address, fragment)
                if bare not in visited and not any(name in bare for name in skip):
                    queue.append(bare)
        answer.close()
    for link, (address, fragment) in wanted.items():
        bare = urlsplit(link)._replace(fragment="").geturl()
        ids = visited.get(bare)
        if "#" in link and ids is not None and fragment not in ids:
            broken.append(f"{link}: no #{fragment}, from {address}")
    return set(visited), broken
