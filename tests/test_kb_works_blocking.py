"""A change derives only what it bears on, and gives what deriving everything gives."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.catalogue import Catalogue, Prepared
from kb.catalogue.derivation import Material, Related
from kb.model import Citation, CitationForm, Entry, Page, Passage, StoredFile
from kb.works import decisions
from kb.works.gather import RULES
from tests.works_material import work

# Raise it by hand after a change of a rule: 700 take five minutes.
EXAMPLES = 10
DERIVED = ("works", "work_entries", "work_citations", "work_authors", "work_names", "work_redirects", "doubts")
DECIDED = (
    "SELECT id, kind, verdict, one, other, key, candidate, document_id, citations, one_csl, other_csl FROM decisions"
)

AUTHORS = ("Bandura", "Smith", "van Dijk", "de Vries", "Vries", "Albert Bandura", "SCP", "UNESCO", "De school", "Rooms")
INSTITUTIONS = (
    "Sociaal en Cultureel Planbureau (SCP)",
    "Ministerie van OCW",
    "Ministerie van Onderwijs, Cultuur en Wetenschap",
)
TITLES = (
    "Rooms that answer back", "Rooms that answer back: a study of doors", "De school als plaats", "Self-efficacy",
    "Gardens of the northern provinces", "Gardens of the northern province", "",
)  # fmt: skip
YEARS = (None, 2018, 2019, 2020)
DOIS = ("10.1000/182", "10.1000/183")
FORMS: tuple[CitationForm, ...] = ("parenthetical", "narrative", "secondary", "author")

families = st.sampled_from((*AUTHORS, *INSTITUTIONS))


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    """A CSL item of few names, titles and years, so that many agree in part."""
    csl = work("", draw(st.sampled_from(YEARS)), draw(st.sampled_from(TITLES)))
    names = draw(st.lists(families, max_size=2))
    csl["author"] = [{"literal": name} if name in INSTITUTIONS else {"family": name} for name in names]
    more = draw(
        st.sampled_from(
            ({}, {}, {"DOI": DOIS[0]}, {"URL": "https://www.kb.nl/a"}, {"year-suffix": "a"}, {"edition": "2"})
        )
    )
    return {name: value for name, value in {**csl, **more}.items() if value}


@st.composite
def entries(draw: st.DrawFn) -> tuple[str, dict[str, Any], str | None]:
    """The words, the item and the label of an entry; the words may be those of another item."""
    csl = draw(items())
    shown = f"{csl.get('author')} {csl.get('issued')} {csl.get('title')}"
    return draw(st.sampled_from((shown, shown, "Illegible entry"))), csl, draw(st.sampled_from((None, "1", "2")))


@st.composite
def citations(draw: st.DrawFn) -> tuple[str, CitationForm, tuple[str, ...], str | None]:
    """The words, form, authors and year of a citation."""
    kind = draw(st.sampled_from(("author", "author", "author", "numbered", "doi", "url")))
    if kind == "numbered":
        return f"[{draw(st.sampled_from('123'))}]", "numbered", (), None
    if kind == "doi":
        return draw(st.sampled_from(DOIS)), "doi", (), None
    if kind == "url":
        return "www.kb.nl/a", "url", (), None
    names = tuple(draw(st.lists(families, min_size=1, max_size=2)))
    year = draw(st.sampled_from((None, "2018", "2019", "2019a", "2020", "z.d.")))
    more = draw(st.sampled_from(("", " et al.")))
    return f"({' & '.join(names)}{more}, {year})", draw(st.sampled_from(FORMS)), names, year


def lines(texts: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Texts as the lines of a page, and where each is."""
    spans, at = [], 0
    for each in texts:
        spans.append((at, at + len(each)))
        at += len(each) + 1
    return "\n".join(texts), spans


@st.composite
def documents(draw: st.DrawFn) -> Prepared:
    """A deck or a paper with citations and a reference list; its list may be on the first page, below its own DOI."""
    kind = draw(st.sampled_from(("deck", "literature")))
    listed = draw(st.lists(entries(), max_size=3))
    cited = draw(st.lists(citations(), max_size=4))
    number = draw(st.sampled_from((1, 3)))
    front = ["Front", *draw(st.sampled_from(((), (DOIS[0],), (DOIS[1],))))]
    texts = {1: front, 2: ["Cited:", *(each[0] for each in cited)], 3: ["References:"]}
    offset = len(texts[number])
    texts[number] = [*texts[number], *(each[0] for each in listed)]
    pages = {at: lines(each) for at, each in texts.items()}
    csl_title = draw(st.sampled_from((*TITLES[:-1], "Deck 1", "Deck 2")))
    digest = hashlib.sha256(repr((kind, listed, cited, number, front, csl_title)).encode()).hexdigest()
    return Prepared(
        csl_title,
        kind,  # type: ignore[arg-type]
        "nl",
        tuple(draw(st.lists(st.sampled_from(("Jan de Vries", "A. Smith")), max_size=1))),
        draw(st.sampled_from((None, "2019", "2020-02-01"))),
        tuple(Page(number=at, text=text) for at, (text, _) in pages.items()),
        tuple(Passage(at, 0, len(text), text) for at, (text, _) in pages.items()),
        tuple(
            Citation(2, start, end, text, form, names, year)
            for (text, form, names, year), (start, end) in zip(cited, pages[2][1][1:], strict=True)
        ),
        tuple(
            Entry(raw, csl, number, start, end, label)
            for (raw, csl, label), (start, end) in zip(listed, pages[number][1][offset:], strict=True)
        ),
        StoredFile(digest, "a.pdf", "/a.pdf", "application/pdf", 1),
    )


places = st.integers(0, 7)
changes = st.one_of(
    st.tuples(st.just("put"), documents()),
    st.tuples(st.just("put"), documents()),
    st.tuples(st.just("replace"), places, documents()),
    st.tuples(st.just("remove"), places),
    st.tuples(st.just("import"), st.lists(items(), min_size=1, max_size=2)),
    st.tuples(st.just("forget"), places),
    st.tuples(st.just("decide"), places, st.sampled_from(("confirm", "refuse"))),
    st.tuples(st.just("join"), places, places),
    st.tuples(st.just("undo"), places),
)


def make(catalogue: Catalogue, change: tuple[Any, ...], at: int) -> None:
    """Make the change number `at` in a catalogue; one about something that is not here changes nothing."""
    name, *values = change
    if name == "put":
        catalogue.documents.put(numbered(values[0], at))
    elif name == "import":
        records = [Entry(raw=str(csl.get("title") or csl), csl=csl) for csl in values[0]]
        catalogue.bibliographies.put(f"{at}.bib", f"{at}.bib", str(at), records, ())
    elif name == "join":
        one, other = (pick(catalogue.references.find(), place) for place in values)
        if one != other:
            ruling = decisions.join(*(decisions.Described(each) for each in (one, other)))
            catalogue.decisions.rule(ruling.kind, ruling.verdict, ruling.one, ruling.other)
    else:
        make_about(catalogue, name, at, *values)


def make_about(catalogue: Catalogue, name: str, at: int, place: int, *values: Any) -> None:
    """Make a change about a document, an imported bibliography, a question or a decision that is here."""
    listing: dict[str, Callable[[], Sequence[Any]]] = {
        "replace": catalogue.documents.all,
        "remove": catalogue.documents.all,
        "forget": catalogue.bibliographies.all,
        "decide": catalogue.decisions.doubts,
        "undo": catalogue.decisions.decisions,
    }
    chosen = pick(sorted(listing[name](), key=lambda each: str(each.id)), place)
    if chosen is None:
        return
    match name:
        case "replace":
            catalogue.documents.replace(chosen.id, numbered(values[0], at))
        case "remove":
            catalogue.documents.remove(chosen.id)
        case "forget":
            catalogue.bibliographies.remove(chosen.id)
        case "decide":
            catalogue.decisions.decide([chosen.id], values[0])
        case "undo":
            catalogue.decisions.undo(chosen.id)


def pick(values: Sequence[Any], place: int) -> Any:
    return values[place % len(values)] if values else None


def numbered(prepared: Prepared, at: int) -> Prepared:
    """The same document from another file."""
    sha256 = hashlib.sha256(str(at).encode()).hexdigest()
    return replace(prepared, file=StoredFile(sha256, f"{at}.pdf", f"/{at}.pdf", "application/pdf", 1))


def derived(catalogue: Catalogue) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that were derived, by table."""
    with catalogue.backend.engine.connect() as connection:
        statements = {name: f"SELECT * FROM {name}" for name in DERIVED} | {"decisions": DECIDED}
        return {
            name: sorted((tuple(row) for row in connection.exec_driver_sql(sql)), key=repr)
            for name, sql in statements.items()
        }


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalogue, Catalogue]]:
    """Two catalogues, to be cleared: opening one takes longer than a change."""
    folder = tmp_path_factory.mktemp("pair")
    with closing(Catalogue(folder / "parts.sqlite")) as parts, closing(Catalogue(folder / "whole.sqlite")) as whole:
        yield parts, whole


def clear(catalogue: Catalogue) -> None:
    """Delete everything, and count ids from 1 again."""
    with catalogue.backend.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM terms")
        for name in ("documents", "bibliographies", "works", "work_names", "decisions", "sqlite_sequence"):
            connection.exec_driver_sql(f"DELETE FROM {name}")
    catalogue.derivation.derive_anew(RULES)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(changes, min_size=3, max_size=9))
def test_a_derivation_of_parts_gives_what_a_derivation_of_everything_gives(
    pair: tuple[Catalogue, Catalogue], steps: list[tuple[Any, ...]]
) -> None:
    parts, whole = pair
    for catalogue in pair:
        clear(catalogue)
    for at, step in enumerate(steps):
        make(parts, step, at)
        make(whole, step, at)
        parts.derivation.derive(RULES)
        whole.derivation.derive_anew(RULES)
        assert derived(parts) == derived(whole)
    assert parts.derivation.derive_anew(RULES) == 0


@pytest.fixture
def catalogue(pair: tuple[Catalogue, Catalogue]) -> Catalogue:
    clear(pair[0])
    return pair[0]


def paper(title: str, *cited: tuple[str, str]) -> Prepared:
    """A paper that lists and cites works, each given as family name and title, of 2019."""
    entries, shown = lines([f"{name} (2019). {said}." for name, said in cited])
    texts, places = lines([f"({name}, 2019)" for name, _ in cited])
    return Prepared(
        title, "literature", "nl", (), None, (Page(1, texts), Page(2, entries)), (Passage(1, 0, len(texts), texts),),
        tuple(
            Citation(1, *place, texts[slice(*place)], "parenthetical", (name,), "2019")
            for (name, _), place in zip(cited, places, strict=True)
        ),
        tuple(
            Entry(entries[slice(*place)], work(name, 2019, said), 2, *place)
            for (name, said), place in zip(cited, shown, strict=True)
        ),
        StoredFile("", "", "", "", 1),
    )  # fmt: skip


def derive_seen(catalogue: Catalogue) -> list[Material]:
    """Bring references up to date; the material that works were gathered from."""
    seen: list[Material] = []

    def gather(material: Material) -> Related:
        seen.append(material)
        return RULES.gather(material)

    catalogue.derivation.derive(RULES._replace(gather=gather))
    return seen


ROOMS, GARDENS, DOORS = ("Vos", "Rooms that answer back"), ("Bos", "Gardens of the north"), ("Mol", "On doors")


def test_a_removal_reads_only_what_shared_a_work_with_the_document(catalogue: Catalogue) -> None:
    for at, prepared in enumerate((paper("One", ROOMS, GARDENS), paper("Two", GARDENS), paper("Three", DOORS)), 1):
        catalogue.documents.put(numbered(prepared, at))
    catalogue.derivation.derive(RULES)
    catalogue.documents.remove(1)
    (material,) = derive_seen(catalogue)
    assert [document.title for document in material.documents] == ["Two"]
    assert [entry.csl["title"] for entry in material.entries] == ["Gardens of the north"]
    assert [reference.key for reference in catalogue.references.find()] == ["bos-2019", "mol-2019"]


def test_a_new_key_is_none_that_a_work_elsewhere_has_or_had(catalogue: Catalogue) -> None:
    for at, said in enumerate(("Rooms that answer back", "Gardens of the north"), 1):
        catalogue.documents.put(numbered(paper(f"Paper {at}", ("Vos", said)), at))
        catalogue.derivation.derive(RULES)
    catalogue.documents.remove(1)
    catalogue.derivation.derive(RULES)
    catalogue.documents.put(numbered(paper("Paper 3", ("Vos", "On doors")), 3))
    catalogue.derivation.derive(RULES)
    assert {each.csl["title"]: each.key for each in catalogue.references.find()} == {
        "Gardens of the north": "vos-2019a",
        "On doors": "vos-2019b",
    }


def test_a_document_without_works_in_common_reads_no_other(catalogue: Catalogue) -> None:
    catalogue.documents.put(numbered(paper("One", ROOMS), 1))
    catalogue.derivation.derive(RULES)
    catalogue.documents.put(numbered(paper("Two", DOORS), 2))
    (material,) = derive_seen(catalogue)
    assert [document.title for document in material.documents] == ["Two"]


def test_a_part_that_is_too_large_is_derived_with_everything_else(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at, prepared in enumerate((paper("One", ROOMS), paper("Two", DOORS)), 1):
        catalogue.documents.put(numbered(prepared, at))
    catalogue.derivation.derive(RULES)
    monkeypatch.setattr("kb.catalogue.parts.MANY", 2)
    catalogue.documents.put(numbered(paper("Three", DOORS), 3))
    (material,) = derive_seen(catalogue)
    assert [document.title for document in material.documents] == ["One", "Two", "Three"]
    assert [(each.key, len(each.listed)) for each in catalogue.references.find()] == [("mol-2019", 2), ("vos-2019", 1)]


def test_a_catalogue_of_an_earlier_version_is_derived_whole_at_its_first_change(catalogue: Catalogue) -> None:
    catalogue.documents.put(numbered(paper("One", ROOMS), 1))
    catalogue.derivation.derive(RULES)
    with catalogue.backend.engine.begin() as connection:
        for name in ("link_keys", "link_units", "link_sources"):
            connection.exec_driver_sql(f"DELETE FROM {name}")
        # A key that no name leads to, as an earlier version could leave it.
        connection.exec_driver_sql("UPDATE work_names SET key = 'old-2019'")
    catalogue.documents.put(numbered(paper("Two", DOORS), 2))
    (material,) = derive_seen(catalogue)
    assert sorted(material.before) == ["vos-2019"]
    assert [reference.key for reference in catalogue.references.find()] == ["mol-2019", "old-2019"]
    assert catalogue.derivation.derive_anew(RULES) == 0


def test_after_an_interruption_between_keys_and_works_everything_is_derived(catalogue: Catalogue) -> None:
    catalogue.documents.put(numbered(paper("One", ROOMS), 1))
    catalogue.derivation.derive(RULES)
    with catalogue.backend.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE meta SET value = '' WHERE name = 'references'")
        connection.exec_driver_sql("DELETE FROM works")
    (material,) = derive_seen(catalogue)
    assert [document.title for document in material.documents] == ["One"]
    assert [reference.key for reference in catalogue.references.find()] == ["vos-2019"]


def test_deriving_everything_counts_the_rows_that_differ_and_corrects_them(catalogue: Catalogue) -> None:
    catalogue.documents.put(numbered(paper("One", ROOMS), 1))
    catalogue.derivation.derive(RULES)
    right = derived(catalogue)
    with catalogue.backend.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE work_citations SET score = 0.1")
    assert not catalogue.derivation.derive(RULES)
    assert catalogue.derivation.derive_anew(RULES) == 1
    assert derived(catalogue) == right
