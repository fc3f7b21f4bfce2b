"""Limits over the whole tree that no linter has: lengths, imports inside functions, dead code, lock files.

ruff checks the complexity and the parameters of functions, import-linter the layers and cycles; see pyproject.toml.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import vulture
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SHIPPED = ("kb", "ingest", "index", "web")
ROOMS = (*SHIPPED, "tests")

FILE_LINES = 400
CLASS_LINES = 200


_START = "a command imports only what it uses: kb --help is immediate, kb search starts in half a second"
_EXTRA = "needs an extra that may not be installed"
LATE_IMPORTS = {
    ("kb/bootstrap.py", "index.answer"): _START,
    ("kb/bootstrap.py", "index.answer_evaluation"): _START,
    ("kb/bootstrap.py", "index.similar"): _START,
    ("kb/bootstrap.py", "index.evaluation"): _START,
    ("kb/bootstrap.py", "index.searcher"): _START,
    ("kb/bootstrap.py", "index.language_check"): _START,
    ("kb/bootstrap.py", "ingest.converting"): _START,
    ("kb/bootstrap.py", "ingest.pictures"): _START,
    ("kb/bootstrap.py", "ingest.pipeline"): _START,
    ("kb/bootstrap.py", "ingest.recognition"): _START,
    ("kb/bootstrap.py", "ingest.uploads"): _START,
    ("kb/bootstrap.py", "ingest.watch"): _START,
    ("kb/bootstrap.py", "kb.backup"): _START,
    ("ingest/readers/detect.py", "ingest.readers"): _START,
    ("kb/removal.py", "ingest.restoring"): _START,
    ("kb/removal.py", "ingest.recognition"): _START,
    ("kb/pasting.py", "ingest.entries"): _START,
    ("kb/reference_work.py", "kb.works"): _START,
    ("kb/reference_work.py", "kb.works.crossref"): _START,
    ("kb/reference_work.py", "kb.works.decisions"): _START,
    ("kb/reference_work.py", "kb.works.gather"): _START,
    ("kb/cli/demo.py", "kb.demonstration.build"): _EXTRA,
    ("kb/cli/serving.py", "web"): _START,
    ("kb/cli/serving.py", "web.server"): _START,
    ("kb/cli/teaching.py", "index"): _EXTRA,
    ("kb/cli/teaching.py", "ingest.teach.training"): _EXTRA,
    ("kb/cli/terminal.py", "index.encoder"): _START,
    ("kb/cli/terminal.py", "kb.bootstrap"): _START,
    ("kb/cli/upkeep.py", "kb.backup"): _START,
}
"""Own imports inside a function, by file and module, each with its reason."""

FLASK = ["@*.route", "@*.get", "@*.post", "@*.before_request", "@*.after_request", "@*.context_processor"]
KEPT = {
    "__getattr__": "Python calls it for a name that a module does not hold",
    "__setitem__": "habanero writes to the mapping it is given",
    "param": "click passes it by position",
    "parser_class": "waitress makes the parser of a request with it",
    "log_exception": "Flask calls it for an exception that nothing handled",
}
"""Names that nothing in the shipped packages uses, each with its reason."""


def sources(*rooms: str) -> Iterator[tuple[str, str]]:
    """Each Python file of the rooms: its path from the root, and its text."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_no_file_is_longer_than_the_limit() -> None:
    assert {path for path, text in sources(*ROOMS) if text.count("\n") > FILE_LINES} == set()


def test_no_class_is_longer_than_the_limit() -> None:
    long = {
        f"{path}:{node.name}"
        for path, text in sources(*ROOMS)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef) and node.end_lineno and node.end_lineno - node.lineno >= CLASS_LINES
    }
    assert long == set()


def imports_inside_functions(text: str) -> Iterator[str]:
    """The modules that functions and methods import, wherever in their bodies."""
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and node.module:
                    yield node.module
                elif isinstance(node, ast.Import):
                    yield from (alias.name for alias in node.names)


def test_own_imports_are_at_the_top_of_a_module_except_those_listed() -> None:
    late = {
        (path, module)
        for path, text in sources(*ROOMS)
        for module in imports_inside_functions(text)
        if module.split(".")[0] in ROOMS
    }
    assert late == set(LATE_IMPORTS)


def test_nothing_that_ships_is_dead() -> None:
    checker = vulture.Vulture(ignore_decorators=FLASK)
    checker.scavenge([str(ROOT / room) for room in SHIPPED])
    # An attribute that is set and never read is an option of another package's object.
    unused = {str(item.name) for item in checker.get_unused_code(min_confidence=60) if item.typ != "attribute"}
    assert unused == set(KEPT)


def locked(filename: str) -> dict[str, set[str]]:
    """The versions that a lock file pins, by package; several where they differ by Python."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", (ROOT / filename).read_text(encoding="utf-8")):
        versions.setdefault(canonicalize_name(name), set()).add(version)
    return versions


def wanted(*extras: str) -> Iterator[Requirement]:
    """What pyproject.toml asks for: the core's packages and those of the extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    for requirement in map(Requirement, lines):
        if requirement.name != project["name"]:
            yield requirement


@pytest.mark.parametrize(
    ("extras", "files"),
    [
        (("demo",), ("requirements.txt",)),
        (("models", "teach", "dev"), ("requirements.txt", "requirements-dev.txt", ".ci/torch.txt")),
    ],
)
def test_the_lock_files_pin_every_package_within_its_range(extras: tuple[str, ...], files: tuple[str, ...]) -> None:
    pinned = {name: versions for file in files for name, versions in locked(file).items()}
    outside = {str(requirement) for requirement in wanted(*extras) if not is_pinned(requirement, pinned)}
    assert outside == set()


def is_pinned(requirement: Requirement, pinned: dict[str, set[str]]) -> bool:
    """Whether a version is pinned, and each that is lies within the range."""
    versions = pinned.get(canonicalize_name(requirement.name), set())
    return bool(versions) and all(map(requirement.specifier.contains, versions))


def test_what_runs_is_locked_by_hash_and_without_torch_or_the_address_of_an_index() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", "")
    packages = [line for line in text.splitlines() if not line.startswith("#")]
    hashed = re.compile(r"[\w.-]+==[\w.]+( ; .*?)?( +--hash=sha256:[0-9a-f]{64})+")
    assert [line for line in packages if not hashed.fullmatch(line.rstrip())] == []
    assert {"torch", "sentence-transformers", "scipy", "scikit-learn"}.isdisjoint(locked("requirements.txt"))


REPEATED = 6


def test_no_six_lines_in_a_row_are_repeated() -> None:
    places: dict[tuple[str, ...], list[str]] = {}
    for path, text in sources(*SHIPPED):
        if "/migrations/" in path:
            continue
        lines = [line.strip() for line in text.split("\n") if re.search(r"\w", line)]
        code = [line for line in lines if not line.startswith(("#", "import ", "from "))]
        for start in range(len(code) - REPEATED + 1):
            places.setdefault(tuple(code[start : start + REPEATED]), []).append(path)
    assert {lines[0]: where for lines, where in places.items() if len(where) > 1} == {}


def test_the_drawing_of_the_layers_is_that_which_is_checked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    checked = next(each["layers"] for each in settings["tool"]["importlinter"]["contracts"] if "layers" in each)
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    drawing = text.split("## Where things live")[1].split("```")[1]
    lines = [re.match(r" *(\w[\w.]*(?: \| [\w.]+)*)", line) for line in drawing.strip("\n").split("\n")]
    assert ["kb.__main__", *(found[1] for found in lines if found)] == checked
